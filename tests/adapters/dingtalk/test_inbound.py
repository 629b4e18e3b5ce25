"""Payloads as DingTalk sends them → events. Each file is a recorded one with the people changed."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.dingtalk import inbound
from adapters.dingtalk.quoting import Quoting
from adapters.model import Message, Person, Press, Thread

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def read(name: str, **changed: Any) -> Message | Press | None:
    return inbound.message({**payload(name), **changed}, lambda id: None, Quoting())


def said(name: str, **changed: Any) -> Message:
    event = read(name, **changed)
    assert isinstance(event, Message)
    return event


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.json")), ids=lambda path: path.stem)
def test_every_recorded_payload_is_an_event(path: Path) -> None:
    if path.stem.startswith("card_"):
        assert inbound.pressed(payload(path.stem), "frame1", NOW, lambda id: None) is not None
    else:
        assert read(path.stem) is not None


def test_a_mention_in_a_group() -> None:
    message = said("group_text")
    assert message.text == "who approves invoices?"
    assert message.author == Person("dingtalk", "staff_ana", "Ana", "dingcorpfixture")
    assert message.thread == Thread(
        "dingtalk", "cidroom==", "dingcorpfixture", "u:staff_ana", message.id, chat_name="general"
    )
    assert message.addressed
    assert message.at == datetime.fromtimestamp(1764061200, UTC)


def test_a_direct_chat_is_called_by_its_reader() -> None:
    """DingTalk's own id of it is good for nothing that is sent."""
    message = said("direct_text")
    assert (message.thread.chat, message.thread.direct, message.thread.root) == ("u:staff_lin", True, "")
    assert message.addressed


def test_others_who_were_named_are_mentioned_by_their_staff_id() -> None:
    message = said("rich_text_harmony")
    assert [person.key for person in message.mentions] == ["dingtalk:staff_lin"]
    assert message.text == "@Lin who approves this?"
    assert message.files == ("picture",)


def test_we_are_not_among_those_who_were_named() -> None:
    """D9. Not even if the robot has an id like a person's."""
    me = payload("group_text")["chatbotUserId"]
    for spelling in (me, me.removeprefix("$:LWCP_v1:$")):
        assert said("group_text", atUsers=[{"dingtalkId": spelling, "staffId": "robot1"}]).mentions == ()


def test_very_many_names_are_read_in_no_time() -> None:
    """A body of HTTP mode may be a megabyte of them."""
    begun = time.perf_counter()
    words = said("rich_text_harmony", content={"richText": [{"text": "@a " * 300_000 + "who?"}]}).text
    assert words == "@a who?"  # one other was @ed
    assert time.perf_counter() - begun < 2


def test_a_name_at_the_beginning_of_plain_text_is_a_word() -> None:
    assert said("group_text", text={"content": " @dataclass is a decorator?"}).text == "@dataclass is a decorator?"


def test_what_cannot_be_read_in_words_is_named() -> None:
    assert said("direct_file").files == ("invoices.xlsx",)
    picture = said("direct_file", msgtype="picture", content={"downloadCode": "x"})
    assert (picture.text, picture.files) == ("", ("picture",))
    assert said("direct_file", msgtype="chatRecord", content="[]").files == ("chatRecord",)


def test_what_somebody_quotes_in_a_group_follows_their_words() -> None:
    """ "Who signs it?" is half a question."""
    assert said("group_quote").text == "and who signs it?\n> Invoices over 10,000 need two signatures."


@pytest.mark.parametrize("text", ["/retire carlyn", "！understudy status", "/why"])
def test_no_command_takes_a_quote_for_its_argument(text: str) -> None:
    quoted = payload("group_quote")["text"] | {"content": " " + text}
    assert said("group_quote", text=quoted).text == text


def test_what_we_said_ourselves_is_not_quoted_back() -> None:
    """The owner's words are passed on as they are; and the reply hangs from the post it quotes."""
    ours = {**payload("group_quote")["text"], "repliedMsg": {"senderId": "Ym90", "content": {"text": "I said so."}}}
    assert said("group_quote", text=ours).text == "and who signs it?"
    message = said("direct_quote_of_ours")
    assert (message.text, message.thread.root) == ("Finance does.", "key00000001==")


