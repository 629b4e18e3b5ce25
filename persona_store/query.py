"""A question as an index sees it, and how much of it stands somewhere."""

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise
from math import log, sqrt

from msgspec import Struct

from persona_store.episodes import Message
from persona_store.index import Index, View

K1, B = 1.2, 0.9


class Query(Struct, frozen=True):
    """A question as the index sees it: its terms with what they weigh here."""

    terms: tuple[str, ...]  # in order, with repeats
    ids: tuple[int, ...]  # the known ones, in order; a pair of neighbours in both is a phrase
    weights: dict[int, float]  # term id → idf
    unseen: float  # idf of all distinct terms that stand nowhere, together
    mass: float  # idf of all distinct terms
    frequencies: dict[int, int]
    norm: float
    often: dict[int, float]  # term id → 1 + log of how often it is said
    length: float  # the same of all distinct terms, unseen ones too, together


def query(index: Index, view: View, terms: list[str]) -> Query:
    """Terms that stand in nothing the reader may see are unseen, whatever stands elsewhere."""
    counts = Counter(terms)
    weights: dict[int, float] = {}
    frequencies: dict[int, int] = {}
    often: dict[int, float] = {}
    unseen = mass = norm = length = 0.0
    for term, count in counts.items():
        id = index.postings.known(term)
        df = index.frequency(view, id) if id is not None else 0
        weight = log(1 + (view.size - df + 0.5) / (df + 0.5)) if df else rarest(view)
        mass += weight
        much = 1 + log(count)
        norm += (much * weight) ** 2
        length += much
        if id is None or not df:
            unseen += weight
        else:
            weights[id], frequencies[id], often[id] = weight, df, much
    ids = tuple(id for term in terms if (id := index.postings.known(term)) is not None and id in weights)
    return Query(tuple(terms), ids, weights, unseen, mass, frequencies, sqrt(norm) or 1.0, often, length)


def rarest(view: View) -> float:
    """The weight of a term that stands nowhere."""
    return log(1 + (view.size + 0.5) / 0.5)


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
