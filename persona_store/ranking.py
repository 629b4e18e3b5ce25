"""A question against the index: the best episodes with the numbers that tell how well they fit.

Three stages, so that a long question over a large corpus stays within milliseconds: the question's rarest terms
pick some hundred runs; those are scored exactly, by BM25 with rare terms weighted up once more (idf^1.5), because
a long chat question drowns in its everyday words, by the cosine of lnc.ltc vectors, which asks how much of the run
is about the question, and by how likely the question is in the whole episode (persona_store/likelihood.py); and
the best episodes are looked at closely (persona_store/closeness.py). What each kind of closeness is worth stands in
ranking.json: a linear model of the chance that an episode is the right one among the others (conditional logit;
McFadden 1974), fitted by tests/benchmarks/fit_ranking.py. It is data, never code.
"""

from __future__ import annotations

from functools import cache
from heapq import nlargest
from importlib.resources import files
from math import exp, log
from operator import itemgetter

import msgspec
from msgspec import Struct, field

from persona_store.closeness import Wanted, closeness, wanted
from persona_store.episodes import Episode, Run
from persona_store.expansion import expansion
from persona_store.index import Index, View, counted
from persona_store.likelihood import likelihood
from persona_store.meant import Near, meant, rough, words, worth
from persona_store.query import K1, B, Query, coverage

POSTINGS = 40_000  # visited at most in the first stage: some 10 ms
SHORTLIST = 150
CLOSELY = 20  # episodes that are looked at closely
DEEPER = 40  # … where meaning can tell them apart: words alone gain nothing from the second twenty
RELEVANT = 5  # runs whose terms a question is expanded by
COSINE = 0.6  # what it adds to BM25's 1.0, each relative to the best (CombSUM; Fox and Shaw, TREC-2)
LIKELY = 0.2  # what the likelihood of the whole episode adds to both
SCALE = 12.0  # of scores that are shown as a share of the best one's

_SATURATED = tuple(count * (K1 + 1) / (count + K1) for count in range(256))


class Candidate(Struct):
    """An episode with its best run. `worth` is what its words say, comparable within one search; `placed`, which
    decides the order, is that with what its meaning says; `fused` is the same as a share of the best one's, between
    0 and 1."""

    episode: Episode
    run: Run
    bm25: float
    cosine: float
    likelihood: float = 0.0
    rough: float = 0.0  # BM25, cosine and meaning beside the best
    worth: float = 0.0
    placed: float = 0.0
    fused: float = 0.0
    by_bm25: int = 0
    by_cosine: int = 0
    close: dict[str, float] = field(default_factory=dict)
    near: dict[str, float] = field(default_factory=dict)  # by meaning (persona_store/meant.py)

    @property
    def promise(self) -> float:
        """What is known before it is looked at closely."""
        return self.rough + LIKELY * self.likelihood


class Found(Struct, frozen=True):
    """The best episodes, best first, and what they were held against."""

    candidates: list[Candidate]
    want: Wanted | None


def candidates(
    index: Index, view: View, asked: Query, text: str, names: frozenset[str], near: Near | None = None
) -> Found:
    """`near`: what is near by its meaning, where that is known; found and ranked beside the others."""
    runs = dict.fromkeys(_shortlist(index, view, asked))
    runs |= dict.fromkeys(near.runs(view) if near is not None else ())
    scored = [_score(index.runs[number], view, asked) for number in runs]
    if not scored:
        return Found([], None)
    if near is not None:
        meant(scored, near)
    best = _episodes(scored)
    for each in best:
        each.likelihood = likelihood(asked, view, *index.said(each.episode, view, asked.weights))
    best.sort(key=_promising)
    deep = CLOSELY if near is None else DEEPER
    closely, rest = best[:deep], best[deep:]
    more = expansion(index, view, asked.weights.keys(), [(each.rough, each.run) for each in best[:RELEVANT]])
    want = wanted(index, view, asked, text, names, more)
    numbers = closeness(index, view, want, [_measured(each) for each in closely])
    for each, close in zip(closely, numbers, strict=True):
        each.close = close
        each.worth = sum(weight * close[name] for name, weight in weights().items())
    by_words = [each.worth for each in closely]
    if near is not None:
        by_words = words(closely, text, lambda run: coverage(asked, *run.messages))
    for each, said in zip(closely, by_words, strict=True):
        each.placed = said + worth(each.near)
    last = closely[-1].promise
    closely.sort(key=_order)
    least = closely[-1]
    for each in rest:  # nobody looked at these: behind the others, in their order
        behind = each.promise - last
        each.worth, each.placed = least.worth + behind, least.placed + behind
    for each in (*closely, *rest):
        each.fused = exp((each.placed - closely[0].placed) / SCALE)
    return Found(closely + rest, want)


@cache
def weights() -> dict[str, float]:
    """The ones that ship."""
    shipped = files("persona_store").joinpath("ranking.json").read_bytes()
    return msgspec.json.decode(shipped, type=dict[str, float])


def _measured(each: Candidate) -> tuple[Run, float, float, float]:
    return each.run, each.bm25, each.cosine, each.likelihood


def _episodes(scored: list[Candidate]) -> list[Candidate]:
    """Each episode once, with its best run."""
    most = max(each.bm25 for each in scored) or 1.0, max(each.cosine for each in scored) or 1.0
    for rank, each in enumerate(sorted(scored, key=lambda c: -c.bm25)):
        each.by_bm25 = rank
    for rank, each in enumerate(sorted(scored, key=lambda c: -c.cosine)):
        each.by_cosine = rank
    best: dict[Episode, Candidate] = {}
    for each in scored:
        each.rough = each.bm25 / most[0] + COSINE * each.cosine / most[1] + rough(each.near)
        known = best.get(each.episode)
        if known is None or each.rough > known.rough:
            best[each.episode] = each
    return list(best.values())


def _promising(each: Candidate) -> tuple[float, int]:
    """Who is to be looked at closely, first; of equals the newer."""
    return -each.promise, -each.run.number


def _order(each: Candidate) -> tuple[float, int]:
    """Best first; of equals the newer."""
    return -each.placed, -each.run.number


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
