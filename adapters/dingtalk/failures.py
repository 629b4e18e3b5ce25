"""DingTalk's error codes in the words of adapters/errors.py: the one place where they are mapped.

Two worlds: the new API answers with an HTTP status and a dotted `code`, the old one with HTTP 200 and a number
(`errcode`). The codes are from the error tables of the methods in use (open.dingtalk.com/document) and from the
field (peers.md D5, D6, D7, D12). A code nobody listed is Rejected: retrying what is not understood would repeat it
for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised, Unreachable

Json = Mapping[str, Any]

PLATFORM = "dingtalk"
CONSOLE = "open-dev.dingtalk.com → your app"

SESSION_GONE = "300001"  # the sessionWebhook has ended, about 90 minutes after its message (D5)
STALE = frozenset({"InvalidAuthentication", "40014", "42001"})  # an access token that is worth nothing any more
PER_MINUTE = frozenset({"130101"})  # a sessionWebhook takes 20 messages a minute

UNAUTHORISED = {
    "40089": "the client id or secret is wrong: copy both again",
    "40096": "the client id or secret is wrong: copy both again",
    "60011": "a permission is missing: Permission Management → apply for it",
    "60020": "this address is not on the allowlist: Security Settings → server exit IP",
    "Forbidden.AccessDenied.AccessTokenPermissionDenied": "Permission Management → apply for it",
    "Forbidden.AccessDenied.IpNotInWhiteList": "this address is not on the allowlist: Security Settings → exit IP",
    "authFailed": "the client id or secret is wrong: copy both again",
    "invalidClientIdOrSecret": "the client id or secret is wrong: copy both again",
    "invalidParameter.robotCode.auth": "the robot code is another app's: copy it again from the robot's page",
    "invalidParameter.robotCode.empty": "the robot code is missing",
} | dict.fromkeys(STALE, "the token is refused although it is new: is the app still enabled?")
NOT_FOUND = {
    SESSION_GONE: "the reply address has ended",
    "33012": "nobody has this id",
    "60121": "nobody has this id",
    "400020": "not a group that DingTalk tells an app about",
    "4000003": "not a group that DingTalk tells an app about",
    "invalid.openConversationId": "the chat does not exist",
    "param.cardNotExist": "there is no such card",
    "invalidParameter.robotCode.notExsit": "the robot is not in this group",  # DingTalk's own spelling
    "staffId.notExisted": "nobody has this id",
}
LATER = frozenset({"90018", "90002", "90003", "Throttling", *PER_MINUTE})
NOTHING_HAPPENED = frozenset({"ServiceUnavailable"})

A_SECOND, A_MINUTE = 1.0, 60.0  # limits count by the second; a sessionWebhook's by the minute
LONGEST_WAIT = 3600.0  # seconds, whatever a proxy asks for


def error_for(
    what: str, code: str, *, status: int = 200, retry_after: str = "", needed: Sequence[str] = ()
) -> AdapterError:
    """The error to raise when the call `what` was answered with `code` (or with `status` alone, from a proxy)."""
    error = _error(f"{what} was answered {code or status}", code, status, retry_after, needed)
    error.code = code
    return error


def _error(what: str, code: str, status: int, retry_after: str, needed: Sequence[str]) -> AdapterError:
    if code in LATER or "QpsLimit" in code or status == 429:
        return RateLimited(PLATFORM, what, _seconds(retry_after, code))
    if "Quota" in code:
        return Unauthorised(PLATFORM, f"{what} · the organisation's API quota is used up: admin console → upgrade")
    if code in UNAUTHORISED or status == 401:
        scope = f" ({', '.join(needed)})" if needed else ""
        way_out = UNAUTHORISED.get(code, "the credentials are refused")
        return Unauthorised(PLATFORM, f"{what}{scope} · {CONSOLE}: {way_out}")
    if code in NOT_FOUND:
        return NotFound(PLATFORM, f"{what} · {NOT_FOUND[code]}")
    if code in NOTHING_HAPPENED or status == 503:
        return Unreachable(PLATFORM, what)
    if status >= 500 or code == "-1":  # "the system is busy"
        return Unreachable(PLATFORM, what, placed=True)
    return Rejected(PLATFORM, what)


def code_of(answer: Json) -> str:
    """The code an answer carries, of either world; "" if it says that all is well. The old API wraps the codes of
    gateways as `sub_code` of 88."""
    if "errcode" in answer:
        code = _word(answer["errcode"])
        return _word(answer.get("sub_code") or code) if code not in ("0", "") else ""
    return _word(answer.get("code") or "")


def scopes_of(answer: Json) -> Sequence[str]:
    """The permissions that DingTalk says are missing."""
    detail = answer.get("accessdenieddetail")
    named = detail.get("requiredScopes") if isinstance(detail, dict) else None
    return [_word(scope) for scope in named[:10]] if isinstance(named, list) else ()


def undelivered(answer: Json) -> AdapterError | None:
    """What HTTP 200 hides: a direct message whose only reader is in one of these lists was not delivered."""
    if answer.get("invalidStaffIdList"):
        return NotFound(PLATFORM, "the message was not delivered · nobody has this id, or they left")
    if answer.get("flowControlledStaffIdList"):
        return RateLimited(PLATFORM, "the message was not delivered · too many for this person", A_MINUTE)
    return None


def deliveries(answer: Json) -> list[Json]:
    """What became of a card in each place it was to go to."""
    result = answer.get("result")
    results = result.get("deliverResults") if isinstance(result, dict) else None
    return [one for one in results if isinstance(one, dict)] if isinstance(results, list) else []


def undelivered_card(answer: Json) -> AdapterError | None:
    """The same for cards: `deliverResults[].success` is false in an answer that is 200."""
    for one in deliveries(answer):
        if not one.get("success"):
            return NotFound(
                PLATFORM, f"the card was not delivered · {_word(one.get('errorMsg') or 'no reason given')}"
            )
    return None


def _word(given: object) -> str:
    """What somebody else says, in one line of an error."""
    return " ".join(str(given).split())[:80]


def _seconds(retry_after: str, code: str) -> float:
    """DingTalk names no wait; a proxy before it may."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", retry_after):
        return min(max(float(retry_after), A_SECOND), LONGEST_WAIT)
    return A_MINUTE if code in PER_MINUTE else A_SECOND
