"""A language model of this machine and a client that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bots.llm.client import Client
from tests.bots.llm.rig import asking
from tests.platforms.model import ModelServer


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
async def client(server: ModelServer) -> AsyncIterator[Client]:
    async with asking(server) as client:
        yield client
