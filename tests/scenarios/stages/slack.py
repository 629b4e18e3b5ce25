"""Dialogues on Slack: the unmodified SDK over Socket Mode, the local Slack, and the dialogue's own clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.model import Audience, Person, Post, Receipt, Thread
from adapters.scripted import Posted
from adapters.slack import SlackAdapter
from adapters.text import escape_mrkdwn
from bots.app import App
from persona_store.model import Passage
from tests.adapters.slack.harness import SlackHarness, config_for
from tests.platforms.slack import SlackServer
from tests.platforms.slack_state import Posted as Shown
from tests.scenarios.clock import Clock
from tests.scenarios.stages.wire import ANYWHERE, WireStage

LACKS = {
    **SlackHarness.lacks,
    "plain_presses": "its buttons always open the form there is",
}
THUMBS = {"up": "+1", "down": "-1"}


class SlackStage(WireStage):
    name = "slack"

    def __init__(self, slack: SlackServer, adapter: SlackAdapter) -> None:
        super().__init__(adapter, LACKS)
        self.slack = slack

    # people and rooms --------------------------------------------------------------------------------------------

    def add(self, id: str, name: str = "", *, external: bool = False, timezone: str = "") -> Person:
        space, known = self.slack.space, id in self.slack.space.users
        space.add_user(id, name or id, is_restricted=external, tz=timezone)
        for channel in space.channels.values():
            if channel.kind == "channel" and id not in channel.members:
                channel.members.append(id)
        if known:
            self._changed(id)
        person = Person(self.name, id, name or id, space.team, external, timezone)
        self._people[self.direct_chat(person)] = person
        return person

    def room(self, chat: str, audience: Audience | None) -> None:
        space = self.slack.space
        self._chats[chat] = id = f"C0{chat.upper()}"
        readers = list(space.users) if audience is None or audience.public else [m.id for m in audience.members]
        public = audience is None or audience.public
        members = [*dict.fromkeys([*readers, space.bot_user])]
        space.add_channel(id, chat, members, kind="channel" if public else "group")
        if audience is None:
            self.slack.faults.add("error", on="conversations.members", times=100, code="internal_error")

    def direct_chat(self, person: Person) -> str:
        return self.slack.space.direct(person.id).id

    def leave(self, person: Person) -> None:
        """Their account is deactivated."""
        self.slack.space.users[person.id]["deleted"] = True
        self._changed(person.id)

    def shut(self, chat: str | Person) -> None:
        """Nothing can be written there any more."""
        id = self.direct_chat(chat) if isinstance(chat, Person) else self._chats[chat]
        self.slack.space.channels[id].members.remove(self.slack.space.bot_user)

    def _changed(self, id: str) -> None:
        event = {"type": "user_change", "user": self.slack.space.users[id], "event_ts": self.slack.space.ts()}
        self.slack.spawn(self.slack.event(event))

    # what people do ----------------------------------------------------------------------------------------------

    async def deliver(
        self, who: Person, text: str, where: Thread, *, addressed: bool, command: bool, mentions: tuple[Person, ...]
    ) -> str:
        if command:
            await self.slack.slash(who.id, where.chat, text)
            return self.slack.space.ts()  # a command stands nowhere
        typed = escape_mrkdwn(text)
        for person in mentions:
            typed = typed.replace(f"@{person.name}", f"<@{person.id}>")
        words = f"{self.slack.mention} {typed}" if addressed and not where.direct else typed
        return self.slack.say(who.id, where.chat, words, thread=where.root)

    async def redeliver(self, message: str, times: int) -> None:
        [event, *_] = [
            d.payload["event"] for d in self.slack.log if d.payload.get("event", {}).get("ts") == message
        ]
        await asyncio.gather(*(self.slack.event(event) for _ in range(times)))

    async def tap(self, who: Person, posted: Posted, action: str) -> Any:
        before = len(self.slack.space.views)
        done = await self.slack.press(who.id, self._cards[posted.id, posted.post.key], action)
        assert done.acked, f"pressing {action} was not acknowledged"
        opened = self.slack.space.views[before:]
        return opened[0] if opened else None

    async def submit(self, who: Person, form: Any, fields: dict[str, str]) -> None:
        assert (await self.slack.submit(who.id, form, fields)).acked

    async def react(self, who: Person, posted: Posted, action: str) -> None:
        self.slack.react(who.id, self._cards[posted.id, posted.post.key], THUMBS[action])

    async def join(self, chat: str, *, times: int = 1) -> None:
        """The bot is invited to a chat it is not in."""
        if times > 1:
            self.slack.faults.add("redeliver", on="member_joined_channel")
        channel = self.slack.space.channels[self._chats[chat]]
        channel.members.remove(self.slack.space.bot_user)
        self.slack.join(channel.id)

    async def open(self, who: Person) -> None:
        """Somebody opens their direct chat with the bot."""
        self.slack.open_home(who.id)

    async def unsay(self, source: Passage) -> None:
        space = self.slack.space
        channel = space.add_channel(source.container, source.container_name, [space.bot_user])
        ts = f"{source.at.timestamp():.6f}"
        author = source.author.partition(":")[2]
        space.keep(channel, {"type": "message", "user": author, "text": source.text, "ts": ts})
        self.slack.delete(channel.id, ts)

    def remove(self, posted: Posted) -> None:
        """Somebody deletes what the bot posted."""
        del self.slack.space.channels[self._where[posted.id].chat].messages[posted.id]
        self.forget(posted)

    # what goes wrong ---------------------------------------------------------------------------------------------

    def later(self, seconds: float) -> None:
        """The next post meets a rate limit."""
        self.slack.faults.add("429", on="chat.post*", seconds=seconds)

    def refuse(self) -> None:
        """The next post can never be placed."""
        self.slack.faults.add("error", on="chat.post*", code="channel_not_found")

    # what is shown -----------------------------------------------------------------------------------------------

    async def card(self, receipt: Receipt, post: Post) -> Shown | None:
        chat, ts = receipt.thread.chat, receipt.message_id
        whispered = next((p for p in self.slack.space.ephemerals if (p.channel, p.ts) == (chat, ts)), None)
        message = self.slack.space.channels[chat].messages.get(ts)
        if whispered or message is None:
            return whispered
        return Shown("chat.postMessage", chat, ts, message["text"], message["blocks"], message.get("thread_ts", ""))

    def place(self, card: Shown) -> tuple[str, str]:
        """An ephemeral in a thread without replies would be seen by nobody, and stands beside it."""
        return card.channel, ANYWHERE if card.how == "chat.postEphemeral" else card.thread

    async def ready(self, app: App) -> None:
        await self.slack.connected()

    async def settled(self) -> None:
        await self.slack.settled()


@asynccontextmanager
async def slack_stage(clock: Clock) -> AsyncIterator[SlackStage]:
    async with SlackServer(clock=clock.timestamp) as slack:
        adapter = SlackAdapter(config_for(slack), now=clock.now, ticks=clock.timestamp)
        yield SlackStage(slack, adapter)
