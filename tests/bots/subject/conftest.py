"""A bot with an address that links lead to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bots.subject.stage import linked
from tests.scenarios.world import World, folder, world


@pytest.fixture
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(Path(path)) as it:
            yield linked(it)
