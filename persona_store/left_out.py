"""Whoever said "leave me out": their words are no context any more, in what is kept and in what is imported later.

The people around a subject never signed anything. Their words are kept only to understand the subject's, and never
quoted; but nobody has to put up with even that, and nobody needs a reason (GDPR 21, PIPL 44, rights.md L07). Who
they are is remembered by keyed hash: the list tells nobody who is on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable

from persona_store.evidence import EvidenceFile
from persona_store.model import Document
from persona_store.protocols import Batch, Put, Source, Store
from persona_store.vault import Vault

PREFIX = "left-out/"
REASON = "LEFT_OUT"
TOGETHER = 500


class LeftOut:
    """Everybody of this installation who said so."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def out(self, keys: Iterable[str]) -> Batch:
        """From this commit on; `keys` are all accounts of one person."""
        return Batch(puts=tuple(Put(self._mark(key), b"") for key in keys))

    def back(self, keys: Iterable[str]) -> Batch:
        """They may be imported again; what is gone does not come back by itself."""
        return Batch(deletes=tuple(map(self._mark, keys)))

    async def known(self) -> Callable[[str], bool]:
        """Whether a person key is one of theirs, as of now."""
        marks = frozenset([mark async for mark, _ in self._store.scan(PREFIX)])
        return lambda key: bool(marks) and bool(key) and self._mark(key) in marks

    async def purge(self, file: EvidenceFile) -> int:
        """Take out what is kept of their words; how many passages that were. A subject's own words are theirs to
        withhold, and stay."""
        gone = await self.known()
        ids = [passage.id async for _, passage in file.scan() if not passage.by_subject and gone(passage.author)]
        for start in range(0, len(ids), TOGETHER):
            await file.remove(ids[start : start + TOGETHER])
        return len(ids)

    def _mark(self, key: str) -> str:
        return PREFIX + self._vault.stand_in("left out", key)


class Without:
    """A Source that does not bring them. Everything else is the source's own."""

    def __init__(self, source: Source, gone: Callable[[str], bool]) -> None:
        self._source = source
        self._gone = gone
        self._left = 0

    @property
    def dropped(self) -> Counter[str]:
        return self._source.dropped + Counter({REASON: self._left})

    async def documents(self) -> AsyncIterator[Document]:
        async for document in self._source.documents():
            if not document.by_subject and self._gone(document.author):
                self._left += 1
            else:
                yield document

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)
