"""An endpoint that is down is left alone; then one asks, and the rest follow what became of that."""

from __future__ import annotations

from bots.llm.breaker import Breaker
from tests.bots.llm.rig import Hurried


def opened() -> tuple[Breaker, Hurried]:
    clock = Hurried()
    breaker = Breaker(clock, failures=3, pause=30)
    for _ in range(3):
        assert breaker.enter() == 0
        breaker.failed()
    return breaker, clock


def test_failures_in_a_row_open_it() -> None:
    breaker, _ = opened()
    assert breaker.state == "open"
    assert breaker.enter() == 30


def test_a_success_between_them_starts_the_count_anew() -> None:
    breaker = Breaker(Hurried(), failures=3)
    for failed in (True, True, False, True, True):
        assert breaker.enter() == 0
        breaker.failed() if failed else breaker.succeeded()
    assert breaker.state == "closed"


def test_after_the_pause_one_goes_ahead_and_the_others_wait() -> None:
    breaker, clock = opened()
    clock.advance(30)
    assert breaker.state == "half_open"
    assert breaker.enter() == 0
    assert breaker.enter() > 0
    breaker.succeeded()
    assert breaker.enter() == breaker.enter() == 0


def test_a_probe_that_fails_opens_it_for_another_pause() -> None:
    breaker, clock = opened()
    clock.advance(31)
    breaker.enter()
    breaker.failed()
    assert breaker.enter() == 30
    clock.advance(30)
    assert breaker.enter() == 0


def test_a_probe_that_goes_away_lets_the_next_one_try() -> None:
    breaker, clock = opened()
    clock.advance(31)
    breaker.enter()
    breaker.left()
    assert breaker.enter() == 0
