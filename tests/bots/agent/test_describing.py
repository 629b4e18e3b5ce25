"""What others say of the subject is quoted as that, trusted less, and never where the subject speaks themselves."""

from __future__ import annotations

from typing import Any

import pytest

from bots import cards
from bots.agent.confidence import calibration
from bots.agent.describing import AS_MUCH, SECONDHAND, own_first
from bots.agent.extractive import draft, ruled
from bots.agent.language import language_of
from bots.model import Draft, Question
from bots.wording import LANGUAGES, say
from persona_store.index import Index
from persona_store.model import Findings, Passage, Persona
from persona_store.search import find
from tests.bots.agent.test_extractive import NOISE
from tests.persona_store.passages import START, correction, passage

ASKED = "How often does the payment retry job run?"
SAID = "The payment retry job runs every 15 minutes."
LIN = Persona("lin", "Lin", "live", START, START)


def described(id: str, text: str, **more: Any) -> Passage:
    nobody = {"author": "", "author_name": "", "container": "lin", "container_name": "Lin"}
    return passage(id, text, own=False, source="imported_skill", **(nobody | more))


def findings(*passages: Passage, asked: str = ASKED) -> Findings:
    index = Index()
    index.add([*NOISE, *passages])
    return find(index, asked, readers=None)


def answer(*passages: Passage, asked: str = ASKED) -> Draft:
    question = Question("lin", asked, language_of(asked))
    return draft(question, findings(*passages, asked=asked), calibration())


def ids(told: Draft) -> list[str]:
    return [evidence.passage.id for evidence in told.evidence]


def test_the_same_fact_in_both_is_quoted_in_own_words() -> None:
    """Also where the description is the better match, and newer."""
    found = findings(passage("own", f"Well, {SAID.lower()}"), described("d#1", f"{SAID} {ASKED}", minutes=90_000))
    assert found.evidence[0].passage.id == "d#1", "else this test says nothing"
    told = answer(passage("own", f"Well, {SAID.lower()}"), described("d#1", f"{SAID} {ASKED}", minutes=90_000))
    assert ids(told) == ["own"]
    assert "d#1" not in told.ranked_ids


def test_an_owners_answer_goes_before_a_description() -> None:
    told = answer(correction("c", ASKED, "Every 20 minutes by now."), described("d#1", SAID))
    assert ids(told) == ["c"]


def test_what_only_others_say_is_quoted_with_less_confidence() -> None:
    told, own = answer(described("d#1", SAID)), answer(passage("own", SAID, source="doc"))
    assert (ids(told), ids(own)) == (["d#1"], ["own"])
    assert told.confidence == pytest.approx(own.confidence * SECONDHAND)
    assert 0.5 < SECONDHAND < 1


def test_own_words_about_something_else_take_nothings_place() -> None:
    told = answer(described("d#1", SAID), passage("other", "The job of the kitchen is to cook."))
    assert ids(told) == ["d#1"]


def test_a_newer_description_does_not_supersede_what_was_said() -> None:
    old = passage("own", "The payment retry job runs every 15 minutes.")
    new = described("d#1", "The payment retry job was changed: it now runs every 30 minutes.", minutes=90_000)
    assert ids(answer(old, new)) == ["own"]
    own = passage("new", new.text, minutes=90_000)
    assert ids(answer(old, own))[0] == "new", "else this test says nothing"


def test_findings_without_descriptions_are_left_alone() -> None:
    found = findings(passage("own", SAID))
    assert own_first(found) is found
    assert own_first(Findings((), {})) == Findings((), {})
    assert 0 < AS_MUCH < 1


def test_the_lowering_comes_last() -> None:
    """However sure a rule before it was."""
    assert ruled(0.5, {"taught": 1.0, "described": 1.0}) == pytest.approx(ruled(0.5, {"taught": 1.0}) * SECONDHAND)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_card_and_why_say_whose_words_they_are(lang: str) -> None:
    told = answer(described("d#1", SAID, title="Retries"))
    card = cards.answer(LIN, told, lang=lang, outcome="o", owner="Zhou Lan", now=START)
    [quote] = card.quotes
    assert quote.author == say(lang, "quote.described", name="Lin")
    assert "Lin" in quote.author and quote.author != "Lin"  # noqa: PT018  # a name alone would be the subject's
    assert quote.place == say(lang, "quote.place_skill", place="Retries")
    assert card.text == say(lang, "answer.lead_described", name="Lin")
    why = cards.why(told.why, lang=lang, persona=LIN, percent=80).text
    assert say(lang, "why.described") in why
    named = cards.quote(described("d", SAID, author_name="Mei"), SAID, lang, LIN)
    assert named.author == say(lang, "quote.described_by", who="Mei", name="Lin")


@pytest.mark.parametrize("source", ["slack_export", "doc", "correction"])
def test_own_words_are_labelled_as_before(source: str) -> None:
    quote = cards.quote(passage("p", SAID, source=source), SAID, "en", LIN)
    assert quote.author == "Lin"
