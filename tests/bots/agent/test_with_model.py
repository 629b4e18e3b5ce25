"""The answerer with a model: asked only for what would be said, if the consent names it, and not missed if away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bots import runtime
from bots.agent import with_model
from bots.agent.decision import decide
from bots.agent.language import language_of
from bots.agent.summary import Said, SaidSentence
from bots.agent.with_model import PATIENCE, WHOLE, WithModel
from bots.llm.scripted import ScriptedModel
from bots.model import Draft, Question
from persona_store.completion import Prompt
from persona_store.consent.record import Recipient
from persona_store.errors import BudgetSpent, ModelError, ModelMalformed, ModelRefused, ModelUnavailable
from persona_store.model import PersonaRules, Readers
from tests.bots.services import idle
from tests.scenarios.world import World

HOST = "llm.example"
NAMED = (Recipient(HOST, "processor", "CN", 0, False),)
READY = PersonaRules()
RETRY = "How often does the payment retry job run?"
SAID = Said(True, [SaidSentence("The payment retry job runs every 15 minutes.", [1])])


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


def model(*lines: Any) -> ScriptedModel:
    return ScriptedModel(*lines, recipient=HOST)


def answerer(w: World, asked: ScriptedModel, *, private: bool = False) -> WithModel:
    s = w.app.services
    return WithModel(
        s.quoting,
        asked,
        private=private,
        consents=s.consents,
        personas=s.personas,
        clock=s.clock,
        metrics=s.metrics,
    )


async def answer(w: World, asked: ScriptedModel, text: str = RETRY, *, readers: Readers = None) -> Draft:
    return await answerer(w, asked).answer(Question("lin", text, language_of(text)), readers=readers)


async def quoted(w: World, text: str = RETRY) -> Draft:
    return await w.app.services.quoting.answer(Question("lin", text, language_of(text)), readers=None)


def counted(w: World, result: str) -> bool:
    return f'understudy_model_answers_total{{result="{result}"}} 1.0' in w.app.services.metrics.text().decode()


async def test_what_is_found_is_put_into_words(w: World) -> None:
    await w.persona(recipients=NAMED, rules=READY)
    found = await answer(w, model(SAID))
    assert [each.text for each in found.summary] == ["The payment retry job runs every 15 minutes."]
    assert found.quotes == ("The payment retry job runs every 15 minutes and gives up after 3 attempts.",)
    assert found.confidence == (await quoted(w)).confidence
    assert counted(w, "written")


async def test_nothing_is_sent_to_whom_the_consent_does_not_name(w: World) -> None:
    """L15: the deterministic answerer answers; a script without lines would fail if it were asked."""
    await w.persona(rules=READY)
    asked = model()
    assert await answer(w, asked) == await quoted(w)
    assert asked.prompts == []
    assert counted(w, "unnamed")


@pytest.mark.parametrize(
    "text",
    [
        "Which airline miles programme does the Lisbon office use?",
        "Can you approve the payment retry job?",
        "Is Lin depressed about the payment retry job?",
        "hello",
        "今天天气怎么样？",
    ],
)
async def test_what_would_not_be_said_is_not_asked(w: World, text: str) -> None:
    """House, step 9: no evidence, no call; closed topics and small talk neither."""
    await w.persona(recipients=NAMED, rules=READY)
    asked = model()
    assert await answer(w, asked, text) == await quoted(w, text)
    assert asked.prompts == []


async def test_what_the_risk_budget_would_not_let_through_is_not_asked(w: World) -> None:
    await w.persona(recipients=NAMED, rules=PersonaRules(risk_budget=0.001))
    asked = model()
    assert (await answer(w, asked)).evidence
    assert asked.prompts == []


async def test_only_what_everybody_who_reads_may_read_is_sent(w: World) -> None:
    """T06 holds for the model as for the room: what Ann may not read is not in a prompt for her."""
    await w.persona(recipients=NAMED, rules=READY)
    hint = "What is the vault passphrase hint for the staging cluster?"
    asked = model(SAID)
    await answer(w, asked, hint, readers=(frozenset({w.ann.key}),))
    assert asked.prompts == []
    await answer(w, asked, hint, readers=(frozenset({w.mei.key}),))
    assert "river" in asked.prompts[0].user


@pytest.mark.parametrize(
    "error",
    [
        ModelUnavailable("MODEL_SLOW", "it took too long", retryable=True),
        ModelUnavailable("MODEL_DOWN", "it is left alone", retryable=True),
        ModelRefused("MODEL_REFUSED", "it will not"),
        ModelMalformed("MODEL_MALFORMED", "no JSON"),
        BudgetSpent("MODEL_BUDGET", "the day is spent"),
    ],
    ids=lambda error: error.code,
)
async def test_a_model_that_is_away_costs_nobody_an_answer(
    w: World, error: ModelError, caplog: pytest.LogCaptureFixture
) -> None:
    await w.persona(recipients=NAMED, rules=READY)
    with caplog.at_level(logging.WARNING):
        found = await answer(w, model(error))
    before = await quoted(w)
    assert (found.evidence, found.quotes, found.confidence) == (before.evidence, before.quotes, before.confidence)
    assert found.forsaken
    assert counted(w, "failed")
    assert error.code in caplog.text
    assert "retry job" not in caplog.text


async def test_who_has_to_wait_too_long_for_a_turn_gets_the_quotes(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await w.persona(recipients=NAMED, rules=READY)

    class Busy(ScriptedModel):
        async def complete(self, prompt: Prompt, schema: type[Any]) -> Any:
            await asyncio.Event().wait()

    monkeypatch.setattr(with_model, "WHOLE", 0.01)
    assert (await answer(w, Busy(recipient=HOST))).forsaken


def test_two_answers_fit_into_the_time_of_a_job() -> None:
    assert PATIENCE < WHOLE
    assert 2 * WHOLE < runtime.LONGEST


async def test_an_answer_it_does_not_see_goes_to_a_human(w: World) -> None:
    await w.persona(recipients=NAMED, rules=READY)
    found = await answer(w, model(Said(False, [])))
    verdict = decide(Question("lin", RETRY, "en"), found, budget=0.3)
    assert verdict.kind == "escalate"
    assert found.quotes == (await quoted(w)).quotes
    assert counted(w, "unsaid")


async def test_a_withdrawn_consent_ends_it(w: World) -> None:
    await w.persona(recipients=NAMED, rules=READY)
    asked = model(SAID, SAID)
    await answer(w, asked)
    w.clock.advance(400 * 86_400)  # the record's term is over
    with pytest.raises(Exception, match="CONSENT_EXPIRED"):
        await answer(w, asked)
    assert len(asked.prompts) == 1
