"""A shipped fake: plays what people say and keeps what is posted, so that whole dialogues run without a platform.

It keeps the promises of a real adapter: a repeated key places nothing new, an unknown audience raises, and it can
be told to fail the next posts in each of the ways a platform fails.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from msgspec import Struct, structs

from adapters.errors import AdapterError, NotFound, Unreachable
from adapters.model import Audience, Card, Inbound, Message, Person, Post, Press, Receipt, Thread
from adapters.protocol import Host, Retracted


class Posted(Struct, frozen=True):
    """One post as it stands on the platform."""

    id: str
    thread: Thread
    post: Post
    edits: int = 0
    removed: bool = False  # its place in `posted` stays, its words do not


class ScriptedAdapter:
    """One platform called `name`. `say` and `press` return once the host has kept the event."""

    def __init__(self, name: str = "scripted", *, start: datetime | None = None) -> None:
        self.name = name
        self.posted: list[Posted] = []
        self.statuses: list[tuple[Thread, str]] = []
        self.people: dict[str, Person] = {}
        self.audiences: dict[str, Audience] = {}
        self.closed: set[str] = set()  # chats that exist no more: posting there raises NotFound
        self.kept_by_law: set[str] = set()  # chats whose posts cannot be deleted, only rewritten
        self.now: Callable[[], datetime] = lambda: self._tick()
        self._time = start or datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self._ids = 0
        self._host: Host | None = None
        self._ready = asyncio.Event()
        self._failures: deque[tuple[AdapterError, bool]] = deque()
        self._news = asyncio.Condition()

    # what a test does ------------------------------------------------------------------------------------------

    def add(self, id: str, name: str = "", *, external: bool = False, timezone: str = "") -> Person:
        """Make somebody known."""
        person = Person(self.name, id, name or id, tenant="T1", external=external, timezone=timezone)
        self.people[id] = person
        return person

    def room(self, chat: str, audience: Audience) -> None:
        """Say who reads along in a chat; a chat nobody described has no known audience."""
        self.audiences[chat] = audience

    async def say(
        self,
        who: Person,
        text: str,
        *,
        chat: str = "general",
        root: str = "",
        direct: bool = False,
        addressed: bool | None = None,
        command: bool = False,
        mentions: tuple[Person, ...] = (),
        id: str = "",
    ) -> Message:
        """Somebody says something. In a direct chat it is always addressed to the bot; elsewhere unless told
        otherwise, and a message outside a thread becomes the root of one. The same `id` is a redelivery."""
        id = id or self._next("m")
        chat = self._direct_chat(who) if direct else chat
        root = root if direct else root or id
        thread = Thread(self.name, chat, "T1", root, anchor=id, direct=direct, chat_name=chat)
        called = True if addressed is None or direct or command else addressed
        message = Message(id, thread, who, text, self.now(), called, mentions, command=command)
        await self.deliver(message)
        return message

    async def press(
        self, who: Person, posted: Posted, action: str, *, fields: dict[str, str] | None = None
    ) -> Press:
        """Somebody presses a button of a card (by its action), and submits the form it opens with `fields`."""
        button = next((b for b in posted.post.card.buttons if b.action == action), None)
        if button is None:
            raise AssertionError(f"no button {action!r} on {[b.action for b in posted.post.card.buttons]}")
        press = Press(self._next("p"), posted.thread, who, action, button.value, self.now(), posted.id)
        if button.opens_form:
            host = await self._connected()
            form = await host.form(press)
            if form is not None:
                press = structs.replace(press, action=form.action, value=form.value, fields=fields or {})
        await self.deliver(press)
        return press

    async def deliver(self, event: Inbound) -> None:
        """Any event, as it is."""
        await (await self._connected()).receive(event)

    def fail(self, error: AdapterError, *, times: int = 1, placed: bool = False) -> None:
        """Let the next posts fail; with `placed` the post stands there although the caller is told it failed."""
        self._failures.extend([(error, placed or (isinstance(error, Unreachable) and error.placed))] * times)

    async def next_post(self, count: int = 1, *, within: float = 5.0) -> Posted:
        """The `count`-th post since the start (1 is the first), waiting for it if need be."""
        async with self._news, asyncio.timeout(within):
            await self._news.wait_for(lambda: len(self.posted) >= count)
        return self.posted[count - 1]

    # what the bot sees -----------------------------------------------------------------------------------------

    async def run(self, host: Host) -> None:
        self._host = host
        self._ready.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._host = None
            self._ready.clear()

    async def post(self, thread: Thread, post: Post) -> Receipt:
        return await self._attempt(lambda: self._place(thread, post))

    async def edit(self, receipt: Receipt, post: Post) -> Receipt:
        return await self._attempt(lambda: self._rewrite(receipt, post))

    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        """Deletes, unless the chat is in `kept_by_law`, where posts can only be rewritten."""
        if receipt.thread.chat in self.kept_by_law:
            await self._attempt(lambda: self._rewrite(receipt, marked))
            return "marked"
        gone = all(known.removed for known in self.posted if known.id == receipt.message_id)
        await self._attempt(lambda: self._remove(receipt))
        return "gone" if gone else "deleted"

    async def find(self, thread: Thread, key: str) -> Receipt | None:
        return next((Receipt(p.id, p.thread) for p in self.posted if p.post.key == key), None)

    async def direct(self, person: Person) -> Thread:
        return Thread(self.name, self._direct_chat(person), tenant="T1", direct=True)

    async def audience(self, thread: Thread) -> Audience:
        if thread.chat in self.audiences:
            return self.audiences[thread.chat]
        if thread.direct:
            return Audience(public=False, members=(await self.person(thread.chat.removeprefix("dm-")),))
        raise NotFound(self.name, f"who reads chat {thread.chat!r} is not known")

    async def person(self, id: str) -> Person:
        if id not in self.people:
            raise NotFound(self.name, f"nobody is known as {id!r}")
        return self.people[id]

    async def working(self, thread: Thread, text: str) -> None:
        self.statuses.append((thread, text))

    # inside ----------------------------------------------------------------------------------------------------

    async def _attempt(self, act: Callable[[], Receipt]) -> Receipt:
        error, placed = self._failures.popleft() if self._failures else (None, True)
        receipt = act() if placed else None
        async with self._news:
            self._news.notify_all()
        if error is not None:
            raise error
        assert receipt is not None  # only a failure leaves a post unplaced
        return receipt

    def _place(self, thread: Thread, post: Post) -> Receipt:
        if thread.chat in self.closed:
            raise NotFound(self.name, f"there is no chat {thread.chat!r}")
        for known in self.posted:
            if known.post.key == post.key:
                return Receipt(known.id, known.thread)
        if post.replaces and any(p.id == post.replaces for p in self.posted):
            return self._rewrite(Receipt(post.replaces, thread), post)
        posted = Posted(self._next("b"), thread, post)
        self.posted.append(posted)
        return Receipt(posted.id, thread)

    def _rewrite(self, receipt: Receipt, post: Post) -> Receipt:
        for at, known in enumerate(self.posted):
            if known.id == receipt.message_id:
                self.posted[at] = structs.replace(known, post=post, edits=known.edits + 1)
                return Receipt(known.id, known.thread)
        raise NotFound(self.name, f"there is no post {receipt.message_id!r} of ours")

    def _remove(self, receipt: Receipt) -> Receipt:
        for at, known in enumerate(self.posted):
            if known.id == receipt.message_id:
                nothing = structs.replace(known.post, card=Card(""))
                self.posted[at] = structs.replace(known, post=nothing, removed=True)
        return receipt

    async def _connected(self) -> Host:
        await self._ready.wait()
        assert self._host is not None  # set before the event is
        return self._host

    def _direct_chat(self, person: Person) -> str:
        return f"dm-{person.id}"

    def _next(self, kind: str) -> str:
        self._ids += 1
        return f"{kind}{self._ids}"

    def _tick(self) -> datetime:
        self._time += timedelta(seconds=1)
        return self._time
