"""T40: who asks too much, or is asked too much, gets one notice and then silence; time heals it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots import keys, rations
from bots.rations import MOST_TOLD, Ration, Tally, Verdict, count
from tests.bots.services import idle

NOW = datetime(2026, 6, 2, 10, tzinfo=UTC)
FRESH = Tally(NOW, NOW)
TWO = Ration(per_minute=2, per_day=5)


def asked(times: list[float], ration: Ration = TWO, who: str = "mei") -> list[Verdict]:
    """The verdicts on questions so many seconds after NOW."""
    tally, told = FRESH, []
    for n, seconds in enumerate(times):
        tally, verdict = count(tally, ration, f"q{n}", who, NOW + timedelta(seconds=seconds))
        told.append(verdict)
    return told


def test_t40_after_the_minutes_questions_comes_one_notice_then_silence_then_a_new_minute() -> None:
    yes, tell, silence = Verdict(), Verdict("minute", tell=True), Verdict("minute")
    assert asked([0, 1, 2, 3, 59.9, 60]) == [yes, yes, tell, silence, silence, yes]


def test_t40_asking_on_does_not_prolong_the_window() -> None:
    """Ten a second for a minute and a half, and the second minute is as good as the first."""
    verdicts = asked([n / 10 for n in range(900)], Ration(per_minute=2))
    assert [n for n, each in enumerate(verdicts) if not each.over] == [0, 1, 600, 601]
    assert [n for n, each in enumerate(verdicts) if each.tell] == [2, 602]


def test_t40_a_days_questions_are_told_once_a_day() -> None:
    minutes = [60.0 * n for n in range(1441)]
    verdicts = asked(minutes)
    assert [n for n, each in enumerate(verdicts) if not each.over] == [0, 1, 2, 3, 4, 1440]
    assert [n for n, each in enumerate(verdicts) if each.tell] == [5]


def test_t40_an_event_that_is_handled_again_counts_once_and_is_told_again() -> None:
    """The commit that ends it may conflict; what it decides must not change because of that."""
    tally, _ = count(FRESH, TWO, "q1", "mei", NOW)
    assert count(tally, TWO, "q1", "mei", NOW) == (tally, Verdict())
    tally, _ = count(tally, TWO, "q2", "mei", NOW)
    tally, told = count(tally, TWO, "q3", "mei", NOW)
    assert told.tell
    assert count(tally, TWO, "q3", "mei", NOW) == (tally, told)
    assert not count(tally, TWO, "q4", "mei", NOW)[1].tell


def test_t40_of_a_persona_everybody_hears_it_once() -> None:
    tally = FRESH
    for n in range(2):
        tally, _ = count(tally, TWO, f"q{n}", "mei", NOW)
    for who, tell in (("mei", True), ("ann", True), ("mei", False), ("ann", False)):
        tally, verdict = count(tally, TWO, f"{who}{tell}", who, NOW)
        assert verdict == Verdict("minute", tell)


def test_t40_a_crowd_does_not_make_the_tally_grow_without_end() -> None:
    tally = FRESH
    for n in range(2 * MOST_TOLD):
        tally, _ = count(tally, Ration(per_minute=1), f"q{n}", f"who{n}", NOW)
    assert len(tally.told) == MOST_TOLD


@given(st.lists(st.floats(0, 3 * 86_400), max_size=200), st.integers(1, 4), st.integers(1, 9))
def test_t40_no_minute_from_its_first_question_and_no_day_has_more_than_it_may(
    seconds: list[float], minute: int, day: int
) -> None:
    """Whatever the times: an answer is preceded by less than `minute` others in its window, `day` in its day."""
    tally = FRESH
    given_in: dict[tuple[str, datetime], int] = {}
    for n, each in enumerate(sorted(seconds)):
        tally, verdict = count(tally, Ration(minute, day), f"q{n}", "mei", NOW + timedelta(seconds=each))
        assert verdict.over in ("", "minute", "day")
        if not verdict.over:
            for window in (("minute", tally.minute), ("day", tally.day)):
                given_in[window] = given_in.get(window, 0) + 1
    assert all(count <= (minute if kind == "minute" else day) for (kind, _), count in given_in.items())


async def test_t40_all_who_count_at_once_count_together(tmp_path: Path) -> None:
    """As many processes do, over one store: of forty questions side by side ten are answered, and one is told."""
    async with idle(tmp_path) as w:
        services = w.app.services
        taken = [rations.take(services, keys.asks("chat:U1"), Ration(10, 0), f"q{n}", "chat:U1") for n in range(40)]
        verdicts = await asyncio.gather(*taken)
    assert [bool(each.over) for each in verdicts].count(False) == 10
    assert [each.tell for each in verdicts].count(True) == 1


async def test_t40_where_no_limit_is_set_nothing_is_counted(tmp_path: Path) -> None:
    async with idle(tmp_path) as w:
        assert await rations.take(w.app.services, "asks/x", Ration(), "q", "x") == Verdict()
        assert await w.app.services.store.get("asks/x") is None


@pytest.mark.parametrize("days", [1, 3])
async def test_t42_what_was_counted_is_swept_after_two_days(tmp_path: Path, days: int) -> None:
    async with idle(tmp_path) as w:
        store = w.app.services.store
        await rations.take(w.app.services, keys.asks("chat:U1"), TWO, "q", "chat:U1")
        w.clock.advance(timedelta(days=days).total_seconds())
        await store.sweep()
        assert (await store.get(keys.asks("chat:U1")) is None) == (days == 3)
