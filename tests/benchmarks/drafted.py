"""What the answerer that ships makes of the questions of a set, for benchmarks of what comes after it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from msgspec import Struct

from bots.agent.confidence import calibration
from bots.agent.extractive import draft
from bots.agent.language import language_of
from bots.model import Question
from persona_store.search import find
from tests.benchmarks.confidence_sets import askings


class Drafted(Struct, frozen=True):
    """`right`: a right thread is among the first three sources cited."""

    persona: str
    kind: str
    answerable: bool
    confidence: float
    right: bool


@cache
def drafted(data: Path, name: str) -> list[Drafted]:
    """In the order of the set's file, persona by persona."""
    rows = []
    for index, persona, questions in askings(data, name):
        for each in questions:
            found = find(index, each["text"], readers=None)
            made = draft(Question("", each["text"], language_of(each["text"])), found, calibration())
            threads = {index.passages[id].thread for id in found.ranked_ids[:3]}
            right = each["answerable"] and not threads.isdisjoint(each["gold_threads"])
            rows.append(Drafted(persona, each["kind"], each["answerable"], made.confidence, right))
    return rows
