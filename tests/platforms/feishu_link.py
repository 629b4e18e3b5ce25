"""Feishu's long connection: an address by HTTP, a WebSocket of protobuf frames, pings, and acks."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import WSMsgType, web

from tests.platforms.base import Call, Fault
from tests.platforms.feishu_api import Refused
from tests.platforms.feishu_directory import FeishuDirectory
from tests.platforms.feishu_frames import CONTROL, DATA, Frame, decode, encode
from tests.platforms.feishu_state import Json

MOST_CONNECTIONS = 50


class FeishuLink(FeishuDirectory):
    """`client_config` is what Feishu tells a client to do (seconds; -1 = try for ever); the real values are an
    interval of 90, a jitter of 25 and a ping every 90. `answers_pings` false makes a link that is silently dead.

    The handshake is the point `link` of the fault plan (503). Two more faults of deliveries: `split` sends an event
    in three frames, the last first; `card_frame` in a frame of type `card`, which the Python SDK drops unacked.
    """

    def __init__(self, **base: Any) -> None:
        super().__init__(**base)
        self.ack_within = 3.0
        self.client_config: Json = {
            "ReconnectCount": -1,
            "ReconnectInterval": 1,
            "ReconnectNonce": 0,
            "PingInterval": 1,
        }
        self.answers_pings = True
        self.sockets: list[web.WebSocketResponse] = []
        self.connections = 0
        self.pings = 0
        self.strays: list[bytes] = []  # what came in and was no frame
        self._dead: set[web.WebSocketResponse] = set()
        self._acks: dict[str, asyncio.Future[Frame]] = {}
        self._tickets: set[str] = set()
        self._sent = asyncio.Condition()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/callback/ws/endpoint", self._endpoint),
            web.get("/ws/v2", self._socket),
            *super().routes(),
        ]

    async def _endpoint(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.calls.append(Call("ws.endpoint", body, dict(request.headers), self.clock()))

        async def answer() -> Json:
            return self._address(body)

        return await self.faulty("ws.endpoint", request, answer)

    def _address(self, body: Json) -> Json:
        """1000040345 is for a wrong id or secret and for an app that is not published (field reports)."""
        if not body.get("AppID") or not body.get("AppSecret"):
            raise Refused(1000040344, "no credential", status=200, data={"URL": ""})
        if (body["AppID"], body["AppSecret"]) != (self.app_id, self.app_secret) or self.disabled:
            raise Refused(1000040345, "app_id or app_secret is invalid", status=200, data={"URL": ""})
        ticket = self.space.next("ticket")
        self._tickets.add(ticket)
        query = f"device_id={self.space.next('device')}&service_id=33554678&access_key=fixture&ticket={ticket}"
        return {
            "code": 0,
            "msg": "",
            "data": {
                "URL": self.url.replace("http", "ws", 1) + f"/ws/v2?fpid=493&aid=552564&{query}",
                "ClientConfig": self.client_config,
            },
        }

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.down or self.faults.take("link", frozenset({"503"})):
            return web.Response(status=503)
        refused = self._handshake(request.query.get("ticket", ""))
        if refused is not None:
            return refused
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.connections += 1
        self.sockets.append(socket)
        await self._tell()
        try:
            async for message in socket:
                if socket in self._dead:  # neither answers nor hangs up
                    continue
                if message.type is WSMsgType.PING:
                    await socket.pong(message.data)
                elif message.type is WSMsgType.BINARY:
                    await self._frame(socket, message.data)
        finally:
            self._forget(socket)
        return socket

    def _handshake(self, ticket: str) -> web.Response | None:
        status, code, why = "", "", ""
        if ticket not in self._tickets:
            status, code, why = "403", "0", "invalid ticket"
        elif len(self.sockets) >= MOST_CONNECTIONS:
            status, code, why = "514", "1000040350", "exceed conn limit"
        self._tickets.discard(ticket)
        if not status:
            return None
        headers = {"handshake-status": status, "handshake-msg": why, "handshake-autherrcode": code}
        return web.Response(status=403, headers=headers)

    async def _frame(self, socket: web.WebSocketResponse, wire: bytes) -> None:
        try:
            frame = decode(wire)
        except ValueError:
            self.strays.append(wire)
            return
        if frame.method == CONTROL and frame.type == "ping":
            self.pings += 1
            if self.answers_pings:
                pong = Frame(CONTROL, {"type": "pong"}, json.dumps(self.client_config).encode(), frame.service)
                await socket.send_bytes(encode(pong))
            await self._tell()
        elif frame.method == DATA:
            future = self._acks.pop(frame.headers.get("message_id", ""), None)
            if future is not None and not future.done():
                future.set_result(frame)

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self.sockets:
            self.sockets.remove(socket)

    def hang_up(self, socket: web.WebSocketResponse) -> None:
        """Break a connection without a close frame."""
        transport = socket._req.transport if socket._req is not None else None
        if transport is not None:
            transport.abort()
        self._forget(socket)

    async def close_door(self) -> None:
        """From now on connections are refused."""
        assert self._runner is not None
        for site in list(self._runner.sites):
            await site.stop()

    async def open_door(self) -> None:
        """The same address answers again."""
        assert self._runner is not None
        await web.TCPSite(self._runner, "127.0.0.1", int(self.url.rpartition(":")[2]), reuse_address=True).start()

    async def _send_frames(self, payload: Json, fault: Fault | None) -> tuple[int, Any]:
        """Each event goes to any one of the app's connections."""
        if not self.sockets or self.down:
            return 0, None
        socket = random.choice(self.sockets)
        kind = fault.kind if fault is not None else ""
        if kind == "half_open":
            self._dead.add(socket)
            self._forget(socket)
            return 0, None
        id = self.space.next("frame")
        frames = _frames(payload, id, "card" if kind == "card_frame" else "event", 3 if kind == "split" else 1)
        ack: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._acks[id] = ack
        try:
            for frame in frames:
                await socket.send_bytes(encode(frame))
            if kind == "drop":
                self.hang_up(socket)
                return 0, None
            async with asyncio.timeout(self.ack_within):
                return _ack(await ack)
        except (TimeoutError, ConnectionError, aiohttp.ClientError):
            return 0, None
        finally:
            self._acks.pop(id, None)
            if kind == "disconnect":
                await socket.close(code=1001)

    # what a test waits for -------------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], object], *, within: float = 10.0) -> None:
        """Wait for something that connections, pings and deliveries bring about."""
        async with self._sent, asyncio.timeout(within):
            await self._sent.wait_for(condition)

    async def _tell(self) -> None:
        async with self._sent:
            self._sent.notify_all()

    async def __aexit__(self, *error: Any) -> None:
        for socket in [*self.sockets, *self._dead]:
            self.hang_up(socket)
        await super().__aexit__(*error)


def _frames(payload: Json, id: str, type: str, parts: int) -> list[Frame]:
    """An event as one frame, or in so many, the last part first."""
    wire = json.dumps(payload, ensure_ascii=False).encode()
    size = -(-len(wire) // parts)
    headers = {"type": type, "message_id": id, "sum": str(parts), "trace_id": f"trace-{id}"}
    return [
        Frame(DATA, {**headers, "seq": str(n)}, wire[n * size : (n + 1) * size], service=33554678, seq_id=n + 1)
        for n in reversed(range(parts))
    ]


def _ack(frame: Frame) -> tuple[int, Any]:
    """The code of an ack and what it carries: base64 of JSON."""
    try:
        body = json.loads(frame.payload)
        data = body.get("data")
        return int(body["code"]), json.loads(base64.b64decode(data)) if data else None
    except (ValueError, KeyError, TypeError):
        return 0, None
