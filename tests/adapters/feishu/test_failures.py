"""Every way Feishu says no, as the class a caller decides by."""

from __future__ import annotations

import pytest

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised, Unreachable
from adapters.feishu import answers
from adapters.feishu.failures import error_for, grant_url

GRANT = (
    "Access denied. One of the following scopes is required: [im:chat].应用尚未开通所需的应用身份权限：[im:chat]，"
    "点击链接申请并开通任一权限即可：https://open.feishu.cn/app/cli_a/auth?q=im:chat&op_from=openapi&token_type=tenant"
)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (99991400, 429, RateLimited),
        (99991400, 400, RateLimited),
        (230020, 400, RateLimited),
        (11020, 200, RateLimited),
        (99991672, 400, Unauthorised),
        (99991663, 400, Unauthorised),
        (10014, 200, Unauthorised),
        (230002, 400, NotFound),
        (230011, 400, NotFound),
        (230013, 400, NotFound),
        (231003, 400, NotFound),
        (99992361, 400, NotFound),
        (232009, 400, NotFound),
        (230025, 400, Rejected),
        (230018, 400, Rejected),
        (424242, 400, Rejected),
        (0, 404, Rejected),
        (0, 502, Unreachable),
        (1000040343, 200, Unreachable),
    ],
)
def test_a_code_is_the_class_a_caller_decides_by(code: int, status: int, kind: type[AdapterError]) -> None:
    error = error_for("POST im/v1/messages", code, "whatever", status=status)
    assert type(error) is kind
    assert "\n" not in str(error)
    assert "whatever" not in str(error)


@pytest.mark.parametrize(
    ("code", "status", "placed"),
    [(0, 500, True), (0, 502, True), (0, 503, False), (2200, 500, True), (2200, 503, False), (1, 200, False)],
)
def test_whether_it_may_have_had_effect(code: int, status: int, placed: bool) -> None:
    error = error_for("POST im/v1/messages", code, status=status)
    assert isinstance(error, Unreachable)
    assert error.placed is placed


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ogw-ratelimit-reset": "7"}, 7.0),
        ({"X-Ogw-Ratelimit-Reset": "7"}, 7.0),
        ({"Retry-After": "9"}, 9.0),
        ({"x-ogw-ratelimit-reset": "soon"}, 1.0),
        ({"x-ogw-ratelimit-reset": "-3"}, 1.0),
        ({"x-ogw-ratelimit-reset": "1e12"}, 3600.0),
        ({"x-ogw-ratelimit-reset": "inf"}, 3600.0),
        ({"x-ogw-ratelimit-reset": "nan"}, 1.0),
        ({"x-ogw-ratelimit-reset": "nan", "Retry-After": "9"}, 9.0),
        ({}, 1.0),
    ],
)
def test_the_wait_is_what_the_platform_says(headers: dict[str, str], seconds: float) -> None:
    error = error_for("POST im/v1/messages", 99991400, status=429, headers=headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_a_missing_scope_says_where_to_grant_it() -> None:
    """F26. The address the platform gives, and nothing else of what it says."""
    url = "https://open.feishu.cn/app/cli_a/auth?q=im:chat&op_from=openapi&token_type=tenant"
    assert grant_url(GRANT) == url
    error = error_for("GET im/v1/chats", 99991672, GRANT, status=400)
    assert str(error) == f"feishu: GET im/v1/chats was answered 99991672: a scope is missing: grant it at {url}"
    assert grant_url("click javascript:alert(1) or https://evil.example/x") == ""


def test_what_is_wrong_with_a_card_is_the_inner_code() -> None:
    error = error_for(
        "POST x", 230099, "Failed to create card content, ext=ErrCode: 11310; ErrMsg: card table number"
    )
    assert (type(error), error.code) == (Rejected, "11310")


def test_an_invalid_receiver_is_nobody() -> None:
    error = error_for(
        "POST x", 230001, "Your request contains an invalid request parameter, ext=invalid receive_id."
    )
    assert type(error) is NotFound
    assert type(error_for("POST x", 230001, "ext=content is not a string in json format")) is Rejected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'{"code": "0"}',
        b'{"code": 0, "data": [1]}',
        b'{"bot": "x"}',
        b'{"code": 0, "data": {"user": "ana"}}',
        b'{"code": 0, "data": {"app": [1]}}',
        b'{"code": 0, "data": {"items": {"member_id": "ou_ana"}}}',
        b'{"code": 0, "data": {"items": [{"member_id": "ou_ana"}, null]}}',
        b'{"code": 0, "data": {"scopes": ["im:chat"]}}',
        b"<html>",
        b"[" * 100_000,
    ],
)
def test_an_answer_of_another_form_than_documented_is_the_platforms_failure(content: bytes) -> None:
    """And may have had effect: whoever asked looks again."""
    with pytest.raises(Unreachable) as caught:
        answers.read("POST x", 200, {}, content, placed=True)
    assert caught.value.placed


def test_a_yes_is_whole() -> None:
    """Some answers have their part beside `data`."""
    assert answers.read("GET x", 200, {}, b'{"code": 0, "bot": {"open_id": "ou_b"}}', placed=False)["bot"]


def test_who_was_never_found_placed_nothing() -> None:
    """The reason is deep inside of what the SDK's library raises."""

    class NewConnectionError(Exception): ...

    class MaxRetryError(Exception):
        reason = NewConnectionError("refused")

    assert not answers.broken("POST x", ConnectionError(MaxRetryError()), placed=True).placed
    assert answers.broken("POST x", ConnectionError("reset"), placed=True).placed
    assert not answers.broken("GET x", ConnectionError("reset"), placed=False).placed
