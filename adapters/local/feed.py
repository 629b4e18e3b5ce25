"""The WebSocket that keeps an open page up to date.

A WebSocket and not server-sent events, because a browser opens only six HTTP/1.1 connections to one host for all
its tabs, and here several people of the team sit in several tabs of one browser.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from aiohttp import WSCloseCode, web
from msgspec import Struct

from adapters.local.entry import Entry
from adapters.local.guard import Denied
from adapters.local.live import Status
from adapters.local.rooms import MOST, Unread
from adapters.local.team import direct_chat
from adapters.local.visit import chats, visitor

if TYPE_CHECKING:
    from adapters.local.chat import LocalChat

DIGITS = len(str(MOST)) - 1  # of a number of changes: it surely fits
_BEAT = 20.0  # seconds: notices a dead connection, and lets stale statuses go


class News(Struct, frozen=True):
    """What is not in any entry. `waiting` counts for everybody what the bot told them alone and they have not
    seen: so the one at the screen knows whose turn it is."""

    unread: dict[str, Unread]
    waiting: dict[str, int]
    working: tuple[Status, ...]


class Frame(Struct, frozen=True):
    """`change` is what the page gives back as `?after=` when it reconnects."""

    entries: Sequence[Entry]
    change: int
    news: News


class Feed:
    def __init__(self, chat: LocalChat) -> None:
        self._chat = chat

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Send what changed after `?after=`, then whatever changes, until either side goes."""
        me = visitor(self._chat.team, request)
        after = request.query.get("after", "0")
        if not after.isascii() or not after.isdigit() or len(after) > DIGITS:
            raise Denied(400, "malformed")
        socket = web.WebSocketResponse(heartbeat=_BEAT, max_msg_size=1024)
        await socket.prepare(request)
        with self._chat.live.watch() as woken, suppress(ConnectionError):  # closed while we were sending
            listening = asyncio.create_task(_until_closed(socket, woken))
            try:
                await self._send(socket, woken, me, int(after))
            finally:
                listening.cancel()
        await socket.close(code=WSCloseCode.GOING_AWAY)
        return socket

    async def news(self, me: str) -> News:
        team, rooms = self._chat.team, self._chat.rooms
        readable = chats(team, me)
        waiting = {}
        for person in team.people:
            direct = (await rooms.unread(person.id, [direct_chat(person.id)])).get(direct_chat(person.id))
            waiting[person.id] = direct.count if direct else 0
        working = tuple([status for status in self._chat.live.statuses() if status.chat in readable])
        return News(unread=await rooms.unread(me, readable), waiting=waiting, working=working)

    async def _send(self, socket: web.WebSocketResponse, woken: asyncio.Event, me: str, change: int) -> None:
        readable = chats(self._chat.team, me)
        sent: News | None = None
        while not (self._chat.live.closed or socket.closed):
            woken.clear()  # before we look: a change while we look wakes us again
            entries = await self._chat.rooms.changes(readable, me, change)
            news = await self.news(me)
            if entries or news != sent:
                change = entries[-1].change if entries else change
                await socket.send_str(msgspec.json.encode(Frame(entries, change, news)).decode())
                sent = news
            if not entries:  # else there may be more
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), _BEAT)


async def _until_closed(socket: web.WebSocketResponse, woken: asyncio.Event) -> None:
    """Pages send nothing; but only who reads notices that the other side went."""
    async for _ in socket:
        pass
    woken.set()
