"""What the material covers: how much of it there is, from when, where it comes from and what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from persona_store.distill.colleagues import Colleagues
from persona_store.distill.model import Facet
from persona_store.distill.recurring import Recurring
from persona_store.model import Passage, Readers, may_read

MOST_TOPICS = 12
MOST_PEOPLE = 100_000


class TopicCoverage(Struct, frozen=True):
    words: tuple[str, ...]  # the leading one and its companions, as they are written
    passages: int  # the Subject's own, that speak of the leading one
    quarters: Mapping[str, int]  # of these, by quarter: "2024Q1"


class Coverage(Struct, frozen=True):
    """The Subject's own passages, counted. What is told in detail is only of those its readers may read; of the
    rest there is a number and nothing else."""

    own: int = 0  # all of them
    restricted: int = 0  # of these, what only some may read
    told: int = 0  # of these, what the readers of this coverage may read; everything below is of these alone
    months: Mapping[str, int] = {}  # "2024-03"
    sources: Mapping[str, int] = {}
    topics: tuple[TopicCoverage, ...] = ()  # the best first
    helped: int = 0  # people who wrote in an episode with the Subject; MOST_PEOPLE stands for as many or more
    first: datetime | None = None
    last: datetime | None = None


class CoverageFinder:
    """Sees one episode after the other, in any order, and keeps counts. `readers` are those who will be told;
    `key` is the persona's, for the pseudonyms of others. Somebody's name is no topic."""

    def __init__(self, readers: Readers = None, *, key: bytes = b"") -> None:
        self.colleagues = Colleagues(key)
        self._readers = readers
        self._own = self._restricted = self._told = 0
        self._months: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._people: set[int] = set()
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._recurring = Recurring()

    def see(self, episode: Sequence[Passage]) -> None:
        self.colleagues.see(episode)
        own = [passage for passage in episode if passage.by_subject]
        told = [passage for passage in own if may_read(passage.readers, self._readers)]
        self._own += len(own)
        self._restricted += sum(passage.readers is not None for passage in own)
        self._told += len(told)
        if not told:
            return
        for passage in told:
            self._months[f"{passage.at.year:04}-{passage.at.month:02}"] += 1
            self._sources[passage.source] += 1
            self._first = min(self._first or passage.at, passage.at)
            self._last = max(self._last or passage.at, passage.at)
        self._recurring.see((f"{passage.title}\n{passage.text}", passage.at) for passage in told)
        others = {
            hash(passage.author)  # a number each: keys are as long as their platform likes
            for passage in episode
            if passage.author and not passage.by_subject and not passage.quotable  # the Owner is not one of them
            if may_read(passage.readers, self._readers)
        }
        if len(self._people) < MOST_PEOPLE:
            self._people |= others

    def facets(self, now: datetime) -> list[Facet]:
        """None: it rides along with those that find them."""
        return []

    def coverage(self) -> Coverage:
        """Of what was seen until now."""
        return Coverage(
            own=self._own,
            restricted=self._restricted,
            told=self._told,
            months=dict(sorted(self._months.items())),
            sources=dict(sorted(self._sources.items(), key=lambda pair: (-pair[1], pair[0]))),
            topics=tuple(
                TopicCoverage(words, term.passages, dict(sorted(term.quarters.items())))
                for term, words in self._recurring.topics(MOST_TOPICS, self.colleagues.is_name)
            ),
            helped=min(len(self._people), MOST_PEOPLE),
            first=self._first,
            last=self._last,
        )
