"""Facets drawn anew from what goes along in a pack, and from nothing else.

A facet that was drawn here knows more than its quotes show: how often something was said, since when, and what
spoke against it, also in chats that never leave. So none is taken along. What the Subject struck is found here by
the words it rests on, and told to the other side as what must not be drawn there either.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from persona_store.consent.record import Consent
from persona_store.distill.book import marks, was_struck
from persona_store.distill.distil import finders_of, granted
from persona_store.distill.finder import Finder
from persona_store.distill.model import Facet
from persona_store.distill.reading import Episode
from persona_store.distill.rules import KINDS as STATED
from persona_store.distill.status import settled
from persona_store.licensed.passages import Moved

Place = tuple[str, frozenset[str]]


class Drawing:
    """Shown one episode after the other, as it stands here and as it goes along. `key` makes the pseudonyms."""

    def __init__(self, record: Consent, now: datetime, moved: Moved, *, key: bytes, struck: frozenset[str]) -> None:
        kinds = granted(record, now)
        self._now = now
        self._moved = moved
        self._struck = struck
        self._there = finders_of(kinds, key)
        self._here = finders_of(kinds, key) if struck else []

    def see(self, here: Episode, there: Episode) -> None:
        for finders, episode in ((self._here, here), (self._there, there)):
            for finder in finders if episode else ():
                finder.see(episode)

    async def drawn(self) -> tuple[list[Facet], set[str]]:
        """The facets, and the marks of those that were struck."""
        here, there = (
            await asyncio.to_thread(_all, self._here, self._now),
            await asyncio.to_thread(_all, self._there, self._now),
        )
        gone = {self._place(facet) for facet in here if was_struck(facet, self._struck)}
        left = [facet for facet in there if _place(facet) not in gone]
        stated = settled([facet for facet in left if facet.kind in STATED], self._now)
        measured = [facet for facet in left if facet.kind not in STATED]
        struck = {mark for facet in there if _place(facet) in gone for mark in marks(facet)}
        return sorted([*stated, *measured], key=lambda facet: facet.id), struck

    def _place(self, facet: Facet) -> Place:
        return facet.aspect, frozenset(self._moved.id(each.passage) for each in facet.citations)


def _place(facet: Facet) -> Place:
    """The same words of the same aspect are the same facet, whatever they are called where they stand."""
    return facet.aspect, frozenset(each.passage for each in facet.citations)


def _all(finders: list[Finder], now: datetime) -> list[Facet]:
    return [facet for finder in finders for facet in finder.facets(now)]
