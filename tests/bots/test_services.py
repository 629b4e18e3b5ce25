"""Reading all records of a kind: what cannot be opened any more is passed over, and nobody waits for them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.model import Person, Thread
from bots import keys
from bots.records import Outcome
from bots.services import Services
from persona_store.backends.sqlite import AT_ONCE
from persona_store.errors import StoreBroken
from persona_store.protocols import Batch, Put
from tests.bots.services import idle


async def kept(services: Services, persona: str, number: int) -> None:
    who, where, now = Person("chat", "U0MEI"), Thread("chat", "T1", "general", "m1"), services.clock.now()
    made = [Outcome(f"{persona}{n}", persona, "answered", "why?", "en", who, where, now) for n in range(number)]
    puts = [Put(keys.outcome(each.id), services.seal(each, keys.outcome(each.id))) for each in made]
    await services.store.commit(Batch(puts=tuple(puts)))


async def test_records_of_a_shredded_key_are_passed_over_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    async with idle(tmp_path) as w:
        services = w.app.services
        await w.persona()
        await w.persona("bob", "Bob's notes")
        await kept(services, "lin", 2)
        await kept(services, "bob", 2)
        services.vault.shred("bob")
        found = [each async for each in services.all_raw(keys.OUTCOME, Outcome)]
        assert [(key, value.persona) for key, value, _ in found] == [
            ("outcome/lin0", "lin"),
            ("outcome/lin1", "lin"),
        ]
        await services.store.commit(Batch(unchanged=tuple((key, raw) for key, _, raw in found)))


async def test_what_was_tampered_with_is_not_passed_over(tmp_path: Path) -> None:
    async with idle(tmp_path) as w:
        services = w.app.services
        await w.persona()
        await kept(services, "lin", 1)
        sealed = await services.store.get(keys.outcome("lin0"))
        assert sealed is not None
        await services.store.commit(Batch(puts=(Put(keys.outcome("moved"), sealed),)))
        with pytest.raises(StoreBroken):
            [each async for each in services.all(keys.OUTCOME, Outcome)]


async def test_a_long_list_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    """What others want to do meanwhile gets its turn again and again."""
    async with idle(tmp_path) as w:
        services, turns = w.app.services, 0
        await w.persona()
        await kept(services, "lin", 5 * AT_ONCE)

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(others())
        assert len([each async for each in services.all(keys.OUTCOME, Outcome)]) == 5 * AT_ONCE
        beside.cancel()
        assert turns >= 5
