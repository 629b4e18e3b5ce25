"""The local chat's own SQLite file: what people see is the same after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw

from adapters.errors import Unreachable

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  id       TEXT NOT NULL,
  chat     TEXT NOT NULL,
  root     TEXT NOT NULL,
  author   TEXT NOT NULL,
  at       TEXT NOT NULL,
  kind     TEXT NOT NULL,
  body     BLOB NOT NULL,
  only_for TEXT NOT NULL DEFAULT '',
  edited   INTEGER NOT NULL DEFAULT 0,
  pending  INTEGER NOT NULL DEFAULT 0,   -- said, but the bot has not confirmed that it kept it: nobody sees it
  change   INTEGER NOT NULL DEFAULT 0,   -- 0: never sent to pages that are open (the past)
  nonce    TEXT UNIQUE,                  -- the page's own name for what was typed: a repeat is the same entry
  UNIQUE (chat, id)
);
CREATE INDEX IF NOT EXISTS entry_thread ON entry (chat, root, id);
CREATE INDEX IF NOT EXISTS entry_change ON entry (change);
CREATE INDEX IF NOT EXISTS entry_live ON entry (chat, seq) WHERE change > 0;
CREATE INDEX IF NOT EXISTS entry_id ON entry (id);
CREATE TABLE IF NOT EXISTS placed (key TEXT PRIMARY KEY, chat TEXT NOT NULL, id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (
  person TEXT NOT NULL, chat TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (person, chat)
) WITHOUT ROWID;
"""


class Database:
    """One connection, used by one thread: writes come one after the other and never block the event loop."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="local-chat")
        self._connection = self._thread.submit(_open, path).result()

    async def run(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do `work` in one transaction; it is durable on return. Raises Unreachable if the file fails: after a
        full or locked disk nothing was written, after anything else one has to look."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._transact, work)
        except apsw.Error as error:
            nothing = isinstance(error, (apsw.BusyError, apsw.FullError, apsw.ReadOnlyError, apsw.CantOpenError))
            what = f"the chat's database failed ({type(error).__name__})"
            raise Unreachable("local", what, placed=not nothing) from error

    async def scrub(self) -> None:
        """What was overwritten still stands in the write-ahead log until that is emptied."""
        loop = asyncio.get_running_loop()
        work = self._connection.execute
        await loop.run_in_executor(self._thread, lambda: work("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    def close(self) -> None:
        self._thread.submit(self._connection.close).result()
        self._thread.shutdown()

    def _transact(self, work: Callable[[apsw.Connection], T]) -> T:
        with self._connection:
            result = work(self._connection)
        return result  # noqa: RET504  # apsw types its __exit__ as if it could swallow an error


def _open(path: Path) -> apsw.Connection:
    path.touch(mode=0o600)
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(5000)
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
    connection.execute(_SCHEMA)
    return connection
