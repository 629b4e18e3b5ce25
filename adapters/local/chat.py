"""The adapter itself: what people do on the page goes to the bot, what the bot says is placed in the rooms."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from aiohttp import web

from adapters.errors import NotFound
from adapters.local import mentions
from adapters.local.entry import Body, Entry, Line
from adapters.local.live import Live
from adapters.local.page import Page
from adapters.local.rooms import Rooms, Saying
from adapters.local.team import DIRECT, Team, direct_chat
from adapters.model import Audience, Gone, Message, Opened, Person, Post, Receipt, Thread
from adapters.protocol import Host, Retracted

log = logging.getLogger(__name__)


class LocalChat:
    """A whole platform in one process. It keeps the promises the bot relies on elsewhere: a message is shown
    only once the bot has safely kept it, and a post with a known key is never placed twice."""

    name = "local"

    def __init__(self, team: Team, rooms: Rooms, hosts: Sequence[str], now: Callable[[], datetime]) -> None:
        self.team = team
        self.rooms = rooms
        self.live = Live(now)
        self._hosts = hosts
        self.now = now

    # ------------------------------------------------------------------ Adapter

    async def run(self, host: Host) -> None:
        """Hand over what a crash left unconfirmed, then serve until cancelled."""
        try:
            await self._confirm(host)
            await asyncio.Event().wait()
        finally:
            self.live.close()

    async def _confirm(self, host: Host) -> None:
        for entry in await self.rooms.unconfirmed():
            if not self.team.reads(entry.author, entry.chat):  # the team has changed since
                continue
            try:
                await host.receive(self.message(entry))
            except Exception as error:  # it is asked again at the next start
                log.error("the bot did not keep message %s: %s", entry.id, type(error).__name__)
                continue
            await self.rooms.reveal(entry)
            self.live.changed()

    async def post(self, thread: Thread, post: Post) -> Receipt:
        root = await self._root(thread)
        if post.replaces and await self.rooms.placed(thread.chat, post.key) is None:
            rewritten = await self.rooms.rewrite(post.key, thread.chat, post.replaces, _body(post))
            if rewritten:
                return self._receipt(thread, post.replaces)
        saying = Saying(
            chat=thread.chat,
            root=root,
            author="",
            body=_body(post),
            kind="card",
            only_for=post.only_for.id if post.only_for else "",
        )
        return self._receipt(thread, await self.rooms.place(post.key, saying, self.now()))

    async def direct(self, person: Person) -> Thread:
        member = self.team.member(person.id) if person.platform == self.name else None
        if member is None:
            raise NotFound(self.name, f"nobody has the id {person.id!r} in this team")
        return self.thread(direct_chat(member.id))

    # ------------------------------------------------------------------ further abilities

    async def audience(self, thread: Thread) -> Audience:
        readers = self.team.readers(thread.chat)
        if readers is None:
            raise NotFound(self.name, f"there is no room {thread.chat!r}")
        room = self.team.room(thread.chat)
        outside = any(member.external for member in readers)
        people = tuple([self.person_of(member.id) for member in readers])
        return Audience(public=room is not None and room.members is None, members=people, external=outside)

    async def person(self, id: str) -> Person:
        if self.team.member(id) is None:
            raise NotFound(self.name, f"nobody has the id {id!r} in this team")
        return self.person_of(id)

    async def find(self, thread: Thread, key: str) -> Receipt | None:
        id = await self.rooms.placed(thread.chat, key)
        return Receipt(message_id=id, thread=thread) if id else None

    async def edit(self, receipt: Receipt, post: Post) -> Receipt:
        thread = receipt.thread
        if not await self.rooms.rewrite(post.key, thread.chat, receipt.message_id, _body(post)):
            raise NotFound(self.name, f"there is no post {receipt.message_id!r} of ours in {thread.chat!r}")
        return self._receipt(thread, receipt.message_id)

    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        removed = await self.rooms.take_back(receipt.thread.chat, receipt.message_id)
        self.live.changed()
        return "deleted" if removed else "gone"

    async def working(self, thread: Thread, text: str) -> None:
        self.live.working(thread.chat, thread.root, text)

    def routes(self, host: Host) -> Sequence[web.RouteDef]:
        return Page(self, host, self._hosts).routes()

    # ------------------------------------------------------------------ history

    async def seed(self, lines: Iterable[Line]) -> int:
        """Show messages of an export above the live chat, read-only, so that citations can be followed. Lines of
        rooms that the team does not have are left out; repeating adds nothing. How many were new."""
        return await self.rooms.seed([line for line in lines if self.team.room(line.room)])

    # ------------------------------------------------------------------ our data in the bot's words

    def person_of(self, id: str) -> Person:
        """A member as the bot knows them. Raises KeyError for a stranger, who has no page to act from."""
        member = self.team.member(id)
        if member is None:
            raise KeyError(id)
        return Person(
            platform=self.name, id=member.id, name=member.name, external=member.external, timezone=member.timezone
        )

    def thread(self, chat: str, root: str = "") -> Thread:
        room = self.team.room(chat)
        return Thread(
            platform=self.name,
            chat=chat,
            root=root,
            direct=chat.startswith(DIRECT),
            chat_name=room.name if room else "",
        )

    def message(self, entry: Entry) -> Message:
        """What somebody typed, as the bot reads it. Who addresses the bot in a room opens a thread by it; a
        command has none."""
        said = mentions.read(entry.body.text, self.team)
        opens = said.addressed and not said.command and not entry.chat.startswith(DIRECT)
        thread = self.thread(entry.chat, entry.root or (entry.id if opens else ""))
        return Message(
            id=entry.id,
            thread=thread,
            author=self.person_of(entry.author),
            text=said.text,
            at=entry.at,
            addressed=said.addressed or thread.direct,
            mentions=tuple([self.person_of(member.id) for member in said.mentions]),
            command=said.command,
        )

    def gone(self, chat: str, id: str) -> Gone:
        return Gone(id=id, thread=self.thread(chat), message_id=id, at=self.now())

    def opened(self, person: str) -> Opened:
        """The same for ever, so that a direct chat is opened for the first time only once."""
        author = self.person_of(person)
        return Opened(id="first", thread=self.thread(direct_chat(person)), author=author, at=self.now())

    def _receipt(self, thread: Thread, id: str) -> Receipt:
        self.live.done(thread.chat, thread.root)
        self.live.changed()
        return Receipt(message_id=id, thread=thread)

    async def _root(self, thread: Thread) -> str:
        """Where in the chat a post goes: a command is seen by its author alone and has no thread to reply in,
        so what answers it stands where it stood."""
        if self.team.readers(thread.chat) is None:
            raise NotFound(self.name, f"there is no room {thread.chat!r}")
        if not thread.root:
            return ""
        root = await self.rooms.find(thread.chat, thread.root)
        if root is None:
            raise NotFound(self.name, f"there is no message {thread.root!r} in {thread.chat!r} to reply to")
        return root.root if root.only_for or root.root else root.id


def _body(post: Post) -> Body:
    return Body(card=post.card, mentions=tuple([person.id for person in post.mention]))
