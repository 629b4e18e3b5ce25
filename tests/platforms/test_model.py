"""The local language model answers OpenAI's SDK as a real endpoint does, before anything of ours asks it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import openai
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from tests.platforms.model import KEY, MODEL, ModelServer

TURNS = [{"role": "system", "content": "Say JSON."}, {"role": "user", "content": "Are you there?"}]


class Answer(BaseModel):
    n: int


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
async def sdk(server: ModelServer) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=server.base_url, api_key=KEY, max_retries=0) as sdk:
        yield sdk


async def test_a_whole_answer_has_words_finish_and_usage(server: ModelServer, sdk: AsyncOpenAI) -> None:
    server.says("I am here")
    answer = await sdk.chat.completions.create(model=MODEL, messages=TURNS)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("I am here", "stop")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (5, 3)
    assert server.requests == [{"model": MODEL, "messages": TURNS}]


async def test_the_sdks_own_structured_output_works(server: ModelServer, sdk: AsyncOpenAI) -> None:
    server.says('{"n": 7}')
    answer = await sdk.chat.completions.parse(model=MODEL, messages=TURNS, response_format=Answer)
    assert answer.choices[0].message.parsed == Answer(n=7)


async def test_a_stream_adds_up_and_counts_at_its_end(server: ModelServer, sdk: AsyncOpenAI) -> None:
    server.says("one two three four")
    stream = await sdk.chat.completions.create(
        model=MODEL, messages=TURNS, stream=True, stream_options={"include_usage": True}
    )  # fmt: skip
    chunks = [chunk async for chunk in stream]
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "one two three four"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 4


async def test_it_lists_its_models(sdk: AsyncOpenAI) -> None:
    assert [model.id async for model in sdk.models.list()] == [MODEL]


@pytest.mark.parametrize(("kind", "error"), [
    ("401", openai.AuthenticationError), ("404", openai.NotFoundError), ("429", openai.RateLimitError),
    ("500", openai.InternalServerError), ("503", openai.InternalServerError), ("too_long", openai.BadRequestError),
    ("reset", openai.APIConnectionError), ("cut_off", openai.APIConnectionError),
])  # fmt: skip
async def test_each_failure_is_the_sdks_own_error(
    server: ModelServer, sdk: AsyncOpenAI, kind: str, error: type[openai.OpenAIError]
) -> None:
    server.faults.add(kind, seconds=3)
    with pytest.raises(error):
        await sdk.chat.completions.create(model=MODEL, messages=TURNS)
    again = await sdk.chat.completions.create(model=MODEL, messages=TURNS)
    assert again.choices[0].message.content == "yes"


async def test_the_sdk_waits_as_long_as_the_server_says(server: ModelServer, sdk: AsyncOpenAI) -> None:
    """Its own retries read the header, so ours is the form it knows."""
    server.faults.add("429", seconds=0.05)
    answer = await sdk.with_options(max_retries=1).chat.completions.create(model=MODEL, messages=TURNS)
    assert answer.choices[0].message.content == "yes"
    first, second = (call.at for call in server.called("chat"))
    assert second - first < 0.5  # without the header it waits half a second


async def test_strangers_are_not_let_in(server: ModelServer) -> None:
    async with AsyncOpenAI(base_url=server.base_url, api_key="sk-wrong", max_retries=0) as sdk:
        with pytest.raises(openai.AuthenticationError):
            await sdk.models.list()


@pytest.mark.parametrize("kind", ["cut_stream", "stream_error"])
async def test_a_stream_breaks_off_after_its_first_words(server: ModelServer, sdk: AsyncOpenAI, kind: str) -> None:
    server.says("one two three four five six")
    server.faults.add(kind)
    said: list[str] = []

    async def read() -> None:
        async for chunk in await sdk.chat.completions.create(model=MODEL, messages=TURNS, stream=True):
            said.append(chunk.choices[0].delta.content or "")

    with pytest.raises(openai.APIError):
        await read()
    assert said
    assert "one two three four five six".startswith("".join(said))


@pytest.mark.parametrize("refused", ["json_schema", "json_object", "max_tokens", "temperature", "seed", "thinking"])
async def test_what_a_server_does_not_take_it_refuses(refused: str) -> None:
    async with ModelServer(refuses=[refused]) as server, AsyncOpenAI(base_url=server.base_url, api_key=KEY) as sdk:
        form = {"type": refused} if refused.startswith("json") else {"type": "text"}
        more = {"max_tokens": 5, "temperature": 0, "seed": 1, "response_format": form}
        with pytest.raises(openai.BadRequestError):
            await sdk.chat.completions.create(model=MODEL, messages=TURNS, extra_body=more)


async def test_json_mode_wants_the_word(server: ModelServer, sdk: AsyncOpenAI) -> None:
    turns = [{"role": "user", "content": "hello"}]
    with pytest.raises(openai.BadRequestError, match="json"):
        await sdk.chat.completions.create(model=MODEL, messages=turns, response_format={"type": "json_object"})


@pytest.mark.parametrize(("kind", "broken"), [("malformed", True), ("wrong_schema", False), ("surrogate", False)])
async def test_what_is_said_can_be_wrong(server: ModelServer, sdk: AsyncOpenAI, kind: str, broken: bool) -> None:
    server.says('{"n": "a"}')
    server.faults.add(kind)
    answer = await sdk.chat.completions.create(model=MODEL, messages=TURNS)
    text = answer.choices[0].message.content or ""
    if broken:
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)
    else:
        assert json.loads(text) != {"n": "a"}
