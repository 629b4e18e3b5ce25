"""Batch asking: the agreed format, in order, and nothing learnt from the line but its question."""

from __future__ import annotations

from datetime import datetime

from bots.agent.batch import ask_batch
from bots.model import Draft, Question
from persona_store.model import Evidence, Readers
from tests.persona_store.passages import START, passage


class Fixed:
    """An Answerer that is as sure as the question says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Question, Readers, datetime | None]] = []

    async def answer(self, question: Question, *, readers: Readers, as_of: datetime | None = None) -> Draft:
        self.asked.append((question, readers, as_of))
        evidence = (Evidence(passage("m", "3 times"), 1.0),)
        return Draft(evidence, ("3 times",), float(question.text.split()[-1]), ranked_ids=("m", "n"))


async def test_a_line_out_for_each_line_in() -> None:
    lines = [
        {"id": "q1", "text": "retries 1.0"},
        {"id": 2, "text": "重试几次 0.01"},
        {"id": "q3", "text": "salary 1.0"},
    ]
    results = [r async for r in ask_batch(Fixed(), "lin", lines, risk_budget=0.1)]
    assert results[0] == {
        "id": "q1",
        "answered": True,
        "confidence": 1.0,
        "evidence_ids": ["m", "n"],
        "text": "3 times",
        "outcome": "answered",
    }
    assert [(r["id"], r["answered"], r["outcome"], r["confidence"]) for r in results[1:]] == [
        (2, False, "escalated", 0.01),
        ("q3", False, "escalated", 1.0),
    ]


async def test_the_rest_of_a_line_is_not_looked_at() -> None:
    answerer = Fixed()
    line = {"id": "q", "text": "retries 0.5", "ts": 1.0, "gold_ids": ["m"], "lang": "zh", "asker": "slack:U9"}
    assert [r async for r in ask_batch(answerer, "lin", [line], risk_budget=0.1, as_of=START)]
    assert answerer.asked == [(Question("lin", "retries 0.5", "en"), None, START)]


async def test_who_may_know_stands_beside_each_answer() -> None:
    async def owners(text: str) -> list[str]:
        return ["Mei", "Tom"] if "retries" in text else []

    lines = [{"id": 1, "text": "retries 0.5"}, {"id": 2, "text": "salary 0.5"}]
    results = [r async for r in ask_batch(Fixed(), "lin", lines, risk_budget=0.1, owners=owners)]
    assert [r["owner"] for r in results] == [["Mei", "Tom"], []]
