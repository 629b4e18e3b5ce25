"""What the subject keeps back: taken out of the evidence, and kept out when the same material is imported again.

Withholding is a right and needs no reason (rights.md T04). Only hashes of ids are remembered, so the list of what
is kept back tells nobody what it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable

from persona_store.importing import Counts, Shelf
from persona_store.model import Passage
from persona_store.protocols import Put, Store


def prefix(persona: str) -> str:
    return f"withheld/{persona}/"


def kept_back(persona: str, ids: Iterable[str]) -> tuple[Put, ...]:
    """To be committed before the passages go: a crash in between must not bring them back."""
    return tuple(Put(prefix(persona) + _hash(id), b"") for id in ids)


async def shelf_of(store: Store, persona: str, shelf: Shelf) -> Withholding:
    """The persona's evidence as an importer sees it."""
    return Withholding(shelf, await hashes(store, persona))


async def hashes(store: Store, persona: str) -> frozenset[str]:
    """Of the ids that were kept back."""
    return frozenset([key.removeprefix(prefix(persona)) async for key, _ in store.scan(prefix(persona))])


class Withholding:
    """A Shelf that takes nothing that was kept back."""

    def __init__(self, shelf: Shelf, withheld: frozenset[str]) -> None:
        self._shelf = shelf
        self._withheld = withheld

    async def add(self, passages: Iterable[Passage]) -> Counts:
        return await self._shelf.add([p for p in passages if _hash(p.id) not in self._withheld])

    async def remove(self, ids: Iterable[str]) -> int:
        return await self._shelf.remove(ids)

    def scan(self) -> AsyncIterator[tuple[int, Passage]]:
        return self._shelf.scan()


def _hash(id: str) -> str:
    return hashlib.sha256(id.encode()).hexdigest()[:32]
