"""Two numbers and a threshold: safe on the first day, careful at once, bolder only where owners have judged."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bots.agent.confidence import calibration, within
from bots.agent.label import RIGHT, WRONG, Label, Seen
from bots.agent.refit import BOLD, UNCHANGED, Refit, fitted, log_odds, lowest, refit, sigmoid

DAY = date(2026, 6, 2)
SHIPPED = ((0.05, 0.9), (0.1, 0.8), (0.2, 0.5))


def owned(chance: float, *, right: bool, shown: bool = False) -> Label:
    return Label(chance, "c", DAY, shown, owner=RIGHT if right else WRONG)


def answers(own: Refit, chance: float, budget: float = 0.1) -> bool:
    """As the decision is made (bots/agent/decision.py)."""
    return own.chance(chance) >= within(own.thresholds or SHIPPED, budget)


LABELS = st.lists(
    st.builds(owned, st.floats(0.01, 0.99), right=st.booleans(), shown=st.booleans()), max_size=BOLD - 1
)


def test_without_labels_everything_is_as_shipped() -> None:
    own = refit([], "c", SHIPPED)
    assert (own.slope, own.offset) == (1.0, 0.0)
    assert own.thresholds == SHIPPED
    assert UNCHANGED.chance(0.37) == pytest.approx(0.37)


@given(LABELS, st.floats(0, 1))
def test_fewer_than_twenty_labels_never_make_it_bolder(labels: list[Label], chance: float) -> None:
    own = refit(labels, "c", SHIPPED)
    assert own.chance(chance) <= chance + 1e-9
    for budget, threshold in SHIPPED:
        assert not (answers(own, chance, budget) and chance < threshold - 1e-5)


@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.booleans()), max_size=40), st.randoms())
def test_the_same_labels_give_the_same_numbers_in_any_order(
    pairs: list[tuple[float, bool]], dice: random.Random
) -> None:
    labels = [owned(chance, right=right) for chance, right in pairs]
    mixed = dice.sample(labels, len(labels))
    assert refit(labels, "c", SHIPPED) == refit(mixed, "c", SHIPPED)


@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0, 1), st.floats(0, 3)), max_size=30))
def test_what_is_fitted_is_the_most_likely(points: list[tuple[float, float, float]]) -> None:
    """No neighbour has a higher posterior, where the numbers are not at their bounds."""
    from math import log

    from bots.agent.refit import FLATTEST, OFFSET, SLOPE, STEEPEST

    seen = [Seen(*each) for each in points]
    slope, offset = fitted(seen)

    def posterior(a: float, b: float) -> float:
        odds = [(each, sigmoid(a * log_odds(each.chance) + b)) for each in seen]
        data = sum(e.weight * (e.right * log(p) + (1 - e.right) * log(1 - p)) for e, p in odds)
        return data - ((a - 1) / SLOPE) ** 2 / 2 - (b / OFFSET) ** 2 / 2

    if FLATTEST < slope < STEEPEST:
        best = posterior(slope, offset)
        for a, b in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
            assert posterior(slope + a, offset + b) <= best + 1e-9


def test_an_owner_who_contradicts_makes_it_more_careful_at_once() -> None:
    """Five drafts it would nearly have said, all of them wrong."""
    own = refit([owned(0.75, right=False) for _ in range(5)], "c", SHIPPED)
    assert answers(UNCHANGED, 0.82)
    assert not answers(own, 0.82)


def test_it_becomes_bolder_only_where_owners_have_judged() -> None:
    """Sixty right drafts between 0.7 and 0.8 open that band; nothing below it, though the fit would like to."""
    labels = [owned(0.7 + n / 600, right=True) for n in range(60)]
    own = refit(labels, "c", SHIPPED)
    assert own.chance(0.6) > 0.7  # what the two numbers say of it
    assert answers(own, 0.72)
    assert not answers(own, 0.69)


def test_a_few_wrong_ones_among_them_keep_the_band_shut() -> None:
    labels = [owned(0.7 + n / 600, right=n % 8 != 0) for n in range(60)]
    assert not answers(refit(labels, "c", SHIPPED), 0.79)


def test_what_people_praise_opens_nothing() -> None:
    """T05: thumbs, of however many people, never lower a threshold."""
    praised = [Label(0.9, "c", DAY, True, up=tuple(f"p{k}" for k in range(20))) for _ in range(200)]
    judged = [owned(0.3, right=False) for _ in range(BOLD)]
    own = refit([*judged, *praised], "c", SHIPPED)
    assert not answers(own, 0.79)


def test_one_person_who_condemns_everything_does_not_silence_it() -> None:
    """T05: a thousand objections that no owner upheld."""
    spite = [Label(0.9, "c", DAY, True, down=("mallory",)) for _ in range(1000)]
    assert answers(refit(spite, "c", SHIPPED), 0.9)


def test_labels_of_another_calibrator_open_nothing() -> None:
    labels = [structs.replace(owned(0.75, right=True), calibrator="before") for _ in range(200)]
    own = refit(labels, "c", SHIPPED)
    assert own.labelled == 0
    assert not answers(own, 0.79)


def test_a_budget_that_nothing_ships_for_stays_without() -> None:
    own = refit([owned(0.75, right=True) for _ in range(200)], "c", SHIPPED)
    assert within(own.thresholds, 0.01) > 1


def test_where_the_fit_reaches_no_threshold_nothing_is_answered() -> None:
    """However sure the calibrator that ships is."""
    own = refit([owned(chance, right=False) for chance in (0.6, 0.7, 0.9, 0.97) for _ in range(60)], "c", SHIPPED)
    assert not any(answers(own, chance) for chance in (0.9, 0.99, 0.99999, 1.0))


def test_the_band_is_looked_at_below_the_shipped_threshold_only() -> None:
    above = [(0.95, True)] * 100
    assert lowest(above, 0.1, 0.8) == 0.8
    assert lowest([(0.75, True)] * 100, 0.1, 0.8) == 0.75


def test_before_is_the_way_back() -> None:
    own = Refit(0.7, -0.4, BOLD)
    assert own.before(own.chance(0.63)) == pytest.approx(0.63)


def test_what_ships_can_be_refitted() -> None:
    """The table that ships is read by the same hand."""
    own = refit([], "c", calibration().thresholds)
    assert own.thresholds == calibration().thresholds
