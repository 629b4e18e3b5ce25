"""All personas' evidence: opened when first asked for, searched in memory, forgotten for good."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from persona_store import names
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.index import Index
from persona_store.meant import MISSED
from persona_store.model import Findings, Passage, Readers
from persona_store.search import find, is_thin
from persona_store.tokens import terms
from persona_store.topics import Topic, salient
from persona_store.vault import Vault
from persona_store.vector_book import VectorBook
from persona_store.vectored import Vectored
from persona_store.whom import Knower, whom

if TYPE_CHECKING:  # it needs numpy, and only who has set an embedder has that
    from persona_store.meaning import Meaning

_SLOW = 2_000  # passages that change at once, from which on indexing is left to a thread


class _Shelf(Struct):
    """One persona's file with the index that was built from it."""

    file: EvidenceFile
    index: Index
    rows: dict[bytes, str]  # row → passage id, to tell what is gone
    seq: int = 0
    version: tuple[int, int] = (0, -1)
    everybody: Index | None = None  # all episodes, once somebody asked whom to ask
    vectored: Vectored | None = None  # where an embedder is set

    def indexes(self) -> list[Index]:
        return [self.index] if self.everybody is None else [self.index, self.everybody]


class Library:
    """Implements persona_store.protocols.Retriever. Asks the vault for the key at every use, so that a persona
    erased by another process is gone here too."""

    def __init__(self, directory: Path, vault: Vault, meaning: Meaning | None = None) -> None:
        """`meaning`: where passages are found by what they mean, too."""
        self._directory = directory
        self._vault = vault
        self._meaning = meaning
        self._shelves: dict[str, _Shelf] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def search(
        self,
        persona: str,
        text: str,
        *,
        context: str = "",
        readers: Readers,
        as_of: datetime | None = None,
        limit: int = 20,
    ) -> Findings:
        near = await self._near(persona, text, context)
        async with self._locks[persona]:
            shelf = await self._fresh(persona)
            nearness = shelf.vectored.nearness(shelf.index, near) if shelf.vectored is not None and near else None
            found = find(
                shelf.index, text, context=context, readers=readers, as_of=as_of, limit=limit, nearness=nearness
            )
        missed = near is not None and not near
        return structs.replace(found, signals={**found.signals, MISSED: 1.0}) if missed else found

    async def unmeant(self, persona: str) -> tuple[VectorBook, list[Passage]] | None:
        """Where its vectors are kept, and the passages that may be found and have none yet; None where no embedder
        is set, or none was `ready` so far."""
        async with self._locks[persona]:
            shelf = await self._fresh(persona)
            vectored = shelf.vectored
            return None if vectored is None else (vectored.book, list(vectored.wanting(shelf.index)))

    async def _near(self, persona: str, text: str, context: str) -> Sequence[float] | None:
        """The question's vector, asked for while nobody is kept waiting, and only if there is what to hold it
        against; empty if it did not come."""
        if self._meaning is None or not await self._meaning.soon():
            return None
        async with self._locks[persona]:
            shelf = await self._fresh(persona)
            if shelf.vectored is None or not shelf.vectored.covers(shelf.index):
                return None  # not for what would be compared with nothing
        return await self._meaning.of_question(persona, text, context if is_thin(terms(text)) else "")

    async def topics(self, persona: str, readers: Readers, limit: int) -> list[Topic]:
        """What the persona can be asked about, by what it speaks of more than anything else."""
        async with self._locks[persona]:
            return await asyncio.to_thread(salient, (await self._fresh(persona)).index, readers, limit)

    async def whom(
        self,
        persona: str,
        text: str,
        *,
        readers: Readers,
        as_of: datetime | None = None,
        asked_at: datetime | None = None,
        without: Collection[str] = (),
        limit: int = 3,
    ) -> list[Knower]:
        """Who has answered questions like this one, in everything that was imported for the persona. The index of
        everybody's words is built when this is first asked."""
        async with self._locks[persona]:
            shelf = await self._fresh(persona)
            if shelf.everybody is None:
                everybody = Index(everybody=True)
                await asyncio.to_thread(everybody.add, list(shelf.index.passages.values()))
                shelf.everybody = everybody  # only once it is whole: who waits for it may be cancelled
            asking = partial(whom, readers=readers, as_of=as_of, asked_at=asked_at, without=without, limit=limit)
            return await asyncio.to_thread(asking, shelf.everybody, text)

    async def file(self, persona: str) -> EvidenceFile:
        """Raises Refused KEY_GONE for a persona that was erased, or never was."""
        async with self._locks[persona]:
            return (await self._open(persona)).file

    async def said_at(self, persona: str, container: str, at: datetime) -> list[str]:
        """Ids of the passages that were said there at that moment (to the millisecond): how a message is found
        that the platform names by its time and the export by an id of its own."""
        async with self._locks[persona]:
            index = (await self._fresh(persona)).index
            return [
                passage.id
                for passage in index.passages.values()
                if passage.container == container and abs(passage.at - at) < timedelta(milliseconds=1)
            ]

    async def forget(self, persona: str) -> None:
        """Close it, drop the index and remove the files."""
        async with self._locks[persona]:
            self._drop(persona)
            for suffix in ("", "-wal", "-shm"):
                self._path(persona, suffix).unlink(missing_ok=True)

    async def close(self) -> None:
        for persona in list(self._shelves):
            async with self._locks[persona]:
                self._drop(persona)

    async def _open(self, persona: str) -> _Shelf:
        try:
            key = self._vault.key(persona)
        except Refused:
            self._drop(persona)
            raise
        shelf = self._shelves.get(persona)
        if shelf is None:
            file = await asyncio.to_thread(EvidenceFile.open, self._path(persona), key)
            shelf = self._shelves[persona] = _Shelf(file, Index(), {})
        return shelf

    async def _fresh(self, persona: str) -> _Shelf:
        """The shelf with its index brought up to date: what is new is added, what is gone leaves it."""
        shelf = await self._open(persona)
        version = await shelf.file.version()
        if version != shelf.version:
            shelf.seq, changed = await shelf.file.since(shelf.seq)
            shelf.rows.update((row, passage.id) for row, passage in changed)
            gone: list[str] = []
            if len(shelf.rows) != await shelf.file.count():
                left = await shelf.file.rows()
                gone = [shelf.rows.pop(row) for row in shelf.rows.keys() - left]
                for index in shelf.indexes():
                    index.remove(gone)
            passages = [passage for _, passage in changed]
            for index in shelf.indexes():
                if len(passages) < _SLOW:
                    index.add(passages)
                else:
                    await asyncio.to_thread(index.add, passages)
            shelf.version = version
            if shelf.vectored is not None:
                shelf.vectored.forget([*(passage.id for passage in passages), *gone])
        if self._meaning is not None and self._meaning.space:
            if shelf.vectored is None or shelf.vectored.space != self._meaning.space:
                shelf.vectored = Vectored(self._meaning, shelf.file.sealed)
            await shelf.vectored.follow(version, shelf.rows, shelf.index)
        return shelf

    def _drop(self, persona: str) -> None:
        shelf = self._shelves.pop(persona, None)
        if shelf is not None:
            shelf.file.close()

    def _path(self, persona: str, suffix: str = "") -> Path:
        return self._directory / f"{names.checked(persona)}.db{suffix}"
