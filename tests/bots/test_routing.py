from datetime import UTC, datetime

import pytest

from adapters.model import Message, Person, Thread
from bots.routing import (
    Ask,
    Command,
    Ignore,
    Interviewed,
    Known,
    Objection,
    OwnerReply,
    Route,
    parse_command,
    route,
)

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
        ("关联", Command("link", "")),
        ("forget", Command("forget", "")),
        ("lang en", Command("lang", "en")),
        ("语言 中文", Command("lang", "中文")),
        ("link the two tables", Ask("link the two tables")),
        ("link dashboards", Ask("link dashboards")),
        ("lang packs are where", Ask("lang packs are where")),
        ("why does the job fail", Ask("why does the job fail")),
        ("retire the old server?", Ask("retire the old server?")),
        ("你知道退款走哪个队列吗", Ask("你知道退款走哪个队列吗")),
    ],
)
def test_what_is_said_to_the_bot(text: str, expected: Route) -> None:
    assert route(said(text), Known()) == expected


@pytest.mark.parametrize("text", ["关联 FDCY4-MSS9X", "link fdcy4–mss9x", "link FDCY4MSS9X"])
def test_a_code_is_never_taken_for_a_question(text: str) -> None:
    """A question that finds nothing is shown to its owner, who could then claim the account."""
    known = Known(asked_open=("e1",))
    assert route(said(text, direct=True), known) == Command("link", text.split()[1])


def test_a_native_slash_command_is_a_verb_or_a_question() -> None:
    assert parse_command("status lin", native=True) == Command("status", "lin")
    assert parse_command("how does refund work", native=True) == Command("ask", "how does refund work")
    assert parse_command("", native=True) == Command("help", "")


def test_a_reply_below_the_owners_card_is_an_answer_though_it_has_words_of_a_question() -> None:
    assert route(said("what Ann said: v2", direct=True), Known(asked_reply="e1")) == OwnerReply(
        "e1", "what Ann said: v2"
    )


def test_a_question_back_below_the_owners_card_is_not_taken_for_an_answer() -> None:
    reply = route(said("which warehouse?", direct=True), Known(asked_reply="e1"))
    assert reply == OwnerReply("e1", "which warehouse?", sure=False)


@pytest.mark.parametrize(
    "text", ["/etc/hosts is missing?", "/api/v2 answers 500", "/deploy fails with 500, why?", "/var"]
)
def test_a_path_is_no_command(text: str) -> None:
    """Only a lone word after the slash could have been meant as a verb of ours."""
    expected = Command("unknown", "var") if text == "/var" else Ask(text)
    assert route(said(text), Known()) == expected


@pytest.mark.parametrize("text", ["/understudy why does the job fail", "/why does the job fail", "/help me deploy"])
def test_a_verb_that_takes_nothing_begins_a_question_when_more_follows(text: str) -> None:
    routed = route(said(text), Known())
    assert isinstance(routed, Ask) or (isinstance(routed, Command) and routed.verb == "ask")


def test_in_a_thread_where_we_spoke_a_lot_we_wait_until_we_are_called() -> None:
    known = Known(in_thread=True, asker_here=True, said_enough=True)
    assert route(said("how?", addressed=False), known) == Ignore("said_enough")
    assert route(said("how?"), known) == Ask("how?")


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


INTERVIEWED = Known(interviewed=True)


@pytest.mark.parametrize(
    "text",
    [
        "The ledger is mine.",
        "When the batch fails, restart it and tell Mei what was lost.",
        "先看哪台机器报错，再问值班的是谁，然后重启。",
    ],
)
def test_plain_words_are_the_answer_of_the_interview(text: str) -> None:
    assert route(said(text, direct=True), INTERVIEWED) == Interviewed(text)


@pytest.mark.parametrize(
    "text", ["How is the job restarted", "is that so?", "退款走哪个队列？", "你知道退款走哪个队列吗"]
)
def test_what_is_asked_while_a_question_waits_is_perhaps_no_answer(text: str) -> None:
    assert route(said(text, direct=True), INTERVIEWED) == Interviewed(text, sure=False)


def test_a_command_is_a_command_and_a_room_is_no_interview() -> None:
    assert route(said("withdraw", direct=True), INTERVIEWED) == Command("withdraw", "")
    assert route(said("interview", direct=True), INTERVIEWED) == Command("interview", "")
    assert route(said("访谈", direct=True), INTERVIEWED) == Command("interview", "")
    assert route(said("The ledger is mine."), INTERVIEWED) == Ask("The ledger is mine.")


def test_who_is_asked_as_an_owner_too_is_asked_which_it_is() -> None:
    known = Known(interviewed=True, asked_open=("e1",))
    assert route(said("Four hours.", direct=True), known) == Interviewed("Four hours.", sure=False)
    hung = Known(interviewed=True, asked_open=("e1",), asked_reply="e1")
    assert route(said("Four hours.", direct=True), hung) == OwnerReply("e1", "Four hours.")


@pytest.mark.parametrize(
    "text",
    [
        "That's wrong, it is ten minutes.",
        "no, this is not correct",
        "it's outdated",
        "You're wrong",
        "that is no longer true since May",
        "that isn’t right",
        "不对，早就改成四点了",
        "这个回答错了",
        "你说的不对",
        "已经过时了",
        "那个有误",
    ],
)
def test_words_against_an_answer_are_no_question(text: str) -> None:
    """Said by who asked it, or to us in its thread; without an answer of ours above them they are words."""
    known = Known(in_thread=True, asker_here=True)
    assert route(said(text, addressed=False), known) == Objection(text)
    assert route(said(text, addressed=True), Known(in_thread=True)) == Objection(text)
    assert not isinstance(route(said(text), Known()), Objection)
    assert not isinstance(route(said(text, addressed=False), Known(in_thread=True)), Objection)


@pytest.mark.parametrize(
    "text",
    [
        "is that wrong?",
        "that's right, thanks",
        "that is correct",
        "it's true, we moved it",
        "这个不对吗？",
        "what is wrong with the queue",
        "对不对？",
        "The wrong queue was paused yesterday, which one should it be?",
    ],
)
def test_agreement_and_questions_are_no_objection(text: str) -> None:
    known = Known(in_thread=True, asker_here=True)
    assert not isinstance(route(said(text, addressed=False), known), Objection)
