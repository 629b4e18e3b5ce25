"""The embedded store: one SQLite file, several processes, one writer thread in each."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from persona_store.backends.sqlite import changes, lanes
from persona_store.backends.sqlite.connection import broken, connect, prepare
from persona_store.backends.sqlite.writer import Writer
from persona_store.errors import Conflict, StoreBroken
from persona_store.protocols import Backlog, Batch, Claim, Clock, Entry

# How soon work that another process put into the file is seen.
POLL = 0.025
AT_ONCE = 100  # records that are handed on without a pause


class SqliteStore:
    """Reads run at once on the caller's thread, on a connection of their own (a `get` takes microseconds);
    everything that writes goes through the Writer."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._read: apsw.Cursor | None = connect(file).cursor()
        self._clock = clock
        self._writer = Writer(connect(file), clock, first=lanes.admit, after_group=self._wake)
        self._version = self._read.connection.pragma("data_version")
        self._idle = True  # the last claim found nothing
        # Counts the moments at which work may have appeared; `wait` compares it with what its task last saw.
        self._moments = 0
        self._asked: weakref.WeakKeyDictionary[asyncio.Task[Any], int] = weakref.WeakKeyDictionary()
        self._waiting: set[asyncio.Future[None]] = set()

    @classmethod
    async def open(cls, path: str, *, clock: Clock) -> SqliteStore:
        file = Path(path)
        await asyncio.to_thread(prepare, file)
        try:
            return cls(file, clock)
        except apsw.Error as error:
            raise broken(error) from error

    # ---------------------------------------------------------------- state

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = self._look(changes.value, key)
        return value

    async def scan(self, prefix: str) -> AsyncIterator[tuple[str, bytes]]:
        """One statement, so one state: read page by page it could show half a Batch."""
        for number, (key, value) in enumerate(self._look(changes.pairs, prefix), 1):
            yield key, value
            if number % AT_ONCE == 0:  # what is done with each, deciphering above all, must not hold up the loop
                await asyncio.sleep(0)

    async def commit(self, batch: Batch) -> None:
        await self._writer.submit(lambda db, now: changes.apply(db, batch, now))

    async def log(self, *, after: int = 0) -> AsyncIterator[Entry]:
        while rows := self._look(changes.lines, after):
            for seq, body, hash in rows:
                yield Entry(seq, body, hash)
            after = rows[-1][0]
            await asyncio.sleep(0)  # a long log must not hold up the loop

    async def sweep(self) -> int:
        """Also overwrites in the WAL file what was deleted since, so that it is gone for good."""
        removed: int = await self._writer.submit(changes.remove_expired)
        await asyncio.to_thread(_scrub, self._file)
        return removed

    # ---------------------------------------------------------------- work

    async def claim(self, kinds: Sequence[str], *, lease: float) -> Claim | None:
        task = asyncio.current_task()
        if task is not None:
            self._asked[task] = self._moments
        if self._idle and not self._look(lanes.anything, kinds):  # the idle ask often: without the write lock
            return None
        taken: list[Claim | None] = []

        def take(db: apsw.Cursor, now: float) -> Claim | None:
            taken[:] = [lanes.claim(db, kinds, now, lease)]
            return taken[0]

        try:
            claim: Claim | None = await self._writer.submit(take)
        except asyncio.CancelledError:
            self._give_back(taken)
            raise
        self._idle = claim is None
        return claim

    async def extend(self, claim: Claim, *, lease: float) -> Claim:
        longer: Claim = await self._writer.submit(lambda db, now: lanes.extend(db, claim, now, lease))
        return longer

    async def holds(self, claim: Claim) -> bool:
        held: bool = self._look(lanes.in_hand, claim)
        return held

    async def release(self, claim: Claim, *, due: datetime) -> None:
        await self._writer.submit(lambda db, now: lanes.release(db, claim, due.timestamp()))

    async def wait(self, *, seconds: float) -> None:
        """Nothing is missed between an empty `claim` and the `wait` of the same task. It may end early: it cannot
        tell every commit from one that brings work."""
        task = asyncio.current_task()
        if task is not None and self._asked.pop(task, self._moments) != self._moments:
            return
        upcoming: float | None = self._look(lanes.next_due)
        if upcoming is not None:
            seconds = min(seconds, upcoming - self._now())
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(woken)
        timer = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            while not (woken.done() or timer.done()):
                await asyncio.wait((woken, timer), timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
                self._look_at_others()
        finally:
            timer.cancel()
            self._waiting.discard(woken)

    async def backlog(self) -> Backlog:
        backlog: Backlog = self._look(lanes.backlog)
        return backlog

    async def close(self) -> None:
        await self._writer.close()
        if self._read is not None:
            self._read.connection.close()
            self._read = None

    # ---------------------------------------------------------------- inside

    @property
    def _reader(self) -> apsw.Cursor:
        if self._read is None:
            raise StoreBroken("the store is closed")
        return self._read

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _look(self, question: Callable[..., Any], *about: Any) -> Any:
        """What the committed state says to one of the questions of `changes` and `lanes`."""
        try:
            return question(self._reader, *about, self._now())
        except apsw.Error as error:
            raise broken(error) from error

    def _give_back(self, taken: list[Claim | None]) -> None:
        """Who asked was cancelled: the job must not wait for its lease to run out. The writer keeps the order of
        what is submitted, so by the time this runs `taken` is known."""

        def release(db: apsw.Cursor, now: float) -> None:
            for claim in filter(None, taken):
                with contextlib.suppress(Conflict):  # the claim was never committed
                    lanes.release(db, claim, now)

        with contextlib.suppress(StoreBroken):  # closed meanwhile: then the lease must run out after all
            self._writer.submit(release)

    def _look_at_others(self) -> None:
        """Any commit changes the version of the file, our own too: one needless look, far cheaper than asking for
        the version after each."""
        version = self._reader.connection.pragma("data_version")
        if version != self._version:
            self._version = version
            self._wake()

    def _wake(self) -> None:
        self._moments += 1
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(None)


def _scrub(file: Path) -> None:
    """On a connection of its own, because it may have to wait for readers."""
    db = connect(file)
    try:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()
