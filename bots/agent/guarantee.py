"""From judged answers to the confidence from which on a risk budget is kept: a theorem, as a pure function.

`python -m tests.benchmarks.guarantee` compares it with other ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, exp, lgamma, log, log1p

Judged = tuple[float, bool]
"""(confidence, right) of one drafted answer."""

GROWTH = 1.15  # from one number of answers that is tried to the next
STARTS = (0, 4)
"""The errors with which each chain could still begin: one for little that is clean, one for more that is not."""


def learn_then_test(judged: Iterable[Judged], budget: float, *, doubt: float, least: int = 0) -> float | None:
    """The lowest confidence that is certified to keep `budget` with a chance of at least 1 − `doubt`; None where
    nothing may be answered.

    Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei, Annals of Applied Statistics 2025; arXiv
    2110.01052): each candidate is a hypothesis "from here on more than `budget` are wrong", with an exact binomial
    p-value; they are tested from the strict side on, each chain until its first failure, several chains sharing the
    doubt (their multi-start fixed sequence testing). Conditions: the judged answers are independent draws of the
    same kind of questions as those to come, and which candidates there are depends on the confidences alone, never
    on what turned out right. `least`: with fewer answers than that nothing is certified."""
    ranked, share = sorted(judged, reverse=True), doubt / len(STARTS)
    furthest = 0
    for errors in STARTS:
        first = max(least, fewest(budget, share, errors))
        for wrong, answered in _counts(ranked, _ladder(len(ranked), first)):
            if binomial(wrong, answered, budget) > share:
                break
            furthest = max(furthest, answered)
    return ranked[furthest - 1][0] if furthest else None


def fewest(budget: float, doubt: float, errors: int = 0) -> int:
    """The least number of answers that could certify a budget, if so many of them are wrong."""
    answered = max(errors, ceil(log(doubt) / log1p(-budget)))
    while binomial(errors, answered, budget) > doubt:
        answered += 1
    return answered


def binomial(wrong: int, answered: int, share: float) -> float:
    """The chance of at most `wrong` errors in so many answers if the true share of errors is `share`."""
    scale = lgamma(answered + 1)
    total = 0.0
    for n in range(min(wrong, answered) + 1):
        ways = scale - lgamma(n + 1) - lgamma(answered - n + 1)
        total += exp(ways + n * log(share) + (answered - n) * log1p(-share))
    return min(1.0, total)


def _ladder(most: int, least: int) -> list[int]:
    """The numbers of answers that are tried."""
    sizes, size = [], float(least)
    while size <= most:
        sizes.append(int(size))
        size = max(size + 1, size * GROWTH)
    return sizes


def _counts(ranked: Sequence[Judged], sizes: Iterable[int]) -> list[tuple[int, int]]:
    """(wrong, answered) of so many of the surest. Those exactly as sure as the last one are answered with it, so
    they are counted with it."""
    counts: list[tuple[int, int]] = []
    wrong = answered = 0
    for size in sizes:
        while answered < len(ranked) and (answered < size or ranked[answered][0] == ranked[answered - 1][0]):
            wrong, answered = wrong + (not ranked[answered][1]), answered + 1
        if not counts or counts[-1][1] < answered:
            counts.append((wrong, answered))
    return counts
