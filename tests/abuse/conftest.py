"""The whole bot, twice: on the scripted platform, and behind its own web server with the local page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.abuse.page import LocalBot, local_bot
from tests.scenarios.world import World, world


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as it:
        yield it


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[LocalBot]:
    async with local_bot(tmp_path) as it:
        yield it
