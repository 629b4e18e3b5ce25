"""The embedder that the settings name, ready to be asked; nothing is sent yet."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from bots.agent.decision import humans_only
from bots.embedding.usable import require_usable
from bots.llm.addresses import is_private, recipient_of
from bots.options import Embedding
from persona_store.consent.book import ConsentBook
from persona_store.errors import Refused
from persona_store.protocols import Clock, Embedder

CONNECTIONS = 4


@asynccontextmanager
async def open_embedder(wanted: Embedding, clock: Clock) -> AsyncGenerator[Embedder, None]:
    """Raises Refused as `require_usable`, and where what is needed is not installed."""
    require_usable(wanted)
    if not wanted.base_url:
        local = _room("bots.embedding.local", "meaning")
        local.require_package()
        embedder = local.LocalEmbedder(clock)
        try:
            yield embedder
        finally:
            await embedder.close()
        return
    room, client = _room("bots.llm.openai_compatible", "embedding"), _room("bots.embedding.client", "embedding")
    timeout = float(wanted.timeout)
    address = room.Address(wanted.base_url, wanted.api_key)
    endpoint = room.Endpoint(address, connections=CONNECTIONS, timeout=timeout)
    try:
        yield client.EndpointEmbedder(
            endpoint,
            model=wanted.model,
            recipient=recipient_of(wanted.base_url, "embedding.base_url"),
            private=is_private(wanted.base_url),
            way=client.Way(wanted.dimensions, wanted.query_prefix, wanted.passage_prefix, wanted.batch),
            clock=clock,
            timeout=timeout,
        )
    finally:
        await endpoint.close()


def meaning_of(embedder: Embedder, consents: ConsentBook, clock: Clock, count: Callable[[str], None]) -> Any:
    """persona_store.meaning.Meaning: what only a human may answer is handed to nobody outside."""
    room = _room("persona_store.meaning", "meaning")
    return room.Meaning(embedder, consents, clock, count=count, may_leave=lambda text: not humans_only(text))


def _room(name: str, extra: str) -> Any:
    """What needs a library is imported only now."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("bots", "persona_store"):
            raise
        what = f"embedding.model is set, and that needs {error.name}"
        raise Refused("EMBEDDING_EXTRA", what, f"pip install 'understudy[{extra}]'") from None
