"""Material in the other language than the question, by what its terms may be called there (glossary.py). Pure.

Without it a bilingual team's persona quotes whatever stands nearest in the language of the question, although the
answer stands in the other one. With it that is found and shown to a human; it is not answered from, because words
that are only alike say too little (docs/calibration.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from heapq import nlargest
from itertools import islice

from msgspec import Struct

from persona_store.closeness import weigh
from persona_store.episodes import Episode, Run
from persona_store.glossary import translations
from persona_store.index import Index, View
from persona_store.query import Query, rarest

MOST = 3  # episodes
LOOKED_AT = 12  # runs
APART = 0.4  # between the shares of Chinese from which on it is another language
COMMON = 0.2  # of all runs: a translation that stands in more says nothing
POSTINGS = 20_000  # visited at most
TERMS = 40  # of a question
TRANSLATED = 2  # terms at least that point at an episode, or all of a shorter question
LEAST = 0.08  # of the question: below that it is chance
HALF = 0.5  # of what the best in the question's own language has of it: from here on the other goes before it


class Elsewhere(Struct, frozen=True):
    """`share` of the question, by weight, that an episode's run may speak of."""

    run: Run
    share: float


def abroad(index: Index, view: View, asked: Query) -> list[Elsewhere]:
    """The best episodes, best first. A term that stands there as it is, a name or an identifier, counts in full."""
    reached: dict[int, dict[str, float]] = defaultdict(dict)
    through: dict[int, set[str]] = defaultdict(set)
    budget = POSTINGS
    distinct = list(islice(dict.fromkeys(asked.terms), TERMS))
    for term in distinct:
        for other, likeness in translations(term):
            runs = _runs(index, view, other)
            if not runs or len(runs) > budget:
                continue
            budget -= len(runs)
            weight = likeness * min(_weight(index, view, asked, term), _weight(index, view, asked, other))
            for number in runs:
                reached[number][term] = max(reached[number].get(term, 0.0), weight)
                through[number].add(term)
    enough = min(TRANSLATED, len(distinct))
    found = {number: sum(by.values()) for number, by in reached.items() if len(through[number]) >= enough}
    if not found:
        return []
    for id, weight in asked.weights.items():
        if index.frequency(view, id) <= POSTINGS:
            for number in found.keys() & set(index.postings.runs(id)):
                found[number] += weight - reached[number].get(index.postings.word(id), 0.0)
    best: dict[Episode, Elsewhere] = {}
    spoken = _chinese(asked.terms)
    for number, score in nlargest(LOOKED_AT, found.items(), key=lambda pair: (pair[1], pair[0])):
        run = index.runs[number]
        there = _chinese([index.postings.word(id) for message in run.messages for id in message.sequence])
        if abs(spoken - there) > APART:
            best.setdefault(run.episode, Elsewhere(run, score / (asked.mass or 1.0)))
    return list(best.values())[:MOST]


def _chinese(terms: Sequence[str]) -> float:
    """The share of Chinese among them."""
    return sum(term[:1] > "\u33ff" for term in terms) / (len(terms) or 1)


def _runs(index: Index, view: View, term: str) -> list[int]:
    """Those that have it, as far as they may be seen; none for what stands everywhere."""
    id = index.postings.known(term)
    if id is None or not 0 < index.frequency(view, id) <= max(1.0, COMMON * view.size):
        return []
    return [run for run in index.postings.runs(id) if view.runs is None or run in view.runs]


def _weight(index: Index, view: View, asked: Query, term: str) -> float:
    """idf, as in persona_store/query.py."""
    id = index.postings.known(term)
    if id is None or not index.frequency(view, id):
        return rarest(view)
    return asked.weights.get(id) or weigh(index, view, id)
