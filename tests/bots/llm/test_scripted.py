"""The shipped fake says what it was given, in order, as strictly as a real one, and not a word more."""

from __future__ import annotations

import pytest

from bots.llm.scripted import PastTheScript, ScriptedModel
from persona_store.completion import Prices, Prompt
from persona_store.errors import ModelMalformed, ModelUnavailable
from persona_store.protocols import LanguageModel
from tests.bots.llm.rig import FACT, PROMPT, SOUND, Fact

DOWN = ModelUnavailable("MODEL_DOWN", "it is down", retryable=True)


async def test_it_says_its_lines_in_order_and_keeps_what_it_was_asked() -> None:
    model = ScriptedModel(FACT, f"```\n{SOUND}\n```", "plain", lambda prompt: Fact(prompt.user, ()))
    assert (await model.complete(PROMPT, Fact)).value == FACT
    assert (await model.complete(PROMPT, Fact)).value == FACT
    assert (await model.complete(PROMPT, str)).value == "plain"
    assert (await model.complete(Prompt("s", "u"), Fact)).value == Fact("u", ())
    assert [prompt.system for prompt in model.prompts] == [PROMPT.system] * 3 + ["s"]
    assert model.left == 0


async def test_it_refuses_to_run_past_its_script() -> None:
    model = ScriptedModel("yes")
    await model.complete(PROMPT, str)
    with pytest.raises(PastTheScript, match="asked 2 times"):
        await model.complete(PROMPT, str)


async def test_a_line_that_does_not_fit_is_malformed_and_an_error_is_raised() -> None:
    model = ScriptedModel('{"text": 1}', DOWN, "yes")
    with pytest.raises(ModelMalformed, match=r"\$\.text"):
        await model.complete(PROMPT, Fact)
    with pytest.raises(ModelUnavailable, match="it is down"):
        await model.complete(PROMPT, Fact)
    assert model.left == 1


async def test_a_stream_adds_up() -> None:
    model = ScriptedModel(" one  two\nthree ")
    pieces = [piece async for piece in model.stream(PROMPT)]
    assert "".join(piece.text for piece in pieces) == " one  two\nthree "
    assert len(pieces) == 4
    assert pieces[-1].finish == "stop"


async def test_it_costs_what_it_says() -> None:
    model: LanguageModel = ScriptedModel(FACT, name="m", recipient="api.example", prices=Prices())
    assert model.estimate(PROMPT, Fact).output_tokens == PROMPT.max_tokens
    usage = (await model.complete(PROMPT, Fact)).usage
    assert usage.input_tokens == model.estimate(PROMPT, Fact).input_tokens
    assert 0 < usage.output_tokens < 60
