"""What is distilled, at rest: every version of a persona's facets, in its sealed file beside what they quote.

A facet is one row for as long as it stays the same, however many versions it is part of. What rests on a passage
goes with it, out of every version (schema.py sees to that); what was struck is remembered by hash only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

import msgspec
from msgspec import Struct

from persona_store.distill.model import Aspect, Facet, Portrait
from persona_store.errors import Refused
from persona_store.model import Passage
from persona_store.sealed import SealedFile

KEPT = 50
"""Versions; older ones are forgotten, words and all."""

How = Literal["rules", "model", "rollback"]
NONE = Portrait(version=0, made_at=datetime(1970, 1, 1, tzinfo=UTC), facets=())


class Version(Struct, frozen=True):
    number: int
    made_at: datetime
    how: How
    of: int = 0  # of a rollback: the version that was put back


class FacetBook:
    def __init__(self, sealed: SealedFile) -> None:
        self._sealed = sealed

    async def versions(self) -> list[Version]:
        """Oldest first."""
        return await self._sealed.run(self._versions)

    async def portrait(self, number: int | None = None) -> Portrait:
        """The facets at that version, or at the newest; version 0 if nothing was distilled yet. Raises Refused
        VERSION_UNKNOWN."""
        return await self._sealed.run(self._portrait, number)

    async def keep(self, facets: Iterable[Facet], now: datetime, how: How = "rules", of: int = 0) -> Version:
        """A new version that holds exactly these, but for what was struck, and for what quotes words that are not
        there (any more): they may have gone while it was distilled. If nothing is different from the newest
        version, that is the answer and nothing is written."""
        return await self._sealed.run(self._keep, list(facets), now, how, of)

    async def roll_back(self, number: int, now: datetime) -> Version:
        """A new version equal to an old one; what was struck or lost its passage since stays away."""
        return await self.keep((await self.portrait(number)).facets, now, "rollback", number)

    async def strike(self, ids: Iterable[str]) -> tuple[Facet, ...]:
        """Out of every version, and never again. Returns what was struck, as it was in the newest. Raises Refused
        FACET_UNKNOWN, and then nothing is struck."""
        return await self._sealed.run(self._strike, list(ids))

    async def struck(self) -> frozenset[str]:
        """What must not come back, as hashes that say the same in every installation."""
        return await self._sealed.run(self._struck)

    async def keep_struck(self, marks: Iterable[str]) -> None:
        """What was struck in the installation this persona came from stays away here, too."""
        await self._sealed.run(self._keep_struck, list(marks))

    async def keep_back(self, aspects: Collection[Aspect]) -> int:
        """Everything of these aspects goes, out of every version; returns how many rows went. What may be found
        again is for the rule that keeps it back to say."""
        return await self._sealed.run(self._keep_back, frozenset(aspects))

    async def said(self, question: str) -> bytes | None:
        """What a model answered to exactly this before, unless passages went since."""
        return await self._sealed.run(self._said, question)

    async def keep_said(self, question: str, answer: bytes) -> None:
        await self._sealed.run(self._keep_said, question, answer)

    # -------------------------------------------------------------- in the thread

    def _versions(self) -> list[Version]:
        query = "SELECT number, sealed FROM version ORDER BY number"
        return [
            msgspec.json.decode(self._sealed.unseal(_version_row(number), sealed), type=Version)
            for number, sealed in self._sealed.rows(query)
        ]

    def _portrait(self, number: int | None) -> Portrait:
        versions = {version.number: version for version in self._versions()}
        if number is None:
            number = max(versions, default=0)
        if number not in versions:
            if number == 0:
                return NONE
            there = f"there are {min(versions)} to {max(versions)}" if versions else "nothing was distilled yet"
            raise Refused("VERSION_UNKNOWN", f"there is no version {number}", there)
        query = "SELECT row, sealed FROM facet WHERE first <= ? AND (until IS NULL OR until > ?) ORDER BY seq"
        return Portrait(number, versions[number].made_at, tuple(self._opened(query, number, number)))

    def _keep(self, facets: list[Facet], now: datetime, how: How, of: int) -> Version:
        sealed = self._sealed
        with sealed.transaction():
            struck = self._struck()
            left = (facet for facet in facets if not was_struck(facet, struck))
            wanted = {facet.id: facet for facet in self._carried(left)}
            newest = self._portrait(None)
            standing = {facet.id: facet for facet in newest.facets}
            if wanted == standing and newest.version:
                return next(version for version in self._versions() if version.number == newest.version)
            # The number is in the sealed header, so it has to be known before: AUTOINCREMENT never reuses one.
            number = int(sealed.one("SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name='version'")) + 1
            version = Version(number, now, how, of)
            header = sealed.seal(_version_row(number), msgspec.json.encode(version))
            sealed.rows("INSERT INTO version (number, sealed) VALUES (?, ?)", number, header)
            for id in standing.keys() - {id for id in wanted if wanted[id] == standing.get(id)}:
                end = "UPDATE facet SET until=? WHERE row=? AND until IS NULL"
                sealed.change(end, number, sealed.row(id))
            for id, facet in wanted.items():
                if facet != standing.get(id):
                    self._insert(facet, number)
            self._forget_old(number)
        return version

    def _carried(self, facets: Iterable[Facet]) -> Iterator[Facet]:
        """Looked up where nothing can go in between: what the trigger takes along (schema.py) has to be there."""
        sealed = self._sealed
        texts: dict[str, str | None] = {}
        for facet in facets:
            for passage in {citation.passage for citation in facet.citations} - texts.keys():
                row = sealed.row(passage)
                held = sealed.one("SELECT sealed FROM passage WHERE row=?", row)
                plain = None if held is None else sealed.unseal(row, held)
                texts[passage] = None if plain is None else msgspec.msgpack.decode(plain, type=Passage).text
            there = ((each.quote, texts[each.passage]) for each in facet.citations)
            if all(text is not None and quote in text for quote, text in there):
                yield facet

    def _insert(self, facet: Facet, number: int) -> None:
        sealed = self._sealed
        row = sealed.row(facet.id)
        insert = "INSERT INTO facet (row, first, sealed) VALUES (?, ?, ?) RETURNING seq"
        seq = sealed.one(insert, row, number, sealed.seal(row, msgspec.msgpack.encode(facet)))
        for passage in {citation.passage for citation in facet.citations}:
            sealed.rows("INSERT INTO cited (facet, passage) VALUES (?, ?)", seq, sealed.row(passage))

    def _forget_old(self, number: int) -> None:
        gone = self._sealed.change("DELETE FROM version WHERE number <= ?", number - KEPT)
        if gone:
            self._sealed.change("DELETE FROM facet WHERE until <= ?", number - KEPT + 1)

    def _strike(self, ids: list[str]) -> tuple[Facet, ...]:
        sealed = self._sealed
        with sealed.transaction():
            standing = {facet.id: facet for facet in self._portrait(None).facets}
            if unknown := [id for id in ids if id not in standing]:
                raise Refused(
                    "FACET_UNKNOWN", f"there is no facet {unknown[0][:40]!r}", "`understudy persona facets`"
                )
            struck = tuple(standing[id] for id in ids)
            for facet in struck:
                self._remember(marks(facet))
                sealed.change("DELETE FROM facet WHERE row=?", sealed.row(facet.id))
            sealed.change("DELETE FROM said")
        sealed.scrub()
        return struck

    def _keep_back(self, aspects: frozenset[Aspect]) -> int:
        sealed = self._sealed
        with sealed.transaction():
            gone = [
                seq
                for seq, row, held in sealed.rows("SELECT seq, row, sealed FROM facet")
                if msgspec.msgpack.decode(sealed.unseal(row, held), type=Facet).aspect in aspects
            ]
            for seq in gone:
                sealed.change("DELETE FROM facet WHERE seq=?", seq)
            if gone:
                sealed.change("DELETE FROM said")
        if gone:
            sealed.scrub()
        return len(gone)

    def _struck(self) -> frozenset[str]:
        query = "SELECT row, sealed FROM struck_out"
        return frozenset(self._sealed.unseal(row, held).decode() for row, held in self._sealed.rows(query))

    def _remember(self, marks: Iterable[str]) -> None:
        for mark in marks:
            row = self._sealed.row(f"struck\0{mark}")
            insert = "INSERT OR IGNORE INTO struck_out VALUES (?, ?)"
            self._sealed.rows(insert, row, self._sealed.seal(row, mark.encode()))

    def _keep_struck(self, marks: list[str]) -> None:
        with self._sealed.transaction():
            self._remember(marks)

    def _said(self, question: str) -> bytes | None:
        row = self._sealed.row(f"said\0{question}")
        sealed = self._sealed.one("SELECT sealed FROM said WHERE row=?", row)
        return None if sealed is None else self._sealed.unseal(row, sealed)

    def _keep_said(self, question: str, answer: bytes) -> None:
        row = self._sealed.row(f"said\0{question}")
        with self._sealed.transaction():
            self._sealed.rows("INSERT OR REPLACE INTO said VALUES (?, ?)", row, self._sealed.seal(row, answer))

    def _opened(self, query: str, *values: int) -> Iterator[Facet]:
        for row, sealed in self._sealed.rows(query, *values):
            yield msgspec.msgpack.decode(self._sealed.unseal(row, sealed), type=Facet)


def _version_row(number: int) -> bytes:
    return b"version %d" % number


def marks(facet: Facet) -> Iterator[str]:
    """By what is remembered that it was struck: the facet itself; and, as a model may say the same in other words,
    whatever a model would say of that aspect from the same passage. What a model had said, rules must not say
    again either."""
    yield _mark("facet", facet.id)
    for citation in facet.citations:
        yield _mark("model", facet.aspect, citation.passage)
        if facet.by == "model":
            yield _mark("rules", facet.aspect, citation.passage)


def was_struck(facet: Facet, struck: frozenset[str]) -> bool:
    """Whether it is among what must not come back, or near enough."""
    by = "model" if facet.by == "model" else "rules"
    near = (_mark(by, facet.aspect, citation.passage) for citation in facet.citations)
    return _mark("facet", facet.id) in struck or any(mark in struck for mark in near)


def _mark(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]
