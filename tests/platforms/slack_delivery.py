"""How Slack brings events to an app: Socket Mode envelopes or signed HTTP requests, acks, and redelivery."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web
from msgspec import Struct

from tests.platforms.base import Fault
from tests.platforms.slack_api import SlackApi
from tests.platforms.slack_state import Json

DELIVERIES = frozenset({"redeliver", "reorder", "drop", "half_open", "disconnect", "twin"})


class Delivery(Struct, frozen=True):
    """One event at one attempt: whether the app acked it, what the ack carried, and how long it took."""

    type: str
    payload: Json
    attempt: int
    acked: bool
    answer: Json
    seconds: float


class SlackDelivery(SlackApi):
    """Socket Mode as long as `request_url` is empty, else HTTP. The real retries come at once, after a minute and
    after five; `retry_after` has the same three, sooner."""

    def __init__(self, *, granted: set[str], clock: Callable[[], float] = time.time) -> None:
        super().__init__(granted=granted, clock=clock)
        self.request_url = ""
        self.signing_secret = "fixture-signing-secret"
        self.ack_within = 3.0
        self.retry_after: tuple[float, ...] = (0.0, 0.1, 0.3)
        self.log: list[Delivery] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.connections = 0
        self._dead: set[web.WebSocketResponse] = set()
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._connected = asyncio.Event()
        self._sent = asyncio.Condition()
        self._ids = 0
        self._http: aiohttp.ClientSession | None = None

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.get("/link/{ticket}", self._socket)]

    def do_apps_connections_open(self, body: Json) -> Json:
        return {"url": self.url.replace("http", "ws", 1) + f"/link/{self._next()}?ticket=fixture"}

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if self.faults.take("link", frozenset({"503"})):
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.connections += 1
        self.sockets.append(socket)
        self._connected.set()
        hello = {
            "type": "hello",
            "num_connections": len(self.sockets),
            "connection_info": {"app_id": self.space.app},
        }
        await socket.send_json(hello)
        async with self._sent:
            self._sent.notify_all()
        try:
            async for frame in socket:
                if socket in self._dead:  # neither answers nor hangs up
                    continue
                if frame.type is WSMsgType.PING:
                    await socket.pong(frame.data)
                if frame.type is WSMsgType.TEXT:
                    ack = json.loads(frame.data)
                    future = self._acks.pop(ack.get("envelope_id", ""), None)
                    if future is not None and not future.done():
                        future.set_result(ack.get("payload") or {})
        finally:
            self._forget(socket)
        return socket

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self.sockets:
            self.sockets.remove(socket)
        if not self.sockets:
            self._connected.clear()

    # deliveries ------------------------------------------------------------------------------------------------

    async def event(self, event: Json, *, retries: bool = True, **outer: Any) -> Delivery:
        """Deliver an Events API event until it is acked or given up; returns the last attempt."""
        payload = {
            "type": "event_callback",
            "token": "fixture",
            "team_id": self.space.team,
            "api_app_id": self.space.app,
            "event_id": f"Ev{self._next()}",
            "event_time": int(self.clock()),
            "authorizations": [{"team_id": self.space.team, "user_id": self.space.bot_user, "is_bot": True}],
            "event": event,
            **outer,
        }
        return await self.deliver("events_api", payload, name=event["type"], retries=retries)

    async def deliver(self, type: str, payload: Json, *, name: str = "", retries: bool = True) -> Delivery:
        """`name` is what a fault's `on` is compared with. Interactions and commands are tried once."""
        name = name or type
        fault = self.faults.take(name, DELIVERIES)
        if fault is not None and fault.kind == "reorder":
            seen = len(self.log)
            async with self._sent:
                await self._sent.wait_for(lambda: len(self.log) > seen)
        delays = (0.0, *self.retry_after) if retries and type == "events_api" else (0.0,)
        for attempt, delay in enumerate(delays):
            await asyncio.sleep(delay)
            if not self.request_url and not self.sockets:  # while the app is away; then it comes as a retry
                await self._connected.wait()
                attempt = max(attempt, 1)
            last = await self._attempt(type, payload, attempt, fault if attempt == 0 else None)
            if last.acked:
                break
        if fault is not None and fault.kind == "twin":
            twin = {**payload, "event_id": f"Ev{self._next()}"}
            last = await self._attempt(type, twin, 0, None)
        if fault is not None and fault.kind == "redeliver":
            last = await self._attempt(type, payload, last.attempt + 1, None)
        return last

    async def _attempt(self, type: str, payload: Json, attempt: int, fault: Fault | None) -> Delivery:
        begun = time.perf_counter()
        send = self._post_signed if self.request_url else self._send_envelope
        answer = await send(type, payload, attempt, fault)
        seconds = time.perf_counter() - begun
        done = Delivery(type, payload, attempt, answer is not None, answer or {}, seconds)
        self.log.append(done)
        async with self._sent:
            self._sent.notify_all()
        return done

    async def _send_envelope(self, type: str, payload: Json, attempt: int, fault: Fault | None) -> Json | None:
        """Each event goes to any one of the app's connections."""
        if not self.sockets:
            return None
        socket = random.choice(self.sockets)
        envelope: Json = {
            "envelope_id": self._next(),
            "type": type,
            "payload": payload,
            "accepts_response_payload": type != "events_api",
        }
        if type == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        kind = fault.kind if fault is not None else ""
        if kind == "disconnect":
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})
        if kind == "half_open":
            self._dead.add(socket)
            self._forget(socket)
            return None
        ack: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._acks[envelope["envelope_id"]] = ack
        try:
            await socket.send_str(json.dumps(envelope))
            if kind == "drop":
                self.hang_up(socket)
                return None
            async with asyncio.timeout(self.ack_within):
                return await ack
        except (TimeoutError, ConnectionError, aiohttp.ClientError):
            return None
        finally:
            self._acks.pop(envelope["envelope_id"], None)

    def hang_up(self, socket: web.WebSocketResponse) -> None:
        """Break a connection without a close frame."""
        transport = socket._req.transport if socket._req is not None else None
        if transport is not None:
            transport.abort()
        self._forget(socket)

    async def _post_signed(self, type: str, payload: Json, attempt: int, fault: Fault | None) -> Json | None:
        if type == "events_api":
            body, kind = json.dumps(payload).encode(), "application/json"
        else:
            form = {"payload": json.dumps(payload)} if type == "interactive" else payload
            body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, **self.sign(body)}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
        self._http = self._http or aiohttp.ClientSession()
        try:
            async with asyncio.timeout(self.ack_within):
                async with self._http.post(self.request_url, data=body, headers=headers) as answer:
                    text = await answer.text()
                    if answer.status != 200 or (fault is not None and fault.kind == "drop"):
                        return None
                    return json.loads(text) if text.startswith("{") else {}
        except (TimeoutError, aiohttp.ClientError):
            return None

    def sign(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        """The two headers of a signed request (docs.slack.dev/authentication/verifying-requests-from-slack)."""
        stamp = str(int(self.clock() if at is None else at))
        digest = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def connected(self, count: int = 1, *, within: float = 5.0) -> None:
        """Wait for the `count`-th connection since the start (at once in HTTP mode)."""
        if not self.request_url:
            async with self._sent, asyncio.timeout(within):
                await self._sent.wait_for(lambda: self.connections >= count)

    async def __aexit__(self, *error: Any) -> None:
        if self._http is not None:
            await self._http.close()
        for socket in [*self.sockets, *self._dead]:
            self.hang_up(socket)
        await super().__aexit__(*error)

    def _next(self) -> str:
        self._ids += 1
        return f"{self._ids:08d}"
