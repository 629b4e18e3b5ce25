"""Whether a prediction is right: the right passage, its document or its thread among the first three."""

from __future__ import annotations

import pytest

from bots.evaluation.judging import judge
from bots.evaluation.model import UNSURE, Asked, Prediction

THREADS = {"m1": "t1", "m2": "t1", "m3": "t2", "guide.md#1": "guide.md"}


def asked(**more: object) -> Asked:
    return Asked(**{"id": "q", "text": "?", "answerable": True, "gold_ids": ("m1",), **more})


@pytest.mark.parametrize(("cited", "rank"), [
    (("m1",), 1),
    (("m3", "m1"), 2),
    (("m2",), 1),  # stands in the thread of the right one
    (("m3",), 0),
    (("unknown", "m3"), 0),
    (("m3", "m3", "m3", "m3", "m1"), 2),  # naming one thing often pushes nothing back
    ((), 0),
])  # fmt: skip
def test_the_rank_is_that_of_the_first_right_source(cited: tuple[str, ...], rank: int) -> None:
    assert judge(asked(), Prediction("q", True, 0.9, cited), THREADS.get).rank == rank


def test_a_thread_alone_is_enough() -> None:
    by_thread = asked(gold_ids=(), gold_threads=("t2",))
    assert judge(by_thread, Prediction("q", True, 0.9, ("m3",)), THREADS.get).right


def test_a_document_is_right_by_any_of_its_passages() -> None:
    """Whoever writes questions names the file; what is cited is a passage of it."""
    assert judge(
        asked(evidence=("guide.md",), gold_ids=()), Prediction("q", True, 1, ("guide.md#7",)), {}.get
    ).right


def test_only_what_is_quoted_counts_as_right() -> None:
    deep = judge(asked(), Prediction("q", True, 0.9, ("a", "b", "c", "m1")), THREADS.get)
    assert (deep.rank, deep.right) == (4, False)


def test_what_was_taken_out_is_never_right() -> None:
    """The gold of an unanswerable question says what is missing."""
    gone = judge(asked(answerable=False), Prediction("q", True, 0.9, ("m1",)), THREADS.get)
    assert (gone.rank, gone.right, gone.kind) == (0, False, "unanswerable")


def test_without_a_prediction_nothing_was_answered() -> None:
    row = judge(asked(kind="reply"), None, THREADS.get)
    assert (row.answered, row.confidence, row.right, row.kind) == (False, UNSURE, False, "reply")
