"""A link is good for its time and no moment longer, also where nobody has swept yet."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bots.subject import passes
from persona_store.errors import StoreBroken
from persona_store.protocols import Batch, Put
from tests.bots.services import idle
from tests.scenarios.world import START


async def test_a_pass_ends_by_the_clock(tmp_path: Path) -> None:
    async with idle(tmp_path) as w:
        services = w.app.services
        token, issued = passes.issue(services, "lin", "place", "chat:U0LIN", START + timedelta(hours=1))
        await services.store.commit(issued)
        w.clock.advance(3599)
        held = await passes.opened(services, token)
        assert held is not None
        assert held.held.purpose == "place"
        w.clock.advance(1)
        assert await passes.opened(services, token) is None


async def test_a_pass_that_was_moved_to_another_token_does_not_open(tmp_path: Path) -> None:
    """What is kept is bound to the hash it is kept under: whoever can write to the store cannot copy it."""
    async with idle(tmp_path) as w:
        services = w.app.services
        one, issued = passes.issue(services, "lin", "place", "", START + timedelta(hours=1))
        other, more = passes.issue(services, "mei", "sign", "", START + timedelta(hours=1))
        await services.store.commit(issued.plus(more))
        [taken] = [put for put in issued.puts]
        [target] = [put for put in more.puts]
        await services.store.commit(Batch(puts=(Put(target.key, taken.value),)))
        with pytest.raises(StoreBroken):
            await passes.opened(services, other)
        assert await passes.opened(services, one) is not None
