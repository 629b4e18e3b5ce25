"""The bot dies at the n-th thing it does to its store, comes back, and nothing was lost or said twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.model import Post, Receipt, Thread
from adapters.scripted import Posted, ScriptedAdapter
from bots import app as composition
from bots.app import App, open_app
from bots.options import Data, Settings, Store
from persona_store.protocols import Batch
from tests.scenarios.clock import Clock
from tests.scenarios.stages.scripted import ScriptedStage
from tests.scenarios.world import START, World, world

RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"


class Forgetful(ScriptedStage):
    """A platform that places whatever it is given, as Slack does: only looking first prevents a second post."""

    def _place(self, thread: Thread, post: Post) -> Receipt:
        posted = Posted(self._next("b"), thread, post)
        self.posted.append(posted)
        return Receipt(posted.id, thread)


class Died(BaseException):
    """The process is gone: nothing after this runs."""


class Mortal:
    """Everything a store does, until the fatal operation; `after` lets that one still become durable, as a power
    cut does whose commit was written but never reported."""

    def __init__(self, store: object, fatal: int, *, after: bool) -> None:
        self._store, self._left, self._after = store, fatal, after
        self.died = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def commit(self, batch: Batch) -> None:
        await self._mortal(self._store.commit, batch)  # type: ignore[attr-defined]  # the wrapped store's

    async def claim(self, *args: object, **kwargs: object) -> object:
        return await self._mortal(self._store.claim, *args, **kwargs)  # type: ignore[attr-defined]  # as above

    async def _mortal(self, act, *args, **kwargs):  # type: ignore[no-untyped-def]  # any operation of the store
        if self.died:
            raise Died
        self._left -= 1
        if self._left > 0:
            return await act(*args, **kwargs)
        self.died = True
        if self._after:
            await act(*args, **kwargs)
        raise Died


@asynccontextmanager
async def mortal(
    path: Path,
    chat: ScriptedAdapter,
    clock: Clock,
    fatal: int,
    *,
    after: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[App, Mortal]]:
    real = composition.open_store
    wrapped: list[Mortal] = []

    async def open_mortal(url: str, *, clock: Clock) -> Mortal:
        wrapped.append(Mortal(await real(url, clock=clock), fatal, after=after))
        return wrapped[0]

    monkeypatch.setattr(composition, "open_store", open_mortal)
    settings = Settings(
        admins=("chat:U0ADM",), data=Data(dir=path), store=Store(url=f"sqlite:///{path}/understudy.db")
    )
    async with open_app(settings, adapters={"chat": chat}, clock=clock) as app:
        monkeypatch.setattr(composition, "open_store", real)
        yield app, wrapped[0]


@pytest.mark.parametrize("after", [False, True], ids=["before it is written", "after it is written"])
@pytest.mark.parametrize("fatal", range(1, 13))
async def test_a_crash_at_any_point_loses_nothing_and_says_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: int, after: bool
) -> None:
    """Two questions, one known and one for the owner. The bot dies at operation `fatal`; the platform redelivers
    what was not acked; after the restart each question has exactly one answer or one escalation."""
    async with world(tmp_path) as prepared:
        await prepared.persona()
    chat, clock = Forgetful("chat"), Clock(START)
    people = World(None, chat, clock)  # type: ignore[arg-type]  # only for its people
    unacked = []
    async with mortal(tmp_path, chat, clock, fatal, after=after, monkeypatch=monkeypatch) as (app, store):
        running = asyncio.create_task(app.run())
        for id, text in (("q1", RETRY), ("q2", UNKNOWN)):
            said = asyncio.create_task(chat.say(people.mei, text, id=id))
            await asyncio.wait((said, running), return_when=asyncio.FIRST_COMPLETED)
            if not said.done() or said.exception() is not None:  # nobody is there any more, or it was not kept
                unacked.append((id, text))
            said.cancel()
        for _ in range(200):
            await asyncio.sleep(0.005)
            if store.died:
                break
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    clock.advance(120)  # every lease of the dead process is over
    async with mortal(tmp_path, chat, clock, 10**9, after=False, monkeypatch=monkeypatch) as (app, _):
        running = asyncio.create_task(app.run())
        again = World(app, chat, clock)
        for id, text in unacked:
            await chat.say(again.mei, text, id=id)
        await again.settle()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    answers = [p for p in chat.posted if p.post.card.quotes and p.thread.root == "q1"]
    told = [p for p in chat.posted if p.thread.root == "q2"]
    asked = [p for p in chat.posted if p.thread.chat == "dm-U0OWN"]
    assert (len(answers), len(told), len(asked)) == (1, 1, 1)
    assert len({p.post.key for p in chat.posted}) == len(chat.posted)
