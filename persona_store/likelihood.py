"""How likely a question is in an episode's words: what BM25 does not see when a question is long.

The query likelihood of language modelling (Ponte and Croft, SIGIR 1998) under Dirichlet smoothing (Zhai and
Lafferty, TOIS 2004), as a mean over the question's terms of log(chance in the episode / chance in all that may be
seen). A term that the question repeats counts more, and a long episode pays for its length once a term.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log

from persona_store.index import View
from persona_store.query import Query

PRIOR = 50.0  # terms that an episode is taken to have besides its own, drawn from everything
REPEATS = 1.5  # times a run says a term that it says at all, roughly; what is known exactly is in how many runs


def likelihood(asked: Query, view: View, counts: Mapping[int, int], length: int) -> float:
    """`counts`: how often the episode says the question's terms; `length` in terms. Above 0: likelier than in all
    together."""
    everything = view.size * view.average
    gained = 0.0
    for id, often in asked.often.items():
        if count := counts.get(id, 0):
            expected = PRIOR * REPEATS * asked.frequencies[id] / everything
            gained += often * log(1 + count / expected)
    return gained / (asked.length or 1.0) - log(1 + length / PRIOR)
