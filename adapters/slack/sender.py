"""Saying things in Slack exactly once, as far as Slack lets anyone know.

Slack has no idempotency key. What stands in for it: every message of ours carries its post's key in its metadata;
a write is never repeated by itself; after an answer that was lost, a look at the thread settles whether the message
stands there. Within one process a key that was placed is remembered, so that a repeat costs nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from msgspec import structs

from adapters.errors import NotFound, Rejected, Unreachable
from adapters.model import Person, Post, Receipt, Thread
from adapters.protocol import MOST_LEFT, Retracted
from adapters.slack import outbound
from adapters.slack.client import Web
from adapters.slack.inbound import Me
from adapters.slack.rooms import Rooms
from adapters.slack.streaming import Streamer

Json = dict[str, Any]

REMEMBERED = 5_000  # keys
PAGE = 200
PAGES = {"conversations.replies": 10, "conversations.history": 2}  # oldest first; newest first


class Sender:
    def __init__(self, web: Web, rooms: Rooms, me: Callable[[], Awaitable[Me]], streamer: Streamer | None) -> None:
        self._web = web
        self._rooms = rooms
        self._me = me
        self._streamer = streamer
        self._fate: OrderedDict[str, Receipt | None] = OrderedDict()  # None: it may or may not stand there

    async def post(self, thread: Thread, post: Post) -> Receipt:
        settled = await self._settle(thread, post.key)
        if settled is not None:
            return settled
        try:
            receipt = await self._say(thread, post)
        except Unreachable as error:
            if error.placed:
                self._remember(post.key, None)
            raise
        self._remember(post.key, receipt)
        return receipt

    async def _settle(self, thread: Thread, key: str) -> Receipt | None:
        if key not in self._fate:
            return None
        return self._fate[key] or await self.find(thread, key)

    def _remember(self, key: str, receipt: Receipt | None) -> None:
        self._fate[key] = receipt
        if len(self._fate) > REMEMBERED:
            self._fate.popitem(last=False)

    async def _say(self, thread: Thread, post: Post) -> Receipt:
        if post.replaces:
            try:
                return await self.rewrite(Receipt(post.replaces, thread), post)
            except (NotFound, Rejected):
                pass  # deleted, too old, or an ephemeral, which nobody can rewrite (peers.md S15): say it anew
        if post.only_for is not None and not thread.direct:
            return await self._whisper(thread, post, post.only_for)
        if self._streamer is not None:
            streamed = await self._streamer.say(thread, post, await self._me())
            if streamed is not None:
                return streamed
        return await self._place(thread, post)

    async def _place(self, thread: Thread, post: Post) -> Receipt:
        parts = outbound.messages(post)
        standing = (await self._standing(thread, post.key))[0] if len(parts) > 1 else {}
        first, *more = [standing.get(n) or await self._send(thread, part) for n, part in enumerate(parts, 1)]
        return Receipt(first, thread, tuple(more))

    async def _send(self, thread: Thread, part: Json) -> str:
        under = {"thread_ts": thread.root} if thread.root else {}
        quiet = {"unfurl_links": False, "unfurl_media": False}
        answer = await self._web.write("chat.postMessage", channel=thread.chat, **under, **part, **quiet)
        return str(answer["ts"])

    async def _whisper(self, thread: Thread, post: Post, reader: Person) -> Receipt:
        """An ephemeral; where we or they are not in the channel, a direct message. In a thread that has no reply
        yet an ephemeral is shown to nobody (docs.slack.dev/reference/methods/chat.postEphemeral), so it goes
        below the channel's last message then."""
        under = {"thread_ts": thread.root} if thread.root and thread.root != thread.anchor else {}
        ts = ""
        try:
            for part in outbound.messages(post):
                call = {"channel": thread.chat, "user": reader.id, **under, **part}
                call.pop("metadata")  # nobody can look an ephemeral up
                answer = await self._web.write("chat.postEphemeral", **call)
                ts = ts or str(answer["message_ts"])
        except NotFound:
            direct = await self._rooms.direct(reader, await self._me())
            # whoever asked whether an earlier try was placed looked into the channel, not here
            return await self.find(direct, post.key) or await self._place(direct, post)
        return Receipt(ts, thread)

    async def rewrite(self, receipt: Receipt, post: Post) -> Receipt:
        """chat.update of the first message; text that does not fit it follows below."""
        parts = outbound.messages(post)
        body = outbound.for_update(parts[0])
        await self._web.write("chat.update", channel=receipt.thread.chat, ts=receipt.message_id, **body)
        standing = (await self._standing(receipt.thread, post.key))[0] if len(parts) > 1 else {}
        for number, part in enumerate(parts[1:], 2):
            if number not in standing:
                await self._send(receipt.thread, part)
        return receipt

    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        """chat.delete, or chat.update where a workspace lets nothing be deleted. An ephemeral is gone with the
        reader's next start."""
        ends: set[Retracted] = set()
        for ts in (receipt.message_id, *receipt.also):
            ends.add(await self._remove(structs.replace(receipt, message_id=ts, also=()), marked))
        return next(end for end in MOST_LEFT if end in ends)

    async def _remove(self, one: Receipt, marked: Post) -> Retracted:
        try:
            await self._web.write("chat.delete", channel=one.thread.chat, ts=one.message_id)
        except NotFound as error:
            if error.code != "message_not_found":  # the chat is out of reach, which says nothing of the message
                raise
            return "gone"
        except Rejected:
            await self.rewrite(one, marked)
            return "marked"
        return "deleted"

    async def find(self, thread: Thread, key: str) -> Receipt | None:
        standing, of = await self._standing(thread, key)
        if not of or any(number not in standing for number in range(1, of + 1)):
            return None
        return Receipt(standing[1], thread, tuple(standing[number] for number in range(2, of + 1)))

    async def _standing(self, thread: Thread, key: str) -> tuple[dict[int, str], int]:
        """The parts of a post that stand there (number → ts), and how many there should be."""
        me = await self._me()
        found: dict[int, str] = {}
        of = 0
        async for message in self._messages(thread):
            if message.get("user") != me.user and message.get("bot_id") != me.bot:
                continue  # anybody may put our metadata on their message
            number, parts = outbound.part_of(message, key)
            if number:
                found[number], of = message["ts"], parts
            if of and len(found) == of:
                break
        return found, of

    async def _messages(self, thread: Thread) -> AsyncIterator[Json]:
        method = "conversations.replies" if thread.root else "conversations.history"
        where = {"channel": thread.chat, "limit": PAGE, "include_all_metadata": True}
        if thread.root:
            where["ts"] = thread.root
        for _ in range(PAGES[method]):
            try:
                answer = await self._web.read(method, **where)
            except NotFound:
                return
            for message in answer.get("messages") or ():
                yield message
            where["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not where["cursor"]:
                return
