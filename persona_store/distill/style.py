"""The communication style of the Subject: one facet for each aspect, in numbers, with examples in their own words.

It says how somebody writes, and nothing of how they feel or what they are like: those facets do not exist
(rights.md L25, L35). `text` is empty; sentences are made from the measures where they are shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from datetime import datetime
from math import sqrt

from persona_store.distill import style_measures
from persona_store.distill.model import Citation, Facet, StyleAspect, facet_id
from persona_store.distill.style_examples import mentions, names_of
from persona_store.distill.style_frequent import Item
from persona_store.distill.style_measures import SHOWN, Tally
from persona_store.model import Passage
from persona_store.splitting import is_split

FEWEST_MESSAGES = 30
"""Own messages below which nothing is said about a style: a share would be off by up to 18 points (95 %)."""
MOST_CITATIONS = 5
MOST_NAMES = 20_000
"""Names of others that are looked for in examples; further ones are not known to be names."""


async def style(passages: AsyncIterable[Passage] | Iterable[Passage]) -> list[Facet]:
    """The facets, in the order of StyleAspect; none if there are fewer than FEWEST_MESSAGES own messages. Passages
    of each thread must come in order of time. Memory does not grow with their number."""
    found = Style()
    if isinstance(passages, AsyncIterable):
        async for passage in passages:
            found.add(passage)
    else:
        found.see(passages)
    return found.facets()


class Style:
    """Implements Finder: a tally together with when it was and who else was there."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._names: set[str] = set()
        self._first: datetime | None = None
        self._last: datetime | None = None

    def see(self, episode: Iterable[Passage]) -> None:
        for passage in episode:
            self.add(passage)

    def add(self, passage: Passage) -> None:
        """Pages, interviews and forms are no messages and have another style; what a machine read off a picture is
        nobody's punctuation."""
        if passage.reading or passage.described or is_split(passage) or passage.source == "correction":
            return
        if not passage.by_subject and len(self._names) < MOST_NAMES:
            self._names |= names_of(passage.author_name)
        before = self.tally.messages
        self.tally.add(passage)
        if self.tally.messages > before:
            self._first = min(self._first or passage.at, passage.at)
            self._last = max(self._last or passage.at, passage.at)

    def facets(self, now: datetime | None = None) -> list[Facet]:
        """One of each aspect. A style does not go out of date by the day, so `now` says nothing here."""
        tally = self.tally
        if tally.messages < FEWEST_MESSAGES or self._first is None or self._last is None:
            return []
        names = frozenset(self._names)
        facets = []
        for aspect, found in style_measures.measures(tally, most=3 * SHOWN).items():
            measured = _shown(found, names)
            citations = tuple(self._citations(aspect, measured, names))
            facets.append(
                Facet(
                    id=facet_id(aspect),
                    aspect=aspect,
                    topic="",
                    text="",
                    citations=citations,
                    confidence=confidence(tally.messages),
                    first=self._first,
                    last=self._last,
                    status="standing",
                    measures=measured,
                )
            )
        return facets

    def _citations(self, aspect: StyleAspect, found: Mapping[str, float], names: frozenset[str]) -> list[Citation]:
        cited: list[Citation] = []
        for citation in self._candidates(aspect, found):
            if len(cited) == MOST_CITATIONS:
                break
            known = any(citation.quote == other.quote for other in cited)
            if not known and not mentions(citation.quote, names):
                cited.append(citation)
        return cited

    def _candidates(self, aspect: StyleAspect, found: Mapping[str, float]) -> list[Citation]:
        """The best examples first: of a size near the median, or of the measures that say most."""
        tally = self.tally
        if aspect == "length":
            median = found["chars_q2"]
            near = sorted(tally.sized, key=lambda each: (abs(each[1] - median), -each[0]))
            return [Citation(passage, quote, at) for _, _, passage, quote, at in near[: 4 * MOST_CITATIONS]]
        items: list[Item | None] = []
        for name, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])):
            kind, _, about = name.partition(":")
            table = {"opening": tally.openings.items, "phrase": tally.phrases.items, "emoji": tally.signs.items}
            items.append(table[kind].get(about) if kind in table and about else tally.examples.get(name))
        return [citation for item in items if item for _, citation in item.cited[:1]]


def confidence(messages: int) -> float:
    """1 less the margin of a share of a half in so many messages, with 95 % certainty: 0.82 of 30, 0.95 of 400."""
    return round(max(0.0, 1 - 1.96 * 0.5 / sqrt(messages)), 3) if messages else 0.0


def _shown(found: Mapping[str, float], names: frozenset[str]) -> dict[str, float]:
    """Without openings and phrases that name somebody, and no more than SHOWN of each."""
    shown: dict[str, float] = {}
    left = {"opening": SHOWN, "phrase": SHOWN, "emoji": SHOWN}
    for name, value in found.items():
        kind, _, about = name.partition(":")
        if kind in left and about:
            if not left[kind] or mentions(about, names):
                continue
            left[kind] -= 1
        shown[name] = value
    return shown
