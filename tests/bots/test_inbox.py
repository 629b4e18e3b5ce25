"""What the platforms deliver: kept once, durably and sealed; what is none of our business is not kept at all."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from adapters.model import Message, Person, Press, Thread
from bots import inbox
from bots.inbox import EVENT, MAX_TEXT, REMEMBERED, decode, lane_of, reply_thread
from persona_store.protocols import Batch
from tests.bots.services import idle
from tests.scenarios.world import World

NOW = datetime(2026, 6, 2, tzinfo=UTC)
MEI = Person("chat", "U0MEI", "Mei")
ROOM = Thread("chat", "general", "T1")


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


def said(id: str = "m1", text: str = "how?", *, addressed: bool = True, thread: Thread = ROOM) -> Message:
    return Message(id, thread, MEI, text, NOW, addressed)


async def waiting(w: World) -> int:
    return (await w.app.services.store.backlog()).waiting


async def test_an_event_is_kept_once_and_again_after_a_day(w: World) -> None:
    """T18: so long a platform may deliver it anew."""
    for _ in range(3):
        await w.app.inbox.receive(said())
    assert await waiting(w) == 1
    claim = await w.app.services.store.claim((EVENT,), lease=1)
    assert claim is not None
    assert decode(w.app.services, claim.job.body) == said()
    await w.app.services.store.commit(Batch(finish=claim))
    await w.app.inbox.receive(said())
    assert await waiting(w) == 0
    w.clock.advance((REMEMBERED + timedelta(minutes=1)).total_seconds())
    await w.app.inbox.receive(said())
    assert await waiting(w) == 1


@pytest.mark.parametrize("text", ["lunch?", "ask understudy later"])
async def test_what_nobody_said_to_us_is_not_kept(w: World, text: str) -> None:
    """P2: not even for a second."""
    await w.app.inbox.receive(said(text=text, addressed=False))
    await w.app.inbox.receive(said(text=text, addressed=False, thread=structs.replace(ROOM, root="other")))
    assert await waiting(w) == 0


async def test_a_typed_command_needs_no_mention(w: World) -> None:
    await w.app.inbox.receive(said(text="  !Understudy help", addressed=False))
    assert await waiting(w) == 1


async def test_a_stored_event_shows_nothing_and_holds_no_more_than_a_platform_allows(
    w: World, tmp_path: Path
) -> None:
    """CHT-12: 100 kB are cut; on the disk there is no word of it."""
    await w.app.inbox.receive(said(text="canary-5521 " * 20_000))
    claim = await w.app.services.store.claim((EVENT,), lease=1)
    assert claim is not None
    kept = decode(w.app.services, claim.job.body)
    assert isinstance(kept, Message)
    assert len(kept.text) == MAX_TEXT
    files = [path for path in tmp_path.iterdir() if path.is_file()]  # noqa: ASYNC240  # a test's own look
    assert files
    assert all(b"canary-5521" not in path.read_bytes() for path in files)


async def test_a_trigger_is_not_stored(w: World) -> None:
    """Slack's trigger_id is a short-lived capability."""
    await w.app.inbox.receive(Press("p1", ROOM, MEI, "up", "o1", NOW, trigger="secret.123"))
    claim = await w.app.services.store.claim((EVENT,), lease=1)
    assert claim is not None
    press = decode(w.app.services, claim.job.body)
    assert isinstance(press, Press)
    assert press.trigger == ""


def test_a_question_in_a_room_opens_a_thread_and_a_command_none() -> None:
    """S13, S7: a native command is no message that one could reply to."""
    assert reply_thread(said()).root == "m1"
    assert reply_thread(said(thread=structs.replace(ROOM, root="r"))).root == "r"
    assert reply_thread(said(thread=structs.replace(ROOM, direct=True))).root == ""
    assert reply_thread(structs.replace(said(), command=True)).root == ""


def test_a_thread_is_handled_in_order_and_its_opener_with_it() -> None:
    reply = said("m2", thread=structs.replace(ROOM, root="m1"))
    assert lane_of(said("m1")) == lane_of(reply)
    assert lane_of(said("m3")) != lane_of(reply)
    assert inbox.platform_of(reply) == "chat"
