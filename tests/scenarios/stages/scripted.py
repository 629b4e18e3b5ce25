"""Dialogues on the shipped fake, which can play everything there is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from msgspec import structs

from adapters.errors import NotFound, RateLimited
from adapters.model import Audience, Gone, Joined, Message, Opened, Person, Press, Thread
from adapters.scripted import Posted, ScriptedAdapter
from bots.app import App
from persona_store.model import Passage
from tests.scenarios.clock import Clock


class ScriptedStage(ScriptedAdapter):
    """The same face as WireStage, in one piece with its adapter."""

    lacks: Mapping[str, str] = {}
    complaints: tuple[str, ...] = ()

    @property
    def adapter(self) -> ScriptedAdapter:
        return self

    def need(self, ability: str) -> None:
        """Nothing is wanting here."""

    def person_id(self, id: str) -> str:
        return id

    def room(self, chat: str, audience: Audience | None) -> None:
        if audience is not None:
            super().room(chat, audience)

    def leave(self, person: Person) -> None:
        del self.people[person.id]

    def shut(self, chat: str | Person) -> None:
        self.closed.add(self._direct_chat(chat) if isinstance(chat, Person) else chat)

    async def say(self, who: Person, text: str, *, times: int = 1, **where: Any) -> Message:
        said = await super().say(who, text, **where)
        for _ in range(times - 1):
            await self.deliver(said)
        return said

    async def press_plainly(self, who: Person, posted: Posted, action: str) -> None:
        await self.deliver(self._press(who, posted, action))

    async def form(self, who: Person, posted: Posted, action: str) -> Press:
        press = self._press(who, posted, action)
        form = await (await self._connected()).form(press)
        assert form is not None, f"{action} opens no form"
        return structs.replace(press, action=form.action, value=form.value)

    async def submit(self, who: Person, form: Press, fields: dict[str, str]) -> None:
        await self.deliver(structs.replace(form, author=who, fields=fields))

    async def react(self, who: Person, posted: Posted, action: str) -> None:
        where = structs.replace(posted.thread, root="", anchor="")  # a reaction does not tell the thread
        await self.deliver(Press(self._next("r"), where, who, action, "", self.now(), posted.id))

    def _press(self, who: Person, posted: Posted, action: str) -> Press:
        button = next(b for b in posted.post.card.buttons if b.action == action)
        return Press(self._next("p"), posted.thread, who, action, button.value, self.now(), posted.id)

    async def join(self, chat: str, *, times: int = 1) -> None:
        joined = Joined(self._next("j"), Thread(self.name, chat, "T1"), self.now())
        for _ in range(times):
            await self.deliver(joined)

    async def open(self, who: Person) -> None:
        direct = Thread(self.name, self._direct_chat(who), "T1", direct=True)
        await self.deliver(Opened(self._next("o"), direct, who, self.now()))

    async def unsay(self, source: Passage) -> None:
        where = Thread(self.name, source.container, "T1")
        await self.deliver(Gone(self._next("g"), where, "1777716000.000000", self.now(), said_at=source.at))

    def remove(self, posted: Posted) -> None:
        self.posted.remove(posted)

    def later(self, seconds: float) -> None:
        self.fail(RateLimited(self.name, "slow down", seconds))

    def refuse(self) -> None:
        self.fail(NotFound(self.name, "they blocked the bot"))

    async def ready(self, app: App) -> None:
        await self._ready.wait()

    async def settled(self) -> None:
        """What was said here is kept when `say` returns."""


@asynccontextmanager
async def scripted_stage(clock: Clock) -> AsyncIterator[ScriptedStage]:
    stage = ScriptedStage("chat")
    stage.now = clock.now
    yield stage
