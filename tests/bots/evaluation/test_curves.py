"""What is drawn says the same as the figures."""

from __future__ import annotations

import pytest
from hypothesis import given

from bots.evaluation import curves
from bots.evaluation.measures import figures
from bots.evaluation.model import UNSURE, Judged
from tests.bots.evaluation.rows import many, row


def test_the_curve_goes_from_the_surest_to_all() -> None:
    rows = [row(0.9), row(0.5), row(0.5, False), row(0.1, False)]
    assert curves.risk_coverage(rows) == ((0.25, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.5))


def test_a_long_curve_is_thinned_and_keeps_its_end() -> None:
    points = curves.risk_coverage([row(n / 5000, n % 3 > 0) for n in range(5000)])
    assert len(points) <= curves.MOST_POINTS + 1
    assert points[-1][0] == 1.0


@given(many)
def test_drawn_counts_are_all_questions(rows: list[Judged]) -> None:
    counts = curves.by_kind(rows)
    assert sum(each.right + each.wrong + each.handed_over for each in counts) == len(rows)
    assert sum(each.count for each in curves.reliability(rows)) == sum(each.confidence != UNSURE for each in rows)
    assert curves.risk_coverage(rows)[-1][0] == 1.0


@given(many)
def test_looking_deeper_finds_no_less_and_agrees_with_the_figures(rows: list[Judged]) -> None:
    shares = curves.hits(rows)
    assert list(shares) == sorted(shares)
    assert [shares[k - 1] for k in (1, 5, 20)] == [figures(rows)[f"hit@{k}"] or 0.0 for k in (1, 5, 20)]


def test_certainty_falls_into_the_last_bin() -> None:
    assert [each.count for each in curves.reliability([row(1.0), row(0.95), row(0.0)])] == [1, 2]


def test_what_can_be_answered_comes_first() -> None:
    rows = [row(0.5, False, answerable=False, kind="a"), row(0.5, kind="z"), row(0.4, answered=False, kind="z")]
    shown = [(each.kind, each.right, each.wrong, each.handed_over) for each in curves.by_kind(rows)]
    assert shown == [("z", 1, 0, 1), ("a", 0, 1, 0)]


def test_rare_kinds_are_counted_together() -> None:
    rows = [row(0.5, kind="usual")] * 3 + [row(0.5, kind="also")] * 2 + [row(0.5, kind=str(n)) for n in range(4)]
    assert [(each.kind, each.right) for each in curves.by_kind(rows, most=2)] == [
        ("also", 2),
        ("usual", 3),
        ("…", 4),
    ]
