"""Saying things in Feishu exactly once, as far as Feishu lets anyone know.

Within an hour of the first attempt the `uuid` does it: the same call again returns the message that stands. What
was said is remembered, so that a repeat costs nothing. Only a repeat after the hour, of a post whose fate stayed
unknown, needs a look at the chat; each card has a mark for that, and reading a group's messages needs a scope
that is not asked for. So a post can come twice only if its answer was lost, Feishu was away for more than an
hour, and the look was not possible: the scope was missing, or this process began after the first attempt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import structs

from adapters.errors import NotFound, Rejected, Unreachable
from adapters.feishu import cards, outbound
from adapters.feishu.calls import Calls
from adapters.feishu.failures import GONE, NO_THREADS, NOBODY_TO_CALL, PLATFORM
from adapters.feishu.history import History
from adapters.feishu.inbound import DIRECT, Place
from adapters.feishu.memory import remember
from adapters.feishu.people import kind_of_id
from adapters.feishu.presses import Presses
from adapters.feishu.rooms import Rooms
from adapters.feishu.streaming import Streamer
from adapters.model import Person, Post, Receipt, Thread
from adapters.protocol import MOST_LEFT, Retracted

Json = dict[str, Any]

REMEMBERED = 5_000  # posts
UUID_GOOD = 3_000.0  # seconds; Feishu promises an hour


class Sender:
    def __init__(
        self,
        calls: Calls,
        rooms: Rooms,
        history: History,
        streamer: Streamer | None,
        presses: Presses,
        ticks: Callable[[], float],
    ) -> None:
        self._calls = calls
        self._rooms = rooms
        self._history = history
        self._streamer = streamer
        self._presses = presses
        self._ticks = ticks
        self._said: dict[str, Receipt] = {}
        self._begun: dict[str, float] = {}  # posts of which something may stand → since when
        self._parts: dict[tuple[str, str], dict[int, str]] = {}  # post and chat → its parts that stand there
        self._places: dict[str, Place] = {}  # our messages → where they stand

    async def post(self, thread: Thread, post: Post) -> Receipt:
        if post.key in self._said:
            return self._said[post.key]
        receipt = await self._say(thread, post, first=post.key not in self._begun)
        self._begun.pop(post.key, None)
        remember(self._said, post.key, receipt, REMEMBERED)
        return receipt

    def place_of(self, message_id: str) -> Place | None:
        """Where a message of ours stands, if it is remembered."""
        return self._places.get(message_id)

    async def _say(self, thread: Thread, post: Post, *, first: bool) -> Receipt:
        if post.replaces:
            try:
                return await self.rewrite(Receipt(post.replaces, thread), post)
            except (NotFound, Rejected):
                pass  # recalled, or more than 14 days old: say it anew
        if post.only_for is not None and not thread.direct:
            return await self._whisper(thread, post, post.only_for, first=first)
        return await self._say_in(thread, post, first=first)

    async def _whisper(self, thread: Thread, post: Post, reader: Person, *, first: bool) -> Receipt:
        """In their private chat. Outsiders have none with us; what is said to them is the same polite line for
        everyone, and may be said where they asked."""
        try:
            return await self._say_in(await self._rooms.direct(reader), post, first=first)
        except NotFound:
            if not reader.external:
                raise
            return await self._say_in(thread, structs.replace(post, only_for=None, mention=(reader,)), first=first)

    async def _say_in(self, thread: Thread, post: Post, *, first: bool) -> Receipt:
        if self._streamer is not None and first and not post.replaces:
            streamed = await self._streamer.say(thread, post, self._send)
            if streamed is not None:
                return streamed
        try:
            return await self._place(thread, post)
        except Rejected as error:
            if error.code != NOBODY_TO_CALL or not post.mention:
                raise
            return await self._place(thread, structs.replace(post, mention=()))

    async def _place(self, thread: Thread, post: Post) -> Receipt:
        parts = outbound.messages(post, thread)
        ids: list[str] = []
        standing = self._parts.get((post.key, thread.chat), {})
        if self._ticks() - self._begun.get(post.key, self._ticks()) > UUID_GOOD:
            standing = {**await self._history.standing(thread, post.key, len(parts)), **standing}
        remember(self._parts, (post.key, thread.chat), standing, REMEMBERED)
        for number, part in enumerate(parts, 1):
            id = standing.get(number) or await self._send(thread, cards.encoded(part), post.key, number)
            standing[number] = id
            if self._streamer is not None and number == 1 and post.key in self._streamer.unfinished:
                await self._patch(id, part)
                self._streamer.unfinished.pop(post.key)
            ids.append(id)
        self._parts.pop((post.key, thread.chat), None)
        return Receipt(ids[0], thread, tuple(ids[1:]))

    async def _send(self, thread: Thread, content: str, key: str, number: int) -> str:
        began = self._ticks()
        try:
            id = await self._send_once(thread, content, key, number)
        except Unreachable as error:
            if error.placed and key not in self._begun:
                remember(self._begun, key, began, REMEMBERED)
            raise
        if key not in self._begun:
            remember(self._begun, key, began, REMEMBERED)
        remember(self._places, id, Place(thread.chat, thread.root), REMEMBERED)
        return id

    async def _send_once(self, thread: Thread, content: str, key: str, number: int) -> str:
        body = {"msg_type": "interactive", "content": content, "uuid": outbound.uuid(key, thread, number)}
        if thread.direct or not thread.root:
            kind = kind_of_id(thread.chat) if thread.chat.startswith(DIRECT) else "chat_id"
            query = {"receive_id_type": kind}
            answer = await self._calls.write(
                "POST", "im/v1/messages", {"receive_id": thread.chat, **body}, query=query
            )
        else:
            answer = await self._reply(thread, body)
        id = str((answer.get("data") or {}).get("message_id") or "")
        if not id:
            raise Unreachable(PLATFORM, "a message was placed without an id", placed=True)
        return id

    async def _reply(self, thread: Thread, body: Json) -> Json:
        """Below the thread's root; if that was recalled, below the last message of the thread that we know. Never
        beside the thread (peers.md F15, F16)."""
        targets = [thread.root, *([thread.anchor] if thread.anchor and thread.anchor != thread.root else [])]
        for target in targets:
            try:
                return await self._reply_to(target, body)
            except NotFound as error:
                if error.code not in GONE or target == targets[-1]:
                    raise
        raise AssertionError("the last target answers or raises")

    async def _reply_to(self, target: str, body: Json) -> Json:
        path, paths = "im/v1/messages/:message_id/reply", {"message_id": target}
        try:
            return await self._calls.write("POST", path, {**body, "reply_in_thread": True}, paths=paths)
        except Rejected as error:
            if error.code != NO_THREADS:
                raise
        return await self._calls.write("POST", path, body, paths=paths)

    async def form(self, to: Person, content: Json, key: str) -> None:
        """A form, to whoever opened it."""
        thread = await self._rooms.direct(to)
        await self._send(thread, cards.encoded(content), key, 1)
        self._begun.pop(key, None)

    async def edit(self, receipt: Receipt, post: Post) -> Receipt:
        try:
            edited = await self.rewrite(receipt, post)
        except Rejected:  # a card can be changed for 14 days
            edited = await self._place(receipt.thread, post)
        self._begun.pop(post.key, None)
        return edited

    async def rewrite(self, receipt: Receipt, post: Post) -> Receipt:
        """The card in place of the card; text that does not fit it follows below."""
        parts = outbound.messages(post, receipt.thread)
        await self._patch(receipt.message_id, parts[0])
        for number, part in enumerate(parts[1:], 2):
            await self._send(receipt.thread, cards.encoded(part), post.key, number)
        return receipt

    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        """Recalled; past the time in which a tenant allows that, rewritten, for 14 days."""
        ends: set[Retracted] = set()
        for id in (receipt.message_id, *receipt.also):
            ends.add(await self._remove(id, outbound.messages(marked, receipt.thread)[0]))
        return next(end for end in MOST_LEFT if end in ends)

    async def _remove(self, message_id: str, marked: Json) -> Retracted:
        paths = {"message_id": message_id}
        try:
            await self._calls.write("DELETE", "im/v1/messages/:message_id", {}, paths=paths)
        except NotFound as error:
            if error.code not in GONE:
                raise
            return "gone"
        except Rejected:
            await self._patch(message_id, marked)
            return "marked"
        return "deleted"

    async def _patch(self, message_id: str, part: Json) -> None:
        await self._presses.answered(message_id)
        body = {"content": cards.encoded(part)}
        await self._calls.write("PATCH", "im/v1/messages/:message_id", body, paths={"message_id": message_id})
