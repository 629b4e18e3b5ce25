"""A question against the index: the best episodes with the numbers that tell how well they fit.

Three stages, so that a long question over a large corpus stays within milliseconds: the question's rarest terms
pick some hundred runs, those are scored exactly, and the best of them are looked at as episodes. Two scores are
added, each relative to the best (CombSUM; Fox and Shaw, TREC-2): BM25 with rare terms weighted up once more
(idf^1.5), because a long chat question drowns in its everyday words, and the cosine of lnc.ltc vectors, which
asks how much of the run is about the question.
"""

from __future__ import annotations

from collections import Counter
from heapq import nlargest
from itertools import chain, pairwise
from math import log, sqrt
from operator import itemgetter

from msgspec import Struct

from persona_store.episodes import Episode, Message, Run
from persona_store.index import Index, View, counted

K1, B = 1.2, 0.9
POSTINGS = 40_000  # visited at most in the first stage: some 10 ms
SHORTLIST = 150
LONGEST_EPISODE = 200  # messages of one that are looked at
DEEP = 15  # episodes that are looked at message by message
COSINE, PHRASES, EPISODE, LEAD, OWN = 0.6, 0.3, 0.3, 0.2, 0.1
"""What each adds to BM25's 1.0: the other score; neighbours that are neighbours; what the whole episode
covers; what its first message covers, often the same question asked before; the persona's share of the run."""

_SATURATED = tuple(count * (K1 + 1) / (count + K1) for count in range(256))


class Query(Struct, frozen=True):
    """A question as the index sees it: its terms with what they weigh here."""

    terms: tuple[str, ...]  # in order, with repeats
    ids: tuple[int, ...]  # the known ones, in order; a pair of neighbours in both is a phrase
    weights: dict[int, float]  # term id → idf
    unseen: float  # idf of all distinct terms that stand nowhere, together
    mass: float  # idf of all distinct terms
    frequencies: dict[int, int]
    norm: float


class Candidate(Struct):
    """An episode with its best run; scores are comparable within one search, `fit` also between searches."""

    episode: Episode
    run: Run
    bm25: float
    cosine: float
    fused: float = 0.0
    by_bm25: int = 0
    by_cosine: int = 0


def query(index: Index, view: View, terms: list[str]) -> Query:
    """Terms that stand in nothing the reader may see are unseen, whatever stands elsewhere."""
    counts = Counter(terms)
    rarest = log(1 + (view.size + 0.5) / 0.5)
    weights: dict[int, float] = {}
    frequencies: dict[int, int] = {}
    unseen = mass = norm = 0.0
    for term, count in counts.items():
        id = index.postings.known(term)
        df = _frequency(index, view, id) if id is not None else 0
        weight = log(1 + (view.size - df + 0.5) / (df + 0.5)) if df else rarest
        mass += weight
        norm += ((1 + log(count)) * weight) ** 2
        if id is None or not df:
            unseen += weight
        else:
            weights[id], frequencies[id] = weight, df
    ids = tuple(id for term in terms if (id := index.postings.known(term)) is not None and id in weights)
    return Query(tuple(terms), ids, weights, unseen, mass, frequencies, sqrt(norm) or 1.0)


def _frequency(index: Index, view: View, id: int) -> int:
    runs = index.postings.runs(id)
    return len(runs) if view.runs is None else len(view.runs.intersection(runs))


def candidates(index: Index, view: View, asked: Query) -> list[Candidate]:
    """The best episodes, best first."""
    scored = [_score(index.runs[number], view, asked) for number in _shortlist(index, view, asked)]
    if not scored:
        return []
    most = max(each.bm25 for each in scored) or 1.0, max(each.cosine for each in scored) or 1.0
    for rank, each in enumerate(sorted(scored, key=lambda c: -c.bm25)):
        each.by_bm25 = rank
    for rank, each in enumerate(sorted(scored, key=lambda c: -c.cosine)):
        each.by_cosine = rank
    best: dict[Episode, Candidate] = {}
    for each in scored:
        each.fused = each.bm25 / most[0] + COSINE * each.cosine / most[1]
        known = best.get(each.episode)
        if known is None or each.fused > known.fused:
            best[each.episode] = each
    found = sorted(best.values(), key=_order)
    for each in found[:DEEP]:
        each.fused += _deep(index, view, asked, each)
    return sorted(found[:DEEP], key=_order) + found[DEEP:]


def _order(each: Candidate) -> tuple[float, int]:
    """Best first; of equals the newer."""
    return -each.fused, -each.run.number


def _deep(index: Index, view: View, asked: Query, each: Candidate) -> float:
    episode = [message for run in index.episode(each.episode, view) for message in run.messages]
    own = sum(message.passage.quotable for message in each.run.messages) / len(each.run.messages)
    return (
        PHRASES * phrases(asked, *each.run.messages)
        + EPISODE * coverage(asked, *episode[:LONGEST_EPISODE])
        + LEAD * coverage(asked, episode[0])
        + OWN * own
    )


def _shortlist(index: Index, view: View, asked: Query) -> list[int]:
    """The runs worth scoring: rarest terms first, until enough postings were visited."""
    found: dict[int, float] = {}
    budget = POSTINGS
    for id in sorted(asked.weights, key=asked.frequencies.__getitem__):
        runs = index.postings.runs(id)
        if found and len(runs) > budget:
            break
        budget -= len(runs)
        weight = asked.weights[id] ** 1.5
        for run, count in zip(runs, index.postings.counts(id), strict=True):
            found[run] = found.get(run, 0.0) + weight * _SATURATED[count]
    if view.runs is not None:
        found = {run: score for run, score in found.items() if run in view.runs}
    return [run for run, _ in nlargest(SHORTLIST, found.items(), key=itemgetter(1))]


def _score(run: Run, view: View, asked: Query) -> Candidate:
    counts = counted(run.messages)
    longer = K1 * (1 - B + B * run.length / view.average)
    bm25 = dot = 0.0
    for id, weight in asked.weights.items():
        count = counts.get(id)
        if count:
            bm25 += weight**1.5 * count * (K1 + 1) / (count + longer)
            dot += weight * (1 + log(count))
    return Candidate(run.episode, run, bm25, dot / (run.norm * asked.norm))


def coverage(asked: Query, *messages: Message) -> float:
    """Which share of the question, by weight, stands in these messages."""
    there = asked.weights.keys() & chain.from_iterable(message.sequence for message in messages)
    return sum(map(asked.weights.__getitem__, there)) / (asked.mass or 1.0)


def phrases(asked: Query, *messages: Message) -> float:
    """Which share of the question's neighbouring term pairs stands in these messages as neighbours."""
    pairs = set(pairwise(asked.ids))
    if not pairs:
        return 0.0
    there = {pair for message in messages for pair in pairwise(message.sequence) if pair in pairs}
    total = sum(asked.weights[a] + asked.weights[b] for a, b in pairs)
    return sum(asked.weights[a] + asked.weights[b] for a, b in there) / total
