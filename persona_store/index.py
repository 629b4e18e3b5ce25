"""The search index of one persona: in memory only, exact at once after every addition and removal.

Only episodes in which the persona can be quoted are indexed; the rest is held back until somebody quotable
speaks in them. Who may read, and what is older than `as_of`, is decided before anything is counted: document
frequencies, averages and ranks are those of a corpus that holds nothing else (rights.md T06, T09).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from math import log, sqrt
from operator import attrgetter

from msgspec import Struct, field

from persona_store.episodes import Episode, Message, Run, episode_of, stretches
from persona_store.model import Passage, Readers, may_read
from persona_store.postings import Postings
from persona_store.tokens import terms


class View(Struct, frozen=True):
    """What one reader may see at one time: run numbers, or None for all of them."""

    runs: frozenset[int] | None
    size: int
    average: float  # terms in a run
    frequencies: dict[int, int] = field(default_factory=dict)  # of terms that were asked for; filled as needed
    weights: dict[int, float] = field(default_factory=dict)  # idf; likewise
    helped: dict[int, Counter[str]] = field(default_factory=dict)  # for persona_store/helping.py; likewise


class Index:
    """`everybody`: all episodes, for telling who wrote about something; nothing in it is searched for answers."""

    def __init__(self, *, everybody: bool = False) -> None:
        self._everybody = everybody
        self.postings = Postings()
        self.runs: dict[int, Run] = {}
        self._passages: dict[str, Passage] = {}
        self._members: dict[Episode, list[str]] = defaultdict(list)
        self._messages: dict[str, Message] = {}
        self._own_runs: dict[Episode, list[int]] = {}
        self._next = 0
        self._length = 0
        self._restricted = 0  # runs that not everybody may read
        self._views: dict[tuple[Readers, datetime | None], View] = {}

    # -------------------------------------------------------------- changing

    def add(self, passages: Iterable[Passage]) -> None:
        """Put in what is new, replace what changed (by id)."""
        touched: dict[Episode, None] = {}
        for passage in passages:
            known = self._passages.get(passage.id)
            if known is not None:
                touched[self._take_out(known)] = None
            episode = episode_of(passage)
            self._passages[passage.id] = passage
            self._members[episode].append(passage.id)
            touched[episode] = None
        self._rebuild(touched)

    def remove(self, ids: Iterable[str]) -> None:
        self._rebuild(dict.fromkeys(self._take_out(known) for id in ids if (known := self._passages.get(id))))

    def _take_out(self, passage: Passage) -> Episode:
        episode = episode_of(passage)
        del self._passages[passage.id]
        self._messages.pop(passage.id, None)
        self._members[episode].remove(passage.id)
        if not self._members[episode]:
            del self._members[episode]
        return episode

    def _rebuild(self, touched: Iterable[Episode]) -> None:
        self._views.clear()
        for episode in touched:
            for number in self._own_runs.pop(episode, ()):
                self._drop(self.runs.pop(number))
            members = sorted(
                (self._passages[id] for id in self._members.get(episode, ())), key=attrgetter("at", "id")
            )
            if members and (self._everybody or any(passage.quotable for passage in members)):
                messages = [self._message(passage) for passage in members]
                self._own_runs[episode] = [self._keep(episode, stretch) for stretch in stretches(messages)]

    def _message(self, passage: Passage) -> Message:
        known = self._messages.get(passage.id)
        if known is None:
            body = terms(passage.text)
            head = terms(f"{passage.title}\n{passage.question}") if passage.title or passage.question else []
            known = Message(passage, self.postings.number(body + head), len(body))
            self._messages[passage.id] = known
        return known

    def _keep(self, episode: Episode, stretch: tuple[Message, ...]) -> int:
        number, self._next = self._next, self._next + 1
        counts = counted(stretch)
        run = Run(
            number=number,
            episode=episode,
            messages=stretch,
            length=counts.total(),
            norm=sqrt(sum((1 + log(count)) ** 2 for count in counts.values())) or 1.0,
            last_at=stretch[-1].passage.at,
            readers=stretch[-1].passage.readers,
        )
        self.postings.add(number, counts)
        self.runs[number] = run
        self._length += run.length
        self._restricted += run.readers is not None
        return number

    def _drop(self, run: Run) -> None:
        self.postings.remove(run.number, counted(run.messages))
        self._length -= run.length
        self._restricted -= run.readers is not None

    # -------------------------------------------------------------- reading

    def __len__(self) -> int:
        return len(self._passages)

    @property
    def passages(self) -> Mapping[str, Passage]:
        return self._passages

    def view(self, readers: Readers, as_of: datetime | None) -> View:
        """What may be counted for these readers; remembered until something changes."""
        key = (readers, as_of) if self._restricted or as_of else (None, None)
        if key == (None, None) and not self._restricted and key not in self._views:
            self._views[key] = View(None, len(self.runs), self._length / max(1, len(self.runs)))
        if key not in self._views:
            if len(self._views) > 16:
                self._views.clear()
            may = {whose: may_read(whose, readers) for whose in {run.readers for run in self.runs.values()}}
            seen = [
                run for run in self.runs.values() if may[run.readers] and (as_of is None or run.last_at <= as_of)
            ]
            length = sum(run.length for run in seen)
            self._views[key] = View(frozenset(run.number for run in seen), len(seen), length / max(1, len(seen)))
        return self._views[key]

    def frequency(self, view: View, id: int) -> int:
        """How many of the runs that may be seen have a term."""
        if view.runs is None:
            return len(self.postings.runs(id))
        known = view.frequencies.get(id)
        if known is None:
            known = view.frequencies[id] = len(view.runs.intersection(self.postings.runs(id)))
        return known

    def quotable(self, readers: Readers) -> Iterator[tuple[Episode, Passage]]:
        """What the persona itself said, or was taught, as far as these readers may read it."""
        for passage in self._passages.values():
            if passage.quotable and may_read(passage.readers, readers):
                yield episode_of(passage), passage

    def episodes(self) -> Iterator[Episode]:
        yield from self._own_runs

    def said(self, episode: Episode, view: View, ids: Iterable[int]) -> tuple[dict[int, int], int]:
        """How often an episode says these terms, as far as it may be seen, and how many terms it has. A message
        that two runs share counts in both."""
        numbers = self._own_runs.get(episode, [])
        if view.runs is not None:
            numbers = [number for number in numbers if number in view.runs]
        counts: dict[int, int] = {}
        for first, last in _gapless(numbers):
            for id in ids:
                if count := self.postings.said(id, first, last):
                    counts[id] = counts.get(id, 0) + count
        return counts, sum(self.runs[number].length for number in numbers)

    def episode(self, episode: Episode, view: View) -> Iterator[Run]:
        """Its runs in order of time, as far as they may be seen."""
        for number in self._own_runs.get(episode, ()):
            if view.runs is None or number in view.runs:
                yield self.runs[number]


def _gapless(numbers: list[int]) -> list[tuple[int, int]]:
    """Rising numbers as (first, last) of each row without a gap: an episode's runs are numbered in one go, and only
    those that may not be seen leave gaps."""
    if not numbers:
        return []
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return [(numbers[0], numbers[-1])]
    return [(number, number) for number in numbers]


def counted(messages: Iterable[Message]) -> Counter[int]:
    """How often each term stands in these messages."""
    return Counter(chain.from_iterable(message.sequence for message in messages))
