"""The clock that stands still until it is told to move."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from persona_store.clock import ManualClock, SystemClock

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def test_sleepers_wake_when_their_time_has_come_the_earliest_first() -> None:
    clock, woken = ManualClock(START), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (30, 10, 20)]
    await asyncio.sleep(0)
    clock.advance(9.9)
    await asyncio.sleep(0.01)
    assert woken == []
    clock.advance(10.1)
    await asyncio.sleep(0.01)
    assert woken == [10, 20]
    clock.advance(3600)
    await asyncio.gather(*tasks)
    assert woken == [10, 20, 30]


async def test_a_sleeper_that_was_cancelled_is_forgotten() -> None:
    clock = ManualClock(START)
    task = asyncio.create_task(clock.sleep(5))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    clock.advance(10)
    assert clock.now() == START + timedelta(seconds=10)


async def test_no_time_is_no_wait() -> None:
    await asyncio.wait_for(ManualClock(START).sleep(0), 1)
    await asyncio.wait_for(SystemClock().sleep(-1), 1)


def test_times_are_aware_and_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
    east = ManualClock(START.astimezone(timezone(timedelta(hours=8))))
    assert east.now() == START
    assert east.now().tzinfo is UTC
    with pytest.raises(ValueError, match="aware"):
        ManualClock(START.replace(tzinfo=None))
