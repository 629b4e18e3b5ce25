"""The things that recur in a stream of episodes, counted in memory that does not grow with it.

Of each term a sample of its episodes is kept: those with the smallest hashes (a bottom-k sketch: Cohen and Kaplan,
"Summarizing data using bottom-k sketches", 2007). Two samples tell how far two terms stand in the same episodes.
When there are too many terms, the rarer half goes; one of these that comes back is counted from there on. So a
count may be too low and is never too high.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from math import log

from persona_store.distill.things import Seen, bare, names, no_topics, nouns, spelt
from persona_store.distill.vocabulary import READ

MOST_TERMS = 8192
SAMPLE = 256  # episodes of a term
_MOST_QUARTERS = 64
_MOST_SPELLINGS = 4
_CANDIDATES = 400
_FEWEST = 2  # episodes: a word said once is no topic
_SHARE = 0.5  # of its episodes that another topic may have had already
_COMPANIONS = 2
_MASK = (1 << 64) - 1


class Term:
    """What is known of one term. `quarters` counts the passages that speak of it (`2024Q1`)."""

    __slots__ = ("episodes", "last", "quarters", "sample", "seen", "written")

    def __init__(self) -> None:
        self.episodes = self.last = 0
        self.seen = Seen()
        self.quarters: Counter[str] = Counter()
        self.written: Counter[str] = Counter()
        self.sample = array("Q")

    @property
    def passages(self) -> int:
        return self.seen.passages

    @property
    def spelling(self) -> str:
        return min(self.written, key=lambda each: (-self.written[each], each))

    @property
    def telling(self) -> float:
        """More where it is dwelt on, and where it is written like the name of something."""
        return (1.5 if self.passages > self.episodes else 1.0) * (1.5 if self.seen.is_name else 1.0)

    def say(self, spelling: str, at: datetime) -> None:
        """`spelling`: where it stands as a thing; elsewhere it may be a verb, and is written like one."""
        self.quarters[quarter(at)] += 1
        if len(self.quarters) > _MOST_QUARTERS:
            del self.quarters[min(self.quarters)]
        if spelling in self.written or spelling and len(self.written) < _MOST_SPELLINGS:
            self.written[spelling] += 1

    def stand_in(self, episode: int) -> None:
        self.episodes += 1
        if len(self.sample) < SAMPLE or episode < self.sample[-1]:
            insort(self.sample, episode)
            del self.sample[SAMPLE:]

    def shared(self, other: Term) -> tuple[int, int]:
        """(how many of this term's sampled episodes the other stands in, of how many that can be told)."""
        known = [each for each in self.sample if len(other.sample) < SAMPLE or each <= other.sample[-1]]
        return sum(_has(other.sample, each) for each in known), len(known)


class Recurring:
    def __init__(self) -> None:
        self._terms: dict[str, Term] = {}
        self._episodes = 0

    def see(self, texts: Iterable[tuple[str, datetime]]) -> None:
        """What one person said in one episode, piece by piece."""
        self._episodes += 1
        episode = _scattered(self._episodes)
        met: set[str] = set()
        for text, at in texts:
            read = bare(text[:READ])
            written = {term: spelling for term, spelling in spelt(read).items() if term not in no_topics()}
            as_names, as_nouns = names(read), nouns(read, written)
            for term, spelling in written.items():
                known = self._terms.setdefault(term, Term())
                if term not in met or not known.episodes:  # it may have gone in between
                    known.stand_in(episode)
                known.say(spelling if term in as_names or term in as_nouns else "", at)
                known.last = self._episodes
                known.seen.passages += 1
                known.seen.named += term in as_names
                known.seen.nouns += term in as_nouns
            met.update(written)
            if len(self._terms) > MOST_TERMS:
                self._forget()

    def topics(self, limit: int, unless: Callable[[str], bool]) -> Iterator[tuple[Term, tuple[str, ...]]]:
        """The best `limit` terms that speak of different things, each before its companions."""
        weight = {
            name: term.episodes * log(1 + self._episodes / term.episodes) * term.telling
            for name, term in self._terms.items()
            if term.episodes >= min(_FEWEST, self._episodes)
            and term.seen.thing
            and not unless(name)
            and not unless(term.spelling)
        }
        ranked = sorted(weight, key=lambda name: (-weight[name], name))[:_CANDIDATES]
        chosen: list[Term] = []
        used: set[str] = set()
        for name in ranked:
            term = self._terms[name]
            if name in used or any(_most(term.shared(other)) for other in chosen):
                continue
            if len(chosen) == limit:
                return
            together = {
                other: term.shared(self._terms[other])[0] for other in ranked if other != name and other not in used
            }
            near = sorted(
                (other for other, count in together.items() if count >= _FEWEST),
                key=lambda other: (
                    -(together[other] ** 2) / self._terms[other].episodes,
                    other,
                ),  # close, not common
            )[:_COMPANIONS]
            used.update((name, *near))
            chosen.append(term)
            yield term, tuple(self._terms[each].spelling for each in (name, *near))

    def _forget(self) -> None:
        """The rarest, and of these first those not heard for longest."""
        ranked = sorted(self._terms, key=lambda name: (-self._terms[name].episodes, -self._terms[name].last, name))
        for name in ranked[MOST_TERMS // 2 :]:
            del self._terms[name]


def quarter(at: datetime) -> str:
    return f"{at.year:04}Q{(at.month + 2) // 3}"


def _most(shared: tuple[int, int]) -> bool:
    count, of = shared
    return of > 0 and count > _SHARE * of


def _has(sample: array[int], episode: int) -> bool:
    at = bisect_left(sample, episode)
    return at < len(sample) and sample[at] == episode


def _scattered(number: int) -> int:
    """A number spread evenly over 64 bits, the same every time (the finaliser of SplitMix64)."""
    value = (number * 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
