"""What was judged → the whole report, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bots.evaluation import curves
from bots.evaluation.measures import figures
from bots.evaluation.model import Comparison, Id, Judged, Report, WrongAnswer

MOST_WRONG = 20


def report(
    rows: Sequence[Judged],
    texts: Mapping[Id, str],
    *,
    persona: str,
    made_at: datetime,
    version: str,
    budget: float,
    missing: int = 0,
    against: Comparison | None = None,
) -> Report:
    """`texts` are the questions' own words: the most confident wrong answers are shown with them."""
    wrong = sorted((row for row in rows if row.answered and not row.right), key=lambda row: -row.confidence)
    return Report(
        persona=persona,
        made_at=made_at,
        version=version,
        budget=budget,
        missing=missing,
        figures=figures(rows),
        kinds=curves.by_kind(rows),
        risk_coverage=curves.risk_coverage(rows),
        reliability=curves.reliability(rows),
        hits=curves.hits(rows),
        wrong=tuple(
            WrongAnswer(row.id, row.kind, max(row.confidence, 0.0), texts[row.id]) for row in wrong[:MOST_WRONG]
        ),
        against=against,
    )
