"""Whatever an endpoint answers is an answer or a ModelError, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from bots.llm.budget import Budget, Limits
from bots.llm.client import Client
from bots.llm.habits import Json
from bots.llm.reading import value_in
from bots.llm.replies import error_in, reply_in, reply_of, seconds, usage_of
from persona_store.completion import Piece, Usage
from persona_store.errors import ModelError
from tests.bots.llm.rig import FACT, PROMPT, SOUND, Counter, Fact, Hurried

T = TypeVar("T")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(SOUND),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(
        ["choices", "message", "delta", "content", "finish_reason", "usage", "prompt_tokens", "text", "refusal",
         "model"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
SHAPED = st.fixed_dictionaries({
    "choices": st.lists(st.fixed_dictionaries(
        {"finish_reason": JUNK},
        optional={
            "message": st.fixed_dictionaries({"content": JUNK}, optional={"refusal": JUNK}) | JUNK,
            "delta": st.fixed_dictionaries({"content": JUNK}) | JUNK,
        },
    ) | JUNK, max_size=2),
}, optional={"usage": JUNK, "model": JUNK})  # fmt: skip
ANSWERS = st.binary(max_size=20) | JUNK.map(msgspec.json.encode) | SHAPED.map(msgspec.json.encode)


class Canned:
    """A wire on which these come, whatever is asked."""

    def __init__(self, raw: bytes = b"", events: list[Any] | None = None) -> None:
        self.raw = raw
        self.events = events or []

    async def ask(self, body: Json) -> bytes:
        return self.raw

    async def stream(self, body: Json) -> AsyncGenerator[dict[str, Any], None]:
        for event in self.events:
            yield event


def client(wire: Canned) -> Client:
    return Client(
        wire, model="m", recipient="h", budget=Budget(Limits(), Counter()), clock=Hurried(), timeout=20
    )  # fmt: skip


async def outcome(call: Awaitable[T]) -> T | ModelError:
    try:
        return await call
    except ModelError as error:
        return error


@settings(max_examples=100, deadline=None)
@given(ANSWERS)
async def test_an_answer_is_of_the_form_or_an_error(raw: bytes) -> None:
    asked = client(Canned(raw))
    found = await outcome(asked.complete(PROMPT, Fact))
    assert isinstance(found, ModelError) or isinstance(found.value, Fact)
    assert asked.budget.spent.total < 10**9


def test_an_answer_that_fits_is_among_what_is_tried() -> None:
    """Else the property above would hold for a client that always fails."""
    fitting = find(SHAPED, lambda value: reply_of(value, "message").text == SOUND)
    assert value_in(reply_of(fitting, "message").text, Fact) == FACT


@settings(max_examples=100, deadline=None)
@given(st.lists(SHAPED | st.dictionaries(st.text(max_size=3), JUNK, max_size=2), max_size=4))
async def test_a_stream_ends_with_its_usage_or_an_error(events: list[Any]) -> None:
    asked = client(Canned(events=events))

    async def read() -> list[Piece]:
        return [piece async for piece in asked.stream(PROMPT)]

    found = await outcome(read())
    assert isinstance(found, ModelError) or asked.budget.spent == found[-1].usage


@pytest.mark.parametrize(("value", "usage"), [
    ({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 4)),
    ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "prompt_tokens_details": None}, Usage(3, 4)),
    ({"prompt_tokens": 0, "completion_tokens": 0}, None), ({"prompt_tokens": -3, "completion_tokens": 4}, None),
    ({"prompt_tokens": True, "completion_tokens": 4}, None), ({"prompt_tokens": 1e3, "completion_tokens": 4}, None),
    ({"prompt_tokens": 10**12, "completion_tokens": 4}, None), ({}, None), (None, None), ([1], None),
])  # fmt: skip
def test_only_a_count_that_can_be_is_believed(value: Any, usage: Usage | None) -> None:
    assert usage_of(value) == usage


def test_an_answer_in_parts_is_put_together() -> None:
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}, {"type": "image"}, 7]
    reply = reply_in(msgspec.json.encode({"choices": [{"message": {"content": parts}}]}))
    assert reply is not None
    assert reply.text == "one two"


def test_a_name_from_outside_is_one_short_line() -> None:
    reply = reply_in(msgspec.json.encode({"model": "a\nb\x1b" + "x" * 999}))
    assert reply is not None
    assert reply.model == "ab" + "x" * 198


@pytest.mark.parametrize(("header", "found"), [
    ("7", 7.0), ("0.5", 0.5), ("", None), ("soon", None), ("-1", None), ("nan", None), ("inf", None),
    ("Wed, 21 Oct 2026 07:28:00 GMT", None),
])  # fmt: skip
def test_retry_after_is_seconds_or_nothing(header: str, found: float | None) -> None:
    assert seconds(header) == found


@pytest.mark.parametrize(("raw", "code", "word"), [
    (b'{"error": {"code": "Model_Not_Found", "message": "No SUCH"}}', "model_not_found", "no such"),
    (b'{"object": "error", "message": "Bad", "code": 400}', "", "bad"),  # vLLM's older form
    (b"<html>Gateway</html>", "", "gateway"), (b"\xff", "", ""), (b"[1]", "", "1"), (b"[" * 99_999, "", ""),
])  # fmt: skip
def test_an_errors_code_and_words_are_found_where_there_are_any(raw: bytes, code: str, word: str) -> None:
    found, said = error_in(raw)
    assert found == code
    assert word in said
    assert len(said) <= 4000
