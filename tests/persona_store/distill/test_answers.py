"""Answers: a question of somebody else, the Subject's words below it, and whether they helped."""

from __future__ import annotations

from datetime import timedelta

from msgspec import structs

from persona_store.distill.model import Facet
from tests.persona_store.distill.talks import ground, of, talk
from tests.persona_store.passages import START, correction, passage

KNOWN = ground("gateway", "settlement", "webhook", "网关", "回调")
ASKED = "Bo: how do I replay a lost webhook of the settlement gateway, is there a secret-canary way?"
ANSWER = "Run `payctl hook replay` on the gateway host, it replays every webhook of the settlement day."


def answers(*lines: str) -> list[Facet]:
    return of("answer", *KNOWN, talk("q", *lines))


def test_an_answer_is_found_below_the_question_and_is_about_what_both_name() -> None:
    (facet,) = answers(ASKED, ANSWER)
    assert (facet.text, facet.citations[0].passage) == (ANSWER, "q-1")
    assert {"gateway", "webhook", "settlement"} & set(facet.topic.split())
    (facet,) = answers("Bo: 网关丢了回调怎么补？", "用 payctl 在网关机器上重放当天的回调就行")
    assert "网关" in facet.topic


def test_the_question_is_stored_nowhere() -> None:
    (facet,) = answers(ASKED, ANSWER, "Bo: thanks, that worked, secret-canary")
    assert "canary" not in repr(facet)


def test_thanks_make_it_surer_and_a_failure_unmakes_it() -> None:
    (plain,) = answers(ASKED, ANSWER)
    (thanked,) = answers(ASKED, ANSWER, "Bo: great, that worked, thanks!")
    (by_another,) = answers(ASKED, ANSWER, "Mei: great, that worked, thanks!")
    assert thanked.confidence > plain.confidence == by_another.confidence
    assert answers(ASKED, ANSWER, "Bo: that doesn't work, still the same error") == []


def test_no_answer_without_a_question_of_somebody_else() -> None:
    assert answers("Bo: the webhook of the settlement gateway is lost", ANSWER) == []
    assert answers("how do I replay a lost webhook of the settlement gateway?", ANSWER) == []


def test_a_question_back_a_guess_and_a_yes_are_no_answers() -> None:
    assert answers(ASKED, "Which settlement gateway do you mean, the webhook one?") == []
    assert answers(ASKED, "yes") == []
    assert answers(ASKED, "No idea how to replay a webhook of the settlement gateway.") == []


def test_what_was_answered_by_a_third_is_not_credited() -> None:
    assert answers(ASKED, "Mei: run the replay", "Ann: no, do not", ANSWER) == []


def test_an_answer_in_several_messages_is_one_and_said_once() -> None:
    more = "The webhook replay of the settlement gateway takes about an hour."
    (facet,) = answers(ASKED, ANSWER, more)
    assert facet.text == f"{ANSWER}\n{more}"
    assert [each.passage for each in facet.citations] == ["q-1", "q-2"]
    assert facet.status == "single"


def test_what_follows_after_a_pause_is_no_part_of_the_answer() -> None:
    later = talk("q", "The webhook replay of the settlement gateway takes about an hour.")[0]
    later = structs.replace(later, id="later", at=START + timedelta(minutes=20))
    (facet,) = of("answer", *KNOWN, [*talk("q", ASKED, ANSWER), later])
    assert facet.text == ANSWER


def test_nobody_elses_words_come_along_in_a_quote() -> None:
    text = f"{ANSWER}\n> do we replay the canary?\nThe webhook replay of the gateway takes an hour."
    assert "canary" not in repr(answers(ASKED, text))


def test_what_the_owner_answered_is_an_answer_of_theirs() -> None:
    (facet,) = of("answer", *KNOWN, [correction("c", "where is the gateway webhook log?", "In /var/log/gateway.")])
    assert (facet.by, facet.text) == ("correction", "In /var/log/gateway.")
    assert facet.confidence > 0.8


def test_an_interview_is_the_subjects_own() -> None:
    said = passage("i", "The gateway webhook log is in /var/log.", source="interview", question="Where is the log?")
    (facet,) = of("answer", *KNOWN, [said])
    assert facet.by == "interview"


def test_what_tells_of_whoever_answers_is_no_answer() -> None:
    told = ("I'm working on a gateway of my own for the settlement jobs.", "I did post it in the settlement room.")
    for text in told:
        assert of("answer", *KNOWN, talk("q", "Bo: how do I restart the settlement gateway?", text)) == [], text


def test_an_answer_that_goes_on_elsewhere_is_not_shown() -> None:
    for text in (
        "The gateway writes its settlement log (see the file of",
        "For the settlement gateway you can use",
    ):
        assert of("answer", *KNOWN, talk("q", "Bo: how do I restart the settlement gateway?", text)) == [], text


def test_words_everybody_uses_are_not_what_question_and_answer_share() -> None:
    asked, told = (
        "Bo: is there a better way to do things?",
        "The settlement gateway works better at night, by the way.",
    )
    assert of("answer", *KNOWN, talk("q", asked, told)) == []
