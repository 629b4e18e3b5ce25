"""What a question is likely to speak of besides its own words: the words its best matches share.

Pseudo relevance feedback (Rocchio 1971; RM3, Abdul-Jaleel et al., TREC 2004): the best runs are taken for relevant,
and the terms that are heavy in them and rare elsewhere are looked for in the other candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from math import fsum, log

from persona_store.episodes import Run
from persona_store.index import Index, View, counted

TERMS = 12
COMMON = 0.2  # of all runs: a term in more says nothing


def expansion(index: Index, view: View, asked: Set[int], best: Iterable[tuple[float, Run]]) -> dict[int, float]:
    """Term → weight, the shares of 1.0; `best` are the runs taken for relevant, with how well they match."""
    found: dict[int, float] = {}
    for score, run in best:
        for id, count in counted(run.messages).items():
            df = 0 if id in asked else index.frequency(view, id)
            if 1 < df < COMMON * view.size:
                weight = score * (1 + log(count)) * log(view.size / df) / run.norm
                found[id] = found.get(id, 0.0) + weight
    chosen = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:TERMS]
    total = fsum(weight for _, weight in chosen) or 1.0
    return {id: weight / total for id, weight in chosen}
