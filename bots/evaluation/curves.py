"""What is drawn: points and counts, each a pure function of what was judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bots.evaluation.measures import levels
from bots.evaluation.model import UNSURE, Bin, Judged, KindCount

MOST_POINTS = 400
DEEPEST = 20
MOST_KINDS = 30


def risk_coverage(rows: Sequence[Judged]) -> tuple[tuple[float, float], ...]:
    """(coverage, risk) for every confidence from which on one could answer; thinned where nobody could tell."""
    points, size, wrong = [], 0, 0
    for step in levels(rows):
        size, wrong = size + step.size, wrong + step.size - step.right
        points.append((size / len(rows), wrong / size))
    stride = -(-len(points) // MOST_POINTS) or 1
    kept = points[::stride]
    return tuple(kept if not points or kept[-1] == points[-1] else [*kept, points[-1]])


def reliability(rows: Iterable[Judged], bins: int = 10) -> tuple[Bin, ...]:
    """By confidence, in steps of a tenth; a step without questions is left out."""
    found: list[list[Judged]] = [[] for _ in range(bins)]
    for row in rows:
        if row.confidence != UNSURE:
            found[min(bins - 1, int(row.confidence * bins))].append(row)
    return tuple(
        Bin(sum(r.confidence for r in part) / len(part), sum(r.right for r in part) / len(part), len(part))
        for part in found
        if part
    )


def hits(rows: Iterable[Judged], deepest: int = DEEPEST) -> tuple[float, ...]:
    """Of the answerable questions, the share whose right evidence is among the first 1, 2, 3 …"""
    answerable = [row for row in rows if row.answerable]
    places = Counter(row.rank for row in answerable)
    found, shares = 0, []
    for place in range(1, deepest + 1):
        found += places[place]
        shares.append(found / len(answerable) if answerable else 0.0)
    return tuple(shares)


def by_kind(rows: Iterable[Judged], most: int = MOST_KINDS) -> tuple[KindCount, ...]:
    """What can be answered first, then by name. Where there are more kinds than anybody reads, the rarest are
    counted together."""
    rows = list(rows)
    common = {kind for kind, _ in Counter((not row.answerable, row.kind) for row in rows).most_common(most)}
    groups: dict[tuple[bool, str], list[Judged]] = {}
    for row in rows:
        kind = (not row.answerable, row.kind)
        groups.setdefault(kind if kind in common else (kind[0], "…"), []).append(row)
    return tuple(
        KindCount(
            kind=kind,
            answerable=not beyond,
            right=sum(row.answered and row.right for row in part),
            wrong=sum(row.answered and not row.right for row in part),
            handed_over=sum(not row.answered for row in part),
        )
        for (beyond, kind), part in sorted(groups.items())
    )
