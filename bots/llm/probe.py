"""Whether the model answers: one tiny question, one line. For `understudy doctor --online`."""

from __future__ import annotations

from msgspec.structs import replace

from adapters.protocol import Finding
from bots.llm.opening import open_model
from bots.options import Llm
from persona_store.completion import Prompt
from persona_store.errors import ModelError, ModelMalformed, Refused
from persona_store.protocols import Clock, LanguageModel, Store

PATIENCE = 30  # seconds
PROMPT = Prompt("You are asked whether you are there.", "Answer with the word yes.", max_tokens=16)


async def probe(model: LanguageModel) -> Finding:
    try:
        await model.complete(PROMPT, str)
    except ModelMalformed:
        pass  # one that thinks first has not come to its answer within so few tokens: it is there
    except ModelError as error:
        return Finding(False, f"model {model.name}: {error.what}", error.fix or "docs/models.md")
    return Finding(True, f"model {model.name} answers at {model.recipient}")


async def examine(llm: Llm, store: Store, clock: Clock) -> list[Finding]:
    """Nothing to say where no model is set. Who looks for what is wrong does not wait as long as an answer may."""
    if not llm.base_url:
        return []
    try:
        async with open_model(replace(llm, timeout=min(llm.timeout, PATIENCE)), store, clock) as model:
            return [await probe(model)]
    except Refused as error:
        return [Finding(False, error.what, error.fix)]
