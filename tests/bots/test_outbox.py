"""Posts on their way: retried after what the platform says, never twice, never for a persona that was silenced."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised, Unreachable
from adapters.model import Card, Post, Thread
from bots import keys
from bots.outbox import GIVE_UP, POST, UNDELIVERED, Outbox, queue
from persona_store.errors import Conflict
from tests.bots.services import idle
from tests.scenarios.world import World

ROOM = Thread("chat", "general", "T1", root="q")


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


async def put(w: World, key: str = "k", **more: object) -> None:
    post = Post(key, Card("words"))
    await w.app.services.store.commit(queue(w.app.services, post, to=ROOM, **more))


async def send(w: World) -> bool:
    """One post job, if one is due."""
    claim = await w.app.services.store.claim((POST,), lease=60)
    if claim is None:
        return False
    await Outbox(w.app.services).send(claim)
    return True


async def test_a_post_is_placed_and_its_receipt_kept(w: World) -> None:
    await put(w, ref="outcome:o1")
    assert await send(w)
    [posted] = w.posts
    store = w.app.services.store
    assert keys.decode_receipt(await store.get(keys.receipt("k")) or b"").message_id == posted.id
    assert await store.get(keys.placed(ROOM, posted.id)) == b"outcome:o1"
    assert not await send(w)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (RateLimited("chat", "slow down", 37), 37),
        (Unauthorised("chat", "token revoked"), 60),
        (Unreachable("chat", "no route"), 2),
    ],
    ids=["rate limited", "unauthorised", "unreachable"],
)
async def test_a_post_waits_as_long_as_the_platform_says(w: World, error: AdapterError, seconds: int) -> None:
    """P5."""
    w.chat.fail(error)
    await put(w)
    await send(w)
    w.clock.advance(seconds - 0.5)
    assert not await send(w)
    w.clock.advance(1)
    assert await send(w)
    assert len(w.posts) == 1


async def test_a_post_whose_fate_is_unknown_is_looked_for_first(w: World) -> None:
    """The platform placed it and the answer was lost: no second post."""
    w.chat.fail(Unreachable("chat", "timed out", placed=True))
    await put(w)
    await send(w)
    w.clock.advance(5)
    placed = w.posts[0].id
    await send(w)
    assert [p.id for p in w.posts] == [placed]
    assert keys.decode_receipt(await w.app.services.store.get(keys.receipt("k")) or b"").message_id == placed


async def test_what_the_platform_refuses_is_a_dead_letter_and_who_relied_on_it_hears(w: World) -> None:
    """E2."""
    w.chat.fail(Rejected("chat", "too long"))
    await put(w, ref="escalation:e1")
    await send(w)
    store = w.app.services.store
    assert [key async for key, _ in store.scan(keys.DEAD)] == [f"{keys.DEAD}k"]
    claim = await store.claim((UNDELIVERED,), lease=60)
    assert claim is not None
    assert claim.job.body == b"escalation:e1"


async def test_after_three_days_a_post_is_given_up(w: World) -> None:
    await put(w)
    w.chat.fail(RateLimited("chat", "slow down", 60), times=2)
    await send(w)
    w.clock.advance((GIVE_UP + timedelta(minutes=5)).total_seconds())
    await send(w)
    assert [key async for key, _ in w.app.services.store.scan(keys.DEAD)] == [f"{keys.DEAD}k"]


async def test_what_was_tried_last_and_stands_is_no_dead_letter(w: World) -> None:
    """Three days are over, the platform places it at last, and its answer is lost."""
    await put(w, ref="outcome:o1")
    w.clock.advance((GIVE_UP + timedelta(minutes=5)).total_seconds())
    w.chat.fail(Unreachable("chat", "timed out", placed=True))
    await send(w)
    store = w.app.services.store
    assert [key async for key, _ in store.scan(keys.DEAD)] == []
    assert keys.decode_receipt(await store.get(keys.receipt("k")) or b"").message_id == w.posts[0].id


async def test_a_worker_that_was_overtaken_sends_nothing(w: World) -> None:
    """The fence, right before the send."""
    await put(w)
    store = w.app.services.store
    claim = await store.claim((POST,), lease=1)
    assert claim is not None
    w.clock.advance(2)
    other = await store.claim((POST,), lease=60)
    assert other is not None
    await Outbox(w.app.services).send(claim)
    assert w.posts == []
    await Outbox(w.app.services).send(other)
    assert len(w.posts) == 1
    with pytest.raises(Conflict):
        await store.extend(claim, lease=1)


async def test_a_silenced_personas_post_is_dropped_or_replaced_by_a_plain_sentence(w: World) -> None:
    await put(w, "quote", persona="nobody")
    await put(w, "answer", persona="nobody", instead=Card("It may not answer any more."))
    await send(w)
    await send(w)
    assert [p.post.card.text for p in w.posts] == ["It may not answer any more."]


async def test_without_the_platform_a_post_is_a_dead_letter(w: World) -> None:
    """Its adapter does not run here any more."""
    elsewhere = Thread("gone", "C1")
    await w.app.services.store.commit(queue(w.app.services, Post("k", Card("x")), to=elsewhere))
    await send(w)
    assert [key async for key, _ in w.app.services.store.scan(keys.DEAD)] == [f"{keys.DEAD}k"]


async def test_what_was_to_be_rewritten_and_is_gone_is_said_anew(w: World) -> None:
    """Somebody deleted the card; what was made of it is still due."""
    w.chat.fail(NotFound("chat", "message_not_found"))
    post = Post("k", Card("Sent to Mei."), replaces="b99")
    await w.app.services.store.commit(queue(w.app.services, post, to=ROOM))
    await send(w)
    assert [p.post.card.text for p in w.posts] == ["Sent to Mei."]
    assert [key async for key, _ in w.app.services.store.scan(keys.DEAD)] == []
