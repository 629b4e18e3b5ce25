"""Slack's error codes in the words of adapters/errors.py: the one place where they are mapped.

The codes and whether a retry can help are from the error tables of the methods in use (docs.slack.dev/reference/
methods) and from the field (`cant_delete_message`, `streaming_state_conflict`). A code nobody listed is Rejected:
retrying what is not understood would repeat it for ever.
"""

from __future__ import annotations

import re

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised, Unreachable

PLATFORM = "slack"

UNAUTHORISED = {
    "access_denied": "ask a workspace admin",
    "account_inactive": "the app was removed: install it again and replace the bot token",
    "ekm_access_denied": "ask a workspace admin",
    "enterprise_is_restricted": "ask an org admin",
    "invalid_auth": "the token is wrong: copy it again from api.slack.com/apps",
    "missing_scope": "add the scope under OAuth & Permissions and reinstall the app",
    "no_permission": "the token may not do this: reinstall the app with all scopes of the manifest",
    "not_allowed_token_type": "bot tokens begin with xoxb-, app-level tokens with xapp-",
    "not_authed": "no token was sent",
    "org_login_required": "the workspace is being migrated: sign in to the org",
    "team_access_not_granted": "the app is not installed in this workspace",
    "token_expired": "token rotation is on: turn it off, or replace the token",
    "token_revoked": "the token was revoked: install the app again and replace it",
    "two_factor_setup_required": "ask a workspace admin",
}
NOT_FOUND = {
    "cannot_dm_bot": "a bot cannot be written to directly",
    "channel_not_found": "the chat does not exist, or the bot is not in it",
    "message_not_found": "the message was deleted",
    "not_in_channel": "invite the bot to the channel",
    "thread_not_found": "the thread was deleted",
    "user_disabled": "the account is deactivated",
    "user_is_deactivated": "the account is deactivated",
    "user_not_found": "nobody has this id",
    "user_not_in_channel": "they are not in the channel",
    "user_not_visible": "they are outside what this app may see",
    "users_not_found": "nobody has this id",
}
LATER = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
UNKNOWN_FATE = frozenset({"fatal_error", "internal_error"})  # "some aspect of the operation may have succeeded"
NOTHING_HAPPENED = frozenset({"request_timeout", "service_unavailable", "team_added_to_org"})

LONGEST_WAIT = 3600.0
DEFAULT_WAIT = 30.0  # for a 429 without Retry-After


def error_for(
    method: str, code: str, *, status: int = 200, retry_after: str = "", needed: str = ""
) -> AdapterError:
    """The error to raise when `method` was answered with `code` (or with `status` alone, from a proxy)."""
    error = _error(f"{method} was answered {code or status}", code, status, retry_after, needed)
    error.code = code
    return error


def _error(what: str, code: str, status: int, retry_after: str, needed: str) -> AdapterError:
    if code in LATER or status == 429:
        return RateLimited(PLATFORM, what, _seconds(retry_after))
    if code in UNAUTHORISED:
        scope = f" ({needed})" if needed else ""
        return Unauthorised(PLATFORM, f"{what}{scope} · {UNAUTHORISED[code]}")
    if code in NOT_FOUND:
        return NotFound(PLATFORM, f"{what} · {NOT_FOUND[code]}")
    if code in NOTHING_HAPPENED:
        return Unreachable(PLATFORM, what)
    if code in UNKNOWN_FATE or (status >= 500 and not code):
        return Unreachable(PLATFORM, what, placed=True)
    return Rejected(PLATFORM, what)


def _seconds(retry_after: str) -> float:
    """Slack says whole seconds; "nan", "inf" or a day from a proxy would have a post wait for ever."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", retry_after):
        return DEFAULT_WAIT
    return min(max(float(retry_after), 1.0), LONGEST_WAIT)
