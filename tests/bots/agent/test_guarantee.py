"""A threshold keeps its budget, with the certainty it claims."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.agent.guarantee import Judged, binomial, fewest, learn_then_test
from tests.benchmarks.guarantee import risk_control

CONFIDENCES = st.floats(0, 1) | st.sampled_from((0.2, 0.5, 0.9))  # many are as sure as others
JUDGED = st.lists(st.tuples(CONFIDENCES, st.booleans()), max_size=120)


def drawn(dice: random.Random, size: int) -> list[Judged]:
    """The share that is right is the confidence."""
    return [(confidence, dice.random() < confidence) for confidence in (dice.random() for _ in range(size))]


def test_the_budget_is_broken_no_more_often_than_the_doubt_allows() -> None:
    """From t on the true risk is (1 − t) / 2. 200 draws of 400: more than 20 of them would be a chance of 1 in 10⁴
    if 5 % may break it."""
    dice, broken, found = random.Random(4), 0, 0
    for _ in range(200):
        threshold = learn_then_test(drawn(dice, 400), 0.2, doubt=0.05)
        found += threshold is not None
        broken += threshold is not None and (1 - threshold) / 2 > 0.2
    assert broken <= 20
    assert found > 150  # and it does find one


def test_risk_control_keeps_it_on_average_only() -> None:
    """Half of the draws break it, by little: why it is not what ships."""
    dice = random.Random(4)
    found = [risk_control(drawn(dice, 400), 0.2) for _ in range(200)]
    risks = [(1 - threshold) / 2 for threshold in found if threshold is not None]
    assert sum(risks) / len(risks) == pytest.approx(0.2, abs=0.02)
    assert sum(risk > 0.2 for risk in risks) > 40


@given(JUDGED)
def test_the_order_in_which_they_come_does_not_matter(judged: list[Judged]) -> None:
    assert learn_then_test(judged, 0.3, doubt=0.3) == learn_then_test(judged[::-1], 0.3, doubt=0.3)
    assert risk_control(judged, 0.3) == risk_control(judged[::-1], 0.3)


@given(JUDGED, st.sampled_from((0.1, 0.3, 0.5)))
def test_what_is_certified_is_within_the_budget_where_it_was_looked_at(judged: list[Judged], budget: float) -> None:
    """Those that tie with the last one are answered, too, so they are counted."""
    for threshold in (learn_then_test(judged, budget, doubt=0.3), risk_control(judged, budget)):
        if threshold is not None:
            answered = [right for confidence, right in judged if confidence >= threshold]
            assert len(answered) - sum(answered) <= budget * len(answered)


@pytest.mark.parametrize(("budget", "doubt", "count"), [(0.1, 0.05, 29), (0.05, 0.05, 59), (0.2, 0.01, 21)])
def test_so_many_right_answers_are_the_least_that_certify(budget: float, doubt: float, count: int) -> None:
    assert fewest(budget, doubt) == count
    clean = [(0.9 + n / 10_000, True) for n in range(count)]
    assert learn_then_test(clean, budget, doubt=2 * doubt) == 0.9  # two chains share the doubt
    assert learn_then_test(clean[1:], budget, doubt=2 * doubt) is None


def test_fewer_than_the_least_certify_nothing() -> None:
    clean = [(0.9 + n / 10_000, True) for n in range(40)]
    assert learn_then_test(clean, 0.5, doubt=0.1, least=41) is None
    assert learn_then_test(clean, 0.5, doubt=0.1, least=40) == 0.9


def test_the_binomial_is_exact() -> None:
    """Against values of the R function pbinom(1, 10, 0.1) and pbinom(30, 400, 0.1)."""
    assert binomial(1, 10, 0.1) == pytest.approx(0.7360989)
    assert binomial(400, 400, 0.1) == pytest.approx(1.0)
    assert binomial(0, 3, 0.5) == pytest.approx(0.125)


def test_who_is_exactly_as_sure_is_answered_with_it_and_counted_with_it() -> None:
    """Right ones, and wrong ones that nothing tells from the last of them."""
    judged = [(0.9, True)] * 20 + [(0.8, True)] * 20 + [(0.8, False)] * 40
    assert learn_then_test(judged, 0.1, doubt=0.3) == 0.9
    assert risk_control(judged, 0.1) == 0.9
