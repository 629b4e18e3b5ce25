"""The local chat, held to the laws of every adapter: people act through its HTTP, as the page does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import uuid4

import apsw
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.local import LocalChat, Member, Room, Team
from adapters.local.database import Database
from adapters.local.guard import HEADER
from adapters.local.rooms import Rooms
from adapters.local.team import direct_chat
from adapters.model import Card, Person, Receipt, Thread
from tests.adapters.contract import Host, Standing
from tests.adapters.local.clock import ticking

T = TypeVar("T")
Client = TestClient[web.Request, web.Application]

TEAM = Team(
    people=(
        Member(id="ana", name="Ana", role="asker"),
        Member(id="lin", name="Lin", role="owner", timezone="Asia/Shanghai"),
        Member(id="gast", name="Gast", external=True),
    ),
    rooms=(Room(id="general", name="general"), Room(id="board", name="board", members=("ana",))),
)


class FlakyDatabase(Database):
    """A disk that fails once, before the transaction (`down`) or after it (`lost`), and counts its work."""

    failing = ""
    transactions = 0

    def _transact(self, work: Callable[[apsw.Connection], T]) -> T:
        how, self.failing = self.failing, ""
        self.transactions += 1
        if how == "down":
            raise apsw.FullError("database or disk is full")
        result = super()._transact(work)
        if how == "lost":
            raise apsw.IOError("disk I/O error")
        return result


class LocalHarness:
    lacks: Mapping[str, str] = {
        "redelivery": "who speaks on the page sees at once that it failed",
        "limits": "a file of this machine has no rate limit",
        "connection": "the page is served by the bot itself",
    }

    def __init__(
        self,
        adapter: LocalChat,
        host: Host,
        database: FlakyDatabase,
        client: TestClient[web.Request, web.Application],
    ) -> None:
        self.adapter = adapter
        self.host = host
        self._database = database
        self._client = client
        self.ana, self.lin, self.guest = (adapter.person_of(id) for id in ("ana", "lin", "gast"))
        self.room, self.private = adapter.thread("general"), adapter.thread("board")
        self.nowhere = Thread("local", "nowhere")

    async def say(
        self, who: Person, text: str, *, chat: Thread, thread: str = "", mention: bool = True, twice: bool = False
    ) -> str:
        typed = f"@understudy {text}" if mention else text
        answer = await self._post(
            who, "say", {"chat": chat.chat, "root": thread, "text": typed, "nonce": uuid4().hex}
        )
        id = str(answer["id"])
        if twice:  # what a start does with words whose keeping a crash left in doubt
            entry = await self.adapter.rooms.find(chat.chat, id)
            assert entry is not None
            await self.host.receive(self.adapter.message(entry))
        return id

    async def dm(self, who: Person, text: str) -> str:
        return await self.say(who, text, chat=self.adapter.thread(direct_chat(who.id)), mention=False)

    async def press(self, who: Person, receipt: Receipt, action: str, fields: dict[str, str] | None = None) -> None:
        chat = receipt.thread.chat
        entry = await self.adapter.rooms.find(chat, receipt.message_id)
        assert entry is not None
        assert entry.body.card is not None
        button = next(button for button in entry.body.card.buttons if button.action == action)
        pressed = {"chat": chat, "message": entry.id, "action": action, "value": button.value, "nonce": uuid4().hex}
        form = await self._post(who, "form", pressed) if button.opens_form else None
        await self._post(who, "press", {**pressed, "fields": fields if form else None})

    async def standing(self) -> list[Standing]:
        chats = ["general", "board", *(direct_chat(member.id) for member in TEAM.people)]
        entries = {
            entry.id: entry
            for member in TEAM.people
            for entry in await self.adapter.rooms.changes(chats, member.id, 0)
            if entry.kind == "card"
        }
        return [
            Standing(entry.id, entry.chat, _text(entry.body.card), entry.root, entry.only_for)
            for _, entry in sorted(entries.items())
        ]

    def fail(self, how: str) -> None:
        self._database.failing = how

    async def _post(self, who: Person, path: str, body: object) -> dict[str, object]:
        response = await self._client.post(f"/local/{path}?as={who.id}", json=body, headers={HEADER: "1"})
        assert response.status == 200, await response.text()
        answer: dict[str, object] = await response.json()
        return answer


def _text(card: Card | None) -> str:
    assert card is not None
    return "\n".join([card.label, card.title, card.text, *(quote.text for quote in card.quotes), *card.notes])


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[LocalHarness]:
    with TemporaryDirectory() as folder:
        host = Host()
        database = FlakyDatabase(Path(folder) / "chat.db")
        adapter = LocalChat(TEAM, Rooms(database), (), ticking())
        running = asyncio.create_task(adapter.run(host))
        app = web.Application()
        app.add_routes(adapter.routes(host))
        try:
            async with TestClient(TestServer(app)) as client:
                await adapter.rooms.last_change()  # behind run's own first look: then it is under way
                yield LocalHarness(adapter, host, database, client)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            database.close()


HARNESSES = {"local": connected}
