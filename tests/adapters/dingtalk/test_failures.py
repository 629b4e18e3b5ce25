"""The error map: each code DingTalk may answer with, in the words of a caller who must decide."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.dingtalk.calls import _settled
from adapters.dingtalk.failures import code_of, error_for, scopes_of, undelivered, undelivered_card
from adapters.errors import NotFound, RateLimited, Rejected, Unauthorised, Unreachable


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("InvalidAuthentication", 400, Unauthorised),
        ("invalidClientIdOrSecret", 400, Unauthorised),
        ("authFailed", 401, Unauthorised),
        ("", 401, Unauthorised),
        ("Forbidden.AccessDenied.AccessTokenPermissionDenied", 403, Unauthorised),
        ("Forbidden.AccessDenied.IpNotInWhiteList", 403, Unauthorised),
        ("Forbidden.AccessDenied.ApiMonthlyQuota", 403, Unauthorised),
        ("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", 403, RateLimited),
        ("", 429, RateLimited),
        ("130101", 200, RateLimited),
        ("90018", 200, RateLimited),
        ("staffId.notExisted", 400, NotFound),
        ("invalidParameter.robotCode.notExsit", 400, NotFound),
        ("invalid.openConversationId", 400, NotFound),
        ("300001", 200, NotFound),
        ("60121", 200, NotFound),
        ("400020", 200, NotFound),
        ("40035", 200, Rejected),
        ("invalidParameter.msgParam.invalid", 400, Rejected),
        ("nobody.knows.this", 400, Rejected),
        ("", 404, Rejected),
        ("ServiceUnavailable", 503, Unreachable),
        ("unknownError", 500, Unreachable),
        ("", 502, Unreachable),
        ("-1", 200, Unreachable),
    ],
)
def test_each_code_has_its_kind(code: str, status: int, kind: type) -> None:
    error = error_for("robot/groupMessages/send", code, status=status)
    assert type(error) is kind
    assert error.code == code
    assert "\n" not in str(error)


def test_only_what_may_have_happened_may_have_happened() -> None:
    assert not error_for("x", "ServiceUnavailable", status=503).placed  # type: ignore[attr-defined]  # Unreachable
    assert error_for("x", "", status=502).placed  # type: ignore[attr-defined]  # as above


def test_a_wait_is_a_second_and_for_a_reply_address_a_minute() -> None:
    """DingTalk names none; what a proxy names is kept, if it is a time that can be waited for."""
    for code, retry_after, wait in (
        ("QpsLimit", "", 1),
        ("130101", "", 60),
        ("QpsLimit", "7", 7),
        ("130101", "x", 60),
        ("QpsLimit", "86400", 3600),
        ("QpsLimit", "9" * 400, 1),
        ("QpsLimit", "inf", 1),
        ("QpsLimit", "nan", 1),
        ("QpsLimit", "-7", 1),
        ("QpsLimit", "0.2", 1),
    ):
        assert error_for("x", code, retry_after=retry_after).retry_after == wait


def test_a_missing_permission_is_named_with_where_to_click() -> None:
    answer = {
        "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
        "accessdenieddetail": {"requiredScopes": ["Card.Instance.Write"]},
    }
    said = str(error_for("x", code_of(answer), status=403, needed=scopes_of(answer)))
    assert "Card.Instance.Write" in said
    assert "Permission Management" in said


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"errcode": 0, "errmsg": "ok"}, ""),
        ({"errcode": 300001}, "300001"),
        ({"errcode": 88, "sub_code": "60011"}, "60011"),
        ({"code": "authFailed"}, "authFailed"),
        ({"processQueryKey": "x"}, ""),
    ],
)
def test_the_code_of_either_world(answer: dict[str, Any], code: str) -> None:
    assert code_of(answer) == code


def test_what_the_other_side_says_is_one_short_line() -> None:
    """Errors are for people and logs: no line of its own in them, and no page."""
    answer = {"code": "x\n" * 500, "accessdenieddetail": {"requiredScopes": ["y\n" * 500] * 500}}
    error = error_for("x", code_of(answer), status=401, needed=scopes_of(answer))
    assert "\n" not in str(error)
    assert len(str(error)) < 1_200
    undeliverable = undelivered_card({"result": {"deliverResults": [{"success": False, "errorMsg": "z\n" * 500}]}})
    assert len(str(undeliverable)) < 150
    assert "\n" not in str(undeliverable)


def test_what_http_200_hides() -> None:
    assert isinstance(undelivered({"invalidStaffIdList": ["x"]}), NotFound)
    assert isinstance(undelivered({"flowControlledStaffIdList": ["x"]}), RateLimited)
    assert undelivered({"processQueryKey": "x", "invalidStaffIdList": []}) is None
    assert isinstance(undelivered_card({"result": {"deliverResults": [{"success": False}]}}), NotFound)
    for fine in ({"deliverResults": [{"success": True}]}, True, None, [], {"deliverResults": "?"}):
        assert undelivered_card({"result": fine}) is None


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"ok"', b"<html>", b"\xff", b"", b"[" * 200_000])
def test_what_is_no_object_is_no_answer(raw: bytes) -> None:
    """A proxy's page with status 200: whether the call had effect is unknown."""
    with pytest.raises(Unreachable) as caught:
        _settled("x", 200, raw, "")
    assert caught.value.placed
