"""An endpoint for vectors, over HTTP with the SDK as it is, from a local server that misbehaves in every way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from bots.embedding.client import EndpointEmbedder, Way
from persona_store.errors import ModelError, ModelMalformed, ModelUnavailable
from tests.bots.embedding.rig import embedding
from tests.platforms.embeddings import LENGTH, EmbeddingServer, vector_of
from tests.platforms.model import KEY

TEXTS = ("how often is a payment retried", "退款走哪个队列", "lunch")


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingServer]:
    async with EmbeddingServer() as server:
        yield server


@pytest.fixture
async def embedder(server: EmbeddingServer) -> AsyncIterator[EndpointEmbedder]:
    async with embedding(server) as embedder:
        yield embedder


async def ask(embedder: EndpointEmbedder, texts: tuple[str, ...] = TEXTS) -> list[list[float]]:
    return [list(vector) for vector in await embedder.embed(texts, question=False)]


def near(one: list[float], other: list[float]) -> bool:
    return one == pytest.approx(other, abs=1e-6)


async def test_vectors_come_packed_and_in_the_order_of_the_texts(
    server: EmbeddingServer, embedder: EndpointEmbedder
) -> None:
    found = await ask(embedder)
    assert all(near(vector, vector_of(text)) for vector, text in zip(found, TEXTS, strict=True))
    assert server.requests[0]["encoding_format"] == "base64"


async def test_a_server_that_packs_nothing_is_asked_for_numbers(server: EmbeddingServer) -> None:
    """Once: what was learnt about it stays."""
    server.unpacked = True
    async with embedding(server) as embedder:
        for _ in range(2):
            assert near((await ask(embedder))[1], vector_of(TEXTS[1]))
    assert [body["encoding_format"] for body in server.requests] == ["base64", "float", "float"]


async def test_many_texts_go_in_batches_behind_their_prefix(server: EmbeddingServer) -> None:
    async with embedding(server, way=Way(32, "query:", "passage:", 2)) as embedder:
        assert [len(vector) for vector in await ask(embedder)] == [32] * 3
        await embedder.embed(("who?",), question=True)
    assert [body["input"] for body in server.requests] == [
        ["passage: " + TEXTS[0], "passage: " + TEXTS[1]],
        ["passage: lunch"],
        ["query: who?"],
    ]
    assert {body["dimensions"] for body in server.requests} == {32}


@pytest.mark.parametrize("fault", ["429", "500", "503", "reset", "cut_off", "html", "odd"])
async def test_what_passes_is_tried_again(server: EmbeddingServer, embedder: EndpointEmbedder, fault: str) -> None:
    server.faults.add(fault)
    assert near((await ask(embedder))[0], vector_of(TEXTS[0]))


@pytest.mark.parametrize("fault", ["shuffled", "injected"])
async def test_what_is_only_strange_is_read(
    server: EmbeddingServer, embedder: EndpointEmbedder, fault: str
) -> None:
    server.faults.add(fault)
    found = await ask(embedder)
    assert all(near(vector, vector_of(text)) for vector, text in zip(found, TEXTS, strict=True))


@pytest.mark.parametrize(
    "fault",
    ["fewer", "more", "uneven", "zeros", "not_numbers", "overflow", "unpackable", "nan", "twice", "outside"],
)
async def test_what_is_no_vector_of_each_text_is_none_of_any(
    server: EmbeddingServer, embedder: EndpointEmbedder, fault: str
) -> None:
    server.faults.add(fault)
    with pytest.raises(ModelMalformed, match="MODEL_MALFORMED"):
        await ask(embedder)
    assert len(server.requests) == 1  # an answer, though a wrong one: asking again would bring the same


async def test_vectors_of_another_length_are_refused(server: EmbeddingServer, embedder: EndpointEmbedder) -> None:
    """A server that changed its model behind our back: nothing it says can be compared any more."""
    await ask(embedder)
    server.faults.add("shorter")
    with pytest.raises(ModelMalformed, match=f"vectors of {LENGTH - 1} numbers in place of {LENGTH}"):
        await ask(embedder)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("401", "MODEL_KEY"),
        ("402", "MODEL_UNPAID"),
        ("404", "MODEL_UNKNOWN"),
        ("too_long", "MODEL_TOO_LONG"),
        ("moved", "MODEL_MOVED"),
        ("huge", "MODEL_HUGE"),
        ("gzip", "MODEL_HUGE"),
    ],
)
async def test_what_does_not_pass_is_one_line(
    server: EmbeddingServer,
    embedder: EndpointEmbedder,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    code: str,
) -> None:
    """It names our settings, and neither the key nor what was sent."""
    caplog.set_level(logging.DEBUG)
    server.faults.add(fault, times=3)
    with pytest.raises(ModelError, match=code) as caught:
        await ask(embedder)
    assert "llm." not in str(caught.value)
    assert "LLM" not in str(caught.value)
    for secret in (KEY, "payment", "退款"):
        assert secret not in f"{caught.value} {caught.value!r} {caplog.text}"


async def test_a_question_does_not_wait_for_one_that_hangs(
    server: EmbeddingServer, embedder: EndpointEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And after five of them nobody asks for a while."""
    monkeypatch.setattr("bots.embedding.client.IN_TIME", 0.05)
    server.faults.add("slow", times=20, seconds=5)
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match=r"MODEL_SLOW|MODEL_DOWN"):
            await embedder.embed(("who?",), question=True)
    asked = len(server.requests)
    with pytest.raises(ModelUnavailable, match="MODEL_DOWN"):
        await embedder.embed(("who?",), question=True)
    assert len(server.requests) == asked == 5


async def test_who_goes_away_says_nothing_about_the_endpoint(
    server: EmbeddingServer, embedder: EndpointEmbedder
) -> None:
    server.faults.add("slow", times=8, seconds=5)
    for _ in range(8):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await ask(embedder)
    assert embedder.trying.breaker.state == "closed"


async def test_passages_do_not_keep_a_question_waiting(server: EmbeddingServer) -> None:
    async with embedding(server, width=1) as embedder:
        server.faults.add("slow", seconds=1)
        passages = asyncio.create_task(ask(embedder))
        await asyncio.wait_for(server.asked.wait(), 5)
        async with asyncio.timeout(0.8):
            await embedder.embed(("who?",), question=True)
        await passages
