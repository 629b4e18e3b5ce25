"""The long connection without the SDK: an aiohttp WebSocket and the frames of frames.py, in our own loop.

Does what client.py gets the SDK to do, with the same door and the same watch (link.py). Chosen by `Config.link`;
what it costs beside the SDK's is in docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

import aiohttp
from msgspec import structs

from adapters.errors import Unauthorised, Unreachable
from adapters.feishu import wire
from adapters.feishu.failures import PLATFORM
from adapters.feishu.frames import DATA, Frame, acknowledgement, decode, encode, ping
from adapters.feishu.link import Connection, Take
from adapters.feishu.parts import Parts

CONNECT_WITHIN = 10.0
LAST_WORDS = 1.0
LARGEST = 8 * 1024 * 1024

log = logging.getLogger("adapters.feishu")


class ThinConnector:
    """Makes connections; `endpoint` asks for an address, good for once."""

    def __init__(self, endpoint: Callable[[], Awaitable[str]]) -> None:
        self._endpoint = endpoint

    async def __call__(self, take: Take) -> Connection:
        url = await self._endpoint()
        service = parse_qs(urlsplit(url).query).get("service_id", ["0"])[0]
        session = aiohttp.ClientSession()
        try:
            socket = await self._open(session, url)
        except BaseException:
            await session.close()
            raise
        return ThinConnection(session, socket, int(service) if service.isdigit() else 0, take)

    async def _open(self, session: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                return await session.ws_connect(url, max_msg_size=LARGEST)
        except aiohttp.WSServerHandshakeError as refusal:
            if refusal.headers is not None and refusal.headers.get("handshake-status") == "403":
                raise Unauthorised(PLATFORM, "the long connection was refused") from None
            raise Unreachable(PLATFORM, f"the long connection was refused ({refusal.status})") from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unreachable(PLATFORM, f"no long connection ({type(error).__name__})") from None


class ThinConnection:
    def __init__(
        self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, service: int, take: Take
    ) -> None:
        self._session = session
        self._socket = socket
        self._service = service
        self._take = take
        self._parts = Parts()
        self._answering: set[asyncio.Task[None]] = set()
        self.ended = asyncio.Event()
        self.heard = time.monotonic()
        self._reading = asyncio.create_task(self._read())

    async def beat(self) -> None:
        await self._socket.send_bytes(ping(self._service))

    async def shut(self) -> None:
        if self._answering:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS):
                    await asyncio.wait(self._answering)
        self._reading.cancel()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(LAST_WORDS):
                await self._socket.close()
        await self._session.close()

    async def _read(self) -> None:
        """Each event is handled beside the others: a slow one holds up neither the next nor the ping."""
        try:
            async for message in self._socket:
                self.heard = time.monotonic()
                if message.type is aiohttp.WSMsgType.BINARY:
                    self._frame(message.data)
        except (aiohttp.ClientError, OSError) as error:
            log.debug("feishu: the link broke (%s)", type(error).__name__)
        finally:
            self.ended.set()

    def _frame(self, sent: bytes) -> None:
        try:
            frame = decode(sent)
        except ValueError:
            log.error("feishu: what came was no frame; it was dropped")
            return
        if frame.method == DATA:
            answer = asyncio.create_task(self._answer(frame))
            self._answering.add(answer)
            answer.add_done_callback(self._answering.discard)

    async def _answer(self, frame: Frame) -> None:
        begun = time.monotonic()
        id, total, number = (frame.header(name) for name in ("message_id", "sum", "seq"))
        payload = self._parts.whole(id, total, number, frame.payload, begun)
        if payload is None:
            return
        event = wire.read(payload)
        kept, answer = await self._take(event) if event is not None else (True, None)
        took = ("biz_rt", str(int((time.monotonic() - begun) * 1000)))
        ack = structs.replace(frame, headers=(*frame.headers, took), payload=acknowledgement(kept, answer))
        with contextlib.suppress(aiohttp.ClientError, OSError):
            await self._socket.send_bytes(encode(ack))
