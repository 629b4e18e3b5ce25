"""T40: tokens are counted where every process of the installation sees them, and forgotten once the day is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.llm.budget import Budget, Limits, StoreMeter
from persona_store.backends import open_store
from persona_store.completion import Usage
from persona_store.errors import BudgetSpent
from persona_store.protocols import Store
from tests.bots.llm.rig import Hurried

DAY = 86_400


@pytest.fixture
def clock() -> Hurried:
    return Hurried()


@pytest.fixture
async def store(tmp_path: Path, clock: Hurried) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite:///{tmp_path / 'understudy.db'}", clock=clock)
    yield store
    await store.close()


async def use(budget: Budget, tokens: int, most: int = 100) -> None:
    async with budget.reserve(Usage(most, 0)) as spent:
        spent.add(Usage(tokens, 0))


async def test_the_day_is_counted_across_processes(store: Store, clock: Hurried) -> None:
    one, other = (Budget(Limits(per_day=250), StoreMeter(store, clock)) for _ in range(2))
    await use(one, 90)
    await use(other, 90)
    with pytest.raises(BudgetSpent, match=r"llm\.max_tokens_per_day is 250: 180 are used"):
        await use(one, 1)
    clock.advance(DAY)
    await use(one, 90)


async def test_nobody_is_lost_when_many_count_at_once(store: Store, clock: Hurried) -> None:
    meters = [StoreMeter(store, clock) for _ in range(4)]
    await asyncio.gather(*(meters[n % 4].add(5) for n in range(40)))
    assert await meters[0].today() == 200


async def test_old_days_are_swept_away(store: Store, clock: Hurried) -> None:
    await StoreMeter(store, clock).add(7)
    clock.advance(3 * DAY)
    await store.sweep()
    assert [key async for key, _ in store.scan("model/")] == []


async def test_what_a_failed_call_used_is_counted_and_its_reserve_given_back(store: Store, clock: Hurried) -> None:
    budget = Budget(Limits(per_run=150), StoreMeter(store, clock))

    async def fail() -> None:
        async with budget.reserve(Usage(100, 0)) as spent:
            spent.add(Usage(30, 0))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert budget.spent == Usage(30, 0)
    await use(budget, 21)  # 30 + 100 fit
    with pytest.raises(BudgetSpent):
        await use(budget, 1)


async def test_without_limits_nothing_is_refused(store: Store, clock: Hurried) -> None:
    await use(Budget(Limits(), StoreMeter(store, clock)), 10**9, most=10**9)
