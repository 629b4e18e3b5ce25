"""The figures: by hand, by what must hold of any, and beside the project's scorer."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.evaluation.judging import judge
from bots.evaluation.measures import aurc, auroc, ece, figures, levels, likely, right_within
from bots.evaluation.model import UNSURE, Asked, Judged, Prediction
from tests.bots.evaluation.rows import many, row

SCORER = Path(__file__).parents[4] / "shared" / "eval" / "score.py"
NAMES = {"selective_accuracy": "selective_acc"}
"""Where a figure is called otherwise there; hit@20 it does not have."""


# ------------------------------------------------------------------ by hand


def test_risk_is_averaged_over_all_coverages() -> None:
    """Right, wrong, right: the risk is 0, then 1/2, then 1/3."""
    assert aurc(levels([row(0.9), row(0.8, False), row(0.7)])) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_equal_confidences_share_their_errors() -> None:
    assert aurc(levels([row(0.5), row(0.5, False)])) == pytest.approx(0.5)
    assert right_within(levels([row(0.5)] * 9 + [row(0.5, False)]), 0.05) == 0
    assert right_within(levels([row(0.5)] * 9 + [row(0.5, False)]), 0.10) == 9


def test_a_bad_stretch_is_passed_where_it_is_made_up_for() -> None:
    """The surest is wrong; after nine right ones the share is at 10 % again."""
    steps = levels([row(0.99, False), *(row(0.9 - n / 100) for n in range(9))])
    assert [right_within(steps, budget) for budget in (0.05, 0.10)] == [0, 9]


def test_the_chance_of_a_higher_confidence_counts_ties_half() -> None:
    rows = [row(0.9), row(0.5), row(0.5, answerable=False), row(0.1, answerable=False)]
    assert auroc(levels(rows), lambda each: each.answerable) == pytest.approx(3.5 / 4)
    assert auroc(levels(rows[:2]), lambda each: each.answerable) is None


def test_a_confidence_that_means_what_it_says_has_no_error() -> None:
    assert ece(levels([row(0.5), row(0.5, False)]), bins=1) == pytest.approx(0)
    assert ece(levels([row(0.9), row(0.9, False)]), bins=1) == pytest.approx(0.4)
    assert ece(levels([row(UNSURE)])) is None


def test_what_is_done_at_the_set_budget() -> None:
    rows = [row(0.9), row(0.8, False), row(0.2, answered=False), row(0.1, False, answerable=False, answered=False)]
    got = figures(rows)
    assert (got["coverage"], got["selective_accuracy"], got["useful"]) == (0.5, 0.5, pytest.approx(1 / 3))
    assert (got["wrong"], got["escalated"]) == (0.25, 1.0)


def test_retrieval_counts_the_answerable_only_and_mrr_is_cut_at_ten() -> None:
    rows = [row(0.9, rank=2), row(0.8, False, rank=11), row(0.1, False, answerable=False)]
    got = figures(rows)
    assert [got[f"hit@{k}"] for k in (1, 5, 20)] == [0, 0.5, 1.0]
    assert got["MRR"] == pytest.approx(1 / 4)


def test_what_cannot_be_counted_is_none() -> None:
    got = figures([row(UNSURE, False, answerable=False, answered=False)])
    assert {got[name] for name in ("selective_accuracy", "useful", "hit@1", "MRR", "AUROC", "ECE")} == {None}


def test_the_true_share_lies_between() -> None:
    """Wilson's interval of 1 in 10, as in his tables; nothing is known of no answers."""
    low, high = likely(1, 10)
    assert (round(low, 4), round(high, 4)) == (0.0179, 0.4042)
    assert likely(0, 0) == (0.0, 1.0)
    assert likely(0, 24)[0] == 0
    assert likely(24, 24)[1] == 1


# ------------------------------------------------------------------ of any


@given(many)
def test_every_share_is_a_share(rows: list[Judged]) -> None:
    got = figures(rows)
    for name, value in got.items():
        if name not in ("questions", "answerable") and value is not None:
            assert -1e-12 <= value <= 1 + 1e-12, name
    assert got["hit@1"] is None or got["hit@1"] <= got["hit@5"] <= got["hit@20"]


@given(many, st.randoms())
def test_the_order_of_the_questions_is_nothing(rows: list[Judged], dice: random.Random) -> None:
    shuffled = dice.sample(rows, len(rows))
    assert figures(shuffled) == pytest.approx(figures(rows), nan_ok=True)


@given(many)
def test_a_larger_budget_answers_no_less(rows: list[Judged]) -> None:
    steps = levels(rows)
    counts = [right_within(steps, budget / 20) for budget in range(21)]
    assert counts == sorted(counts)
    assert counts[-1] == sum(each.right for each in rows)


@given(many, st.integers(0, 39))
def test_a_question_answered_rightly_makes_nothing_at_the_budget_worse(rows: list[Judged], which: int) -> None:
    """Turning a wrong answer into a right one lowers the risk at every coverage."""
    place = which % len(rows)
    right = row(rows[place].confidence, answerable=True)
    better = [*rows[:place], right, *rows[place + 1 :]]
    before, after = aurc(levels(rows)), aurc(levels(better))
    assert before is not None
    assert after is not None
    assert after <= before + 1e-12


# ------------------------------------------------------------------ beside the scorer


@pytest.fixture(scope="module")
def scorer() -> Any:
    if not SCORER.exists():
        pytest.skip("the development data, with its scorer, is not beside this checkout")
    spec = importlib.util.spec_from_file_location("scorer", SCORER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(8))
def test_figures_are_those_of_the_scorer(scorer: Any, seed: int) -> None:
    """The same questions and predictions, some of them missing, without confidence, repeated or tied."""
    dice = random.Random(seed)
    documents = [{"id": f"d{n}", "thread": f"t{n // 3}"} for n in range(60)]
    thread = {each["id"]: each["thread"] for each in documents}
    questions, predictions = [], []
    for n in range(dice.choice([1, 7, 150])):
        gold = dice.sample(sorted(thread), dice.randint(1, 3))
        questions.append(
            {
                "id": n,
                "text": "?",
                "answerable": dice.random() < 0.6,
                "kind": dice.choice("ab"),
                "gold_ids": gold,
                "gold_threads": sorted({thread[id] for id in gold}),
                "gold_answers": [],
            }
        )
        cited = dice.choices([*thread, "unknown"], k=dice.randint(0, 20)) + gold * dice.randint(0, 1)
        dice.shuffle(cited)
        sure = dice.choice([None, 0.0, 0.5, 1.0, dice.random(), dice.random()])
        if dice.random() < 0.9:
            told = {"id": n, "answered": dice.random() < 0.5, "confidence": sure, "evidence_ids": cited}
            predictions.append(told)
    want = scorer.score(documents, questions, predictions)
    by = {each["id"]: Prediction(**{**each, "evidence_ids": tuple(each["evidence_ids"])}) for each in predictions}
    rows = []
    for each in questions:
        each = {k: tuple(v) if isinstance(v, list) else v for k, v in each.items() if k != "gold_answers"}
        rows.append(judge(Asked(**each), by.get(each["id"]), thread.get))
    got = figures(rows)
    compared = {name: want.get(NAMES.get(name, name)) for name in got if name != "hit@20"}
    assert {name: got[name] for name in compared} == pytest.approx(compared, abs=1e-9)
    assert sum(value is not None for value in compared.values()) > 5
