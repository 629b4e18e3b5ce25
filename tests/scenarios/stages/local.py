"""Dialogues on the local page: people act through its HTTP, as the page's own script does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import apsw
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from msgspec import structs

from adapters.local import Config, LocalChat, Member, Room, Team, create
from adapters.local.entry import Body, Entry
from adapters.local.guard import HEADER
from adapters.local.team import direct_chat
from adapters.model import Audience, Person, Post, Receipt, Thread
from adapters.scripted import Posted
from bots.app import App
from persona_store.model import Passage
from tests.adapters.local.harness import LocalHarness
from tests.scenarios.clock import Clock
from tests.scenarios.stages.wire import ANYWHERE, WireStage

LACKS = {
    **LocalHarness.lacks,
    "unknown_audiences": "the team's file says who reads what",
    "reactions": "the page has buttons and no reactions",
    "joins": "the bot is in every room of the page",
    "closed_directs": "whoever is on the page can be written to",
    "removals": "nobody deletes a card on the page",
    "refusals": "a file of this machine refuses nobody",
    "others_buttons": "on the page one presses only what stands on a card one sees, as it is now",
}


class LocalStage(WireStage):
    name = "local"

    def __init__(self, adapter: LocalChat, stack: AsyncExitStack) -> None:
        super().__init__(adapter, LACKS)
        self.page = adapter
        self._stack = stack
        self._said: dict[str, tuple[Person, dict[str, str]]] = {}
        self._client: TestClient[web.Request, web.Application] | None = None

    # people and rooms --------------------------------------------------------------------------------------------

    def add(self, id: str, name: str = "", *, external: bool = False, timezone: str = "") -> Person:
        others = tuple(member for member in self.page.team.people if member.id != id)
        member = Member(id=id, name=name or id, external=external, timezone=timezone)
        self.page.team = structs.replace(self.page.team, people=(*others, member))
        person = self.page.person_of(id)
        self._people[direct_chat(id)] = person
        return person

    def room(self, chat: str, audience: Audience | None) -> None:
        if audience is None:
            self.need("unknown_audiences")
            return
        members = None if audience.public else tuple(person.id for person in audience.members)
        room = Room(id=chat, name=chat, members=members)
        self.page.team = structs.replace(self.page.team, rooms=(*self.page.team.rooms, room))

    def direct_chat(self, person: Person) -> str:
        return direct_chat(person.id)

    def leave(self, person: Person) -> None:
        left = tuple(member for member in self.page.team.people if member.id != person.id)
        self.page.team = structs.replace(self.page.team, people=left)

    def shut(self, chat: str | Person) -> None:
        if isinstance(chat, Person):
            self.need("closed_directs")
        left = tuple(room for room in self.page.team.rooms if room.id != chat)
        self.page.team = structs.replace(self.page.team, rooms=left)

    # what people do ----------------------------------------------------------------------------------------------

    async def deliver(
        self, who: Person, text: str, where: Thread, *, addressed: bool, command: bool, mentions: tuple[Person, ...]
    ) -> str:
        bot = self.page.team.bot
        typed = f"/{bot} {text}" if command else f"@{bot} {text}" if addressed and not where.direct else text
        said = {"chat": where.chat, "root": where.root, "text": typed, "nonce": uuid4().hex}
        answer = await self._ask(who, "say", said)
        self._said[answer["id"]] = (who, said)
        return str(answer["id"])

    async def redeliver(self, message: str, times: int) -> None:
        """The page tries again, as it does when it heard no answer."""
        who, said = self._said[message]
        for _ in range(times):
            await self._ask(who, "say", said)

    async def press_plainly(self, who: Person, posted: Posted, action: str) -> None:
        await self._ask(who, "press", self._pressed(posted, action))

    async def tap(self, who: Person, posted: Posted, action: str) -> Any:
        pressed = self._pressed(posted, action)
        button = next(b for b in posted.post.card.buttons if b.action == action)
        if button.opens_form and await self._ask(who, "form", pressed):
            return pressed
        await self._ask(who, "press", pressed)
        return None

    async def submit(self, who: Person, form: Any, fields: dict[str, str]) -> None:
        await self._ask(who, "press", {**form, "fields": fields})

    async def react(self, who: Person, posted: Posted, action: str) -> None:
        self.need("reactions")

    async def join(self, chat: str, *, times: int = 1) -> None:
        self.need("joins")

    async def open(self, who: Person) -> None:
        await self._ask(who, "open", {})

    async def unsay(self, source: Passage) -> None:
        """Words that were typed on the page are known by the id they have there."""
        author = self.page.person_of(source.author.partition(":")[2])
        self.room(source.container, Audience(public=True))

        def work(db: apsw.Connection) -> None:
            body = msgspec.json.encode(Body(text=source.text))
            row = (source.id, source.container, "", author.id, source.at.isoformat(), "said", body)
            db.execute(
                "INSERT INTO entry (id, chat, root, author, at, kind, body) VALUES (?, ?, ?, ?, ?, ?, ?)", row
            )

        await self.page.rooms._database.run(work)
        await self._ask(author, "delete", {"chat": source.container, "message": source.id})
        # the page's own ids are times, and the next one is made from the last
        await self.page.rooms._database.run(lambda db: db.execute("DELETE FROM entry WHERE id = ?", (source.id,)))

    def remove(self, posted: Posted) -> None:
        self.need("removals")

    def _pressed(self, posted: Posted, action: str) -> dict[str, Any]:
        button = next(b for b in posted.post.card.buttons if b.action == action)
        chat = self._where[posted.id].chat
        return {
            "chat": chat, "message": posted.id, "action": action, "value": button.value, "nonce": uuid4().hex
        }  # fmt: skip

    async def _ask(self, who: Person, path: str, body: object) -> Any:
        assert self._client is not None
        response = await self._client.post(f"/local/{path}?as={who.id}", json=body, headers={HEADER: "1"})
        answer = await response.json()
        if response.status in (404, 409) and path in ("press", "form"):
            self.need("others_buttons")
        assert response.status == 200, answer
        return answer

    # what goes wrong ---------------------------------------------------------------------------------------------

    def later(self, seconds: float) -> None:
        self.need("limits")

    def refuse(self) -> None:
        self.need("refusals")

    # what is shown -----------------------------------------------------------------------------------------------

    async def card(self, receipt: Receipt, post: Post) -> Entry | None:
        """As its readers find it on their page."""
        return await self.page.rooms.find(receipt.thread.chat, receipt.message_id)

    def shown(self, card: Entry) -> str:
        shown = card.body.card
        assert shown is not None
        pieces = [shown.label, shown.title, shown.text, *(quote.text for quote in shown.quotes), *shown.notes]
        return "\n".join([*pieces, *(button.label for button in shown.buttons)])

    def place(self, card: Entry) -> tuple[str, str]:
        """What answers a command stands where the command did, which was no thread."""
        return card.chat, ANYWHERE if card.only_for else card.root

    async def ready(self, app: App) -> None:
        served = web.Application()
        served.add_routes(self.page.routes(app.inbox))
        self._client = await self._stack.enter_async_context(TestClient(TestServer(served)))
        await self.page.rooms.last_change()  # behind run's own first look: then it is under way

    async def settled(self) -> None:
        """The page hears yes once the bot has it."""


@asynccontextmanager
async def local_stage(clock: Clock) -> AsyncIterator[LocalStage]:
    nobody = Team(people=(), rooms=())
    with TemporaryDirectory() as folder:
        page = create(Config(database=Path(folder) / "chat.db", team=nobody, now=clock.now))
        async with AsyncExitStack() as stack:
            yield LocalStage(page, stack)
        page.rooms.close()
