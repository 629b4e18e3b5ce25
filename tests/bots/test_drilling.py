"""L37: a drill silences as an end does, measures it, and leaves everything as it was (NIST MANAGE 2.4)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from adapters.model import Post, Receipt, Thread
from bots import drilling
from bots.drilling import drill
from bots.witness import CHECKPOINTS
from persona_store import audit, jws
from persona_store.errors import Conflict, Refused
from persona_store.personas import transition
from persona_store.protocols import Batch, NewJob
from tests.bots.assessment.stage import assessed
from tests.bots.services import idle
from tests.scenarios.world import World, world

RETRY = "How often does the payment retry job run?"


async def lin(w: World) -> object:
    return await w.app.services.personas.get("lin")


async def test_l37_a_drill_measures_and_erases_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.persona()
        services = w.app.services
        held = await (await services.library.file("lin")).count()
        measured = await drill(services, await lin(w), "operator:cli")
        assert 0 < measured.silent <= measured.quiet < 10
        assert measured.ended
        assert measured.placed == 0
        [answer] = await w.say(w.mei, RETRY)
        assert answer.post.card.quotes, "it speaks again"
        assert await (await services.library.file("lin")).count() == held
        actions = [msgspec.json.decode(entry.body)["action"] async for entry in services.store.log()]
        assert [each for each in actions if each.startswith("drill")] == ["drill.suspended", "drill.live"]
        assert (await audit.verify(services.store, jws.public_bytes(services.vault.signing_key(CHECKPOINTS)))).ok


async def test_l37_what_needs_papers_to_speak_speaks_again_by_them(tmp_path: Path) -> None:
    """Somebody asked for it, and it is assessed: a drill is no reason to fall silent for good."""
    async with idle(tmp_path) as w:
        await w.persona()
        services = w.app.services
        ready = structs.replace(
            await lin(w),  # type: ignore[type-var]  # it is there
            asked_by="chat:U0BOSS",
            made_by="chat:U0ADM",
            approved="urn:uuid:1",
            accepted=dict.fromkeys(("chat:U0OWN", "chat:U0DEP"), "sha256:0"),
        )
        await services.store.commit(Batch(puts=(services.personas.put(ready),)))
        await assessed(w.app)
        assert (await drill(services, await lin(w), "operator:cli")).ended
        assert (await lin(w)).state == "live"


async def test_l37_what_was_decided_before_is_not_said_while_it_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow platform has one answer in hand and the rest waits: the one is counted, the others become a word."""
    async with world(tmp_path) as w:
        await w.persona()
        gate, really, began = asyncio.Event(), w.chat.post, asyncio.Event()

        async def slow(thread: Thread, post: Post) -> Receipt:
            if post.card.quotes:
                began.set()
                await gate.wait()
            receipt: Receipt = await really(thread, post)
            return receipt

        monkeypatch.setattr(w.chat, "post", slow)
        await w.chat.say(w.mei, RETRY, id="q")
        await asyncio.wait_for(began.wait(), 5)
        running = asyncio.create_task(drill(w.app.services, await lin(w), "operator:cli"))
        while (await lin(w)).state == "live":  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.001)
        await w.chat.say(w.ann, RETRY, id="other")
        await asyncio.sleep(0.1)
        assert not running.done(), "something is still in hand"
        gate.set()
        measured = await running
        await w.settle()
        assert measured.placed == 1
        assert measured.quiet > measured.silent + 0.09
        paused = [each for each in w.posts if each.thread.root == "other"]
        assert [each.post.card.quotes for each in paused] == [()]
        assert "paused" in paused[0].post.card.text


async def test_l37_a_silence_that_does_not_end_in_time_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drilling, "WATCHED", 0.05)
    async with idle(tmp_path) as w:
        await w.persona()
        store = w.app.services.store
        await store.commit(Batch(jobs=(NewJob("post", "lane", b""),)))
        assert await store.claim(["post"], lease=60) is not None
        measured = await drill(w.app.services, await lin(w), "operator:cli")
        assert not measured.ended
        assert (await lin(w)).state == "live"


async def test_l37_a_subject_who_says_no_meanwhile_is_not_overruled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody else decides during a drill stands."""
    async with idle(tmp_path) as w:
        await w.persona()
        services = w.app.services
        really = services.store.backlog

        async def meanwhile() -> object:
            persona = await lin(w)
            if persona.state == "suspended":
                await services.store.commit(await w.app.retiring.begin(persona, w.subject, "withdraw", None, "en"))
            return await really()

        monkeypatch.setattr(services.store, "backlog", meanwhile)
        with pytest.raises((Conflict, Refused)):
            await drill(services, await lin(w), "operator:cli")
        assert (await lin(w)).state == "erasing"


async def test_l37_a_freeze_meanwhile_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill speaks again only if nothing was changed since it began."""
    async with idle(tmp_path) as w:
        await w.persona()
        services = w.app.services
        really = services.store.backlog

        async def meanwhile() -> object:
            persona = await lin(w)
            if persona.state == "suspended":
                frozen = services.personas.put(transition(persona, "restrict", w.clock.now()))
                await services.store.commit(Batch(puts=(frozen,)))
            return await really()

        monkeypatch.setattr(services.store, "backlog", meanwhile)
        with pytest.raises(Conflict):
            await drill(services, await lin(w), "operator:cli")
        assert (await lin(w)).state == "restricted"


async def test_l37_only_what_speaks_can_be_drilled(tmp_path: Path) -> None:
    async with idle(tmp_path) as w:
        await w.persona()
        services = w.app.services
        await services.store.commit(await w.app.retiring.begin(await lin(w), w.admin, "retire", None, "en"))
        with pytest.raises(Refused) as refused:
            await drill(services, await lin(w), "operator:cli")
        assert refused.value.code == "ILLEGAL_STATE"
