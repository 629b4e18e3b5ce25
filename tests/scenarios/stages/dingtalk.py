"""Dialogues on DingTalk: the unmodified SDK in stream mode, the local DingTalk, and the dialogue's own clock; once
with plain messages, once with a card template."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from adapters.dingtalk import CardAdapter, DingTalkAdapter
from adapters.dingtalk.addresses import outsider
from adapters.model import Audience, Person, Post, Receipt, Thread
from adapters.scripted import Posted
from bots.app import App
from tests.adapters.dingtalk.harness import ALWAYS, PLAIN, config_for, reached
from tests.platforms import dingtalk_wire as wire
from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_state import Json
from tests.platforms.dingtalk_state import Posted as Shown
from tests.scenarios.clock import Clock
from tests.scenarios.stages.wire import WireStage, bare

LACKS = {
    **ALWAYS,
    "commands": "DingTalk has no slash commands; commands are typed to the bot",
    "reactions": "DingTalk tells a robot of no reaction",
    "joins": "DingTalk does not tell a robot that it was put into a group",
    "openings": "DingTalk does not tell a robot that somebody opened their chat with it",
    "removals": "what the bot said in its chat with somebody is not theirs to delete",
    "former_members": "whoever left the organisation has no id any more by which they were known",
    "deletions": "DingTalk does not tell a robot that a message was recalled",
}
MESSAGES = LACKS | PLAIN
CARDS = LACKS | {
    "plain_presses": "a card's buttons always open the form there is",
    "second_forms": "a card shows somebody one form, and closes it when it is sent",
    "answering_outsiders": "who presses a card from outside the organisation cannot be written to",
}


class Server(DingTalkServer):
    """`unreachable`: people outside the robot's range. They are in the directory, and nothing reaches them."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.unreachable: set[str] = set()

    def do_robot_oToMessages_batchSend(self, body: Json) -> Json:
        with self._out_of_range():
            return super().do_robot_oToMessages_batchSend(body)

    def do_card_instances_createAndDeliver(self, body: Json) -> Json:
        with self._out_of_range():
            return super().do_card_instances_createAndDeliver(body)

    @contextmanager
    def _out_of_range(self) -> Iterator[None]:
        away = [user for user in self.space.users.values() if user.staff_id in self.unreachable and not user.left]
        for user in away:
            user.left = True
        try:
            yield
        finally:
            for user in away:
                user.left = False


