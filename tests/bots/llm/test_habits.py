"""What an endpoint does not take is learnt from its refusal, once, and then left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.llm.habits import Habits
from persona_store.errors import ModelRefused
from tests.bots.llm.rig import FACT, PROMPT, SOUND, Fact, asking
from tests.platforms.model import ModelServer


@pytest.mark.parametrize(("refuses", "form", "most"), [
    ((), "json_schema", 1),
    (("json_schema",), "json_object", 2),  # DeepSeek
    (("json_schema", "json_object"), None, 3),  # a server that knows no response_format
    (("json_object",), "json_schema", 1),
    (("max_tokens", "temperature", "seed"), "json_schema", 4),  # OpenAI's reasoning models
    (("thinking",), "json_schema", 2),  # Qwen3 on DashScope
    (("json_schema", "json_object", "max_tokens", "temperature", "seed", "thinking"), None, 7),
])  # fmt: skip
async def test_each_kind_of_server_is_got_along_with(refuses: tuple[str, ...], form: str | None, most: int) -> None:
    async with ModelServer(lambda request: SOUND, refuses=refuses) as server, asking(server) as client:
        assert (await client.complete(PROMPT, Fact)).value == FACT
        assert len(server.requests) == most
        assert (await client.complete(PROMPT, Fact)).value == FACT
        assert len(server.requests) == most + 1  # remembered
        last = server.requests[-1]
        assert last.get("response_format", {}).get("type") == form
        assert ('"cites"' in last["messages"][0]["content"]) == (form != "json_schema")


async def test_a_server_that_does_not_say_what_it_dislikes_is_got_along_with() -> None:
    refuses = ("json_schema", "json_object")
    async with ModelServer(lambda request: SOUND, refuses=refuses, vague=True) as server, asking(server) as client:
        assert (await client.complete(PROMPT, Fact)).value == FACT
        assert client.trying.habits.form == "text"


async def test_a_refusal_of_something_else_changes_nothing() -> None:
    """A form that has worked is not given up for one bad request, and nothing is learnt from what never worked."""
    async with ModelServer(lambda request: SOUND) as server, asking(server) as client:
        await client.complete(PROMPT, Fact)
        server.refuses, server.vague = {"seed"}, True
        with pytest.raises(ModelRefused, match="MODEL_REQUEST"):
            await client.complete(PROMPT, Fact)
        assert len(server.requests) == 2
        assert client.trying.habits == Habits()


async def test_a_stream_does_without_options_that_are_not_known() -> None:
    async with ModelServer(refuses=("stream_options",)) as server, asking(server) as client:
        pieces = [piece async for piece in client.stream(PROMPT)]
    assert "".join(piece.text for piece in pieces) == "yes"
    assert pieces[-1].usage is not None
    assert pieces[-1].usage.estimated


WORDS = st.sampled_from([
    "response_format", "json_schema", "temperature", "seed", "stream_options", "max_completion_tokens",
    "enable_thinking", "invalid", "grammar", " ",
])  # fmt: skip


@given(st.lists(st.lists(WORDS, max_size=4).map(" ".join), min_size=12, max_size=12))
def test_learning_ends(refusals: list[str]) -> None:
    """Whatever an endpoint says, there are seven things at most to change."""
    habits, changes = Habits(), 0
    for said in refusals:
        changed = habits.learn(said, structured=True)
        if changed is not None:
            assert changed != habits
            habits, changes = changed, changes + 1
    assert changes <= 7
