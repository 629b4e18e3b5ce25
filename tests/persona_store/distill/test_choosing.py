"""Choosing: the few that are shown, and how sure they are."""

from __future__ import annotations

from datetime import timedelta

from persona_store.distill.choosing import CAP, CAPS
from persona_store.distill.confidence import FLOOR, SUPPORT, confidence
from tests.persona_store.distill.talks import NOW, found, ground, of, one, talk

KNOWN = ground("gateway", "settlement")


def test_confidence_grows_with_support_and_repetition_and_shrinks_with_doubt_and_age() -> None:
    base = confidence(0.5, (), times=1, last=NOW, now=NOW)
    assert base == 0.5
    assert all(confidence(0.5, (name,), times=1, last=NOW, now=NOW) > base for name in SUPPORT)
    assert confidence(0.5, (), times=2, last=NOW, now=NOW) > base
    assert confidence(0.5, (), times=4, last=NOW, now=NOW) == confidence(0.5, (), times=40, last=NOW, now=NOW)
    assert confidence(0.5, (), times=1, last=NOW, now=NOW, weaker=1) < base
    assert confidence(0.5, (), times=1, last=NOW - timedelta(days=366), now=NOW) < base
    assert confidence(1.0, SUPPORT, times=9, last=NOW, now=NOW) <= 1
    assert confidence(0.9, (), times=1, last=NOW, now=NOW, described=True) < base


def test_what_was_said_again_later_is_one_facet_and_stands() -> None:
    text = "Never run two settlement jobs on the gateway at once."
    again = [talk(f"again{n}", "Bo: ok", text, days=n) for n in range(3)]
    (facet,) = of("pitfall", *KNOWN, *again)
    assert facet.status == "standing"
    assert len(facet.citations) == 3
    assert facet.confidence > of("pitfall", *KNOWN, one(text))[0].confidence


def test_copies_of_one_message_count_once() -> None:
    text = "Never run two settlement jobs on the gateway at once."
    (facet,) = of("pitfall", *KNOWN, talk("a", "Bo: ok", text), talk("b", "Bo: ok", text))
    assert (facet.status, len(facet.citations)) == ("single", 1)


def test_another_number_is_another_statement() -> None:
    texts = (f"Never run {n} settlement jobs on the gateway at once." for n in (2, 3))
    assert len(of("pitfall", *KNOWN, *(one(text, days=n) for n, text in enumerate(texts)))) == 2


def test_a_page_is_for_reading() -> None:
    """However much there is, no aspect shows more than its cap, and nothing unsure."""
    things = [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"]
    lines = (one(f"Never run {each}_job and {each}_hook on the gateway.") for each in things)
    facets = found(*KNOWN, *lines)
    assert len([facet for facet in facets if facet.aspect == "pitfall"]) == CAPS["pitfall"]
    assert all(facet.confidence >= FLOOR for facet in facets)
    assert max(CAPS.values(), default=CAP) <= 12


def test_the_same_words_are_not_shown_as_two_things() -> None:
    text = "Never use floats in the settlement gateway, by convention we always use integers."
    facets = [facet for facet in found(*KNOWN, talk("q", "Bo: which type in the gateway?", text))]
    assert [facet.citations[0].quote for facet in facets].count(text) == 1
