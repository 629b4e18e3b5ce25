"""Drafts over a few passages, as the extractive answerer would make them."""

from __future__ import annotations

from typing import Any

from bots.agent.language import language_of
from bots.model import Draft, Question
from persona_store.model import Evidence, Passage
from tests.persona_store.passages import passage

RETRY = passage(
    "a",
    "Hi all. The payment retry job runs every 15 minutes. It gives up after 3 attempts. "
    "Lunch is at noon. Its log is on pay-db-02.",
)
REFUND = passage("b", "Refunds go to the refund-slow queue. They are never retried by the payment job.", minutes=5)


def draft(*passages: Passage, confidence: float = 0.9, **more: Any) -> Draft:
    """The first sentence of each is what is quoted."""
    shown = passages or (RETRY, REFUND)
    return Draft(
        evidence=tuple(Evidence(each, 10.0 - n) for n, each in enumerate(shown)),
        quotes=tuple(each.text.partition(". ")[0] for each in shown),
        confidence=confidence,
        ranked_ids=tuple(each.id for each in shown),
        **more,
    )


def question(text: str = "How often does the payment retry job run?", **more: Any) -> Question:
    return Question("lin", text, language_of(text), **more)
