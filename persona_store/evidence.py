"""A persona's passages at rest: one SQLite file, every row sealed under the persona's own key.

Nothing in the file can be read or guessed without the key, ids included: a row is named by a keyed hash of its
passage's id and holds the passage under AES-256-GCM, bound to persona and row so that it opens nowhere else. The
search index is built from it in memory and never touches the disk. Removing is physical (`secure_delete`, then the
log is truncated), and shredding the key makes every copy of the file noise.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from persona_store.errors import Refused, StoreBroken
from persona_store.model import Passage

T = TypeVar("T")

_BATCH = 1000  # rows in one transaction: fsync is paid once for all of them
_NONCE = 12
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS passage (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- a changed passage gets a new one: readers ask for what is past theirs
    row BLOB NOT NULL UNIQUE,
    digest BLOB NOT NULL,
    sealed BLOB NOT NULL
);
"""


class Added(Struct, frozen=True):
    new: int = 0
    changed: int = 0
    same: int = 0

    def plus(self, other: Added) -> Added:
        return Added(self.new + other.new, self.changed + other.changed, self.same + other.same)


class EvidenceFile:
    """Open it with `EvidenceFile.open` (which blocks: from a loop, in a thread). All work runs in threads, one
    piece at a time; several processes may have the file open at once."""

    def __init__(self, path: Path, key: bytes, connection: apsw.Connection) -> None:
        self._path = path
        self._persona = path.stem
        self._cipher = AESGCM(key)
        self._naming = hashlib.sha256(b"understudy/1 evidence rows" + key).digest()
        self._connection = connection
        self._lock = threading.Lock()
        self._own_changes = 0

    @classmethod
    def open(cls, path: Path, key: bytes) -> EvidenceFile:
        """Raises Refused KEY_WRONG if the file was written under another key, StoreBroken if it is no such file."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        try:
            connection = apsw.Connection(str(path))
            connection.set_busy_timeout(10_000)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            connection.execute(_SCHEMA)
            file = cls(path, key, connection)
            file._check_key()
        except apsw.Error as error:
            raise StoreBroken(f"evidence file {str(path)!r} cannot be used: {error}") from None
        return file

    # -------------------------------------------------------------- writing

    async def add(self, passages: Iterable[Passage]) -> Added:
        """Keep these passages; one that is there already, unchanged, costs nothing and counts as `same`. An id
        given twice counts once, the last one wins."""
        waiting = iter({passage.id: passage for passage in passages}.values())
        total = Added()
        while batch := list(islice(waiting, _BATCH)):
            total = total.plus(await self._run(self._add, batch))
        return total

    async def remove(self, ids: Iterable[str]) -> int:
        """Physically: the pages are overwritten and the write-ahead log is emptied before this returns."""
        return await self._run(self._remove, list(ids))

    # -------------------------------------------------------------- reading

    async def count(self) -> int:
        return await self._run(self._count)

    async def get(self, ids: Iterable[str]) -> list[Passage]:
        """Those that exist, in the order asked for."""
        return await self._run(self._get, list(ids))

    async def all(self) -> list[Passage]:
        """Everything, in the order it was added."""
        return [passage for _, passage in (await self.since(0))[1]]

    async def since(self, seq: int) -> tuple[int, list[tuple[bytes, Passage]]]:
        """(the newest seq, row and passage of everything added or changed after `seq`)."""
        return await self._run(self._since, seq)

    async def rows(self) -> frozenset[bytes]:
        """The names of all rows: what a reader holds beyond these was removed."""
        return await self._run(self._rows)

    async def version(self) -> tuple[int, int]:
        """Differs from an earlier one whenever this or another process changed something since. Asked before every
        search and answered in microseconds: only while a thread is at work here it takes its turn in one."""
        if not self._lock.acquire(blocking=False):
            return await self._run(self._version)
        try:
            return self._told(self._version)
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    # -------------------------------------------------------------- in the thread

    async def _run(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.to_thread(self._locked, work, *arguments)

    def _locked(self, work: Callable[..., T], *arguments: Any) -> T:
        with self._lock:
            return self._told(work, *arguments)

    def _told(self, work: Callable[..., T], *arguments: Any) -> T:
        try:
            return work(*arguments)
        except apsw.ConnectionClosedError:
            raise Refused("KEY_GONE", f"the evidence of {self._persona!r} was closed", "ask again") from None
        except apsw.Error as error:
            raise StoreBroken(f"evidence file {str(self._path)!r}: {error}") from None

    def _add(self, batch: list[Passage]) -> Added:
        new = changed = 0
        with self._connection:
            for passage in batch:
                row, plain = self._row(passage.id), msgspec.msgpack.encode(passage)
                digest = self._mac(plain)
                known = self._one("SELECT digest FROM passage WHERE row=?", row)
                if known is not None and hmac.compare_digest(known, digest):
                    continue
                new, changed = new + (known is None), changed + (known is not None)
                self._connection.execute(
                    "REPLACE INTO passage (row, digest, sealed) VALUES (?, ?, ?)",
                    (row, digest, self._seal(row, plain)),
                )
        if changed:
            self._scrub()
        self._own_changes += new + changed
        return Added(new, changed, len(batch) - new - changed)

    def _remove(self, ids: list[str]) -> int:
        before = self._connection.total_changes()
        with self._connection:
            self._connection.executemany("DELETE FROM passage WHERE row=?", ((self._row(id),) for id in ids))
        removed = self._connection.total_changes() - before
        if removed:
            self._own_changes += removed
            self._scrub()
        return removed

    def _scrub(self) -> None:
        """What was overwritten still stands in the write-ahead log until that is emptied."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _count(self) -> int:
        return int(self._one("SELECT count(*) FROM passage"))

    def _get(self, ids: list[str]) -> list[Passage]:
        found = ((row := self._row(id), self._one("SELECT sealed FROM passage WHERE row=?", row)) for id in ids)
        return [self._open(row, sealed) for row, sealed in found if sealed is not None]

    def _since(self, seq: int) -> tuple[int, list[tuple[bytes, Passage]]]:
        found = []
        query = "SELECT seq, row, sealed FROM passage WHERE seq > ? ORDER BY seq"
        for newest, row, sealed in self._connection.execute(query, (seq,)):
            found.append((row, self._open(row, sealed)))
            seq = newest
        return seq, found

    def _rows(self) -> frozenset[bytes]:
        return frozenset(row for (row,) in self._connection.execute("SELECT row FROM passage"))

    def _version(self) -> tuple[int, int]:
        return int(self._one("PRAGMA data_version")), self._own_changes

    # -------------------------------------------------------------- sealing

    def _check_key(self) -> None:
        """A sealed word tells a wrong key at once instead of at the first row."""
        with self._connection:
            sealed = self._one("SELECT value FROM meta WHERE name='key'")
            if sealed is None:
                sealed = self._seal(b"key", b"understudy/1")
                self._connection.execute("INSERT INTO meta VALUES ('key', ?)", (sealed,))
        self._unseal(b"key", sealed)

    def _row(self, id: str) -> bytes:
        return self._mac(id.encode())[:16]

    def _mac(self, value: bytes) -> bytes:
        return hmac.digest(self._naming, value, "sha256")

    def _bound(self, row: bytes) -> bytes:
        return self._persona.encode() + b"\0" + row

    def _seal(self, row: bytes, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, self._bound(row))

    def _open(self, row: bytes, sealed: bytes) -> Passage:
        return msgspec.msgpack.decode(self._unseal(row, sealed), type=Passage)

    def _unseal(self, row: bytes, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._bound(row))
        except InvalidTag:
            what = f"the evidence of {self._persona!r} does not open with its key: altered, or from another vault"
            raise Refused("KEY_WRONG", what, "put back the key folder this file was written with") from None

    def _one(self, query: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self._connection.execute(query, values).fetchone()
        return None if found is None else found[0]

    def __repr__(self) -> str:
        return f"EvidenceFile({str(self._path)!r})"
