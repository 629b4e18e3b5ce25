"""The ports of the deciding side."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bots.agent.refit import Refit
from bots.model import Draft, Question
from persona_store.model import Readers


class Answerer(Protocol):
    async def answer(self, question: Question, *, readers: Readers, as_of: datetime | None = None) -> Draft:
        """What the evidence says, with the chance that it is right. Always a Draft: one without evidence and
        with confidence 0 when there is nothing. Never says anything but quotes from its evidence, and a summary
        whose every sentence they carry."""


class Refits(Protocol):
    async def of(self, persona: str) -> Refit:
        """What the team's own judgements make of the calibrator for a persona; UNCHANGED where there are none."""
