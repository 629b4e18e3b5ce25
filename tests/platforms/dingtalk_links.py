"""DingTalk's gateway and the stream's links: tickets, frames, acks, and what goes wrong with a connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import WSMsgType, web
from msgspec import Struct

from tests.platforms import dingtalk_wire as wire
from tests.platforms.dingtalk_api import Refused
from tests.platforms.dingtalk_directory import DingTalkDirectory
from tests.platforms.dingtalk_state import Json


class Link(Struct, eq=False):
    """One connection. `deaf`: it stays open and brings nothing any more (D4)."""

    socket: web.WebSocketResponse
    id: str
    topics: frozenset[str]
    deaf: bool = False


class DingTalkLinks(DingTalkDirectory):
    """`ping_every` > 0 sends SYSTEM pings (seconds; the real ones are reported to come every 20 to 30);
    `drop_after` is how long a link that was told to disconnect stays open (really some 10)."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.ping_every = 0.0
        self.drop_after = 0.2
        self.links: list[Link] = []
        self.connections = 0
        self.subscriptions: list[Json] = []  # what the last call of the gateway asked for
        self._tickets: dict[str, frozenset[str]] = {}
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._changed = asyncio.Condition()
        self._down_since = self._away = 0.0

    # the gateway -----------------------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.get("/connect", self._connect)]

    def do_gateway_connections_open(self, body: Json) -> Json:
        if (body["clientId"], body["clientSecret"]) != (self.client_id, self.client_secret):
            raise Refused("authFailed", "鉴权失败", status=401)
        self.subscriptions = body["subscriptions"]
        ticket = self.space.next_id("fixture-ticket-").rstrip("=")
        self._tickets[ticket] = frozenset(one["topic"] for one in self.subscriptions)
        return {"endpoint": self.url.replace("http", "ws", 1) + "/connect", "ticket": ticket}

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        topics = self._tickets.pop(request.query.get("ticket", ""), None)  # good once
        if topics is None or self.down or self.faults.take("link", frozenset({"503"})):
            raise web.HTTPServiceUnavailable if topics is not None else web.HTTPUnauthorized
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        link = Link(socket, self.space.next_id("fixture-connection-").rstrip("="), topics)
        self.links.append(link)
        self.connections += 1
        await self._tell()
        pings = asyncio.create_task(self._ping(link))  # not a delivery that `settled` waits for
        try:
            async for frame in socket:
                if frame.type is WSMsgType.PING:
                    await socket.pong(frame.data)  # a deaf link answers too: only frames tell
                if frame.type is WSMsgType.TEXT:
                    self._acked(json.loads(frame.data))
        finally:
            pings.cancel()
            self._forget(link)
        return socket

    def _acked(self, ack: Json) -> None:
        """An ack may come by another link than its frame, and late."""
        future = self._acks.pop(ack["headers"]["messageId"], None)
        if future is not None and not future.done():
            future.set_result(ack)

    def _forget(self, link: Link) -> None:
        if link in self.links:
            self.links.remove(link)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _ping(self, link: Link) -> None:
        while self.ping_every > 0:
            await asyncio.sleep(self.ping_every)
            if not link.deaf:
                with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                    await link.socket.send_str(self._frame(link, "SYSTEM", "ping", {"opaque": "fixture"})[1])

    def _frame(self, link: Link, type: str, topic: str, data: Json, **headers: str) -> tuple[str, str]:
        """A frame's messageId and its text."""
        id = self.space.next_id("frame")
        return id, wire.frame(link.id, id, self.space.millis(), type, topic, data, **headers)

    # what goes wrong with links --------------------------------------------------------------------------------

    async def disconnect(self, *links: Link) -> None:
        """The server asks links (default: all) to reconnect: nothing comes by them any more, and soon they
        break."""
        for link in links or tuple(self.links):
            link.deaf = True
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                reason = {"reason": "persistent connection is timeout"}
                await link.socket.send_str(self._frame(link, "SYSTEM", "disconnect", reason)[1])
            asyncio.get_running_loop().call_later(self.drop_after, self.hang_up, link)

    async def zombie(self, *links: Link) -> None:
        """Links (default: all) stay open, even answer WebSocket pings, and bring nothing any more."""
        for link in links or tuple(self.links):
            link.deaf = True
        await self._tell()

    def hang_up(self, *links: Link) -> None:
        """Break links (default: all) without a close frame."""
        for link in links or tuple(self.links):
            request = link.socket._req
            if request is not None and request.transport is not None:
                request.transport.abort()
            self._forget(link)

    @contextlib.asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """Inside, no call is answered and no link stands."""
        self.down, self._down_since = True, self.clock()
        self.hang_up()
        try:
            yield
        finally:
            self.down = False
            self._away += self.clock() - self._down_since
            await self._tell()

    async def __aexit__(self, *error: Any) -> None:
        self.hang_up()
        await super().__aexit__(*error)
