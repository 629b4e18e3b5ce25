"""How fast a no is, measured: `python -m tests.benchmarks.rights [PASSAGES]`.

1. From the withdrawal to silence: all four adapters connected to their local servers, a thousand answers decided
   and on their way; when the last of them was still posted, and when everybody who waited had been told.
2. The erasure of a persona of a million passages (or so many as are named), from the silence to the certificate.
3. Canaries in every kind of material, and how many bytes were looked through for them.
4. What one call of `allow()` costs, beside a function that does nothing.
"""

from __future__ import annotations

import asyncio
import sys
import time
import timeit
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.model import Audience, Person, Post, Receipt, Thread
from bots.app import open_app
from bots.operator import create, keep_consent, switch
from bots.options import Data, Limits, Settings, Store
from persona_store.clock import SystemClock
from persona_store.consent import draft, parsing, signing
from persona_store.consent.policy import Ask, Decision, Place, allow
from persona_store.consent.record import Consent
from persona_store.model import Passage, Persona, PersonaRules
from tests.erasure.canaries import made, scan
from tests.erasure.planting import Words
from tests.erasure.stage import Places, planted
from tests.scenarios.stages import STAGES
from tests.scenarios.world import KEY, passages

PLATFORMS = ("local", "slack", "feishu", "dingtalk")
IN_FLIGHT = 1000
LATENCY = 2.0  # seconds a platform takes for a post, so that most of them wait when the no comes
ANSWER = "every 15 minutes"


class Clock(SystemClock):
    """The time of day, as the stages and their servers want it."""

    rested = True

    def timestamp(self) -> float:
        return self.now().timestamp()


def settings_for(data: Path) -> Settings:
    store = Store(url=f"sqlite:///{data / 'understudy.db'}")
    return Settings(adapters=("local",), data=Data(dir=data), store=store, limits=Limits(0, 0, 0, 0))


class Watch:
    """Looks over every adapter's shoulder: which posts quote the persona, and when each was placed."""

    def __init__(self) -> None:
        self.latency = LATENCY
        self.answers: list[float] = []
        self.words: list[float] = []

    def over(self, stage: Any) -> None:
        really = stage._really  # below what the dialogues take down

        async def post(thread: Thread, what: Post) -> Receipt:
            await asyncio.sleep(self.latency)
            receipt: Receipt = await really(thread, what)
            (self.answers if what.card.quotes else self.words).append(time.monotonic())
            return receipt

        stage.adapter.post = post


