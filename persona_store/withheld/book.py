"""What is remembered of withholding, in the persona's sealed file: the rule, marks and hints. No words.

All of it is under the persona's key and goes with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from persona_store.sealed import SealedFile
from persona_store.withheld.cutting import ITEM
from persona_store.withheld.hints import Hint, Hints
from persona_store.withheld.levels import CATEGORIES, Rule

_RULE = b"withholding"
KINDS = (*CATEGORIES, ITEM)
_SHORT = 8  # bytes of the name of a kind


def _identity(hint: Hint) -> bytes:
    """The same sentence at the same place, whatever was seen around it this time."""
    return msgspec.msgpack.encode((hint.kind, hint.terms, hint.episode, hint.at))


class Note(Struct, frozen=True):
    """What is written down of one sentence that is kept back; either may be missing, where words say too little."""

    kind: str
    mark: bytes | None
    hint: Hint | None


class WithheldBook:
    def __init__(self, sealed: SealedFile) -> None:
        self._sealed = sealed

    async def rule(self) -> Rule:
        """What the subject chose; keeps back nothing until they have."""
        return await self._sealed.run(self._rule)

    async def choose(self, rule: Rule) -> None:
        await self._sealed.run(self._choose, rule)

    async def marks(self) -> dict[bytes, str]:
        """What the Knife takes out word for word."""
        return await self._sealed.run(self._marks)

    async def note(self, notes: Iterable[Note]) -> None:
        """To be written before the passages change: a crash in between must not bring anything back."""
        await self._sealed.run(self._note, list(notes))

    async def release(self, kinds: Iterable[str]) -> None:
        """Of these kinds nothing is remembered any more: the next import brings them."""
        await self._sealed.run(self._release, list(kinds))

    async def counts(self) -> dict[str, int]:
        """Sentences that are kept back, by kind."""
        return await self._sealed.run(self._counts)

    async def version(self) -> bytes:
        """Differs whenever rule or hints did; answered in microseconds."""
        return await self._sealed.run_quick(self._version)

    async def hints(self) -> Hints:
        return await self._sealed.run(self._hints)

    # -------------------------------------------------------------- in the thread

    def _rule(self) -> Rule:
        sealed = self._sealed.one("SELECT value FROM meta WHERE name='withholding'")
        return Rule() if sealed is None else msgspec.json.decode(self._sealed.unseal(_RULE, sealed), type=Rule)

    def _choose(self, rule: Rule) -> None:
        sealed = self._sealed.seal(_RULE, msgspec.json.encode(rule))
        with self._sealed.transaction():
            self._sealed.rows("INSERT OR REPLACE INTO meta VALUES ('withholding', ?)", sealed)
            self._changed()

    def _kind(self, kind: str) -> bytes:
        """Its name in the file: whoever reads that without the key does not learn what kinds are kept back."""
        return self._sealed.row(f"kept back\0{kind}")[:_SHORT]

    def _marks(self) -> dict[bytes, str]:
        names = {self._kind(kind): kind for kind in KINDS}
        return {mark: names[kind] for mark, kind in self._sealed.rows("SELECT mark, kind FROM kept_back")}

    def _note(self, notes: list[Note]) -> None:
        sealed = self._sealed
        with sealed.transaction():
            for note in notes:
                kind = self._kind(note.kind)
                if note.mark is not None:
                    # What was pointed at stays pointed at, whatever category it belongs to besides.
                    if note.kind == ITEM:
                        sealed.change("DELETE FROM kept_back WHERE mark=?", note.mark)
                    sealed.rows("INSERT OR IGNORE INTO kept_back VALUES (?, ?)", note.mark, kind)
                if note.hint is not None:
                    plain = msgspec.msgpack.encode(note.hint)
                    row = sealed.mac(b"hint\0" + _identity(note.hint))[:16]
                    insert = "INSERT OR IGNORE INTO hint (row, kind, sealed) VALUES (?, ?, ?)"
                    sealed.rows(insert, row, kind, sealed.seal(row, plain))
            self._changed()

    def _release(self, kinds: list[str]) -> None:
        with self._sealed.transaction():
            for kind in map(self._kind, kinds):
                self._sealed.change("DELETE FROM kept_back WHERE kind=?", kind)
                self._sealed.change("DELETE FROM hint WHERE kind=?", kind)
            self._changed()
        self._sealed.scrub()

    def _changed(self) -> None:
        self._sealed.rows("INSERT OR REPLACE INTO meta VALUES ('hints', ?)", secrets.token_bytes(8))

    def _counts(self) -> dict[str, int]:
        query = "SELECT count(*) FROM hint WHERE kind=?"
        found = {kind: int(self._sealed.one(query, self._kind(kind))) for kind in KINDS}
        return {kind: count for kind, count in found.items() if count}

    def _version(self) -> bytes:
        return self._sealed.one("SELECT value FROM meta WHERE name='hints'") or b""

    def _hints(self) -> Hints:
        rows = self._sealed.rows("SELECT row, sealed FROM hint ORDER BY seq")
        found = [msgspec.msgpack.decode(self._sealed.unseal(row, sealed), type=Hint) for row, sealed in rows]
        return Hints(found, self._sealed.mac)
