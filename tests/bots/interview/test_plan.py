"""What is asked in one sitting: basics and gaps in turn, nothing twice."""

from __future__ import annotations

from bots.interview.plan import IN_A_SITTING, Question, plan
from bots.wording import LANGUAGES, sentences
from persona_store.distill.gaps import BASICS, QUESTIONS
from persona_store.distill.model import Facet, Gap
from tests.persona_store.distill.facets import facet
from tests.persona_store.passages import passage

MISSING = [Gap(aspect, "missing", f"interview.missing_{aspect}", 2.5 - n / 10) for n, aspect in enumerate(BASICS)]
THINGS = [Gap(f"thing {n}", "thin", "interview.thin", float(n)) for n in range(20)]


def conflict(one: str, other: str, *, shown: bool = True) -> list[Facet]:
    told = {"status": "conflicting", "topic": "Retry"}
    first = facet("standard", passage("a", one), id="a", conflicts=("b",), **told)
    second = facet("standard", passage("b", other), id="b", conflicts=("a",), **told)
    return [first, second] if shown else [first]


def test_basics_and_gaps_take_turns_the_weightiest_first() -> None:
    asked = plan(MISSING + THINGS, [], ())
    assert len(asked) == IN_A_SITTING
    assert [question.topic for question in asked] == [
        *("", "thing 19", "", "thing 18", "", "thing 17", "", "thing 16")
    ]
    assert asked[0].key == "interview.missing_responsibility"


def test_what_was_done_is_not_asked_again() -> None:
    everything = plan(MISSING + THINGS, [], (), 100)
    assert len(everything) == len(MISSING) + len(THINGS)
    done = {question.id for question in everything[:20]}
    assert {question.id for question in plan(MISSING + THINGS, [], done, 100)} == {
        question.id for question in everything[20:]
    }
    assert plan(MISSING, [], {question.id for question in everything}) == ()


def test_a_question_is_the_same_whatever_the_width_and_case_of_its_topic() -> None:
    one, other = Question("interview.thin", "Refund  Queue"), Question("interview.thin", "ｒefund queue")
    assert one.id == other.id
    assert one.id != Question("interview.stale", "Refund Queue").id
    assert one.id == Question("interview.thin", "Refund Queue", statements=("a", "b")).id


def test_a_contradiction_shows_both_sides_or_none() -> None:
    gap = Gap("retry", "conflicting", "interview.conflicting", 3.0)
    [both] = plan([gap], conflict("every 5 minutes", "every 15 minutes"), ())
    assert both.statements == ("every 5 minutes", "every 15 minutes")
    [alone] = plan([gap], conflict("every 5 minutes", "every 15 minutes", shown=False), ())
    assert alone.statements == ()


def test_every_kind_of_gap_has_its_question_in_every_language() -> None:
    for lang in LANGUAGES:
        for key in QUESTIONS:
            words = Question(key, "the ledger").words(lang)
            assert "?" in words or "？" in words
            assert ("the ledger" in words) == ("missing_" not in key), key
            assert len(sentences(lang)[key]) < 140, "short enough for a card"


def test_a_gap_nobody_wrote_a_question_for_is_not_asked() -> None:
    assert (
        plan([Gap("x", "thin", "interview.nonsense", 1.0), Gap(" ", "thin", "interview.thin", 1.0)], [], ()) == ()
    )
