"""Letters go out once for each event, wait for a server that is away, and end where somebody sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bots import keys
from bots.letters import sending
from bots.letters.model import Letter, Words
from bots.letters.sending import Mailer
from bots.options import Mail
from persona_store.errors import Refused
from persona_store.protocols import Batch, Put
from tests.bots.letters.postbox import LIN, Postbox, postbox, settings
from tests.bots.services import idle
from tests.scenarios.world import World

LETTER = Letter("live:1", "en", "Lin's notes is live", (Words("It is live."),))


@asynccontextmanager
async def at(w: World, **more: Any) -> AsyncIterator[Postbox]:
    """The world's bot with this mail server."""
    async with postbox() as post:
        through(w, settings(post.port, **more))
        yield post


def through(w: World, mail: Mail) -> None:
    object.__setattr__(w.app.services, "mail", mail)


async def queued(w: World, letter: Letter = LETTER) -> Batch:
    batch = await sending.queue(w.app.services, "lin", LIN, letter)
    await w.app.services.store.commit(batch)
    return batch


async def work(w: World) -> bool:
    """Takes the letter that is due, as a worker does; whether there was one."""
    store = w.app.services.store
    claim = await store.claim((sending.MAIL,), lease=60)
    if claim is None:
        return False
    batch = await Mailer(w.app.services).send(claim)
    if batch is not None:
        await store.commit(batch.plus(Batch(finish=claim)))
    return True


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as world:
        await world.persona()
        yield world


async def test_a_letter_is_sent_once_however_often_it_is_asked_for(w: World) -> None:
    async with at(w) as post:
        await queued(w)
        assert (await queued(w)).jobs == ()
        while await work(w):
            pass
        assert (await queued(w)).jobs == ()
        assert not await work(w)
    (mail,) = post.mails
    assert mail["To"] == LIN
    assert mail["Message-ID"].endswith("@acme.example>")


async def test_without_a_mail_server_nothing_is_queued(w: World) -> None:
    assert (await sending.queue(w.app.services, "lin", LIN, LETTER)) == Batch()


async def test_a_server_that_is_away_gets_it_later(w: World) -> None:
    """With a longer wait each time, until it is there."""
    through(w, settings(9))  # the discard port: nobody listens
    await queued(w)
    waits = []
    for _ in range(4):
        before = w.clock.now()
        assert await work(w)
        assert not await work(w)
        while not await w.app.services.store.claim((sending.MAIL,), lease=0.001):
            w.clock.advance(5)
        waits.append((w.clock.now() - before).total_seconds())
        w.clock.advance(1)  # the lease of our look is over
    assert waits == sorted(waits)
    assert waits[0] >= 30
    assert waits[-1] > 2 * waits[0]
    async with at(w) as post:
        assert await work(w)
    assert len(post.box) == 1


async def test_a_mailbox_that_is_none_is_a_dead_letter_at_once(w: World) -> None:
    async with at(w) as post:
        post.to_rcpt = "550 5.1.1 no such user"
        await queued(w)
        assert await work(w)
        w.clock.advance(86_400)
        assert not await work(w)
    dead = [raw.decode() async for _, raw in w.app.services.store.scan(keys.DEAD)]
    assert len(dead) == 1
    assert "550" in dead[0]
    assert LIN not in dead[0]


async def test_after_five_days_it_is_given_up(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LONGEST", timedelta(hours=12))
    through(w, settings(9))
    await queued(w)
    for _ in range(60):
        if not await work(w):
            w.clock.advance(4 * 3600)
    dead = [key async for key, _ in w.app.services.store.scan(keys.DEAD)]
    assert len(dead) == 1
    w.clock.advance(timedelta(days=2).total_seconds())
    assert not await work(w)


async def test_a_crash_before_the_server_has_it_loses_nothing_and_doubles_nothing(w: World) -> None:
    """The worker is gone with the letter in its hand; the next one takes it over and fences the first."""
    async with at(w) as post:
        await queued(w)
        store = w.app.services.store
        lost = await store.claim((sending.MAIL,), lease=1)
        assert lost is not None
        w.clock.advance(2)
        assert await work(w)
        assert await Mailer(w.app.services).send(lost) is None  # it wakes up, asks the store, and sends nothing
    assert len(post.box) == 1


async def test_a_crash_in_the_instant_after_the_yes_repeats_the_very_same_message(w: World) -> None:
    """The one moment in which nobody can know: what comes again has the same Message-ID and the same bytes."""
    async with at(w) as post:
        await queued(w)
        store = w.app.services.store
        claim = await store.claim((sending.MAIL,), lease=1)
        assert claim is not None
        await Mailer(w.app.services).send(claim)  # and dies here, before it is written down
        w.clock.advance(2)
        assert await work(w)
        assert not await work(w)
    assert len(post.box) == 2
    assert post.box[0] == post.box[1]


async def test_what_has_not_gone_by_the_end_does_not_go(w: World) -> None:
    """An erasure takes along what was still to be said."""
    async with at(w) as post:
        await queued(w)
        await w.app.services.store.commit(await sending.unsent(w.app.services, "lin"))
        assert not await work(w)
    assert post.box == []


async def test_an_address_that_is_none_is_refused_before_anything_is_kept(w: World) -> None:
    through(w, settings(9))
    with pytest.raises(Refused, match="ADDRESS"):
        await sending.queue(w.app.services, "lin", "lin@home.example\r\nRCPT TO:<eve@evil.example>", LETTER)


async def test_an_address_from_before_they_were_looked_at_is_none(w: World) -> None:
    """It is told in the chat then, and stops nobody from being told."""
    services, key = w.app.services, keys.of_subject("lin", "address")
    for kept, found in (('"x"@home.example', ""), (LIN, LIN)):
        await services.store.commit(Batch(puts=(Put(key, services.seal(kept, key)),)))
        assert await sending.address_of(services, "lin") == found


async def test_neither_address_nor_words_are_readable_in_the_store(w: World, tmp_path: Path) -> None:
    through(w, settings(9))
    await queued(w)
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("understudy.db*"))  # noqa: ASYNC240  # a test
    assert b"home.example" not in stored
    assert b"It is live." not in stored
