"""Which runs hold which term, how often: the inverted index itself, in memory, exact after every change.

Run numbers only grow, so a posting list stays sorted by appending, and a run is taken out of it by bisection: there
are no tombstones, and document frequencies are always those of what is there now.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

_MOST = 255  # of a term in one run; more says nothing more


class Postings:
    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._words: list[str] = []
        self._runs: list[array[int]] = []
        self._counts: list[array[int]] = []

    def number(self, terms: Iterable[str]) -> array[int]:
        """The ids of these terms, made where they are new."""
        ids = self._ids
        numbered = array("I")
        for term in terms:
            known = ids.get(term)
            if known is None:
                known = ids[term] = len(self._runs)
                self._words.append(term)
                self._runs.append(array("I"))
                self._counts.append(array("B"))
            numbered.append(known)
        return numbered

    def known(self, term: str) -> int | None:
        return self._ids.get(term)

    def word(self, id: int) -> str:
        return self._words[id]

    def add(self, run: int, counts: Counter[int]) -> None:
        for id, count in counts.items():
            self._runs[id].append(run)
            self._counts[id].append(min(count, _MOST))

    def remove(self, run: int, ids: Iterable[int]) -> None:
        for id in ids:
            runs = self._runs[id]
            place = bisect_left(runs, run)
            del runs[place]
            del self._counts[id][place]

    def said(self, id: int, first: int, last: int) -> int:
        """How often a term stands in the runs of these numbers and between."""
        runs = self._runs[id]
        begin = bisect_left(runs, first)
        if begin == len(runs) or runs[begin] > last:
            return 0
        return sum(self._counts[id][begin : bisect_left(runs, last + 1, begin)])

    def runs(self, id: int) -> Sequence[int]:
        return self._runs[id]

    def counts(self, id: int) -> Sequence[int]:
        return self._counts[id]
