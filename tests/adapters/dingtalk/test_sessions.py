"""Reply addresses: for as long as they are good, and no more of them than can be of use."""

from __future__ import annotations

import pytest

from adapters.dingtalk import sessions
from adapters.dingtalk.inbound import Session
from adapters.dingtalk.sessions import Sessions

ADDRESS = "https://oapi.dingtalk.com/robot/sendBySession?session=x"


def test_an_address_is_used_until_a_minute_before_its_end() -> None:
    """D5. A call takes its time, and clocks differ."""
    now = 1000.0
    kept = Sessions(lambda: now)
    kept.keep("cid1==", Session("cid1==", ADDRESS, 2000.0))
    assert kept.webhook("cid2==") is None
    now = 1939.0
    webhook = kept.webhook("cid1==")
    assert webhook is not None
    assert webhook.reveal() == ADDRESS
    assert ADDRESS not in repr(webhook)
    now = 1940.0
    assert kept.webhook("cid1==") is None


def test_one_that_was_refused_has_ended_and_its_chat_is_still_known() -> None:
    kept = Sessions(lambda: 0.0)
    kept.keep("u:staff_lin", Session("ciddirect==", ADDRESS, 2000.0))
    kept.end("u:staff_lin")
    kept.end("nobody")
    assert kept.webhook("u:staff_lin") is None
    assert (kept.conversation("u:staff_lin"), kept.conversation("nobody")) == ("ciddirect==", "")


def test_the_chat_that_was_silent_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST", 2)
    kept = Sessions(lambda: 0.0)
    for chat in ("a", "b", "a", "c"):
        kept.keep(chat, Session(chat, ADDRESS, 2000.0))
    assert [kept.webhook(chat) is not None for chat in "abc"] == [True, False, True]
