"""Every error Slack names comes out as the class whose caller does the right thing."""

from __future__ import annotations

import pytest

from adapters.errors import NotFound, RateLimited, Rejected, Unauthorised, Unreachable
from adapters.slack import failures
from adapters.slack.failures import error_for

# what the platform notes list: permanent ones, those worth a retry, and those a fallback hangs on
MAPPED = {
    "ratelimited": RateLimited,
    "rate_limited": RateLimited,
    "internal_error": Unreachable,
    "fatal_error": Unreachable,
    "service_unavailable": Unreachable,
    "request_timeout": Unreachable,
    "not_in_channel": NotFound,
    "channel_not_found": NotFound,
    "user_is_deactivated": NotFound,
    "user_not_found": NotFound,
    "users_not_found": NotFound,
    "cannot_dm_bot": NotFound,
    "thread_not_found": NotFound,
    "message_not_found": NotFound,
    "user_not_in_channel": NotFound,
    "is_archived": Rejected,
    "msg_too_long": Rejected,
    "msg_blocks_too_long": Rejected,
    "markdown_text_conflict": Rejected,
    "no_text": Rejected,
    "invalid_blocks": Rejected,
    "invalid_arguments": Rejected,
    "invalid_name": Rejected,
    "expired_trigger_id": Rejected,
    "exchanged_trigger_id": Rejected,
    "unknown_method": Rejected,
    "missing_recipient_user_id": Rejected,
    "missing_recipient_team_id": Rejected,
    "message_not_in_streaming_state": Rejected,
    "streaming_state_conflict": Rejected,
    "streaming_mode_mismatch": Rejected,
    "stopped_by_user": Rejected,
    "cant_delete_message": Rejected,
    "cant_update_message": Rejected,
    "edit_window_closed": Rejected,
    "restricted_action": Rejected,
    "invalid_auth": Unauthorised,
    "not_authed": Unauthorised,
    "account_inactive": Unauthorised,
    "token_revoked": Unauthorised,
    "token_expired": Unauthorised,
    "missing_scope": Unauthorised,
    "not_allowed_token_type": Unauthorised,
    "no_permission": Unauthorised,
}


@pytest.mark.parametrize(("code", "kind"), MAPPED.items())
def test_code_is_mapped(code: str, kind: type[Exception]) -> None:
    error = error_for("chat.postMessage", code)
    assert type(error) is kind
    assert error.code == code
    assert code in str(error)


def test_no_code_is_in_two_tables() -> None:
    tables = [
        set(failures.UNAUTHORISED),
        set(failures.NOT_FOUND),
        failures.LATER,
        failures.UNKNOWN_FATE,
        failures.NOTHING_HAPPENED,
    ]
    assert sum(map(len, tables)) == len(set().union(*tables))


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7.0),
        ("0", 1.0),
        ("", 30.0),
        ("soon", 30.0),
        ("nan", 30.0),
        ("inf", 30.0),
        ("-5", 30.0),
        ("86400", 3600.0),
    ],
)
def test_a_rate_limit_says_how_long(header: str, wait: float) -> None:
    error = error_for("chat.postMessage", "ratelimited", status=429, retry_after=header)
    assert isinstance(error, RateLimited)
    assert error.retry_after == wait


@pytest.mark.parametrize(
    ("code", "status", "placed"),
    [
        ("internal_error", 200, True),
        ("fatal_error", 500, True),
        ("", 502, True),
        ("service_unavailable", 503, False),
        ("request_timeout", 200, False),
    ],
)
def test_a_failure_says_whether_something_may_stand_there(code: str, status: int, placed: bool) -> None:
    """A look at the thread is due exactly when it may."""
    error = error_for("chat.postMessage", code, status=status)
    assert isinstance(error, Unreachable)
    assert error.placed is placed


def test_a_missing_scope_is_named() -> None:
    assert "groups:read" in str(error_for("conversations.info", "missing_scope", needed="groups:read"))
