"""An embedder of ours in front of the local server, with a clock that does not keep anybody waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.secret import Secret
from bots.embedding.client import EndpointEmbedder, Way
from bots.llm.addresses import is_private, recipient_of
from bots.llm.openai_compatible import Address, Endpoint
from tests.bots.llm.rig import Hurried
from tests.platforms.embeddings import MODEL, EmbeddingServer


@asynccontextmanager
async def embedding(
    server: EmbeddingServer, *, seconds: float = 5.0, way: Way | None = None, **more: Any
) -> AsyncIterator[EndpointEmbedder]:
    base = server.base_url
    endpoint = Endpoint(Address(base, Secret(more.pop("key", server.key))), connections=8, timeout=seconds)
    try:
        yield EndpointEmbedder(
            endpoint,
            **{
                "model": MODEL,
                "recipient": recipient_of(base),
                "private": is_private(base),
                "way": way or Way(),
                "clock": Hurried(),
                "timeout": seconds,
                "chance": lambda: 1.0,
                **more,
            },
        )
    finally:
        await endpoint.close()
