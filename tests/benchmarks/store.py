"""How much the embedded store does in a second: `python -m tests.benchmarks.store [folder]`.

A cycle is what one mention costs the store: append with dedupe (one key that must be absent, one job), claim,
finish. Beside it stands the same cycle on the standard library's sqlite3 with a commit for each step, and what one
fsync of this disk takes, which moves every figure. Give a folder to measure its disk; /tmp may be memory.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from persona_store.backends import open_store
from persona_store.clock import SystemClock
from persona_store.protocols import Batch, NewJob, Put, Store

BODY = bytes(300)
Step = Callable[[int, int], Awaitable[None]]


def fsync_p50_ms(folder: Path) -> float:
    path, took = folder / "fsync", []
    with path.open("wb") as file:
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    path.unlink()
    return statistics.median(took) * 1000


async def per_second(step: Step, callers: int, seconds: float) -> float:
    """`callers` tasks repeat the step, each as soon as its last one is done."""
    done = 0
    until = time.perf_counter() + seconds

    async def caller(number: int) -> None:
        nonlocal done
        turn = 0
        while time.perf_counter() < until:
            await step(number, turn)
            turn += 1
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    return done / (time.perf_counter() - began)


def appending(store: Store, mark: str) -> Step:
    async def append(caller: int, turn: int) -> None:
        key = f"seen/{mark}/{caller}/{turn}"
        job = NewJob("event", f"{mark}/{caller}", BODY, id=key)
        await store.commit(Batch(puts=(Put(key, b""),), absent=(key,), jobs=(job,)))

    return append


def cycling(store: Store, mark: str) -> Step:
    append = appending(store, mark)

    async def cycle(caller: int, turn: int) -> None:
        await append(caller, turn)
        claim = await store.claim(("event",), lease=30)
        await store.commit(Batch(finish=claim))

    return cycle


class StandardLibrary:
    """The alternative: sqlite3, WAL, synchronous=FULL, one thread, a transaction for each step."""

    def __init__(self, file: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "CREATE TABLE seen(key TEXT PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE job(number INTEGER PRIMARY KEY, lane TEXT, body BLOB, state INTEGER);"
            "CREATE INDEX open ON job(number) WHERE state = 0"
        )

    async def cycle(self, caller: int, turn: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._append, f"{caller}/{turn}", str(caller))
        number = await loop.run_in_executor(self._thread, self._claim)
        await loop.run_in_executor(self._thread, self._finish, number)

    def _append(self, key: str, lane: str) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("INSERT INTO seen VALUES(?)", (key,))
        self._db.execute("INSERT INTO job(lane, body, state) VALUES(?, ?, 0)", (lane, BODY))
        self._db.execute("COMMIT")

    def _claim(self) -> int:
        claimed = self._db.execute(
            "UPDATE job SET state = 1 WHERE number = (SELECT min(number) FROM job WHERE state = 0) RETURNING number"
        ).fetchall()
        return int(claimed[0][0])

    def _finish(self, number: int) -> None:
        self._db.execute("DELETE FROM job WHERE number = ?", (number,))

    def close(self) -> None:
        self._thread.shutdown()
        self._db.close()


async def claim_us(store: Store, backlog: int, lanes: int) -> float:
    """What a claim and the release of it take while so many jobs wait: the difference a backlog makes."""
    for first in range(0, backlog, 1000):
        numbers = range(first, min(first + 1000, backlog))
        await store.commit(Batch(jobs=tuple(NewJob("post", f"b{number % lanes}", BODY) for number in numbers)))
    took = []
    for _ in range(200):
        began = time.perf_counter()
        claims = await asyncio.gather(*(store.claim(("post",), lease=30) for _ in range(min(lanes, 50))))
        took.append((time.perf_counter() - began) / len(claims))
        await asyncio.gather(*(store.release(claim, due=SystemClock().now()) for claim in claims if claim))
    return statistics.median(took) * 1e6


async def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        here = Path(scratch)
        print(f"fsync p50 {fsync_p50_ms(here):.2f} ms\n")
        store = await open_store(f"sqlite://{here}/store.db", clock=SystemClock())
        other = StandardLibrary(here / "other.db")
        print("cycles/s (append + claim + finish)    1 caller   64 callers")
        for name, one, many in (
            ("understudy's store", cycling(store, "c"), cycling(store, "d")),
            ("sqlite3, commit per step", other.cycle, _shifted(other.cycle)),
        ):
            alone, together = await per_second(one, 1, 3), await per_second(many, 64, 3)
            print(f"{name:<38}{alone:>8,.0f}{together:>13,.0f}")
        accepted = await per_second(appending(store, "e"), 64, 3)
        print(f"\nevents accepted/s (append + dedupe), 64 callers {accepted:>10,.0f}")
        await store.close()
        other.close()
        for backlog in (50, 50_000):
            store = await open_store(f"sqlite://{here}/backlog-{backlog}.db", clock=SystemClock())
            took = await claim_us(store, backlog, 50)
            print(f"claim with {backlog:>6,} waiting, 50 at once {took:>20.0f} µs each")
            await store.close()
        print(f"fsync p50 {fsync_p50_ms(here):.2f} ms")


def _shifted(step: Step) -> Step:
    return lambda caller, turn: step(caller + 1000, turn)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir())))
