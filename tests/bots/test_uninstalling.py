"""P3, P8: what was said on a platform that is left is forgotten, whether or not the platform tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.model import Audience
from bots import keys, uninstalling
from bots.uninstalling import AWAY, GRACE, forget_departed
from persona_store.protocols import Batch, Put
from tests.scenarios.stages import STAGES
from tests.scenarios.world import World, world

RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"
TALK = (keys.THREAD, keys.OUTCOME, keys.ESCALATION, keys.OPEN, keys.ASKED)


async def kept(w: World) -> list[str]:
    return [key for prefix in TALK async for key, _ in w.app.services.store.scan(prefix)]


async def talked(w: World) -> None:
    await w.persona()
    await w.say(w.mei, RETRY)
    await w.say(w.ann, UNKNOWN)
    await forget_departed(w.app.services, w.clock.now())


async def look(w: World, started: datetime | None = None) -> None:
    await forget_departed(w.app.services, started or w.clock.now() - GRACE)


@pytest.mark.parametrize("stage", sorted(STAGES))
async def test_p8_what_was_said_on_a_platform_that_is_away_for_a_fortnight_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """P8: the strictest rule on each of them. Feishu and DingTalk tell nobody that an own app was removed."""
    async with world(tmp_path, STAGES[stage]) as w:
        await talked(w)

        async def no() -> bool:
            return False

        monkeypatch.setattr(w.chat.adapter, "connected", no, raising=False)
        w.clock.advance((AWAY - timedelta(hours=1)).total_seconds())
        await look(w)
        assert await kept(w)
        w.clock.advance(timedelta(hours=1).total_seconds())
        await look(w)
        assert await kept(w) == []
        held = await (await w.app.services.library.file("lin")).count()
        assert held == len(w.passages()), "what was imported came from the subject and stays"


async def test_p8_a_quiet_platform_that_is_connected_is_not_one_that_was_left(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await talked(w)
        for _ in range(20):
            w.clock.advance(timedelta(days=1).total_seconds())
            await look(w)
        assert await kept(w)


async def test_p8_a_process_that_was_down_for_a_month_is_given_time_to_connect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks before anything else, when no adapter can have said hello yet."""
    async with world(tmp_path) as w:
        await talked(w)
        state = {"connected": False}

        async def connected() -> bool:
            return state["connected"]

        monkeypatch.setattr(w.chat.adapter, "connected", connected, raising=False)
        w.clock.advance(timedelta(days=20).total_seconds())
        before = await kept(w)
        await look(w, started=w.clock.now())
        assert await kept(w) == before
        state["connected"] = True
        w.clock.advance(600)
        await look(w, started=w.clock.now())
        w.clock.advance(timedelta(days=1).total_seconds())
        state["connected"] = False
        await look(w)
        assert await kept(w) == before, "the fortnight begins anew"


async def test_p8_a_platform_nobody_configures_any_more_is_forgotten_at_once_when_its_time_is_over(
    tmp_path: Path,
) -> None:
    """A restart without it, a month later: the first look does it, before a question is answered."""
    async with world(tmp_path) as w:
        await talked(w)
        services = w.app.services
        old = (w.clock.now() - AWAY).isoformat().encode()
        await services.store.commit(Batch(puts=(Put(keys.talking("chat"), old),)))
        monkeyed = dict(services.adapters)
        services.adapters.clear()  # type: ignore[attr-defined]  # a dict, here
        try:
            await look(w, started=w.clock.now())
        finally:
            services.adapters.update(monkeyed)
        assert await kept(w) == []


async def test_p3_of_two_workspaces_one_is_forgotten(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.chat.room("general", Audience(public=True))
        await talked(w)
        services = w.app.services
        batch = await uninstalling.forget(services, "chat", "another tenant")
        assert batch == Batch()
        tenant = w.posts[0].thread.tenant
        await services.store.commit(await uninstalling.forget(services, "chat", tenant))
        assert await kept(w) == []


async def test_p8_a_persona_that_is_being_erased_does_not_stop_the_looking(tmp_path: Path) -> None:
    """Its records cannot be read any more; those of the others are still forgotten."""
    async with world(tmp_path) as w:
        await talked(w)
        await w.persona("bob", "Bob's notes")
        await w.say(w.ann, "bob: which vendor prints the badge in Lisbon?")
        w.app.services.vault.shred("bob")
        await look(w)
        await w.app.services.store.commit(await uninstalling.forget(w.app.services, "chat"))
        assert [key for key in await kept(w) if key.startswith(keys.THREAD)] == []
