"""Whatever is asked of a store in whatever order, it answers as a plain dict and a few lists would."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from persona_store.backends import open_store
from persona_store.clock import ManualClock
from persona_store.errors import Conflict
from persona_store.protocols import Batch, Claim, NewJob, Put, Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = st.sampled_from(["a", "a/", "a/1", "b", "中"])
VALUES = st.binary(max_size=2)
KINDS = ("event", "post")
IDS = st.sampled_from(["", "", "i", "j"])
JOBS = st.builds(
    lambda kind, lane, id, later: (kind, lane, id, later),
    st.sampled_from(KINDS), st.sampled_from(["x", "y"]), IDS, st.sampled_from([None, None, -5, 0, 3, 20]),
)  # fmt: skip


class Waiting:
    """A job of the model."""

    def __init__(self, new: NewJob, due: datetime) -> None:
        self.new = new
        self.due = due
        self.attempts = 0
        self.claim: Claim | None = None


class Model:
    """The store as one would explain it: pairs, delayed jobs, and a list of jobs for each lane."""

    def __init__(self) -> None:
        self.pairs: dict[str, tuple[bytes, datetime | None]] = {}
        self.delayed: list[Waiting] = []
        self.lanes: dict[str, list[Waiting]] = {}
        self.log: list[bytes] = []

    def value(self, key: str, now: datetime) -> bytes | None:
        value, expires = self.pairs.get(key, (None, None))
        return None if expires is not None and expires <= now else value

    def admit(self, now: datetime) -> None:
        for waiting in sorted((w for w in self.delayed if w.due <= now), key=lambda w: w.due):
            self.delayed.remove(waiting)
            self.lanes.setdefault(waiting.new.lane, []).append(waiting)

    def unfinished(self) -> list[Waiting]:
        return [*self.delayed, *(waiting for lane in self.lanes.values() for waiting in lane)]

    def drop(self, waiting: Waiting) -> None:
        (self.delayed if waiting in self.delayed else self.lanes[waiting.new.lane]).remove(waiting)

    def commit(self, batch: Batch, finished: Waiting | None, now: datetime) -> bool:
        self.admit(now)
        holds = (
            all(self.value(key, now) is None for key in batch.absent)
            and all(self.value(key, now) == value for key, value in batch.unchanged)
            and (batch.finish is None or finished is not None)
        )
        if not holds:
            return False
        if finished is not None:
            self.drop(finished)
        for key in batch.deletes:
            self.pairs.pop(key, None)
        for put in batch.puts:
            self.pairs[put.key] = (put.value, put.expires)
        for id in batch.cancel:
            for waiting in [w for w in self.unfinished() if id and w.new.id == id]:
                self.drop(waiting)
        for new in batch.jobs:
            if not new.id or all(w.new.id != new.id for w in self.unfinished()):
                self.delayed.append(Waiting(new, new.due or now))
                self.admit(now)
        self.log += batch.log
        return True

    def claimable(self, kinds: tuple[str, ...], now: datetime) -> list[Waiting]:
        self.admit(now)
        heads = [lane[0] for lane in self.lanes.values() if lane]
        ready = [w for w in heads if w.due <= now and w.new.kind in kinds]
        return [w for w in ready if w.due == min(r.due for r in ready)]


class StoreAgainstModel(RuleBasedStateMachine):
    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock(START)
        self.model = Model()
        self.claims: list[tuple[Claim, Waiting]] = []
        self.count = 0

    def run(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    async def _open(self) -> Store:
        return await open_store(f"sqlite://{Path(self.folder.name)}/store.db", clock=self.clock)

    @initialize()
    def open(self) -> None:
        self.store = self.run(self._open())

    @rule()
    def close_and_open_again(self) -> None:
        self.run(self.store.close())
        self.store = self.run(self._open())

    @rule(seconds=st.sampled_from([0.5, 2, 10, 100]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(
        puts=st.lists(st.tuples(KEYS, VALUES, st.sampled_from([None, None, 5, 50])), max_size=2),
        deletes=st.lists(KEYS, max_size=1),
        absent=st.lists(KEYS, max_size=1),
        unchanged=st.lists(st.tuples(KEYS, st.none() | VALUES), max_size=1),
        really=st.booleans(),
        jobs=st.lists(JOBS, max_size=3),
        cancel=st.lists(IDS, max_size=1),
        log=st.lists(VALUES, max_size=2),
        finish=st.none() | st.integers(0, 9),
    )
    def commit(
        self, puts: Any, deletes: Any, absent: Any, unchanged: Any, really: bool, jobs: Any, cancel: Any, log: Any,
        finish: int | None,
    ) -> None:  # fmt: skip
        now = self.clock.now()
        if really:  # what is expected is mostly what is there, or every other batch would conflict
            unchanged = [(key, self.model.value(key, now)) for key, _ in unchanged]
        new = []
        for kind, lane, id, later in jobs:
            self.count += 1
            due = None if later is None else now + timedelta(seconds=later)
            new.append(NewJob(kind, lane, b"%d" % self.count, due, id))
        claim, waiting = None, None
        if finish is not None and self.claims:
            claim, waiting = self.claims[finish % len(self.claims)]
        batch = Batch(
            puts=tuple(Put(k, v, None if s is None else now + timedelta(seconds=s)) for k, v, s in puts),
            deletes=tuple(deletes), absent=tuple(absent), unchanged=tuple(unchanged), log=tuple(log),
            jobs=tuple(new), cancel=tuple(cancel), finish=claim,
        )  # fmt: skip
        in_hand = waiting if waiting and waiting.claim is claim and waiting in self.model.unfinished() else None
        expected = self.model.commit(batch, in_hand, now)
        try:
            self.run(self.store.commit(batch))
        except Conflict:
            assert not expected
        else:
            assert expected

    @rule(kinds=st.sampled_from([KINDS, ("event",), ("post",)]), lease=st.sampled_from([1, 30]))
    def claim(self, kinds: tuple[str, ...], lease: float) -> None:
        now = self.clock.now()
        expected = self.model.claimable(kinds, now)
        claim = self.run(self.store.claim(kinds, lease=lease))
        assert (claim is None) == (not expected)
        if claim is not None:
            waiting = next(w for w in expected if w.new.body == claim.job.body)
            waiting.attempts += 1
            waiting.claim, waiting.due = claim, now + timedelta(seconds=lease)
            assert claim.until == waiting.due
            assert (claim.job.attempts, claim.job.id) == (waiting.attempts, waiting.new.id)
            self.claims.append((claim, waiting))

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 9), seconds=st.sampled_from([0, 7]), extend=st.booleans())
    def release_or_extend(self, which: int, seconds: int, extend: bool) -> None:
        claim, waiting = self.claims[which % len(self.claims)]
        due = self.clock.now() + timedelta(seconds=seconds)
        in_hand = waiting.claim is claim and waiting in self.model.unfinished()
        action = self.store.extend(claim, lease=seconds) if extend else self.store.release(claim, due=due)
        try:
            self.run(action)
        except Conflict:
            assert not in_hand
        else:
            assert in_hand
            waiting.due = due
            waiting.claim = claim if extend else None

    @rule()
    def sweep(self) -> None:
        now = self.clock.now()
        expired = [key for key in self.model.pairs if self.model.value(key, now) is None]
        assert self.run(self.store.sweep()) == len(expired)
        for key in expired:
            del self.model.pairs[key]

    @invariant()
    def they_agree(self) -> None:
        if hasattr(self, "store"):
            self.run(self._compare())

    async def _compare(self) -> None:
        now = self.clock.now()
        alive = {key: self.model.value(key, now) for key in sorted(self.model.pairs)}
        expected = [(key, value) for key, value in alive.items() if value is not None]
        assert [pair async for pair in self.store.scan("")] == expected
        assert [pair async for pair in self.store.scan("a/")] == [p for p in expected if p[0].startswith("a/")]
        assert [await self.store.get(key) for key in alive] == list(alive.values())
        assert [entry.body async for entry in self.store.log()] == self.model.log
        for claim, waiting in self.claims:
            in_hand = waiting.claim is claim and waiting in self.model.unfinished() and waiting.due > now
            assert await self.store.holds(claim) == in_hand

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.run(self.store.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.folder.cleanup()


StoreAgainstModel.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestStoreAgainstModel = StoreAgainstModel.TestCase
