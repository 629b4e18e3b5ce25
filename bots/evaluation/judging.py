"""A question and what was predicted for it → whether that was right."""

from __future__ import annotations

from collections.abc import Callable

from bots.evaluation.model import UNSURE, Asked, Judged, Prediction

QUOTED = 3  # so many of the best sources an answer shows

ThreadOf = Callable[[str], str | None]
"""The thread a passage belongs to; None for one that is not known."""


def judge(asked: Asked, predicted: Prediction | None, thread_of: ThreadOf) -> Judged:
    """Evidence is right if it is one of the passages that answer, or stands in the thread of one: who is led to
    the right conversation reads the answer there. Without a prediction nothing was answered."""
    given = predicted or Prediction(asked.id)
    rank = _rank(asked, given, thread_of) if asked.answerable else 0
    return Judged(
        id=asked.id,
        kind=asked.kind or ("answerable" if asked.answerable else "unanswerable"),
        answerable=asked.answerable,
        answered=given.answered,
        confidence=UNSURE if given.confidence is None else given.confidence,
        rank=rank,
        right=0 < rank <= QUOTED,
    )


def _rank(asked: Asked, given: Prediction, thread_of: ThreadOf) -> int:
    passages = asked.gold
    threads = {*asked.gold_threads, *filter(None, map(thread_of, passages))}
    for place, id in enumerate(dict.fromkeys(given.evidence_ids), 1):
        document = id.rpartition("#")[0]  # a document's passages are its path with '#' and a number
        if id in passages or document in passages or thread_of(id) in threads:
            return place
    return 0
