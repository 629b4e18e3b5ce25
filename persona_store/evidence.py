"""A persona's passages at rest, in its sealed file. The search index is built from it in memory and never touches
the disk."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Iterable
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Struct

from persona_store.model import Passage
from persona_store.schema import SCHEMA
from persona_store.sealed import SealedFile

_AT_ONCE = 50  # rows asked for in one statement
_BATCH = 1000  # rows in one transaction: fsync is paid once for all of them


class Added(Struct, frozen=True):
    new: int = 0
    changed: int = 0
    same: int = 0

    def plus(self, other: Added) -> Added:
        return Added(self.new + other.new, self.changed + other.changed, self.same + other.same)


class EvidenceFile:
    """Open it with `EvidenceFile.open` (which blocks: from a loop, in a thread)."""

    def __init__(self, sealed: SealedFile) -> None:
        self.sealed = sealed
        self._own_changes = 0

    @classmethod
    def open(cls, path: Path, key: bytes) -> EvidenceFile:
        """Raises Refused KEY_WRONG if the file was written under another key, StoreBroken if it is no such file."""
        return cls(SealedFile.open(path, key, SCHEMA))

    # -------------------------------------------------------------- writing

    async def add(self, passages: Iterable[Passage]) -> Added:
        """Keep these passages; one that is there already, unchanged, costs nothing and counts as `same`. An id
        given twice counts once, the last one wins."""
        waiting = iter({passage.id: passage for passage in passages}.values())
        total = Added()
        while batch := list(islice(waiting, _BATCH)):
            total = total.plus(await self.sealed.run(self._add, batch))
        return total

    async def remove(self, ids: Iterable[str]) -> int:
        """Physically: the pages are overwritten and the write-ahead log is emptied before this returns."""
        return await self.sealed.run(self._remove, list(ids))

    # -------------------------------------------------------------- reading

    async def count(self) -> int:
        return await self.sealed.run(self._count)

    async def get(self, ids: Iterable[str]) -> list[Passage]:
        """Those that exist, in the order asked for."""
        return await self.sealed.run(self._get, list(ids))

    async def all(self) -> list[Passage]:
        """Everything, in the order it was added."""
        return [passage for _, passage in (await self.since(0))[1]]

    async def scan(self, after: int = 0) -> AsyncIterator[tuple[int, Passage]]:
        """(seq, passage) of everything, in the order it was added, without holding it all; what was added `after`
        a seq, for who reads page by page."""
        seq = after
        while batch := await self.sealed.run(self._after, seq):
            for seq, passage in batch:  # the last one is where the next batch begins
                yield seq, passage

    async def numbered(self, seqs: Iterable[int]) -> list[Passage]:
        """Those that exist, in the order asked for, by what `scan` told."""
        return await self.sealed.run(self._numbered, list(seqs))

    async def since(self, seq: int) -> tuple[int, list[tuple[bytes, Passage]]]:
        """(the newest seq, row and passage of everything added or changed after `seq`)."""
        return await self.sealed.run(self._since, seq)

    async def rows(self) -> frozenset[bytes]:
        """The names of all rows: what a reader holds beyond these was removed."""
        return await self.sealed.run(self._rows)

    async def version(self) -> tuple[int, int]:
        """Differs from an earlier one whenever this or another process changed something since. Asked before every
        search and answered in microseconds."""
        return await self.sealed.run_quick(self._version)

    def close(self) -> None:
        self.sealed.close()

    # -------------------------------------------------------------- in the thread

    def _add(self, batch: list[Passage]) -> Added:
        new = changed = 0
        sealed = self.sealed
        with sealed.transaction():
            for passage in batch:
                row, plain = sealed.row(passage.id), msgspec.msgpack.encode(passage)
                digest = sealed.mac(plain)
                known = sealed.one("SELECT digest FROM passage WHERE row=?", row)
                if known is not None and hmac.compare_digest(known, digest):
                    continue
                new, changed = new + (known is None), changed + (known is not None)
                if known is not None:  # not REPLACE: only a DELETE takes along what rests on the old words
                    sealed.rows("DELETE FROM passage WHERE row=?", row)
                insert = "INSERT INTO passage (row, digest, sealed) VALUES (?, ?, ?)"
                sealed.rows(insert, row, digest, sealed.seal(row, plain))
        if changed:
            sealed.scrub()
        self._own_changes += new + changed
        return Added(new, changed, len(batch) - new - changed)

    def _remove(self, ids: list[str]) -> int:
        sealed = self.sealed
        with sealed.transaction():
            removed = 0
            for few in (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)):
                asked = ", ".join(
                    "?" * len(few)
                )  # one statement: a split document asks for fifty that are not there
                query = f"DELETE FROM passage WHERE row IN ({asked})"  # noqa: S608  # nothing but question marks
                removed += sealed.change(query, *map(sealed.row, few))
        if removed:
            self._own_changes += removed
            sealed.scrub()
        return removed

    def _count(self) -> int:
        return int(self.sealed.one("SELECT count(*) FROM passage"))

    def _get(self, ids: list[str]) -> list[Passage]:
        query = "SELECT sealed FROM passage WHERE row=?"
        found = ((row := self.sealed.row(id), self.sealed.one(query, row)) for id in ids)
        return [self._open(row, sealed) for row, sealed in found if sealed is not None]

    def _after(self, seq: int) -> list[tuple[int, Passage]]:
        query = "SELECT seq, row, sealed FROM passage WHERE seq > ? ORDER BY seq LIMIT ?"
        return [(number, self._open(row, sealed)) for number, row, sealed in self.sealed.rows(query, seq, _BATCH)]

    def _numbered(self, seqs: list[int]) -> list[Passage]:
        query = "SELECT row, sealed FROM passage WHERE seq=?"
        return [self._open(row, sealed) for seq in seqs for row, sealed in self.sealed.rows(query, seq)]

    def _since(self, seq: int) -> tuple[int, list[tuple[bytes, Passage]]]:
        found = []
        query = "SELECT seq, row, sealed FROM passage WHERE seq > ? ORDER BY seq"
        for newest, row, sealed in self.sealed.rows(query, seq):
            found.append((row, self._open(row, sealed)))
            seq = newest
        return seq, found

    def _rows(self) -> frozenset[bytes]:
        return frozenset(row for (row,) in self.sealed.rows("SELECT row FROM passage"))

    def _version(self) -> tuple[int, int]:
        return int(self.sealed.one("PRAGMA data_version")), self._own_changes

    def _open(self, row: bytes, sealed: bytes) -> Passage:
        return msgspec.msgpack.decode(self.sealed.unseal(row, sealed), type=Passage)

    def __repr__(self) -> str:
        return f"EvidenceFile({self.sealed!r})"
