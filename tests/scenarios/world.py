"""A whole bot on a stage, a clock that stands still and a small persona: for dialogues."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.model import Audience, Person
from adapters.scripted import Posted
from bots.app import App, open_app
from bots.operator import create, keep_consent, switch
from bots.options import Data, Embedding, Limits, Llm, Settings, Store
from persona_store.backends.sqlite import lanes
from persona_store.clock import ManualClock
from persona_store.consent import draft, signing
from persona_store.consent.record import Licence, Recipient
from persona_store.licence import terms
from persona_store.model import Passage, Persona, PersonaRules
from tests.scenarios.clock import Clock
from tests.scenarios.stages.scripted import scripted_stage
from tests.scenarios.stages.wire import WireStage

START = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)  # a Tuesday morning
KEY = signing.generate_key()
NO_MODEL = Llm()
NO_EMBEDDER = Embedding()
NO_LIMIT = Limits(0, 0, 0, 0)
"""Its clock stands still: a whole dialogue may be one minute. tests/scenarios/test_rations.py has limits."""

FACTS = (
    ("why", "U0MEI", "How often does the payment retry job run, and how long does it wait?", None),
    ("a1", "U0LIN", "The payment retry job runs every 15 minutes and gives up after 3 attempts.", None),
    ("q2", "U0MEI", "Which queue do refunds go to?", None),
    (
        "a2",
        "U0LIN",
        "Refunds go to the refund-slow queue, because the bank's gateway takes two requests a second.",
        None,
    ),
    ("q3", "U0MEI", "对账任务几点跑？", None),
    ("a3", "U0LIN", "对账任务每天凌晨 3 点 20 分跑，失败了就手动执行 reconcile --date 昨天。", None),
    ("q4", "U0MEI", "What is the vault passphrase hint for the staging cluster?", ("U0LIN", "U0MEI")),
    (
        "a4",
        "U0LIN",
        "The staging cluster hint is the name of the river behind the old office.",
        ("U0LIN", "U0MEI"),
    ),
    ("q5", "U0MEI", "Can a refund still be stopped by support?", None),
    ("a5", "U0LIN", "Support can stop a refund until the bank has confirmed it.", None),
)


def same(id: str) -> str:
    return id


def passages(platform: str, now: datetime, called: Callable[[str], str] = same) -> list[Passage]:
    """The facts as imported from a chat whose people now are on `platform`, where they are `called` otherwise."""
    return [
        Passage(
            id=id,
            source="slack_export",
            container="C0PAY" if readers is None else "G0SEC",
            container_name="payments" if readers is None else "secrets",
            thread=f"t{n // 2}",
            author=f"{platform}:{called(author)}",
            author_name="Lin Zhou" if author == "U0LIN" else "Mei",
            by_subject=author == "U0LIN",
            at=now - timedelta(days=30, minutes=-n),
            text=text,
            readers=None if readers is None else tuple(f"{platform}:{called(id)}" for id in readers),
        )
        for n, (id, author, text, readers) in enumerate(FACTS)
    ]


async def live_persona(
    app: App,
    name: str = "lin",
    display: str = "Lin's notes",
    *,
    platform: str = "chat",
    called: Callable[[str], str] = same,
    learn: bool = True,
    rules: PersonaRules | None = None,
    owner: str = "U0OWN",
    recipients: tuple[Recipient, ...] = (),
    licence: Licence = terms.NONE,
) -> Persona:
    """A persona that knows the facts above, signed for and live."""
    now = app.services.clock.now()
    await create(
        app,
        Persona(
            name=name,
            display_name=display,
            state="draft",
            created_at=now,
            state_at=now,
            subject=f"{platform}:{called('U0LIN')}",
            owner=f"{platform}:{called(owner)}",
            deputy=f"{platform}:{called('U0DEP')}",
            chats=(f"{platform}:*",),
            aliases=("Lin Zhou",) if name == "lin" else (),
            rules=rules or PersonaRules(quiet_from="00:00", quiet_to="00:00"),
        ),
    )
    persona = await app.services.personas.get(name)
    assert persona is not None
    wishes = draft.Choices(
        owner=f"{platform}:{called(owner)}",
        sources=("slack_export",),
        containers=("*", "G0SEC"),
        audiences=(f"{platform}:*",),
        cooling_off_days=0,
        learn=learn,
        days=365,
        recipients=recipients,
        licence=licence,
    )
    raw = draft.draft(wishes, now)
    await keep_consent(app, persona, raw, signing.sign(raw, KEY), signing.public_key(KEY))
    await (await app.services.library.file(name)).add(passages(platform, now, called))
    await switch(app, persona, "live", quiet=True)
    return persona


class World:
    """`say` and `press` play people; `settle` lets the bot do everything that is due."""

    def __init__(self, app: App, chat: Any, clock: ManualClock) -> None:
        """`chat` is a stage (tests/scenarios/stages), or a ScriptedAdapter where nothing else is played."""
        self.app = app
        self.chat = chat
        self.clock = clock
        chat.now = clock.now
        self.mei = chat.add("U0MEI", "Mei")
        self.ann = chat.add("U0ANN", "Ann")
        self.owner = chat.add("U0OWN", "Zhou Lan")
        self.deputy = chat.add("U0DEP", "Tomas")
        self.admin = chat.add("U0ADM", "Maya")
        self.subject = chat.add("U0LIN", "Lin Zhou")
        chat.room("general", Audience(public=True))

    @property
    def posts(self) -> list[Posted]:
        return list(self.chat.posted)

    def to(self, person: Person) -> list[Posted]:
        """What was said to somebody in private."""

        def private(posted: Posted) -> bool:
            alone = posted.post.only_for
            return posted.thread.chat == f"dm-{person.id}" or (alone is not None and alone.key == person.key)

        return [posted for posted in self.posts if private(posted)]

    def in_room(self, chat: str = "general") -> list[Posted]:
        return [p for p in self.posts if p.thread.chat == chat and p.post.only_for is None]

    def passages(self) -> list[Passage]:
        """What the personas know, as it was imported."""
        return passages(self.chat.name, self.clock.now(), self.chat.person_id)

    async def settle(self, *, delivered: bool = True, within: float = 15.0) -> None:
        """Until nothing that is due is left, and what was posted is shown. `delivered` false does not wait for
        what the platform still has to bring."""
        async with asyncio.timeout(within):
            while not all([await self._at_rest(delivered) for _ in range(2)]):  # noqa: ASYNC110  # by looking
                await asyncio.sleep(0.002)
        assert not getattr(self.chat, "complaints", ()), self.chat.complaints

    async def _at_rest(self, delivered: bool) -> bool:
        if delivered and isinstance(self.chat, WireStage):
            await self.chat.settled()
        if isinstance(self.clock, Clock) and not self.clock.rested:
            return False
        store = self.app.services.store
        backlog = await store.backlog()
        # `oldest` may be behind another in its lane: only what a worker could claim is due
        due = store._look(lanes.anything, tuple(backlog.by_kind))  # type: ignore[attr-defined]  # the SQLite store's
        return backlog.claimed == 0 and not due

    async def pass_time(self, **delta: float) -> None:
        """Step by step, as timers set others off; days go by in longer steps."""
        end = self.clock.now() + timedelta(**delta)
        step = max(timedelta(minutes=10), timedelta(**delta) / 48)
        await self.settle()
        while (left := end - self.clock.now()) > timedelta(0):
            self.clock.advance(min(left, step).total_seconds())
            await self.settle()

    async def say(self, who: Person, text: str, **where: Any) -> list[Posted]:
        """Somebody says something; returns what the bot posted because of it."""
        before = len(self.posts)
        await self.chat.say(who, text, **where)
        await self.settle()
        return self.posts[before:]

    async def press(self, who: Person, posted: Posted, action: str, **fields: str) -> list[Posted]:
        before = len(self.posts)
        await self.chat.press(who, posted, action, fields=fields or None)
        await self.settle()
        return self.posts[before:]

    async def persona(self, name: str = "lin", display: str = "Lin's notes", **more: Any) -> Persona:
        return await live_persona(
            self.app, name, display, platform=self.chat.name, called=self.chat.person_id, **more
        )


@contextmanager
def folder() -> Iterator[Path]:
    """For a bot's data: in memory where the system offers that, since most of a dialogue's time goes into the
    syncs of its store, and no dialogue is about them."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() and os.access(memory, os.W_OK) else None) as path:
        yield Path(path)


@asynccontextmanager
async def world(
    path: Path,
    stage: Callable[[Clock], AbstractAsyncContextManager[Any]] = scripted_stage,
    *,
    clock: Clock | None = None,
    lang: str = "en",
    llm: Llm = NO_MODEL,
    limits: Limits = NO_LIMIT,
    embedding: Embedding = NO_EMBEDDER,
) -> AsyncIterator[World]:
    """Everything open and running on a stage; stopped in order at the end."""
    clock = clock or Clock(START)
    async with stage(clock) as chat:
        settings = Settings(
            adapters=("local",),
            lang=lang,
            llm=llm,
            limits=limits,
            embedding=embedding,
            admins=(f"{chat.name}:{chat.person_id('U0ADM')}",),
            data=Data(dir=path),
            store=Store(url=f"sqlite:///{path / 'understudy.db'}"),
        )
        async with open_app(settings, adapters={chat.name: chat.adapter}, clock=clock) as app:
            w = World(app, chat, clock)
            running = asyncio.create_task(app.run())
            try:
                await chat.ready(app)
                yield w
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
