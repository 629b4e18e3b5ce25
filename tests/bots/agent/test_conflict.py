"""Conflict: same sentence, other number; unless time or an owner has settled it."""

from __future__ import annotations

from bots.agent.conflict import contradicts
from tests.persona_store.passages import correction, passage

THREE, FIVE = "We retry a charge 3 times.", "We retry a charge 5 times."


def test_two_numbers_in_the_same_sentence_contradict() -> None:
    assert contradicts([(passage("a", THREE), THREE), (passage("b", FIVE), FIVE)])


def test_the_newer_holds() -> None:
    assert not contradicts([(passage("a", THREE), THREE), (passage("b", FIVE, minutes=2000), FIVE)])


def test_a_correction_settles_it() -> None:
    assert not contradicts([(correction("a", "how often?", THREE, days=0), THREE), (passage("b", FIVE), FIVE)])


def test_other_sentences_and_the_same_number_do_not_contradict() -> None:
    other = "The train leaves at 5."
    assert not contradicts([(passage("a", THREE), THREE), (passage("b", other), other)])
    assert not contradicts([(passage("a", THREE), THREE), (passage("b", THREE), THREE)])
    assert not contradicts([(passage("a", "no number"), "no number"), (passage("b", THREE), THREE)])
