"""The embedded store keeps the contract, and what only a file has to promise."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from persona_store.backends import open_store
from persona_store.backends.sqlite import lanes
from persona_store.backends.sqlite.connection import connect
from persona_store.clock import ManualClock, SystemClock
from persona_store.errors import Refused
from persona_store.protocols import Batch, NewJob, Put, Store
from tests.persona_store.store_contract import StoreContract, job, lines, pairs, put, take

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "store.db"


@pytest.fixture
async def store(file: Path, clock: ManualClock) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite://{file}", clock=clock)
    yield store
    await store.close()


class TestSqlite(StoreContract):
    """The contract of every Store."""


# ------------------------------------------------------------------ opening


async def test_the_file_is_made_for_its_owner_only(store: Store, file: Path) -> None:
    await store.commit(put("a"))
    for part in file.parent.iterdir():
        assert stat.S_IMODE(part.stat().st_mode) == 0o600, part.name
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_what_was_written_is_there_when_it_is_opened_again(
    store: Store, file: Path, clock: ManualClock
) -> None:
    await store.commit(put("a", b"1").plus(job("one")).plus(Batch(log=(b"line",))))
    await store.close()
    again = await open_store(f"sqlite://{file}", clock=clock)
    assert await pairs(again) == {"a": b"1"}
    assert await lines(again) == [b"line"]
    assert (await take(again)).job.body == b"one"
    await again.close()


@pytest.mark.parametrize(
    ("url", "code", "says"),
    [
        ("redis://:hunter2@host/0", "STORE_URL", "'redis'"),
        ("/var/lib/store.db", "STORE_URL", "without a scheme"),
        ("sqlite://store.db", "STORE_PATH", "not an absolute path"),
        ("sqlite:///dev/null/store.db", "STORE_PATH", "cannot write"),
        ("sqlite:///tmp", "STORE_PATH", "cannot write '/tmp'"),
    ],
)
async def test_a_url_that_cannot_be_used_is_refused_in_one_line(url: str, code: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        await open_store(url, clock=SystemClock())
    text = str(refused.value)
    assert refused.value.code == code
    assert says in text
    assert "\n" not in text
    assert "hunter2" not in text
    assert refused.value.fix


async def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    words, database, newer = (tmp_path / name for name in ("notes.txt", "other.db", "newer.db"))
    words.write_text("these are my notes, and they are longer than a header\n" * 20)
    other = apsw.Connection(str(database))
    other.execute("CREATE TABLE mine(x)")
    other.close()
    await (await open_store(f"sqlite://{newer}", clock=SystemClock())).close()
    future = apsw.Connection(str(newer))
    future.execute("PRAGMA user_version = 99")
    future.close()
    for path, code in ((words, "STORE_FOREIGN"), (database, "STORE_FOREIGN"), (newer, "STORE_VERSION")):
        with pytest.raises(Refused) as refused:
            await open_store(f"sqlite://{path}", clock=SystemClock())
        assert refused.value.code == code
    assert words.read_text().startswith("these are my notes")


async def test_every_connection_waits_for_the_disk_and_overwrites_what_is_deleted(store: Store, file: Path) -> None:
    db = connect(file)
    assert db.pragma("journal_mode") == "wal"
    assert db.pragma("synchronous") == 2
    assert [db.pragma(name) for name in ("fullfsync", "checkpoint_fullfsync", "secure_delete")] == [1, 1, 1]
    db.close()


# ------------------------------------------------------------------ forgetting


async def test_after_the_sweep_no_byte_of_what_was_deleted_is_left(
    store: Store, file: Path, clock: ManualClock
) -> None:
    """T42, L12: in the database, its WAL or a file beside them: deleted, overwritten, expired, or a job's body."""
    canaries = [f"CANARY-{number:04d}-{'x' * 40}".encode() for number in range(40)]
    await store.commit(Batch(puts=tuple(Put(f"d/{n}", canary) for n, canary in enumerate(canaries[:10]))))
    await store.commit(Batch(puts=tuple(Put(f"o/{n}", canary) for n, canary in enumerate(canaries[10:20]))))
    soon = clock.now() + timedelta(seconds=1)
    await store.commit(Batch(puts=tuple(Put(f"e/{n}", c, soon) for n, c in enumerate(canaries[20:30]))))
    await store.commit(Batch(jobs=tuple(NewJob("event", f"l{n}", c) for n, c in enumerate(canaries[30:]))))
    assert _found(file, canaries) == 40, "the search finds what is there"
    await store.commit(Batch(deletes=tuple(f"d/{n}" for n in range(10))))
    await store.commit(Batch(puts=tuple(Put(f"o/{n}", b"new") for n in range(10))))
    for _ in range(10):
        await store.commit(Batch(finish=await take(store)))
    clock.advance(1)
    assert await store.sweep() == 10
    assert _found(file, canaries) == 0


