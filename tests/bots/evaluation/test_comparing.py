"""Two sets of predictions: luck is no news, and what is really worse is found."""

from __future__ import annotations

import random

import pytest
from msgspec import structs

from bots.evaluation import comparing
from bots.evaluation.comparing import MORE_IS_BETTER, compare
from bots.evaluation.model import Judged
from tests.bots.evaluation.rows import row


def rows(count: int = 200) -> list[Judged]:
    dice = random.Random(3)
    found = []
    for n in range(count):
        sure = dice.random()
        right = dice.random() < sure
        found.append(row(sure, right, id=n, answered=sure > 0.5))
    return found


def spoilt(rows: list[Judged], every: int) -> list[Judged]:
    """Each so many-th finds nothing any more."""
    return [structs.replace(r, right=False, rank=0) if n % every == 0 else r for n, r in enumerate(rows)]


def test_the_same_is_no_worse() -> None:
    compared = compare(rows(), rows())
    assert (compared.worse, compared.won, compared.lost) == ((), (), ())
    assert {each.low for each in compared.differences} | {each.high for each in compared.differences} == {0.0}
    assert {each.figure for each in compared.differences} == set(MORE_IS_BETTER)


def test_much_worse_is_worse_and_better_is_not() -> None:
    good = rows()
    bad = spoilt(good, 3)
    assert {"MRR", "AURC", "hit@1", "useful"} <= set(compare(good, bad).worse)
    assert compare(bad, good).worse == ()


def test_one_question_of_twelve_is_luck() -> None:
    """Every figure is down by more than is tolerated, and might as well not be."""
    good = [row(0.9 - n / 100, id=n) for n in range(12)]
    compared = compare(good, spoilt(good, 12), tolerance=0.01)
    moved = {each.figure: each.now - each.before for each in compared.differences}
    assert moved["hit@1"] < -0.05
    assert moved["AURC"] > 0.05
    assert compared.worse == ()


def test_what_is_tolerated_is_not_worse() -> None:
    good = rows()
    compared = compare(good, spoilt(good, 3), tolerance=0.99)
    assert compared.worse == ()
    assert compared.lost != ()


def test_the_same_dice_every_time() -> None:
    assert compare(rows(), spoilt(rows(), 9)) == compare(rows(), spoilt(rows(), 9))


def test_what_was_won_and_lost_is_named() -> None:
    """A wrong answer that is now handed over was won, a right one that is now handed over was lost."""
    before = [row(0.9, False, id="wrong"), row(0.9, id="right"), row(0.1, id="none", answered=False)]
    now = [structs.replace(r, answered=not r.answered) for r in before]
    compared = compare(before, now)
    assert (compared.won, compared.lost) == (("wrong", "none"), ("right",))


def test_progress_is_told_and_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many questions are drawn less often."""
    monkeypatch.setattr(comparing, "WORK", 60_000)
    told: list[tuple[int, int]] = []
    compare(rows(200), rows(200), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (300, 300)
