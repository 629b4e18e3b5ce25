"""A whole bot with a scripted platform, a clock that stands still and a small persona: for dialogues."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.model import Audience, Person
from adapters.scripted import Posted, ScriptedAdapter
from bots.app import App, open_app
from bots.operator import create, keep_consent, switch
from bots.options import Data, Settings, Store
from persona_store.clock import ManualClock
from persona_store.consent import draft, signing
from persona_store.model import Passage, Persona, PersonaRules

START = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)  # a Tuesday morning
KEY = signing.generate_key()

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


def passages(platform: str, now: datetime) -> list[Passage]:
    """The facts as imported from a chat whose people now are on `platform`."""
    return [
        Passage(
            id=id,
            source="slack_export",
            container="C0PAY" if readers is None else "G0SEC",
            container_name="payments" if readers is None else "secrets",
            thread=f"t{n // 2}",
            author=f"{platform}:{author}",
            author_name="Lin Zhou" if author == "U0LIN" else "Mei",
            by_subject=author == "U0LIN",
            at=now - timedelta(days=30, minutes=-n),
            text=text,
            readers=None if readers is None else tuple(f"{platform}:{id}" for id in readers),
        )
        for n, (id, author, text, readers) in enumerate(FACTS)
    ]


async def live_persona(
    app: App,
    name: str = "lin",
    display: str = "Lin's notes",
    *,
    platform: str = "chat",
    learn: bool = True,
    rules: PersonaRules | None = None,
    owner: str = "U0OWN",
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
            subject=f"{platform}:U0LIN",
            owner=f"{platform}:{owner}",
            deputy=f"{platform}:U0DEP",
            chats=(f"{platform}:*",),
            aliases=("Lin Zhou",) if name == "lin" else (),
            rules=rules or PersonaRules(quiet_from="00:00", quiet_to="00:00"),
        ),
    )
    persona = await app.services.personas.get(name)
    assert persona is not None
    wishes = draft.Choices(
        owner=f"{platform}:{owner}",
        sources=("slack_export",),
        containers=("*", "G0SEC"),
        audiences=(f"{platform}:*",),
        cooling_off_days=0,
        learn=learn,
        days=365,
    )
    raw = draft.draft(wishes, now)
    await keep_consent(app, persona, raw, signing.sign(raw, KEY), signing.public_key(KEY))
    await (await app.services.library.file(name)).add(passages(platform, now))
    await switch(app, persona, "live")
    return persona


class World:
    """`say` and `press` play people; `settle` lets the bot do everything that is due."""

    def __init__(self, app: App, chat: ScriptedAdapter, clock: ManualClock) -> None:
        self.app = app
        self.chat = chat
        self.clock = clock
        self.mei = chat.add("U0MEI", "Mei")
        self.ann = chat.add("U0ANN", "Ann")
        self.owner = chat.add("U0OWN", "Zhou Lan")
        self.deputy = chat.add("U0DEP", "Tomas")
        self.admin = chat.add("U0ADM", "Maya")
        self.subject = chat.add("U0LIN", "Lin Zhou")
        chat.room("general", Audience(public=True))
        chat.now = clock.now

    @property
    def posts(self) -> list[Posted]:
        return self.chat.posted

    def to(self, person: Person) -> list[Posted]:
        """What was said to somebody in private."""
        return [p for p in self.posts if p.thread.chat == f"dm-{person.id}" or p.post.only_for == person]

    def in_room(self, chat: str = "general") -> list[Posted]:
        return [p for p in self.posts if p.thread.chat == chat and p.post.only_for is None]

    async def settle(self) -> None:
        """Until nothing that is due is left."""
        for _ in range(200):
            await asyncio.sleep(0.005)
            backlog = await self.app.services.store.backlog()
            due = backlog.oldest is not None and backlog.oldest <= self.clock.now()
            if not due and backlog.claimed == 0:
                return
        raise AssertionError(f"the bot does not come to rest: {backlog}")

    async def pass_time(self, **delta: float) -> None:
        """Hour by hour, as timers set others off."""
        left = timedelta(**delta)
        while left > timedelta(0):
            step = min(left, timedelta(minutes=30))
            await asyncio.sleep(0.03)  # whoever waits for the clock has gone to sleep before it moves
            self.clock.advance(step.total_seconds())
            left -= step
            await self.settle()

    async def say(self, who: Person, text: str, **where: object) -> list[Posted]:
        """Somebody says something; returns what the bot posted because of it."""
        before = len(self.posts)
        await self.chat.say(who, text, **where)  # type: ignore[arg-type]  # passed through
        await self.settle()
        return self.posts[before:]

    async def press(self, who: Person, posted: Posted, action: str, **fields: str) -> list[Posted]:
        before = len(self.posts)
        await self.chat.press(who, posted, action, fields=fields or None)
        await self.settle()
        return self.posts[before:]

    async def persona(self, name: str = "lin", display: str = "Lin's notes", **more: Any) -> Persona:
        return await live_persona(self.app, name, display, **more)


@asynccontextmanager
async def world(path: Path) -> AsyncIterator[World]:
    """Everything open and running; stopped in order at the end."""
    clock = ManualClock(START)
    chat = ScriptedAdapter("chat")
    settings = Settings(
        adapters=("local",),
        admins=("chat:U0ADM",),
        data=Data(dir=path),
        store=Store(url=f"sqlite:///{path / 'understudy.db'}"),
    )
    async with open_app(settings, adapters={"chat": chat}, clock=clock) as app:
        running = asyncio.create_task(app.run())
        try:
            yield World(app, chat, clock)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
