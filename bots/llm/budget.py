"""How many tokens may be used: per call, per run, per day. Asked before anything is sent.

What a call may use at most is reserved first and what it did use is counted afterwards, so that calls side by side
cannot overrun together. The day's count is kept in the store and shared by all processes of the installation; what
others have under way at this instant is not in it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Protocol

import msgspec
from msgspec import Struct

from bots import keys
from persona_store.completion import Usage
from persona_store.errors import BudgetSpent, Conflict
from persona_store.protocols import Batch, Clock, Put, Store


class Limits(Struct, frozen=True):
    """Tokens, input and output together; 0 is no limit."""

    per_call: int = 0
    per_run: int = 0
    per_day: int = 0


class Meter(Protocol):
    async def today(self) -> int: ...

    async def add(self, tokens: int) -> None: ...


class StoreMeter:
    """Counts the UTC day's tokens in the store; forgotten after two days."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def today(self) -> int:
        raw = await self._store.get(keys.model_day(self._clock.now()))
        return 0 if raw is None else msgspec.json.decode(raw, type=int)

    async def add(self, tokens: int) -> None:
        now = self._clock.now()
        key = keys.model_day(now)
        while True:
            raw = await self._store.get(key)
            counted = tokens + (0 if raw is None else msgspec.json.decode(raw, type=int))
            put = Put(key, msgspec.json.encode(counted), expires=now + timedelta(days=2))
            try:
                return await self._store.commit(Batch(puts=(put,), unchanged=((key, raw),)))
            except Conflict:  # another process counted at the same instant
                continue


class Spent:
    """Collects what the attempts of one call used."""

    def __init__(self) -> None:
        self.usage = Usage()

    def add(self, usage: Usage) -> None:
        self.usage += usage


class Budget:
    """Of one process. `spent` is the run's sum."""

    def __init__(self, limits: Limits, meter: Meter) -> None:
        self.limits = limits
        self.spent = Usage()
        self._meter = meter
        self._reserved = 0

    @asynccontextmanager
    async def reserve(self, most: Usage) -> AsyncGenerator[Spent, None]:
        """Room for a call that uses at most so much. Raises BudgetSpent; then nothing is reserved."""
        self._check("llm.max_tokens_per_call", self.limits.per_call, 0, most)
        self._check("llm.max_tokens_per_run", self.limits.per_run, self.spent.total + self._reserved, most)
        self._reserved += most.total
        spent = Spent()
        try:
            if self.limits.per_day:
                today = await self._meter.today()
                self._check(
                    "llm.max_tokens_per_day", self.limits.per_day, today + self._reserved - most.total, most
                )
            yield spent
        finally:
            try:
                if spent.usage.total:
                    await self._meter.add(spent.usage.total)
            finally:  # counted first and given back then: in between it counts twice rather than not at all
                self._reserved -= most.total
                self.spent += spent.usage

    @staticmethod
    def _check(setting: str, limit: int, used: int, most: Usage) -> None:
        if limit and used + most.total > limit:
            raise BudgetSpent(
                "MODEL_BUDGET",
                f"{setting} is {limit}: {used} are used or promised, and this call may take {most.total}",
                f"raise {setting}" + (", or go on tomorrow (UTC)" if setting.endswith("day") else ""),
            )
