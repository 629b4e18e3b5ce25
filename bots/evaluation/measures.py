"""The figures, each a pure function of what was judged.

Risk is the share of wrong answers among those given, coverage the share of questions that get one. By letting the
least confident go first, one is traded for the other; what a confidence is worth is how good that trade is
(El-Yaniv and Wiener, JMLR 2010; Geifman and El-Yaniv, NeurIPS 2017). Questions of equal confidence can only be
answered together and are never told apart by the order in which they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from operator import itemgetter
from typing import NamedTuple

from bots.evaluation.model import UNSURE, Judged

CUT = 10  # MRR looks no further
BINS = 10
BUDGETS = (0.05, 0.10, 0.20)
RIGHT, ANSWERABLE = itemgetter(2), itemgetter(3)  # of a Level


class Level(NamedTuple):
    """All questions of one confidence: how many, how many of them right, and how many answerable."""

    confidence: float
    size: int
    right: int
    answerable: int


def levels(rows: Iterable[Judged]) -> list[Level]:
    """From the most confident down."""
    found: list[Level] = []
    last, size, right, answerable = 2.0, 0, 0, 0
    for confidence, is_right, is_answerable in sorted([(r.confidence, r.right, r.answerable) for r in rows]):
        if confidence != last:
            if size:
                found.append(Level(last, size, right, answerable))
            last, size, right, answerable = confidence, 0, 0, 0
        size, right, answerable = size + 1, right + is_right, answerable + is_answerable
    if size:
        found.append(Level(last, size, right, answerable))
    return found[::-1]


def aurc(steps: Iterable[Level]) -> float | None:
    """The mean risk over all coverages, 0 the best; the errors of one level are spread evenly over it."""
    size = wrong = 0
    total = 0.0
    for _, more, right, _ in steps:
        each = (more - right) / more
        for n in range(1, more + 1):
            total += (wrong + each * n) / (size + n)
        size, wrong = size + more, wrong + more - right
    return total / size if size else None


def right_within(steps: Iterable[Level], budget: float) -> int:
    """How many are answered rightly if as many as possible are answered while no more than `budget` of the
    answers are wrong."""
    size = correct = best = 0
    for _, more, right, _ in steps:
        size, correct = size + more, correct + right
        if size - correct <= budget * size:
            best = correct
    return best


def auroc(steps: Iterable[Level], positives: Callable[[Level], int]) -> float | None:
    """The chance that of two questions, one of each sort, the positive one has the higher confidence; a tie counts
    half. `positives` of a level; None where one sort is missing."""
    above = negatives = 0
    wins = 0.0
    for step in steps:
        yes = positives(step)
        no = step.size - yes
        wins += no * (above + yes / 2)
        above, negatives = above + yes, negatives + no
    return wins / (above * negatives) if above and negatives else None


def ece(steps: Sequence[Level], bins: int = BINS) -> float | None:
    """The mean distance between confidence and the share that is right, over bins of equally many questions; of
    equal confidences the wrong ones come first. None where no prediction names a confidence."""
    if not steps or steps[0].confidence == UNSURE:
        return None
    named = [step for step in steps if step.confidence > 0]
    none = [step for step in steps if step.confidence <= 0]  # no confidence named, or 0: the same chance
    size, right = sum(step.size for step in none), sum(step.right for step in none)
    confidences, rights = [0.0] * size, [0] * (size - right) + [1] * right
    for step in reversed(named):
        confidences += [step.confidence] * step.size
        rights += [0] * (step.size - step.right) + [1] * step.right
    count, total = len(rights), 0.0
    for n in range(bins):
        part = slice(count * n // bins, count * (n + 1) // bins)
        total += abs(sum(confidences[part]) - sum(rights[part]))
    return total / count


def figures(rows: Sequence[Judged]) -> dict[str, float | None]:
    """Every figure by its name, None where there is nothing to count. docs/evaluation.md says what each means."""
    answerable = [row for row in rows if row.answerable]
    unanswerable = [row for row in rows if not row.answerable]
    answered = [row for row in rows if row.answered]
    right = sum(row.right for row in answered)
    steps = levels(rows)
    useful = {
        f"useful@{round(budget * 100)}": _share(right_within(steps, budget), len(answerable)) for budget in BUDGETS
    }
    return {
        "questions": float(len(rows)),
        "answerable": float(len(answerable)),
        "coverage": _share(len(answered), len(rows)),
        "selective_accuracy": _share(right, len(answered)),
        "useful": _share(right, len(answerable)),
        "wrong": _share(len(answered) - right, len(rows)),
        "escalated": _share(sum(not row.answered for row in unanswerable), len(unanswerable)),
        **{f"hit@{k}": _share(sum(0 < row.rank <= k for row in answerable), len(answerable)) for k in (1, 5, 20)},
        "MRR": _share(sum(1 / row.rank for row in answerable if 0 < row.rank <= CUT), len(answerable)),
        "AURC": aurc(steps),
        "AUROC": auroc(steps, ANSWERABLE),
        "AUROC_correct": auroc(steps, RIGHT),
        **useful,
        "ECE": ece(steps),
    }


def likely(wrong: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Between what the true share lies with 95 % certainty, given `wrong` of so many (Wilson, JASA 1927)."""
    if not of:
        return 0.0, 1.0
    share, square = wrong / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