def _found(file: Path, canaries: list[bytes]) -> int:
    everything = b"".join(part.read_bytes() for part in file.parent.iterdir())
    return sum(canary in everything for canary in canaries)


# ------------------------------------------------------------------ cost


async def test_no_statement_of_a_claim_reads_more_than_an_index_entry(
    store: Store, file: Path, clock: ManualClock
) -> None:
    """With partial indexes a changed word in a WHERE makes SQLite walk the whole backlog, silently."""
    await store.commit(Batch(jobs=tuple(NewJob("event", f"l{n % 3}", b"", id=str(n)) for n in range(300))))
    db = connect(file)
    asked: list[tuple[str, object]] = []
    cursor = db.cursor()
    cursor.exec_trace = lambda _, statement, bindings: asked.append((statement, bindings)) is None
    now = clock.now().timestamp()
    lanes.admit(cursor, now)
    claim = lanes.claim(cursor, ("event", "post"), now, 60)
    assert claim is not None
    lanes.add(cursor, NewJob("event", "l1", b"", id="7"), now)
    lanes.extend(cursor, claim, now, 60)
    lanes.in_hand(cursor, claim, now)
    lanes.finish(cursor, claim)
    lanes.cancel(cursor, "9")
    lanes.anything(cursor, ("post",), now)
    assert len(asked) > 10
    for statement, bindings in asked:
        plan = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + statement, bindings)]
        assert not [step for step in plan if step.startswith(("SCAN job", "SCAN delayed")) or "TEMP" in step], (
            statement, plan
        )  # fmt: skip
    db.close()


# ------------------------------------------------------------------ a full disk


FULL = """
import asyncio, resource, sys
from persona_store.backends import open_store
from persona_store.clock import SystemClock
from persona_store.errors import StoreBroken
from persona_store.protocols import Batch, Put

async def main():
    store = await open_store("sqlite://" + sys.argv[1], clock=SystemClock())
    await store.commit(Batch(puts=(Put("kept", b"1"),)))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        for number in range(100):
            await store.commit(Batch(puts=(Put(f"big/{number}", bytes(50_000)),), log=(b"line",)))
    except StoreBroken as error:
        print(number, error)
    written = [key async for key, _ in store.scan("big/")]
    entries = [entry.seq async for entry in store.log()]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await store.commit(Batch(puts=(Put("after", b"2"),)))
    print(len(written), len(entries), await store.get("kept"), await store.get("after"))
    await store.close()

asyncio.run(main())
"""


def test_a_full_disk_is_one_clear_error_and_the_store_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "store.db")], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    broken, after = done.stdout.splitlines()
    acked = int(broken.split()[0])
    assert "the store cannot be used: " in broken
    assert after == f"{acked} {acked} b'1' b'2'"


# ------------------------------------------------------------------ several processes, and their end


