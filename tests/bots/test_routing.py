from datetime import UTC, datetime

import pytest

from adapters.model import Message, Person, Thread
from bots.routing import Ask, Command, Ignore, Known, OwnerReply, Route, parse_command, route

MEI = Person("chat", "U1", "Mei")
ANN = Person("chat", "U2", "Ann")


def said(
    text: str,
    *,
    addressed: bool = True,
    direct: bool = False,
    command: bool = False,
    mentions: tuple[Person, ...] = (),
) -> Message:
    thread = Thread("chat", "C1", root="r", direct=direct)
    return Message("m", thread, MEI, text, datetime(2026, 6, 2, tzinfo=UTC), addressed, mentions, command=command)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/understudy retire lin", Command("retire", "lin")),
        ("!understudy pause lin", Command("pause", "lin")),
        ("！understudy 暂停 lin", Command("pause", "lin")),
        ("/retire lin", Command("retire", "lin")),
        ("/退役 lin", Command("retire", "lin")),
        ("help", Command("help", "")),
        ("帮助", Command("help", "")),
        ("why?", Command("why", "")),
        ("withdraw", Command("withdraw", "")),
        ("/understudy how does it work", Command("ask", "how does it work")),
        ("/understudy", Command("help", "")),
        ("/frobnicate now", Command("unknown", "frobnicate")),
        ("what do you know about?", Command("topics", "")),
        ("你知道什么", Command("topics", "")),
        ("why does the job fail", Ask("why does the job fail")),
        ("retire the old server?", Ask("retire the old server?")),
        ("你知道退款走哪个队列吗", Ask("你知道退款走哪个队列吗")),
    ],
)
def test_what_is_said_to_the_bot(text: str, expected: Route) -> None:
    assert route(said(text), Known()) == expected


def test_a_native_slash_command_is_a_verb_or_a_question() -> None:
    assert parse_command("status lin", native=True) == Command("status", "lin")
    assert parse_command("how does refund work", native=True) == Command("ask", "how does refund work")
    assert parse_command("", native=True) == Command("help", "")


def test_a_reply_below_the_owners_card_is_an_answer_even_if_it_reads_like_a_question() -> None:
    assert route(said("v2, why?", direct=True), Known(asked_reply="e1")) == OwnerReply("e1", "v2, why?")


def test_a_plain_direct_reply_answers_the_only_open_question() -> None:
    assert route(said("v2", direct=True), Known(asked_open=("e1",))) == OwnerReply("e1", "v2")


def test_with_several_open_questions_it_is_not_sure_which() -> None:
    assert route(said("v2", direct=True), Known(asked_open=("e1", "e2"))) == OwnerReply("", "v2", sure=False)


def test_commands_win_over_replies() -> None:
    assert route(said("/pause lin", direct=True), Known(asked_reply="e1")) == Command("pause", "lin")


@pytest.mark.parametrize(
    ("known", "mentions", "text"),
    [
        (Known(), (), "how?"),
        (Known(in_thread=True), (), "how?"),
        (Known(in_thread=True, asker_here=True), (ANN,), "how?"),
        (Known(in_thread=True, asker_here=True), (), "done"),
    ],
    ids=["unknown thread", "somebody else's thread", "to another person", "no question"],
)
def test_what_nobody_said_to_us_is_ignored(known: Known, mentions: tuple[Person, ...], text: str) -> None:
    assert isinstance(route(said(text, addressed=False, mentions=mentions), known), Ignore)


def test_a_followup_of_the_asker_needs_no_mention() -> None:
    known = Known(in_thread=True, asker_here=True)
    assert route(said("and who approves that?", addressed=False), known) == Ask(
        "and who approves that?", followup=True
    )
