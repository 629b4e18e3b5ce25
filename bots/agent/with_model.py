"""The answerer that lets a model put into words what would be quoted; without it, or where it fails, there are the
quotes. It finds nothing and decides nothing: neither what is looked at, nor who may read it, nor whether to answer.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from msgspec import structs

from bots.agent.briefing import briefing
from bots.agent.decision import decide
from bots.agent.summary import Said, judged
from bots.metrics import Metrics
from bots.model import Draft, Question
from bots.protocols import Answerer
from persona_store.consent.book import ConsentBook
from persona_store.consent.policy import Ask, allow
from persona_store.errors import ModelError
from persona_store.model import Readers
from persona_store.personas import Personas
from persona_store.protocols import Clock, LanguageModel

log = logging.getLogger(__name__)

PATIENCE = 20  # seconds one answer may take once the model has its turn, second tries included
WHOLE = 25.0
"""Seconds with waiting for a turn. What a job read may change while it waits, and then it asks once more: both
times together must end before the job's own time does (bots.runtime.LONGEST)."""


class WithModel:
    """Implements bots.protocols.Answerer. `private`: the model is on this machine or in a network of one's own."""

    def __init__(
        self,
        quoting: Answerer,
        model: LanguageModel,
        *,
        private: bool,
        consents: ConsentBook,
        personas: Personas,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._quoting = quoting
        self._model = model
        self._private = private
        self._consents = consents
        self._personas = personas
        self._clock = clock
        self._metrics = metrics

    async def answer(self, question: Question, *, readers: Readers, as_of: datetime | None = None) -> Draft:
        draft = await self._quoting.answer(question, readers=readers, as_of=as_of)
        # What would not be said anyway is nobody's business outside: no evidence, closed topics, too unsure.
        if not await self._would_be_said(question, draft):
            return draft
        brief = briefing(question, draft, private=self._private)
        if brief is None:
            return draft
        if not await self._is_named(question.persona):
            self._count("unnamed")
            return draft
        try:
            async with asyncio.timeout(WHOLE):
                completion = await self._model.complete(brief.prompt, Said)
        except (ModelError, TimeoutError) as error:
            log.warning("answered without the model: %s", error if isinstance(error, ModelError) else "no turn")
            self._count("failed")
            return structs.replace(draft, forsaken=True)
        found = judged(question, draft, brief, completion.value, self._model.name)
        self._count(found.result)
        return found.draft

    async def _would_be_said(self, question: Question, draft: Draft) -> bool:
        persona = await self._personas.get(question.persona)
        return persona is not None and decide(question, draft, budget=persona.rules.risk_budget).kind == "answer"

    async def _is_named(self, persona: str) -> bool:
        """Whether the consent that holds now lets this recipient have what is found (rights.md L15)."""
        ask = Ask("retrieve", self._clock.now(), recipient=self._model.recipient)
        return allow(await self._consents.current(persona), ask).ok

    def _count(self, result: str) -> None:
        self._metrics.model_answers.labels(result).inc()
