"""Workers: what fails is retried with patience, what cannot succeed ends where somebody sees it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.model import Message, Person, Press, Thread
from bots import inbox, keys
from bots.runtime import CONFLICTS, PATIENT_TRIES, TRIES, Workers
from persona_store.errors import Conflict, Refused
from persona_store.protocols import Batch, Claim, NewJob, Put
from tests.bots.services import idle
from tests.scenarios.world import World

NOW = datetime(2026, 6, 2, tzinfo=UTC)
ROOM = Thread("chat", "general", "T1")
MEI = Person("chat", "U0MEI", "Mei")


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


class Failing:
    """A handler that fails so many times, then does its job."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0

    async def __call__(self, claim: Claim) -> Batch:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return Batch(puts=(Put("done", b"yes"),))


async def work(w: World, handler: Failing, kind: str = "job", *, hours: float = 0.5) -> None:
    """Let workers run until nothing of the kind is left, or the time is over."""
    workers = Workers(w.app.services, {kind: handler}, width=2)
    running = asyncio.create_task(workers.run())
    end = w.clock.now().timestamp() + hours * 3600
    while w.clock.now().timestamp() < end:
        await asyncio.sleep(0.02)
        backlog = await w.app.services.store.backlog()
        if not backlog.by_kind.get(kind):
            break
        if not backlog.claimed:
            w.clock.advance(5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def add(w: World, kind: str = "job", body: bytes = b"") -> None:
    await w.app.services.store.commit(Batch(jobs=(NewJob(kind, "lane", body),)))


async def dead(w: World) -> list[str]:
    return [key async for key, _ in w.app.services.store.scan(keys.DEAD)]


@pytest.mark.parametrize(
    "error",
    [Conflict("changed"), Refused("KEY_GONE", "shredded"), Refused("CONSENT_WITHDRAWN", "gone")],
    ids=["changed", "shredded", "withdrawn"],
)
async def test_what_changed_meanwhile_is_read_again_at_once(w: World, error: Exception) -> None:
    """No waiting, no error: that a persona ends while one works is ordinary."""
    handler = Failing(error, error)
    await add(w)
    before = w.clock.now()
    await work(w, handler)
    assert handler.calls == 3
    assert await w.app.services.store.get("done") == b"yes"
    assert w.clock.now() == before


async def test_an_error_is_tried_again_later(w: World) -> None:
    handler = Failing(ValueError("x"), ValueError("x"))
    await add(w)
    before = w.clock.now()
    await work(w, handler)
    assert await w.app.services.store.get("done") == b"yes"
    assert (w.clock.now() - before).total_seconds() >= 6


async def test_what_keeps_failing_is_a_dead_letter_and_its_lane_goes_on(w: World) -> None:
    handler = Failing(*[ValueError("x")] * TRIES)
    await add(w)
    await add(w)
    await work(w, handler)
    assert handler.calls == TRIES + 1
    assert len(await dead(w)) == 1
    assert await w.app.services.store.get("done") == b"yes"


async def test_a_conflict_that_never_ends_is_not_tried_for_ever(w: World) -> None:
    handler = Failing(*[Conflict("x")] * (CONFLICTS * PATIENT_TRIES))
    await add(w)
    await work(w, handler)
    assert len(await dead(w)) == 1


@pytest.mark.parametrize("event", ["message", "press"])
async def test_whoever_asked_is_told_that_it_went_wrong(w: World, event: str) -> None:
    """With the number under which it stands in the log, and for their eyes alone."""
    said: Message | Press = Message("m1", ROOM, MEI, "how?", NOW, addressed=True)
    if event == "press":
        said = Press("p1", ROOM, MEI, "up", "o", NOW)
    await w.app.inbox.receive(said)
    await work(w, Failing(*[ValueError("x")] * TRIES), inbox.EVENT)
    assert (await w.app.services.store.backlog()).by_kind == {"post": 1}
    assert len(await dead(w)) == 1


async def test_an_event_nobody_can_open_any_more_does_not_stop_the_rest(w: World) -> None:
    """Sealed under another key: the dead letter is all there can be."""
    await add(w, inbox.EVENT, b"\x01" + bytes(60))
    await work(w, Failing(*[ValueError("x")] * TRIES), inbox.EVENT)
    assert len(await dead(w)) == 1
    assert (await w.app.services.store.backlog()).by_kind == {}