class DingTalkStage(WireStage):
    name = "dingtalk"

    def __init__(self, ding: Server, adapter: DingTalkAdapter, lacks: Mapping[str, str]) -> None:
        super().__init__(adapter, lacks)
        self.ding = ding
        self._asked: dict[str, str] = {}  # message in a group → who wrote it
        self._claimed: dict[str, str] = {}  # a message by webhook, which has no id for us → what we call it

    @property
    def _cards_on(self) -> bool:
        return isinstance(self.adapter, CardAdapter)

    # people and rooms --------------------------------------------------------------------------------------------

    def person_id(self, id: str) -> str:
        return f"staff_{id.lower()}"

    def add(self, id: str, name: str = "", *, external: bool = False, timezone: str = "") -> Person:
        space, staff = self.ding.space, self.person_id(id)
        if external and staff in space.users:
            self.need("former_members")
        space.add_user(staff, name or id, external=external)
        for chat in space.chats.values():
            if chat.public and staff not in chat.members:
                chat.members.append(staff)
        key = outsider(space.users[staff].dingtalk_id) if external else staff
        person = Person(self.name, key, name or id, space.corp, external)
        self._people[self.direct_chat(person)] = person
        return person

    def room(self, chat: str, audience: Audience | None) -> None:
        space = self.ding.space
        self._chats[chat] = id = f"cid{chat.lower()}=="
        if id in space.chats:
            return
        public = audience is None or audience.public
        members = list(space.users) if audience is None or public else [person.id for person in audience.members]
        space.add_chat(id, chat, members, public=public, scene=audience is not None)

    def direct_chat(self, person: Person) -> str:
        return f"u:{person.id}"

    def leave(self, person: Person) -> None:
        """They leave the organisation."""
        self.ding.leave_org(person.id)

    def shut(self, chat: str | Person) -> None:
        """The bot is taken out of a group, or a person out of its range."""
        if isinstance(chat, Person):
            self.ding.unreachable.add(chat.id)
        else:
            self.ding.leave(self._chats[chat])

    # what people do ----------------------------------------------------------------------------------------------

    async def deliver(
        self, who: Person, text: str, where: Thread, *, addressed: bool, command: bool, mentions: tuple[Person, ...]
    ) -> str:
        if where.direct:
            return self.ding.dm(self._user(who), text, quote=where.root)
        if where.root and self._asked.get(where.root) != who.id:
            self.need("threads")  # what somebody asks in a group goes on by itself, and nobody else is in it
        named = [self._user(person) for person in mentions]
        message = self.ding.say(self._user(who), where.chat, text, at=named, mention=addressed)
        self._asked[message] = who.id
        return message

    def _user(self, who: Person) -> str:
        """What the organisation's own list calls somebody."""
        users = self.ding.space.users.items()
        return next((id for id, user in users if outsider(user.dingtalk_id) == who.id), who.id)

    async def redeliver(self, message: str, times: int) -> None:
        payload = next(d.payload for d in self.ding.log if d.payload.get("msgId") == message)
        again = (self.ding.deliver("CALLBACK", wire.MESSAGES, payload, name="message") for _ in range(times))
        await asyncio.gather(*again)

    async def press_plainly(self, who: Person, posted: Posted, action: str) -> None:
        """Without a card a button is words that are said; with one it opens the form there is."""
        self.need("plain_presses")
        await self.tap(who, posted, action)

    async def tap(self, who: Person, posted: Posted, action: str) -> Any:
        card, user = self._cards[posted.id, posted.post.key], self._user(who)
        if card.out_track_id:
            if who.external:
                self.need("answering_outsiders")
            if self._form(card, user):
                self.need("second_forms")
        done = await self.ding.press(user, card, action)
        assert done.acked, f"pressing {action} was not acknowledged"
        return card if card.out_track_id and self._form(card, user) else None

    def _form(self, card: Shown, user: str) -> str:
        """The title of the form that a card shows this person."""
        return self.ding.space.cards[card.out_track_id].private.get(user, {}).get("form", "")

    async def submit(self, who: Person, form: Any, fields: dict[str, str]) -> None:
        assert (await self.ding.submit(self._user(who), form, fields)).acked

    async def react(self, who: Person, posted: Posted, action: str) -> None:
        self.need("reactions")

    async def join(self, chat: str, *, times: int = 1) -> None:
        self.need("joins")

    async def open(self, who: Person) -> None:
        self.need("openings")

    def remove(self, posted: Posted) -> None:
        self.need("removals")

    # what goes wrong ---------------------------------------------------------------------------------------------

    def later(self, seconds: float) -> None:
        """The next post meets a rate limit; how long to wait is said by a gateway on the way."""
        on = "card/instances/createAndDeliver" if self._cards_on else "robot/*end*"
        self.ding.faults.add("429", on=on, seconds=seconds)

    def refuse(self) -> None:
        """The next post can never be placed."""
        if self._cards_on:
            self.ding.faults.add("error", on="card/instances/createAndDeliver", code="staffId.notExisted")
        else:
            self.ding.faults.add("error", on="robot/sendBySession", code="60121")

    # what is shown -----------------------------------------------------------------------------------------------

    async def card(self, receipt: Receipt, post: Post) -> Shown | None:
        """A message that was sent by webhook has no id: it is the one nobody claimed yet that says this."""
        id = receipt.message_id
        for shown in reversed(self.ding.standing()):
            if id in (shown.out_track_id, shown.id, self._claimed.get(shown.id)):
                return shown
        words = bare(post.card.text)[-40:]
        for shown in self.ding.standing():
            if shown.how == "webhook" and shown.id not in self._claimed and words in bare(shown.shown):
                self._claimed[shown.id] = id
                return shown
        return None

    def place(self, card: Shown) -> tuple[str, str]:
        room = self.ding.space.chats[card.chat]
        if not room.direct:
            return room.id, ""
        user = self.ding.space.users[room.members[0]]
        return f"u:{outsider(user.dingtalk_id) if user.external else user.staff_id}", ""

    def stands(self, message: str) -> bool:
        names = [(shown.out_track_id, shown.id, self._claimed.get(shown.id)) for shown in self.ding.standing()]
        return any(message in each for each in names)

    def root_of(self, thread: Thread) -> str:
        """DingTalk has no threads: what an answer in a group is about is the last message of its asker."""
        return thread.root if thread.direct else thread.anchor

    async def ready(self, app: App) -> None:
        await self.ding.connected()
        await reached(self.adapter)  # type: ignore[arg-type]  # it is a DingTalkAdapter

    async def settled(self) -> None:
        await self.ding.settled()


def stage_on(ding: Server, clock: Clock, *, cards: bool = False) -> DingTalkStage:
    """A bot of its own on a DingTalk that is there already."""
    kind = CardAdapter if cards else DingTalkAdapter
    config = config_for(ding, card_template=ding.card_template if cards else "")
    adapter = kind(config, now=clock.now, ticks=clock.timestamp)
    return DingTalkStage(ding, adapter, CARDS if cards else MESSAGES)


@asynccontextmanager
async def dingtalk_stage(clock: Clock) -> AsyncIterator[DingTalkStage]:
    async with Server(clock=clock.timestamp) as ding:
        yield stage_on(ding, clock)


@asynccontextmanager
async def dingtalk_card_stage(clock: Clock) -> AsyncIterator[DingTalkStage]:
    async with Server(clock=clock.timestamp) as ding:
        yield stage_on(ding, clock, cards=True)
