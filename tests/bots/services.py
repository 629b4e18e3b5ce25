"""The parts of the bot round a real store and vault, without workers: for tests of one decision at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bots.app import open_app
from bots.options import Data, Settings, Store
from tests.scenarios.clock import Clock
from tests.scenarios.stages.scripted import ScriptedStage
from tests.scenarios.world import START, World


@asynccontextmanager
async def idle(path: Path) -> AsyncIterator[World]:
    """Everything is in place, nothing runs: each test takes its steps itself."""
    clock, chat = Clock(START), ScriptedStage("chat")
    settings = Settings(
        admins=("chat:U0ADM",), data=Data(dir=path), store=Store(url=f"sqlite:///{path / 'understudy.db'}")
    )
    async with open_app(settings, adapters={"chat": chat}, clock=clock) as app:
        yield World(app, chat, clock)
