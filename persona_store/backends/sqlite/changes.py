"""Keys, values and the chained log, in SQL: what a Batch changes, and the questions readers ask about them."""

from __future__ import annotations

import hashlib
from typing import Any

import apsw

from persona_store.backends.sqlite import lanes
from persona_store.errors import Conflict
from persona_store.protocols import Batch, Put

GENESIS = bytes(32)
PAGE = 500
# Sorts after every key that begins with the prefix: no text of Unicode has this noncharacter in it.
LAST = "\U0010ffff"


def apply(db: apsw.Cursor, batch: Batch, now: float) -> None:
    """Preconditions first, then everything. Deletes come before puts, finish and cancel before new jobs: so one
    Batch can replace a value, and a job can put its own successor under the same id."""
    _check(db, batch, now)
    if batch.finish is not None:
        lanes.finish(db, batch.finish)
    for key in batch.deletes:
        db.execute("DELETE FROM pair WHERE key = ?", (key,))
    for put in batch.puts:
        _put(db, put)
    for id in batch.cancel:
        lanes.cancel(db, id)
    for job in batch.jobs:
        lanes.add(db, job, now)
    if batch.log:
        _append(db, batch.log)


def value(db: apsw.Cursor, key: str, now: float) -> bytes | None:
    """An expired key is gone for every reader, swept or not."""
    return db.execute(  # type: ignore[no-any-return]  # a BLOB column
        "SELECT value FROM pair WHERE key = ? AND (expires IS NULL OR expires > ?)", (key, now)
    ).get


def pairs(db: apsw.Cursor, prefix: str, now: float) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT key, value FROM pair WHERE key >= ? AND key < ? AND (expires IS NULL OR expires > ?) ORDER BY key",
        (prefix, prefix + LAST, now),
    ).fetchall()


def lines(db: apsw.Cursor, after: int, _: float) -> list[tuple[Any, ...]]:
    """A page of the log."""
    return db.execute(
        "SELECT seq, body, hash FROM log WHERE seq > ? ORDER BY seq LIMIT ?", (after, PAGE)
    ).fetchall()


def remove_expired(db: apsw.Cursor, now: float) -> int:
    db.execute("DELETE FROM pair WHERE expires <= ?", (now,))
    return db.connection.changes()


def _check(db: apsw.Cursor, batch: Batch, now: float) -> None:
    for key in batch.absent:
        if value(db, key, now) is not None:
            raise Conflict(f"{key!r} exists already")
    for key, expected in batch.unchanged:
        if value(db, key, now) != expected:
            raise Conflict(f"{key!r} was changed meanwhile")


def _put(db: apsw.Cursor, put: Put) -> None:
    expires = None if put.expires is None else put.expires.timestamp()
    db.execute(
        "INSERT INTO pair(key, value, expires) VALUES(?, ?, ?)"
        " ON CONFLICT(key) DO UPDATE SET value = excluded.value, expires = excluded.expires",
        (put.key, put.value, expires),
    )


def _append(db: apsw.Cursor, bodies: tuple[bytes, ...]) -> None:
    """The last hash is read inside the transaction: several processes extend one chain."""
    last = db.execute("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").get
    seq, previous = last or (0, GENESIS)
    for body in bodies:
        seq += 1
        previous = hashlib.sha256(previous + body).digest()
        db.execute("INSERT INTO log(seq, hash, body) VALUES(?, ?, ?)", (seq, previous, body))
