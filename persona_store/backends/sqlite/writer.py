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

Operation = Callable[[apsw.Cursor, float], Any]
"""Runs inside the transaction, with the time of the group. It should raise before it writes (a Conflict does);
should it raise later, it is undone, and may be run a second time."""

Waiting = tuple[Operation, "asyncio.Future[Any]"]
Settled = tuple["asyncio.Future[Any]", Any, "Exception | None"]


class Writer:
    """Futures are resolved after the commit, a group at a time: whoever has an answer has it durably."""

    def __init__(
        self, db: apsw.Connection, clock: Clock, *, first: Operation, after_group: Callable[[], None]
    ) -> None:
        """`first` opens every group; `after_group` is called on the loop's thread when its callers know."""
        self._db = db
        self._cursor = db.cursor()  # one for all: making one for each statement costs as much as the statement
        self._clock = clock
        self._first = first
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
            settled = self._settle(group)
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

    def _settle(self, group: list[Waiting]) -> list[Settled]:
        """All in one transaction; should one of them fail half done, each in a transaction of its own, so that
        it hurts no neighbour. (A savepoint for each says the same, and costs every one of them 3 µs.)"""
        try:
            return self._transact(group)
        except _HalfDone as failed:
            if len(group) == 1:
                return [(group[0][1], None, _readable(failed.cause))]
        except apsw.Error as error:
            return [(future, None, broken(error)) for _, future in group]
        return [settled for alone in group for settled in self._settle([alone])]

    def _transact(self, group: list[Waiting]) -> list[Settled]:
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            now = self._clock.now().timestamp()
            self._first(self._cursor, now)
            settled: list[Settled] = []
            for operation, future in group:
                untouched = db.total_changes()
                try:
                    settled.append((future, operation(self._cursor, now), None))
                except Exception as error:
                    if not db.in_transaction:  # SQLite gave it up as a whole: disk full, I/O error
                        raise
                    if db.total_changes() != untouched:
                        raise _HalfDone(error) from error
                    settled.append((future, None, _readable(error)))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return settled

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


class _HalfDone(Exception):
    """An operation failed after it had written something."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _readable(error: Exception) -> Exception:
    if isinstance(error, apsw.Error):
        return broken(error)
    if isinstance(error, UnicodeEncodeError):  # its text would repeat the value
        return Refused("STORE_TEXT", "a key, lane or id is not valid Unicode", "leave out lone surrogates")
    return error
