"""All personas' evidence: opened when first asked for, searched in memory, forgotten for good."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

from persona_store import names
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.index import Index
from persona_store.model import Findings, Readers
from persona_store.search import find
from persona_store.topics import Topic, salient
from persona_store.vault import Vault
from persona_store.whom import Knower, whom

_SLOW = 2_000  # passages that change at once, from which on indexing is left to a thread


class _Shelf(Struct):
    """One persona's file with the index that was built from it."""

    file: EvidenceFile
    index: Index
    rows: dict[bytes, str]  # row → passage id, to tell what is gone
    seq: int = 0
    version: tuple[int, int] = (0, -1)
    everybody: Index | None = None  # all episodes, once somebody asked whom to ask

    def indexes(self) -> list[Index]:
        return [self.index] if self.everybody is None else [self.index, self.everybody]


class Library:
    """Implements persona_store.protocols.Retriever. Asks the vault for the key at every use, so that a persona
    erased by another process is gone here too."""

    def __init__(self, directory: Path, vault: Vault) -> None:
        self._directory = directory
        self._vault = vault
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
        async with self._locks[persona]:
            index = (await self._fresh(persona)).index
            return find(index, text, context=context, readers=readers, as_of=as_of, limit=limit)

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
        without: Collection[str] = (),
    ) -> list[Knower]:
        """Who has answered questions like this one, in everything that was imported for the persona. The index of
        everybody's words is built when this is first asked."""
        async with self._locks[persona]:
            shelf = await self._fresh(persona)
            if shelf.everybody is None:
                everybody = Index(everybody=True)
                await asyncio.to_thread(everybody.add, list(shelf.index.passages.values()))
                shelf.everybody = everybody  # only once it is whole: who waits for it may be cancelled
            return await asyncio.to_thread(
                whom, shelf.everybody, text, readers=readers, as_of=as_of, without=without
            )

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
        return shelf

    def _drop(self, persona: str) -> None:
        shelf = self._shelves.pop(persona, None)
        if shelf is not None:
            shelf.file.close()

    def _path(self, persona: str, suffix: str = "") -> Path:
        return self._directory / f"{names.checked(persona)}.db{suffix}"