def test_a_quoted_post_is_found_by_its_other_name() -> None:
    """A card is quoted under the name its delivery got, and known under the one we gave it."""
    quoting = Quoting()
    quoting.call("key00000001==", "u0f")
    message = inbound.message(payload("direct_quote_of_ours"), lambda id: None, quoting)
    assert isinstance(message, Message)
    assert message.thread.root == "u0f"


def test_whoever_quotes_a_question_that_we_were_asked_joins_its_conversation() -> None:
    """Its words are known there and do not follow theirs."""
    quoting = Quoting()
    quoting.stands_in("msg00000001==", "u:staff_lin")
    message = inbound.message(payload("group_quote"), lambda id: None, quoting)
    assert isinstance(message, Message)
    assert (message.thread.root, message.text) == ("u:staff_lin", "and who signs it?")
    assert message.author.id == "staff_ana"


def test_a_late_answer_of_ours_is_quoted_by_the_key_it_was_sent_under() -> None:
    """Its message id is told to nobody."""
    quoting = Quoting()
    quoting.stands_in("key00000001==", "u:staff_lin")
    quoted = payload("group_quote") | {"originalProcessQueryKey": "key00000001==", "originalMsgId": "unheard of"}
    message = inbound.message(quoted, lambda id: None, quoting)
    assert isinstance(message, Message)
    assert message.thread.root == "u:staff_lin"


def test_a_link_that_was_pressed_is_a_press() -> None:
    press = read("pressed_link")
    assert isinstance(press, Press)
    assert (press.action, press.value, press.message_id) == ("up", "abc123", "u0f")
    assert (press.thread.chat, press.author.id, press.fields) == ("cidroom==", "staff_ana", {})


def test_a_card_that_was_pressed_and_a_form_that_was_filled() -> None:
    press = inbound.pressed(payload("card_press"), "frame1", NOW, lambda id: None)
    assert press is not None
    assert press.event == Press(
        "frame1",
        Thread("dingtalk", "cidroom==", "dingcorpfixture", "u:staff_lin"),
        Person("dingtalk", "staff_lin", tenant="dingcorpfixture"),
        "up",
        "abc123",
        NOW,
        "u0f",
    )
    filled = inbound.pressed(payload("card_submit"), "frame2", NOW, lambda id: None)
    assert filled is not None
    assert filled.event is not None
    assert (filled.event.action, filled.event.value) == ("answered", "esc1")
    assert filled.event.fields == {"text": "Ask Ana.", "person": "staff_ana"}
    assert filled.closes_form
    assert filled.event.thread.direct


def test_whoever_presses_for_another_organisation_is_from_outside() -> None:
    """Their id may be equal to one of ours."""
    for ours, external in (("dingcorpfixture", False), ("dingcorpelsewhere", True), ("", False)):
        press = inbound.pressed(payload("card_press"), "frame1", NOW, lambda id: None, ours=ours)
        assert press is not None
        assert press.event is not None
        assert press.event.author.external is external
        assert (press.event.author.id == "staff_lin") is not external


def test_a_callback_that_does_not_say_where_it_came_from() -> None:
    """The documents' example has no space; the button carries its chat for that."""
    bare = payload("card_press")
    del bare["spaceType"], bare["spaceId"]
    press = inbound.pressed(bare, "frame1", NOW, lambda id: None)
    assert press is not None
    assert press.event is not None
    assert press.event.thread.chat == "cidroom=="


@pytest.mark.parametrize("missing", ["msgId", "conversationId"])
def test_what_is_not_a_message_is_nothing(missing: str) -> None:
    assert read("group_text", **{missing: ""}) is None


def test_reply_addresses_are_not_shown() -> None:
    session = inbound.session(payload("group_text"), replies=True)
    assert session.webhook.endswith("session=fixture")
    assert "fixture" not in repr(session)
    assert inbound.session(payload("group_text"), replies=False).webhook == ""
