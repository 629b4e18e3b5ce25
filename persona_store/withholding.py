"""What the subject keeps back: taken out of the evidence, and kept out when the same material is imported again.

Withholding is a right and needs no reason (rights.md T04). Only hashes of ids and words are remembered, so the list
of what is kept back tells nobody what it was. By category (withheld/levels.py) it holds for new material as well.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable

from persona_store.evidence import EvidenceFile
from persona_store.importing import Counts, Shelf
from persona_store.model import Passage
from persona_store.protocols import Put, Store
from persona_store.withheld.book import Note, WithheldBook
from persona_store.withheld.cutting import Knife
from persona_store.withheld.levels import Rule
from persona_store.withheld.noting import grouped, noted, with_before


def prefix(persona: str) -> str:
    return f"withheld/{persona}/"


def kept_back(persona: str, ids: Iterable[str]) -> tuple[Put, ...]:
    """To be committed before the passages go: a crash in between must not bring them back."""
    return tuple(Put(prefix(persona) + _hash(id), b"") for id in ids)


async def shelf_of(store: Store, persona: str, shelf: Shelf) -> Withholding:
    """The persona's evidence as an importer sees it."""
    return Withholding(shelf, store, persona)


async def hashes(store: Store, persona: str) -> frozenset[str]:
    """Of the ids that were kept back."""
    return frozenset([key.removeprefix(prefix(persona)) async for key, _ in store.scan(prefix(persona))])


class Ruled:
    """The subject's standing rule, and the words that were kept back before, applied to what comes in."""

    def __init__(self, file: EvidenceFile, book: WithheldBook, rule: Rule, marks: dict[bytes, str]) -> None:
        self._mac = file.sealed.mac
        self._book = book
        self._knife = Knife(rule, marks, file.sealed.mac)
        self._marks = marks

    async def cut(self, passages: list[Passage]) -> tuple[list[Passage], list[str]]:
        """(what stays, ids of which nothing does). What is kept back is noted before this returns."""
        kept, gone, notes = await asyncio.to_thread(self._cut, passages)
        if notes:
            await self._book.note(notes)
        return kept, gone

    def _cut(self, passages: list[Passage]) -> tuple[list[Passage], list[str], list[Note]]:
        kept: list[Passage] = []
        gone: list[str] = []
        notes: list[Note] = []
        for episode in grouped(passages):
            for passage, before in with_before(episode):
                cut = self._knife.cut(passage)
                if cut.passage is None:
                    gone.append(passage.id)
                else:
                    kept.append(cut.passage)
                found = list(noted(passage, cut, before, self._knife, self._mac))
                self._marks.update((note.mark, note.kind) for note in found if note.mark is not None)
                notes += found
        return kept, gone, notes


class Withholding:
    """A Shelf that takes nothing that was kept back, also what is kept back while an import goes on. `held` counts
    the passages it left out or shortened."""

    def __init__(self, shelf: Shelf, store: Store, persona: str) -> None:
        self._shelf = shelf
        self._store = store
        self._persona = persona
        self._withheld: frozenset[str] = frozenset()
        self._ruled: Ruled | None = None
        self._version: bytes | None = None
        self.held = 0

    async def add(self, passages: Iterable[Passage]) -> Counts:
        await self._look_again()
        given = list(passages)
        left = [passage for passage in given if _hash(passage.id) not in self._withheld]
        gone: list[str] = []
        if self._ruled is not None:
            before = {passage.id: passage for passage in left}
            left, gone = await self._ruled.cut(left)
            self.held += sum(passage is not before[passage.id] for passage in left)
        self.held += len(given) - len(left)
        if gone:  # an earlier wording may stand there, from before this one
            await self._shelf.remove(gone)
        return await self._shelf.add(left)

    async def remove(self, ids: Iterable[str]) -> int:
        return await self._shelf.remove(ids)

    def scan(self) -> AsyncIterator[tuple[int, Passage]]:
        return self._shelf.scan()

    async def _look_again(self) -> None:
        """Single things are few and looked up each time; rule and marks only if they changed."""
        self._withheld = await hashes(self._store, self._persona)
        if not isinstance(self._shelf, EvidenceFile):
            return
        book = WithheldBook(self._shelf.sealed)
        version = await book.version()
        if version != self._version:
            rule, marks = await book.rule(), await book.marks()
            self._ruled = Ruled(self._shelf, book, rule, marks) if rule.levels or marks else None
            self._version = version


def _hash(id: str) -> str:
    return hashlib.sha256(id.encode()).hexdigest()[:32]