async def silence() -> None:
    with TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            clock, watch = Clock(), Watch()
            stages = {name: await stack.enter_async_context(STAGES[name](clock)) for name in PLATFORMS}  # type: ignore[arg-type]  # see Clock
            adapters = {stage.name: stage.adapter for stage in stages.values()}
            app = await stack.enter_async_context(open_app(settings_for(Path(folder)), adapters=adapters))
            people = {}
            for name, stage in stages.items():
                people[name] = stage.add("U0MEI", "Mei")
                stage.add("U0LIN", "Lin Zhou"), stage.add("U0OWN", "Zhou Lan")
                stage.room("general", Audience(public=True))
            slack = stages["slack"]
            subject = slack.add("U0LIN", "Lin Zhou")
            await _persona(app, subject.key, f"slack:{slack.person_id('U0OWN')}", adapters)
            running = asyncio.create_task(app.run())
            for stage in stages.values():
                await stage.ready(app)
                watch.over(stage)
            store = app.services.store
            for number in range(IN_FLIGHT + IN_FLIGHT // 4):  # some are placed meanwhile
                name = PLATFORMS[number % len(PLATFORMS)]
                await stages[name].say(people[name], f"How often does the payment retry job run, run {number}?")
            await _until(lambda: _done(store, "event"))
            waiting = (await store.backlog()).by_kind.get("post", 0)
            before = len(watch.answers)
            said_at = time.monotonic()
            await slack.say(subject, "withdraw", direct=True)
            await _until(lambda: _is(app, "live", wanted=False), every=0.001)
            watch.latency = 0.05
            silent = time.monotonic() - said_at
            await _until(lambda: _is(app, "erased"))
            erased = time.monotonic() - said_at
            await _until(lambda: _done(store, "post"))
            late = [at - said_at for at in watch.answers[before:]]
            told = max(watch.words, default=said_at) - said_at
            print(f"withdrawal to silence: {silent:.3f} s, with {waiting} posts waiting or in hand")
            last = max(late, default=0.0)
            print(f"  answers placed after it: {len(late)}, the last after {last:.2f} s; a post takes {LATENCY} s")
            print(f"  everybody who waited was told after {told:.1f} s; certificate after {erased:.1f} s")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _megabytes(data: Path) -> float:
    return sum(path.stat().st_size for path in data.glob("evidence/*")) / 1e6


async def _until(holds: Callable[[], Awaitable[bool]], *, every: float = 0.02) -> None:
    """By looking: nobody tells."""
    while not await holds():  # noqa: ASYNC110  # see above
        await asyncio.sleep(every)


async def _done(store: Any, kind: str) -> bool:
    return not (await store.backlog()).by_kind.get(kind, 0)


async def _is(app: Any, state: str, *, wanted: bool = True) -> bool:
    return ((await app.services.personas.get("lin")).state == state) is wanted


async def _persona(app: Any, subject: str, owner: str, platforms: Any) -> None:
    now = app.services.clock.now()
    every = tuple(f"{name}:*" for name in platforms)
    rules = PersonaRules(quiet_from="00:00", quiet_to="00:00", risk_budget=0.9)
    persona = Persona(
        "lin", "Lin's notes", "draft", now, now, subject=subject, owner=owner, chats=every, rules=rules
    )
    await create(app, persona)
    wishes = draft.Choices(owner=owner, sources=("slack_export",), audiences=every, cooling_off_days=0)
    raw = draft.draft(wishes, now)
    await keep_consent(app, persona, raw, signing.sign(raw, KEY), signing.public_key(KEY))
    await (await app.services.library.file("lin")).add(passages("slack", now))
    await switch(app, persona, "live")


async def erasure(count: int) -> None:
    with TemporaryDirectory() as folder:
        data = Path(folder)
        async with open_app(settings_for(data)) as app:
            services, now = app.services, app.services.clock.now()
            await create(app, Persona("lin", "Lin", "draft", now, now))
            file = await services.library.file("lin")
            began = time.monotonic()
            batch: list[Passage] = []
            for passage in _many(count, now):
                batch.append(passage)
                if len(batch) == 20_000:
                    await file.add(batch)
                    batch.clear()
            await file.add(batch)
            size = _megabytes(data)
            took = time.monotonic() - began
            print(f"erasure: {await file.count():,} passages, {size:,.0f} MB, written in {took:.0f} s")
            persona = await services.personas.get("lin")
            await services.store.commit(
                await app.retiring.begin(persona, Person("operator", "cli"), "withdraw", None, "en")
            )
            began = time.monotonic()
            await app.retiring.erase_now("lin", "withdraw", now)
            print(f"  from the silence to the signed certificate: {time.monotonic() - began:.3f} s")


def _many(count: int, now: datetime) -> Iterator[Passage]:
    text = "The payment retry job number %d runs every 15 minutes and gives up after 3 attempts."
    for number in range(count):
        yield Passage(
            str(number), "slack_export", "C0PAY", "payments", "t", "x:U0LIN", "Lin", True, now, text % number
        )


async def canaries() -> None:
    with TemporaryDirectory() as folder:
        places, word = Places(Path(folder)), Words(made(50))
        async with planted(places, word) as w:
            used = scan(list(word.used), *places.ours)
            await w.say(w.subject, "withdraw", direct=True)
            after = scan(list(word.used), *places.ours)
        stopped = scan(list(word.used), *places.ours)
    print(f"canaries: {len(word.used)} planted; in use {used}; withdrawn {after}; stopped {stopped}")


def nothing(consent: Consent | None, ask: Ask) -> Decision | None:
    return None


def permission() -> None:
    now = datetime(2026, 6, 2, tzinfo=UTC)
    wishes = draft.Choices(
        owner="chat:U0OWN", sources=("slack_export",), audiences=("slack:*",), cooling_off_days=0
    )
    record = parsing.parse(draft.draft(wishes, now))
    ask = Ask("answer", now, place=Place(platform="slack", chat="C1", direct=False))
    assert allow(record, ask).ok
    calls = 200_000
    costs = [
        min(timeit.repeat(lambda f=f: f(record, ask), number=calls, repeat=5)) / calls * 1e9
        for f in (allow, nothing)
    ]
    print(f"allow(): {costs[0]:,.0f} ns a call; a function that does nothing {costs[1]:,.0f} ns")


if __name__ == "__main__":
    permission()
    asyncio.run(canaries())
    asyncio.run(erasure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
    asyncio.run(silence())
