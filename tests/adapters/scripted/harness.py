"""The scripted adapter, held to the same laws as those it stands in for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from adapters.errors import RateLimited, Unreachable
from adapters.model import Audience, Person, Receipt, Thread
from adapters.scripted import ScriptedAdapter
from tests.adapters.contract import Host, Standing


class ScriptedHarness:
    lacks: Mapping[str, str] = {
        "redelivery": "who speaks is told at once that it failed",
        "connection": "there is nothing to connect to",
    }

    def __init__(self, adapter: ScriptedAdapter, host: Host) -> None:
        self.adapter = adapter
        self.host = host
        self.ana = adapter.add("U1", "Ana")
        self.lin = adapter.add("U2", "Lin", timezone="Asia/Shanghai")
        self.guest = adapter.add("U3", "Gast", external=True)
        self.room = Thread(adapter.name, "general", "T1")
        self.private = Thread(adapter.name, "board", "T1")
        self.nowhere = Thread(adapter.name, "nowhere", "T1")
        adapter.closed.add("nowhere")
        adapter.room("general", Audience(public=True, members=(self.ana, self.lin)))
        adapter.room("board", Audience(public=False, members=(self.ana,)))

    async def say(
        self, who: Person, text: str, *, chat: Thread, thread: str = "", mention: bool = True, twice: bool = False
    ) -> str:
        said = await self.adapter.say(who, text, chat=chat.chat, root=thread, addressed=mention)
        if twice:
            await self.adapter.deliver(said)
        return said.id

    async def dm(self, who: Person, text: str) -> str:
        return (await self.adapter.say(who, text, direct=True)).id

    async def press(self, who: Person, receipt: Receipt, action: str, fields: dict[str, str] | None = None) -> None:
        posted = next(p for p in self.adapter.posted if p.id == receipt.message_id)
        await self.adapter.press(who, posted, action, fields=fields)

    async def standing(self) -> list[Standing]:
        return [
            Standing(
                p.id,
                p.thread.chat,
                "\n".join([p.post.card.label, p.post.card.title, p.post.card.text]),
                p.thread.root,
                p.post.only_for.id if p.post.only_for else "",
            )
            for p in self.adapter.posted
            if not p.removed
        ]

    def fail(self, how: str) -> None:
        name = self.adapter.name
        error = {
            "later": RateLimited(name, "too many", 7),
            "down": Unreachable(name, "away"),
            "lost": Unreachable(name, "cut off", placed=True),
        }[how]
        self.adapter.fail(error)


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[ScriptedHarness]:
    host = Host()
    adapter = ScriptedAdapter()
    running = asyncio.create_task(adapter.run(host))
    try:
        yield ScriptedHarness(adapter, host)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


HARNESSES = {"scripted": connected}
