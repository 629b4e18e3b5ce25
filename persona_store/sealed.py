"""One persona's SQLite file in which every row is sealed under the persona's own key.

Nothing in the file can be read or guessed without the key: a row is named by a keyed hash and holds its value under
AES-256-GCM, bound to persona and row so that it opens nowhere else. Removing is physical (`secure_delete`, then the
log is truncated), and shredding the key makes every copy of the file noise. What lies in it is for others to say:
evidence.py keeps passages there, distill/book.py what is distilled from them.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import apsw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from persona_store.errors import Refused, StoreBroken

T = TypeVar("T")

_NONCE = 12
_META = "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL)"


class SealedFile:
    """Open it with `SealedFile.open` (which blocks: from a loop, in a thread). All work runs in threads, one piece
    at a time, through `run`; several processes may have the file open at once."""

    def __init__(self, path: Path, key: bytes, connection: apsw.Connection) -> None:
        self.persona = path.stem
        self._path = path
        self._cipher = AESGCM(key)
        self._naming = hashlib.sha256(b"understudy/1 evidence rows" + key).digest()
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, key: bytes, schema: str) -> SealedFile:
        """Raises Refused KEY_WRONG if the file was written under another key, StoreBroken if it is no such file."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        try:
            connection = apsw.Connection(str(path))
            connection.set_busy_timeout(10_000)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            connection.execute(_META)
            connection.execute(schema)
            file = cls(path, key, connection)
            file._check_key()
        except apsw.Error as error:
            raise StoreBroken(f"evidence file {str(path)!r} cannot be used: {error}") from None
        return file

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """In a thread, alone. Raises Refused KEY_GONE once the file is closed, StoreBroken if it cannot be used."""
        return await asyncio.to_thread(self._locked, work, *arguments)

    async def run_quick(self, work: Callable[[], T]) -> T:
        """The same for what takes microseconds: at once, unless a thread is at work here."""
        if not self._lock.acquire(blocking=False):
            return await self.run(work)
        try:
            return self._told(work)
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    # -------------------------------------------------------------- in the thread

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing. The lock is taken before anything is read: a transaction that reads first, and
        then finds that another process wrote in between, can only fail, however long it waits
        (https://sqlite.org/rescode.html#busy_snapshot). Not apsw's own context, which stops all threads
        meanwhile."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def rows(self, query: str, *values: Any) -> Iterable[Any]:
        return self._connection.execute(query, values)

    def change(self, query: str, *values: Any) -> int:
        """How many rows changed; those that a trigger changed are not counted."""
        self._connection.execute(query, values)
        return self._connection.changes()

    def one(self, query: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self._connection.execute(query, values).fetchone()
        return None if found is None else found[0]

    def scrub(self) -> None:
        """What was overwritten still stands in the write-ahead log until that is emptied."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    # -------------------------------------------------------------- sealing

    def mac(self, value: bytes) -> bytes:
        """Names a value without telling it (32 bytes)."""
        return hmac.digest(self._naming, value, "sha256")

    def row(self, id: str) -> bytes:
        """The name of the row of a passage (16 bytes)."""
        return self.mac(id.encode(errors="surrogatepass"))[:16]

    def seal(self, row: bytes, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, self._bound(row))

    def unseal(self, row: bytes, sealed: bytes) -> bytes:
        """Raises Refused KEY_WRONG if it was altered, or sealed for another row, persona or key."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._bound(row))
        except InvalidTag:
            what = f"the evidence of {self.persona!r} does not open with its key: altered, or from another vault"
            raise Refused("KEY_WRONG", what, "put back the key folder this file was written with") from None

    def _bound(self, row: bytes) -> bytes:
        return self.persona.encode() + b"\0" + row

    def _check_key(self) -> None:
        """A sealed word tells a wrong key at once instead of at the first row."""
        asked = "SELECT value FROM meta WHERE name='key'"
        if self.one(asked) is None:  # nobody waits for a lock to read
            ours = self.seal(b"key", b"understudy/1")
            self.change("INSERT OR IGNORE INTO meta VALUES ('key', ?)", ours)
        self.unseal(b"key", self.one(asked))

    def _locked(self, work: Callable[..., T], *arguments: Any) -> T:
        with self._lock:
            return self._told(work, *arguments)

    def _told(self, work: Callable[..., T], *arguments: Any) -> T:
        try:
            return work(*arguments)
        except apsw.ConnectionClosedError:
            raise Refused("KEY_GONE", f"the evidence of {self.persona!r} was closed", "ask again") from None
        except apsw.Error as error:
            raise StoreBroken(f"evidence file {str(self._path)!r}: {error}") from None

    def __repr__(self) -> str:
        return f"SealedFile({str(self._path)!r})"
