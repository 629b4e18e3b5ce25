"""Opens the database file: the settings that make it durable and scrubbable, the tables, and clear refusals."""

from __future__ import annotations

import os
import time
from pathlib import Path

import apsw

from persona_store.errors import Refused, StoreBroken

# Another process may hold the write lock; its groups last milliseconds, so this long means that it hangs.
BUSY_MS = 10_000
VERSION = 1
APPLICATION_ID = 0x756E6473  # "unds": this file is a store of understudy's

SCHEMA = f"""
CREATE TABLE pair(
    key TEXT PRIMARY KEY, expires REAL, value BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX pair_expiry ON pair(expires) WHERE expires IS NOT NULL;

-- A job that stands in its lane. The first of each lane is its `head`: the only one that can be claimed.
-- AUTOINCREMENT: a number is never used again, so that an old claim can never fit a new job.
CREATE TABLE job(
    number INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, head INTEGER NOT NULL, kind TEXT NOT NULL,
    due REAL NOT NULL,      -- claimable from then on: for a job in hand that is the end of its lease
    held INTEGER NOT NULL, attempts INTEGER NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX job_lane ON job(lane);
CREATE INDEX job_claimable ON job(kind, due) WHERE head = 1;
CREATE INDEX job_id ON job(id) WHERE id <> '';

-- A job whose time has not come: it joins its lane when it is due.
CREATE TABLE delayed(
    number INTEGER PRIMARY KEY, lane TEXT NOT NULL, kind TEXT NOT NULL, due REAL NOT NULL,
    id TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX delayed_due ON delayed(due);
CREATE INDEX delayed_id ON delayed(id) WHERE id <> '';

CREATE TABLE log(seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, body BLOB NOT NULL);

PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
"""


def prepare(path: Path) -> None:
    """Make the file, readable by nobody else, and its tables, before any other connection is opened."""
    if not path.is_absolute():
        raise Refused("STORE_PATH", f"{str(path)!r} is not an absolute path", "use sqlite:///absolute/path.db")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        what = f"cannot write {str(path)!r}: {error.strerror}"
        raise Refused("STORE_PATH", what, "name a file in a directory you may write") from None
    try:
        db = connect(path)
        try:
            _create_tables(db, path)
        finally:
            db.close()
    except apsw.NotADBError:
        raise _foreign(path) from None
    except apsw.Error as error:
        raise broken(error) from error


def connect(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    db.set_busy_handler(_wait_a_moment)
    # One plan per statement: else SQLite, built with STAT4, plans anew for every bound value (17 µs instead of 2).
    db.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    _use_wal(db)
    # A commit that was acknowledged survives a power cut; macOS needs fullfsync for a true flush.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")
    db.execute("PRAGMA checkpoint_fullfsync = ON")
    # What is deleted is overwritten, in the file at once and in the WAL at the next checkpoint (sweep).
    db.execute("PRAGMA secure_delete = ON")
    return db


def broken(error: Exception) -> StoreBroken:
    """SQLite's own words (`database or disk is full`, `attempt to write a readonly database`) hold no data."""
    return StoreBroken(f"the store cannot be used: {str(error).removeprefix(type(error).__name__ + ': ')}")


def _wait_a_moment(tries: int) -> bool:
    """SQLite's own busy timeout soon sleeps 100 ms at a time, and a busy neighbour then starves this process."""
    time.sleep(0.001)
    return tries < BUSY_MS


def _use_wal(db: apsw.Connection) -> None:
    """Two processes that switch at the same instant get `database is locked` in spite of the busy timeout."""
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            db.pragma("journal_mode", "wal")
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _create_tables(db: apsw.Connection, path: Path) -> None:
    db.execute("BEGIN IMMEDIATE")
    version = db.pragma("user_version")
    if db.pragma("application_id") == APPLICATION_ID:
        db.execute("ROLLBACK")
        if version != VERSION:
            raise Refused(
                "STORE_VERSION",
                f"{str(path)!r} has form {version}, this understudy reads {VERSION}",
                "use the understudy that wrote it",
            )
        return
    if db.execute("SELECT count(*) FROM sqlite_schema").get:
        db.execute("ROLLBACK")
        raise _foreign(path)
    db.execute(SCHEMA)
    db.execute("COMMIT")


def _foreign(path: Path) -> Refused:
    return Refused("STORE_FOREIGN", f"{str(path)!r} is no store of understudy's", "name another file")
