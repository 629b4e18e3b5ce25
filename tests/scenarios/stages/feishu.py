"""Dialogues on Feishu: the unmodified SDK by long connection, the local Feishu, and the dialogue's own clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.feishu.adapter import FeishuAdapter
from adapters.model import Audience, Person, Post, Receipt, Thread
from adapters.scripted import Posted
from bots.app import App
from persona_store.model import Passage
from tests.adapters.feishu.harness import FeishuHarness, config_for
from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_cards import elements
from tests.platforms.feishu_state import Message
from tests.platforms.feishu_state import Posted as Shown
from tests.scenarios.clock import Clock
from tests.scenarios.stages.wire import ANYWHERE, WireStage

LACKS = {
    **FeishuHarness.lacks,
    "commands": "Feishu has no slash commands; commands are typed to the bot, or chosen from its menu",
    "plain_presses": "its buttons always open the form there is",
}
THUMBS = {"up": "THUMBSUP", "down": "ThumbsDown"}


class FeishuStage(WireStage):
    name = "feishu"

    def __init__(self, feishu: FeishuServer, adapter: FeishuAdapter) -> None:
        super().__init__(adapter, LACKS)
        self.feishu = feishu

    # people and rooms --------------------------------------------------------------------------------------------

    def person_id(self, id: str) -> str:
        return f"ou_{id.lower()}"

    def add(self, id: str, name: str = "", *, external: bool = False, timezone: str = "") -> Person:
        space, open_id = self.feishu.space, self.person_id(id)
        space.add_user(open_id, name or id, external=external)
        for chat in space.chats.values():
            if chat.public and open_id not in chat.members:
                self.feishu.add_member(chat.id, open_id)
        person = Person(self.name, open_id, name or id, space.users[open_id].tenant_key, external)
        self._people[open_id] = person
        return person

    def room(self, chat: str, audience: Audience | None) -> None:
        space = self.feishu.space
        self._chats[chat] = id = f"oc_{chat.lower()}"
        if id in space.chats:
            return
        public = audience is None or audience.public
        readers = list(space.users) if audience is None or public else [person.id for person in audience.members]
        space.add_chat(id, chat, [*dict.fromkeys([*readers, space.bot_open_id])], public=public)
        if audience is None:
            self.feishu.faults.add("error", on="im.chat.members", times=100, code="99992402")

    def direct_chat(self, person: Person) -> str:
        return person.id

    def leave(self, person: Person) -> None:
        """They leave the company, and with it every chat."""
        self.feishu.space.users[person.id].left = True
        for chat in self.feishu.space.chats.values():
            if person.id in chat.members and chat.kind != "p2p":
                self.feishu.remove_member(chat.id, person.id, by=self.person_id("U0ADM"))

    def shut(self, chat: str | Person) -> None:
        """A chat that was disbanded, a person whom the app is no longer made available to."""
        if isinstance(chat, Person):
            self.feishu.space.users[chat.id].reachable = False
        else:
            self.feishu.disband(self._chats[chat], by=self.person_id("U0ADM"))

    # what people do ----------------------------------------------------------------------------------------------

    async def deliver(
        self, who: Person, text: str, where: Thread, *, addressed: bool, command: bool, mentions: tuple[Person, ...]
    ) -> str:
        for person in mentions:
            text = text.replace(f"@{person.name}", f"@{person.id}")
        if where.direct:
            return self.feishu.dm(who.id, text, thread=where.root)
        return self.feishu.say(who.id, where.chat, text, thread=where.root, mention=addressed)

    async def redeliver(self, message: str, times: int) -> None:
        """Under the same message id, each in an envelope of its own."""
        events = [(delivery.type, delivery.payload["event"]) for delivery in self.feishu.log]
        first = next(each for each in events if each[1].get("message", {}).get("message_id") == message)
        await asyncio.gather(*(self.feishu.event(*first) for _ in range(times)))

    async def tap(self, who: Person, posted: Posted, action: str) -> Any:
        """The form comes as a card in the private chat of whoever pressed."""
        before = len(self.feishu.space.posts)
        pressed = await self.feishu.press(who.id, self._cards[posted.id, posted.post.key], action)
        assert pressed.acked, f"pressing {action} came to {pressed.code}"
        placed = self.feishu.space.posts[before:]
        return next((p for p in placed if any(e.get("tag") == "form" for e in elements(p.content))), None)

    async def submit(self, who: Person, form: Any, fields: dict[str, str]) -> None:
        assert (await self.feishu.submit(who.id, form, fields)).acked

    async def react(self, who: Person, posted: Posted, action: str) -> None:
        self.feishu.react(who.id, posted.id, THUMBS[action])

    async def join(self, chat: str, *, times: int = 1) -> None:
        """The bot is added to a chat it is not in."""
        if times > 1:
            self.feishu.faults.add("redeliver", on="im.chat.member.bot.added_v1")
        self.feishu.space.chats[self._chats[chat]].members.remove(self.feishu.space.bot_open_id)
        self.feishu.join(self._chats[chat], by=self.person_id("U0ADM"))

    async def open(self, who: Person) -> None:
        """Somebody opens their private chat with the bot."""
        self.feishu.enter_p2p(who.id)

    async def unsay(self, source: Passage) -> None:
        """What was imported from Feishu is known by its message id."""
        space = self.feishu.space
        space.add_chat(source.container, source.container_name, [space.bot_open_id])
        author = source.author.partition(":")[2]
        space.keep(
            Message(source.id, source.container, author, "text", {"text": source.text}, source.at.timestamp())
        )
        self.feishu.recall(source.id)

    def remove(self, posted: Posted) -> None:
        """Somebody who may recalls what the bot posted."""
        message = self.feishu.space.message(posted.id)
        assert message is not None
        message.recalled = True
        self.forget(posted)

    # what goes wrong ---------------------------------------------------------------------------------------------

    def later(self, seconds: float) -> None:
        """The next post meets a rate limit."""
        self.feishu.faults.add("429", on="im.message.[cr]*", seconds=seconds)

    def refuse(self) -> None:
        """The next post can never be placed."""
        self.feishu.faults.add("error", on="im.message.[cr]*", code="230013")

    # what is shown -----------------------------------------------------------------------------------------------

    async def card(self, receipt: Receipt, post: Post) -> Shown | None:
        return next((p for p in self.feishu.standing() if p.message_id == receipt.message_id), None)

    def place(self, card: Shown) -> tuple[str, str]:
        space = self.feishu.space
        chat = space.chats[card.chat]
        if chat.kind != "p2p":
            return chat.id, card.root
        return next(id for id in chat.members if id != space.bot_open_id), ANYWHERE

    def root_of(self, thread: Thread) -> str:
        """In a private chat nothing stands below anything: there a root tells what was replied to."""
        return "" if thread.direct else thread.root

    async def ready(self, app: App) -> None:
        await self.feishu.connected()
        async with asyncio.timeout(10):
            while not await self.adapter.connected():  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.002)

    async def settled(self) -> None:
        await self.feishu.settled()


def stage_on(feishu: FeishuServer, clock: Clock) -> FeishuStage:
    """A bot of its own on a Feishu that is there already."""
    return FeishuStage(feishu, FeishuAdapter(config_for(feishu), now=clock.now, ticks=clock.timestamp))


@asynccontextmanager
async def feishu_stage(clock: Clock) -> AsyncIterator[FeishuStage]:
    async with FeishuServer(clock=clock.timestamp) as feishu:
        yield stage_on(feishu, clock)
