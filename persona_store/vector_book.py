"""The vectors of a persona's passages, in its sealed file. What they say of the words they are made from is much
(Morris et al. 2023, "Text Embeddings Reveal (Almost) As Much As Text"), so they are kept as the words are: sealed
under the persona's key, and gone in the same transaction as their passage (schema.py)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

import msgspec

from persona_store.model import Passage
from persona_store.sealed import SealedFile


class VectorBook:
    """`space`: what made the vectors, and how; those of another are not seen, and cleared with `only_ours`."""

    def __init__(self, sealed: SealedFile, space: str) -> None:
        self.changes = 0  # that were made here
        self._sealed = sealed
        self._space = sealed.mac(f"vectors {space}".encode())[:16]

    async def keep(self, made: Iterable[tuple[Passage, bytes]]) -> int:
        """How many were kept: one whose passage was changed or removed meanwhile is not."""
        return await self._sealed.run(self._keep, list(made))

    async def since(self, seq: int) -> list[tuple[int, bytes, bytes]]:
        """(seq, row of the passage, vector) of what was kept after `seq`, in that order."""
        return await self._sealed.run(self._since, seq)

    async def only_ours(self) -> int:
        """Remove the vectors of every other space; how many that were."""
        return await self._sealed.run(self._only_ours)

    async def behind(self, record: str) -> bool:
        """Whether something came or changed, or another consent holds, since `caught_up` was called."""
        return await self._sealed.run(lambda: self._marked() != self._mark(record))

    async def caught_up(self, record: str) -> None:
        """Everything that may have a vector under this consent has one, or was tried."""
        await self._sealed.run(self._caught_up, record)

    # -------------------------------------------------------------- in the thread

    def _keep(self, made: list[tuple[Passage, bytes]]) -> int:
        sealed, kept = self._sealed, 0
        with sealed.transaction():
            for passage, packed in made:
                row, digest = sealed.row(passage.id), sealed.mac(msgspec.msgpack.encode(passage))
                known = sealed.one("SELECT digest FROM passage WHERE row=?", row)
                if known is None or not hmac.compare_digest(known, digest):
                    continue
                sealed.rows("DELETE FROM vector WHERE row=?", row)
                insert = "INSERT INTO vector (row, space, sealed) VALUES (?, ?, ?)"
                sealed.rows(insert, row, self._space, sealed.seal(_bound(row), packed))
                kept += 1
        self.changes += kept
        return kept

    def _since(self, seq: int) -> list[tuple[int, bytes, bytes]]:
        query = "SELECT seq, row, sealed FROM vector WHERE seq > ? AND space=? ORDER BY seq"
        found = self._sealed.rows(query, seq, self._space)
        return [(number, row, self._sealed.unseal(_bound(row), packed)) for number, row, packed in found]

    def _only_ours(self) -> int:
        sealed = self._sealed
        if not sealed.one("SELECT 1 FROM vector WHERE space != ? LIMIT 1", self._space):
            return 0
        with sealed.transaction():
            gone = sealed.change("DELETE FROM vector WHERE space != ?", self._space)
        sealed.scrub()
        return gone

    def _mark(self, record: str) -> bytes:
        newest = self._sealed.one("SELECT max(seq) FROM passage") or 0
        return self._sealed.mac(self._space + f"{newest} {record}".encode())

    def _marked(self) -> bytes | None:
        found = self._sealed.one("SELECT value FROM meta WHERE name='vectors'")
        return bytes(found) if found is not None else None

    def _caught_up(self, record: str) -> None:
        self._sealed.change("INSERT OR REPLACE INTO meta VALUES ('vectors', ?)", self._mark(record))


def _bound(row: bytes) -> bytes:
    """A vector opens in its own place only, not where the passage lies."""
    return b"vector\0" + row