WORKER = """
import asyncio, json, os, sys
from persona_store.backends import open_store
from persona_store.clock import SystemClock
from persona_store.protocols import Batch, NewJob, Put

def say(*words):
    os.write(1, (json.dumps(words) + "\\n").encode())

async def work(store, lease):
    while True:
        claim = await store.claim(("event",), lease=lease)
        if claim is None:
            if (await store.backlog()).by_kind == {}:
                return
            await store.wait(seconds=5)
            continue
        await asyncio.sleep(0.001)
        await store.commit(Batch(finish=claim, log=(claim.job.lane.encode() + b" " + claim.job.body,)))
        say("finished", claim.job.lane, claim.job.body.decode())

async def append(store, mark, lane):
    number = 0
    while True:
        id = f"{mark}/{lane}/{number}"
        await store.commit(Batch(puts=(Put(id, b""),), absent=(id,), jobs=(NewJob("event", lane, id.encode()),)))
        say("appended", id)
        number += 1

async def main(path, what, mark, lease):
    store = await open_store("sqlite://" + path, clock=SystemClock())
    say("ready")
    sys.stdin.readline()
    both = [work(store, float(lease)) for _ in range(4)]
    if what == "both":
        both += [append(store, mark, f"lane{number}") for number in range(4)]
    await asyncio.gather(*both)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


def spawn(file: Path, what: str, mark: str = "", *, lease: float = 30) -> subprocess.Popen[str]:
    """A process that has opened the store and waits for a line to begin."""
    command = [sys.executable, "-c", WORKER, str(file), what, mark, str(lease)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    return process.communicate("go\n", timeout=60)


async def test_two_processes_on_one_file_do_every_job_once_and_in_order(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    store = await open_store(f"sqlite://{file}", clock=SystemClock())
    for number in range(100):
        await store.commit(Batch(jobs=tuple(NewJob("event", f"l{lane}", b"%d" % number) for lane in range(10))))
    workers = [await asyncio.to_thread(spawn, file, "work") for _ in range(2)]
    ends = await asyncio.gather(*(asyncio.to_thread(finish, worker) for worker in workers))
    assert [(worker.returncode, err) for worker, (_, err) in zip(workers, ends, strict=True)] == [(0, "")] * 2
    shares = [[said for line in out.splitlines() if (said := json.loads(line))[0] == "finished"] for out, _ in ends]
    assert all(shares), "both of them worked"
    done: dict[str, list[int]] = {}
    for line in await lines(store):  # the log of both is one chain, in the order of their commits
        lane, _, number = line.decode().partition(" ")
        done.setdefault(lane, []).append(int(number))
    assert done == {f"l{lane}": list(range(100)) for lane in range(10)}
    await store.close()


async def test_waiting_ends_with_a_job_that_another_process_added(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    one, other = [await open_store(f"sqlite://{file}", clock=SystemClock()) for _ in range(2)]
    waiting = asyncio.create_task(one.wait(seconds=3600))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await other.commit(job("from elsewhere"))
    await asyncio.wait_for(waiting, 1)
    assert (await take(one)).job.body == b"from elsewhere"
    await one.close()
    await other.close()


async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Five rounds on one file. Whatever a process said is durable is there afterwards; whatever it said is finished
    never runs again; every lane is in order; the log is one chain."""
    file = tmp_path / "store.db"
    appended: set[str] = set()
    finished: list[str] = []
    for turn in range(5):
        process = await asyncio.to_thread(spawn, file, "both", str(turn), lease=0.5)
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        await asyncio.sleep(0.15 + 0.07 * turn)
        os.kill(process.pid, signal.SIGKILL)
        out, err = await asyncio.to_thread(process.communicate)
        assert err == ""
        said = [json.loads(line) for line in out.splitlines() if line.endswith("]")]
        appended |= {words[1] for words in said if words[0] == "appended"}
        finished += [words[2] for words in said if words[0] == "finished"]
    assert len(appended) > 50
    assert len(finished) > 20
    store = await open_store(f"sqlite://{file}", clock=SystemClock())
    assert appended <= set(await pairs(store))
    logged = [line.decode().split(" ")[1] for line in await lines(store)]
    assert len(logged) == len(set(logged)), "nothing was finished twice"
    assert set(finished) <= set(logged)
    worker = await asyncio.to_thread(spawn, file, "work")
    assert (await asyncio.to_thread(finish, worker))[1] == ""
    everything = [line.decode().split(" ")[1] for line in await lines(store)]
    assert sorted(everything) == sorted(await pairs(store)), "every event kept was handled exactly once"
    for lane in range(4):
        of_lane = [name.split("/") for name in everything if f"/lane{lane}/" in name]
        order = [(int(turn), int(number)) for turn, _, number in of_lane]
        assert order == sorted(order)
    await store.close()
    db = apsw.Connection(str(file))
    assert db.pragma("integrity_check") == "ok"
    db.close()
