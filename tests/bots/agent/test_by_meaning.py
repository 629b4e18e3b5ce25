"""What nearness says about the chance: more where what was found stands out, less where others are nearer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.agent.by_meaning import MEASURED, WITHIN, by_meaning, shipped
from bots.agent.confidence import calibration
from bots.agent.decision import FOREIGN

chances = st.floats(0, 1)
gaps = st.floats(-50, 50)


def seen(
    meaning: float = 3.0, gap: float = 1.0, *, foreign: float = 0.0, measured: float = 1.0
) -> dict[str, float]:
    return {"meaning": meaning, "meaning_gap": gap, "meaning_out": 2 + gap, FOREIGN: foreign, MEASURED: measured}


@given(chances)
def test_without_vectors_the_words_have_the_last_word(chance: float) -> None:
    assert by_meaning(chance, {FOREIGN: 1.0}) == chance


@given(chances, gaps, gaps)
def test_it_is_a_chance_whatever_comes(chance: float, meaning: float, gap: float) -> None:
    for foreign in (0.0, 1.0):
        found = by_meaning(chance, seen(meaning, gap, foreign=foreign))
        assert 0 <= found <= 1
        assert math.isfinite(found)


@given(chances, chances, gaps, gaps)
def test_surer_words_and_a_wider_gap_never_make_it_less_sure(
    one: float, other: float, near: float, far: float
) -> None:
    less, more = sorted((one, other))
    narrow, wide = sorted((near, far))
    assert by_meaning(less, seen(gap=narrow)) <= by_meaning(more, seen(gap=wide)) + 1e-9
    alone = [by_meaning(0.5, seen(gap=gap, foreign=1.0)) for gap in (narrow, wide)]
    assert alone[0] <= alone[1] + 1e-9


def test_what_is_nearer_elsewhere_casts_doubt() -> None:
    assert by_meaning(0.85, seen(gap=-1.0)) < calibration().threshold(0.10)
    assert by_meaning(0.85, seen(gap=2.0)) > 0.85


@given(chances, gaps, gaps)
def test_a_model_nobody_measured_never_makes_it_surer(chance: float, meaning: float, gap: float) -> None:
    unmeasured = seen(meaning, gap, measured=0.0)
    assert by_meaning(chance, unmeasured) <= chance
    foreign = seen(meaning, gap, foreign=1.0, measured=0.0)
    assert by_meaning(chance, foreign) <= by_meaning(chance, {**foreign, MEASURED: 1.0})


def test_in_another_language_the_words_say_nothing() -> None:
    assert by_meaning(0.01, seen(foreign=1.0)) == by_meaning(0.99, seen(foreign=1.0))
    assert by_meaning(0.01, seen(4.0, 2.0, foreign=1.0)) > calibration().threshold(0.15)
    assert by_meaning(0.99, seen(2.0, 0.2, foreign=1.0)) < 0.3


@given(gaps, gaps)
def test_nearness_alone_is_never_enough_at_the_default_budget(meaning: float, gap: float) -> None:
    """It tells what is spoken of, and not whether the asked fact is told: a human looks at it first."""
    assert by_meaning(0.99, seen(meaning, gap, foreign=1.0)) < calibration().threshold(0.10)


def test_what_ships_looks_at_what_is_told_only() -> None:
    for each in (shipped().beside, shipped().alone):
        assert set(each.weights) <= set(WITHIN)
        assert all(weight > 0 for weight in each.weights.values())


@pytest.mark.parametrize("gap", [4.0, 30.0])
def test_beyond_what_was_seen_nothing_grows(gap: float) -> None:
    assert by_meaning(0.5, seen(gap=gap)) <= by_meaning(0.5, seen(gap=4.0))
