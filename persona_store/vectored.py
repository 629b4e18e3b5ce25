"""One persona's vectors as the library holds them: what its file has of them, in memory beside the search index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from persona_store.index import Index, View
from persona_store.meant import Near
from persona_store.model import Passage
from persona_store.sealed import SealedFile
from persona_store.vector_book import VectorBook

if TYPE_CHECKING:
    from persona_store.meaning import Meaning

ENOUGH = 0.9
"""Of the subject's own passages: with fewer vectors than that a search would find what has one, and not what is
right."""


class Vectored:
    """`meaning` is ready."""

    def __init__(self, meaning: Meaning, sealed: SealedFile) -> None:
        self.space = meaning.space
        self.book = VectorBook(sealed, meaning.space)
        self._ground = meaning.ground()
        self._seq = 0
        self._state: tuple[object, int] | None = None
        self._wanting: list[Passage] | None = None

    def forget(self, ids: Iterable[str]) -> None:
        """Of passages that went, or have other words now."""
        self._wanting = None
        self._ground.drop(ids)

    async def follow(self, version: object, rows: Mapping[bytes, str], index: Index) -> None:
        """Take in what was made since. `rows`: the passage of each row, as of `version` of the file."""
        state = (version, self.book.changes)
        if state == self._state:
            return
        for seq, row, packed in await self.book.since(self._seq):
            passage = index.passages.get(rows.get(row, ""))
            if passage is None:  # another process was faster: it comes with the next version
                break
            try:
                self._ground.put(passage, packed)
            except ValueError:
                continue  # of another length: not ours, and nothing to compare with
            self._seq = seq
        self._wanting, self._state = None, state

    def wanting(self, index: Index) -> list[Passage]:
        """What may be found and has no vector."""
        if self._wanting is None:
            there = {m.passage.id: m.passage for run in index.runs.values() for m in run.messages}
            self._wanting = [passage for id, passage in there.items() if id not in self._ground.matrix]
        return self._wanting

    def covers(self, index: Index) -> bool:
        known = len(self._ground.matrix)
        missing = sum(passage.by_subject for passage in self.wanting(index))
        return known > 0 and missing <= (1 - ENOUGH) * (known + missing)

    def nearness(self, index: Index, asked: Sequence[float]) -> Callable[[View], Near]:
        return lambda view: self._ground.nearness(index, view, asked)
