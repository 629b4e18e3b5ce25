"""The one thread that writes: what is queued goes into one transaction, so that many callers share one fsync."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any

import apsw

from persona_store.backends.sqlite.connection import broken
from persona_store.errors import Refused, StoreBroken
from persona_store.protocols import Clock

GROUP = 256

Operation = Callable[[apsw.Connection, float], Any]
"""Runs inside the transaction with the time of the group; what it raises undoes it alone."""

Waiting = tuple[Operation, "asyncio.Future[Any]"]
Settled = tuple["asyncio.Future[Any]", Any, "Exception | None"]


class Writer:
    """Futures are resolved after the commit, a group at a time: whoever has an answer has it durably."""

    def __init__(self, db: apsw.Connection, clock: Clock, after_group: Callable[[], None]) -> None:
        self._db = db
        self._clock = clock
        self._after_group = after_group
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation) -> asyncio.Future[Any]:
        if self._closed:
            raise StoreBroken("the store is closed")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put((operation, future))
        return future

    async def close(self) -> None:
        """What was submitted is still written."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    # ---------------------------------------------------------------- on the writer's own thread

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = self._drain(first)
            settled = self._transact(group)
            try:
                self._loop.call_soon_threadsafe(self._deliver, settled)
            except RuntimeError:  # the loop was closed without closing the store: nobody waits any more
                break
            if last:
                break
        self._db.close()

    def _drain(self, first: Waiting) -> tuple[list[Waiting], bool]:
        group = [first]
        while len(group) < GROUP:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                return group, True
            group.append(waiting)
        return group, False

    def _transact(self, group: list[Waiting]) -> list[Settled]:
        settled: list[Settled] = []
        try:
            self._db.execute("BEGIN IMMEDIATE")
            now = self._clock.now().timestamp()
            for operation, future in group:
                settled.append(self._one(operation, future, now))
            self._db.execute("COMMIT")
        except apsw.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            return [(future, None, broken(error)) for _, future in group]
        return settled

    def _one(self, operation: Operation, future: asyncio.Future[Any], now: float) -> Settled:
        """Each in its own savepoint: a Conflict of one does not hurt its neighbours."""
        self._db.execute("SAVEPOINT one")
        try:
            result = operation(self._db, now)
        except Exception as error:
            if not self._db.in_transaction:  # SQLite gave up the whole transaction (disk full, I/O error)
                raise
            self._db.execute("ROLLBACK TO one")
            self._db.execute("RELEASE one")
            return future, None, _readable(error)
        self._db.execute("RELEASE one")
        return future, result, None

    # ---------------------------------------------------------------- on the loop's thread

    def _deliver(self, settled: list[Settled]) -> None:
        for future, result, error in settled:
            if future.done():  # its caller was cancelled; what it asked for has happened all the same
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        self._after_group()


def _readable(error: Exception) -> Exception:
    if isinstance(error, apsw.Error):
        return broken(error)
    if isinstance(error, UnicodeEncodeError):  # its text would repeat the value
        return Refused("STORE_TEXT", "a key, lane or id is not valid Unicode", "leave out lone surrogates")
    return error
