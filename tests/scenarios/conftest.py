from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.scenarios.stages import STAGES
from tests.scenarios.world import World, folder, world


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with folder() as path:
        yield path


@pytest.fixture(params=sorted(STAGES))
async def w(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """The same dialogue on every platform."""
    async with world(tmp_path, STAGES[request.param]) as it:
        yield it
