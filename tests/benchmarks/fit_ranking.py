"""Fits what each kind of closeness is worth in the ranking, and says how good the order is.

    python -m tests.benchmarks.fit_ranking DATA [--write]

A conditional logit over the candidates of each question whose right episode is among them: the weights under which
the right one is likeliest. Only the sets in FITTED shape it; a set's own figures come from weights that saw nothing
of it. Needs `pip install numpy scipy`, which the product itself does not.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from persona_store.query import query
from persona_store.ranking import CLOSELY, candidates
from persona_store.tokens import named, terms
from tests.benchmarks.confidence_sets import FITTED, GROUPS, JUDGED, ROOT, SELF_MADE, Asking, askings

WEIGHED = (
    "bm25", "bm25_episode", "bm25_episode_share", "cosine", "cosine_share", "covered_share", "episode", "expanded",
    "expanded_run", "grams", "headline", "lead", "lead_cosine", "lead_jaccard", "length", "likelihood", "named",
    "one", "one_own", "phrases", "phrases_share", "proximity", "turns",
)  # fmt: skip
RIDGE = 3.0
Case = tuple[Any, Any, bool]
"""(closeness of each candidate, whether it is right, whether a right one exists at all)"""


def cases(askings_: Iterable[Asking]) -> list[Case]:
    import numpy

    made = []
    for index, _, questions in askings_:
        view = index.view(None, None)
        for each in questions:
            if not each["answerable"]:
                continue
            said = terms(each["text"])
            ranked = candidates(index, view, query(index, view, said), each["text"], named(each["text"]))
            looked_at = ranked.candidates[:CLOSELY]
            numbers = numpy.array([[c.close[name] for name in WEIGHED] for c in looked_at])
            numbers = numbers.reshape(-1, len(WEIGHED))
            right = [c.run.messages[0].passage.thread in each["gold_threads"] for c in looked_at]
            made.append((numbers, numpy.array(right, bool), True))
    return made


def fit(parts: list[list[Case]]) -> Any:
    """Every set weighs as the square root of its size."""
    import numpy
    from scipy.optimize import minimize

    usable = [[c for c in part if c[1].any() and len(c[1]) > 1] for part in parts]
    each_weight = numpy.array([(300 / len(part)) ** 0.5 for part in usable for _ in part])
    rows = [c for part in usable for c in part]
    x, y = numpy.vstack([c[0] for c in rows]), numpy.concatenate([c[1] for c in rows])
    spread = x.std(0) + 1e-9
    x = (x - x.mean(0)) / spread
    starts = numpy.cumsum([0, *(len(c[1]) for c in rows)])[:-1]
    owner = numpy.repeat(numpy.arange(len(rows)), [len(c[1]) for c in rows])

    def loss(b: Any) -> tuple[float, Any]:
        score = x @ b
        odds = numpy.exp(score - numpy.maximum.reduceat(score, starts)[owner])
        chance = odds / numpy.add.reduceat(odds, starts)[owner]
        right = numpy.add.reduceat(chance * y, starts)
        pull = chance * y / (right[owner] + 1e-12) - chance
        value = -(each_weight * numpy.log(right + 1e-12)).sum() + RIDGE / 2 * (b @ b)
        return value, -(x.T @ (pull * each_weight[owner])) + RIDGE * b

    return minimize(loss, numpy.zeros(len(WEIGHED)), jac=True, method="L-BFGS-B").x / spread


def ranks(weights: Any, part: list[Case]) -> list[int]:
    """Of the right episode, counted from 0; 99 = not among those looked at closely."""
    found = []
    for numbers, right, _ in part:
        order = (numbers @ weights).argsort(kind="stable")[::-1] if len(numbers) else []
        found.append(next((n for n, place in enumerate(order) if right[place]), 99))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="write persona_store/ranking.json")
    given = parser.parse_args()
    made = {name: cases(askings(given.data, name)) for name in (*FITTED, *JUDGED, SELF_MADE)}
    fitted = (*FITTED, SELF_MADE)
    weights = fit([made[name] for name in fitted])
    placed = {name: ranks(weights, made[name]) for name in JUDGED}
    for name in FITTED:
        placed[name] = ranks(fit([made[n] for n in fitted if not n.startswith(name)]), made[name])
    print("| group, unseen | hit@1 | hit@3 | hit@5 | hit@20 | MRR |\n|---|---|---|---|---|---|")
    for group, sets in GROUPS.items():
        all_ranks = [rank for name in sets for rank in placed[name]]
        hits = [sum(rank < n for rank in all_ranks) / len(all_ranks) for n in (1, 3, 5, 20)]
        mrr = sum(1 / (1 + rank) for rank in all_ranks if rank < 10) / len(all_ranks)
        print(f"| {group} | " + " | ".join(f"{figure:.3f}" for figure in (*hits, mrr)) + " |")
    if given.write:
        shipped = {name: round(float(weight), 3) for name, weight in zip(WEIGHED, weights, strict=True)}
        lines = msgspec.json.format(msgspec.json.encode(shipped), indent=1)
        (ROOT / "persona_store/ranking.json").write_bytes(lines + b"\n")


if __name__ == "__main__":
    main()
