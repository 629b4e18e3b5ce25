"""A client of ours in front of the local language model, with a clock that does not keep anybody waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from adapters.secret import Secret
from bots.llm.addresses import recipient_of
from bots.llm.budget import Budget, Limits
from bots.llm.client import Client
from bots.llm.openai_compatible import Address, Endpoint
from persona_store.clock import ManualClock
from persona_store.completion import Prompt
from tests.platforms.model import MODEL, ModelServer

NO_LIMITS = Limits()
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PROMPT = Prompt("You extract facts.", "Ana said the job runs every 15 minutes.", max_tokens=200)


class Fact(Struct, frozen=True):
    text: str
    cites: tuple[str, ...]
    n: int = 0


SOUND = '{"text": "It runs every 15 minutes.", "cites": ["m1"], "n": 15}'
FACT = Fact("It runs every 15 minutes.", ("m1",), 15)


class Hurried(ManualClock):
    """Waiting takes no time, but the clock moves on by as much."""

    def __init__(self, start: datetime = START) -> None:
        super().__init__(start)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)


class Counter:
    """A day's count that is not kept."""

    def __init__(self) -> None:
        self.tokens = 0

    async def today(self) -> int:
        return self.tokens

    async def add(self, tokens: int) -> None:
        self.tokens += tokens


@asynccontextmanager
async def asking(
    server: ModelServer, *, limits: Limits = NO_LIMITS, seconds: float = 20.0, url: str = "", **more: Any
) -> AsyncIterator[Client]:
    base = url or server.base_url
    endpoint = Endpoint(Address(base, Secret(more.pop("key", server.key))), connections=8, timeout=seconds)
    try:
        yield Client(
            endpoint,
            **{
                "model": MODEL,
                "recipient": recipient_of(base),
                "budget": Budget(limits, more.pop("meter", Counter())),
                "clock": Hurried(),
                "timeout": seconds,
                "chance": lambda: 1.0,
                **more,
            },
        )
    finally:
        await endpoint.close()
