"""Everything a persona holds, looked through once: what would be kept back under a rule, and what would stay."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec import Struct

from persona_store.distill.model import Facet
from persona_store.distill.reading import Episode, episodes
from persona_store.evidence import EvidenceFile
from persona_store.model import Passage
from persona_store.withheld.book import Note, WithheldBook
from persona_store.withheld.cutting import Cut, Knife
from persona_store.withheld.levels import Category, Rule
from persona_store.withheld.noting import noted, with_before

TOGETHER = 500  # passages a thread works on before the loop has its turn

Progress = Callable[[int, int], None]
Quotes = Mapping[str, Collection[tuple[str, Category]]]


class Change(Struct, frozen=True):
    """A passage as it stands, what had been said before it, and what would become of it."""

    passage: Passage
    before: Passage | None
    cut: Cut


class Plan(Struct, frozen=True):
    """What a rule does to a persona. `own` counts the Subject's passages that were looked at, `version` is that of
    the file when the look began."""

    rule: Rule
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]
    own: int
    version: tuple[int, int]

    @property
    def counts(self) -> dict[str, int]:
        """Sentences that would be kept back, by kind."""
        return dict(Counter(held.kind for change in self.changes for held in change.cut.held).most_common())

    @property
    def whole(self) -> int:
        return sum(change.cut.passage is None for change in self.changes)

    @property
    def share(self) -> float:
        """Of the characters of the Subject's passages that would be kept back, as far as they are touched."""
        there = sum(len(change.passage.text) for change in self.changes) or 1
        return sum(len(held.text) for change in self.changes for held in change.cut.held) / there


def quotes_of(facets: Sequence[Facet], rule: Rule) -> dict[str, list[tuple[str, Category]]]:
    """What distilling found of what is kept back, by passage. How somebody writes is told by counts, and what it
    quotes are examples of anything."""
    found: dict[str, list[tuple[str, Category]]] = {}
    for facet in facets:
        category = rule.keeps_aspect(facet.aspect)
        if category is not None and category != "unique":
            for citation in facet.citations:
                found.setdefault(citation.passage, []).append((citation.quote, category))
    return found


async def sweep(
    file: EvidenceFile,
    rule: Rule,
    *,
    facets: Sequence[Facet] = (),
    item: Callable[[Passage], bool] | None = None,
    progress: Progress = lambda done, total: None,
) -> Plan:
    """Twice: first what belongs to a category or was pointed at (`item`), then wherever the same words stand again,
    in a copy or in what somebody quoted."""
    version = await file.version()
    marks = await WithheldBook(file.sealed).marks()
    look = _Look(file, Knife(rule, marks, file.sealed.mac, quotes_of(facets, rule)), marks, item)
    total = 2 * await file.count()
    await _over(file, look.first, progress, 0, total)
    if look.found:
        again = Knife(Rule(), marks, file.sealed.mac)
        await _over(file, lambda episode: look.second(episode, again), progress, total // 2, total)
    progress(total, total)
    return Plan(rule, tuple(look.changes.values()), tuple(look.notes), look.own, version)


async def _over(
    file: EvidenceFile, see: Callable[[Episode], None], progress: Progress, done: int, total: int
) -> None:
    waiting: list[Episode] = []
    held = 0

    def work() -> None:
        for episode in waiting:
            see(episode)

    async for episode in episodes(file):
        waiting.append(episode)
        held += len(episode)
        if held >= TOGETHER:
            await asyncio.to_thread(work)
            done += held
            waiting.clear()
            held = 0
            progress(done, total)
    await asyncio.to_thread(work)


class _Look:
    def __init__(
        self, file: EvidenceFile, knife: Knife, marks: dict[bytes, str], item: Callable[[Passage], bool] | None
    ) -> None:
        self._mac = file.sealed.mac
        self._knife = knife
        self._marks = marks
        self._item = item
        self.changes: dict[str, Change] = {}
        self.notes: list[Note] = []
        self.own = 0
        self.found = False

    def first(self, episode: Episode) -> None:
        for passage, before in with_before(episode):
            self.own += passage.by_subject
            if self._item is not None and passage.by_subject and self._item(passage):
                self._take(passage, before, self._knife.whole(passage))
            else:
                self._take(passage, before, self._knife.cut(passage))

    def second(self, episode: Episode, knife: Knife) -> None:
        for passage, before in with_before(episode):
            if passage.id not in self.changes:
                self._take(passage, before, knife.cut(passage))

    def _take(self, passage: Passage, before: Passage | None, cut: Cut) -> None:
        if cut.passage is passage:
            return
        self.changes[passage.id] = Change(passage, before, cut)
        notes = list(noted(passage, cut, before, self._knife, self._mac))
        for note in notes:
            if note.mark is not None and note.mark not in self._marks:
                self._marks[note.mark] = note.kind
                self.found = True
        self.notes += notes
