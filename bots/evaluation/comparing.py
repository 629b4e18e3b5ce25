"""Two sets of predictions for the same questions: what was won, what was lost, and whether that is more than luck.

The bootstrap is paired (Efron and Tibshirani 1993, chapter 16): the same questions are drawn for both, so that hard
ones are hard for both and only the difference is left. The dice are always thrown the same way.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

from bots.evaluation.measures import figures
from bots.evaluation.model import Comparison, Difference, Judged

MORE_IS_BETTER = {
    **dict.fromkeys(("hit@1", "hit@5", "MRR", "AUROC_correct", "useful@10", "useful", "selective_accuracy"), True),
    **dict.fromkeys(("AURC", "ECE"), False),
}
"""The figures that are compared. Coverage is not among them: answering less is no worse if it was wrong."""

MOST_DRAWS, FEWEST_DRAWS = 500, 200
WORK = 1_000_000  # questions looked at in all: 10,000 of them are drawn 200 times


def compare(
    before: Sequence[Judged],
    now: Sequence[Judged],
    *,
    tolerance: float = 0.0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Comparison:
    """Both hold the same questions in the same order."""
    first, second = figures(before), figures(now)
    draws = max(FEWEST_DRAWS, min(MOST_DRAWS, WORK // max(1, len(now))))
    found: dict[str, list[float]] = {name: [] for name in MORE_IS_BETTER}
    dice = random.Random(7)  # noqa: S311  # a sample of questions is no secret
    ranked = [_ranked(before), _ranked(now)]
    for draw in range(draws):
        times = Counter(dice.choices(range(len(now)), k=len(now)))
        one, other = (figures([row for place, row in rows for _ in range(times[place])]) for rows in ranked)
        for name, differences in found.items():
            was, is_ = one[name], other[name]
            if was is not None and is_ is not None:
                differences.append(is_ - was)
        progress(draw + 1, draws)
    return Comparison(
        differences=tuple(
            _difference(name, was, is_, sorted(found[name]), tolerance)
            for name in MORE_IS_BETTER
            if (was := first[name]) is not None and (is_ := second[name]) is not None and found[name]
        ),
        won=tuple(b.id for a, b in zip(before, now, strict=True) if _worth(b) > _worth(a)),
        lost=tuple(b.id for a, b in zip(before, now, strict=True) if _worth(b) < _worth(a)),
    )


def _ranked(rows: Sequence[Judged]) -> list[tuple[int, Judged]]:
    """With their places, in the order that the figures want: what is nearly sorted is sorted in no time."""
    return sorted(enumerate(rows), key=lambda item: (item[1].confidence, item[1].right))


def _difference(name: str, before: float, now: float, drawn: list[float], tolerance: float) -> Difference:
    low, high = drawn[int(len(drawn) * 0.025)], drawn[min(len(drawn) - 1, int(len(drawn) * 0.975))]
    if MORE_IS_BETTER[name]:
        worse = high < 0 and before - now > tolerance
    else:
        worse = low > 0 and now - before > tolerance
    return Difference(name, before, now, low, high, worse)


def _worth(row: Judged) -> int:
    """A right answer is worth 1, none 0, a wrong one less than nothing."""
    if not row.answered:
        return 0
    return 1 if row.right else -1
