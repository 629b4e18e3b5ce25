"""The only file that knows DingTalk's SDK: one link, by which events come in, from its ticket to its end.

dingtalk-stream is used unmodified; what its habits would cost (platforms.md 2.1) is arranged around by overriding
its public methods, one client for each link:

* `open_connection` is a blocking request without a time limit, on the loop. Ours hands out a ticket that was
  fetched without blocking anything; so the SDK has no blocking call left, and needs no thread of its own.
* `start` swallows what should end it, waits 10 s after a reset, and tries wrong credentials for ever. It ends by
  itself when it asks for a second ticket, which is when its link is over; when to connect again is decided here.
* The ack leaves when a handler has returned; one that raises is not acked, and DingTalk brings the message again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

import dingtalk_stream  # type: ignore[import-untyped]  # the SDK has no types
from dingtalk_stream.frames import CallbackMessage, EventMessage  # type: ignore[import-untyped]  # as above
from dingtalk_stream.handlers import CallbackHandler, EventHandler  # type: ignore[import-untyped]  # as above
from msgspec import Struct

from adapters.dingtalk.failures import PLATFORM
from adapters.errors import Unreachable
from adapters.secret import Secret

Json = dict[str, Any]

MESSAGES = "/v1.0/im/bot/messages/get"
CARDS = "/v1.0/card/instances/callback"
EVENTS = "*"
TOPICS = [
    {"type": "EVENT", "topic": EVENTS},
    {"type": "CALLBACK", "topic": MESSAGES},
    {"type": "CALLBACK", "topic": CARDS},
]

LAST_ACKS = 1.0  # seconds an end waits for events that are being kept
MOST_INSIDE = 1_000  # events that are being kept at a time; one more is not acked, so DingTalk brings it again
OPENS_WITHIN = 15.0  # seconds from the ticket to an open link
_SECRETS = re.compile(r"((?:ticket|access[_-]?token|session|secret|webhook)\W{1,4})[^\s&\"',}]+", re.IGNORECASE)

log = logging.getLogger("adapters.dingtalk")


class Frame(Struct, frozen=True):
    """What a frame brought: its topic, its own id, what kind of event it is (of EVENT frames), and the data."""

    topic: str
    id: str
    kind: str
    data: Json


Deliver = Callable[[Frame], Awaitable[Json | None]]  # what to answer a card with; raises if it was not kept


class _Discreet(logging.Filter):
    """The SDK logs tickets, whole messages when one could not be handled, and each end of a link as an error, ours
    too."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except TypeError:  # it passes an argument that its own text has no place for
            text = str(record.msg)
        if text.startswith("[start] network exception"):
            return False  # what becomes of it the gateway says
        record.msg, record.args = _SECRETS.sub(r"\1***", text), None
        record.exc_info = record.exc_text = None
        return True


def _sdk_logger() -> logging.Logger:
    """At ERROR by its own level: as a warning the SDK prints whole frames, and each ping."""
    logger = logging.getLogger("adapters.dingtalk.sdk")
    logger.setLevel(logging.ERROR)
    if not logger.filters:
        logger.addFilter(_Discreet())
    return logger


class _Over(KeyboardInterrupt):
    """The one thing that makes the SDK's endless `start` return; it never gets out of it."""


class _Callbacks(CallbackHandler):  # type: ignore[misc]  # as above
    """Robot messages and card presses."""

    def __init__(self, deliver: Deliver) -> None:
        super().__init__()
        self._deliver = deliver

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        headers = message.headers
        answer = await self._deliver(Frame(headers.topic, headers.message_id or "", "", message.data))
        return 200, answer if answer is not None else "OK"


class _Events(EventHandler):  # type: ignore[misc]  # as above
    def __init__(self, deliver: Deliver) -> None:
        super().__init__()
        self._deliver = deliver

    async def process(self, event: EventMessage) -> tuple[int, str]:
        headers = event.headers
        await self._deliver(Frame(EVENTS, headers.event_id or "", headers.event_type or "", event.data))
        return 200, "OK"


class Link(dingtalk_stream.DingTalkStreamClient):  # type: ignore[misc]  # as above
    """`ticks` is a monotonic clock in seconds; by it `opened`, and `heard`, when the last frame came. `over` is set
    as soon as this link brings nothing any more, whether it is closed yet or not."""

    def __init__(
        self, endpoint: str, ticket: Secret, deliver: Deliver, *, ping_seconds: float, ticks: Callable[[], float]
    ) -> None:
        super().__init__(dingtalk_stream.Credential("", ""), logger=_sdk_logger())
        self._place: Json | None = {"endpoint": endpoint, "ticket": ticket.reveal()}
        self._ping_seconds = ping_seconds
        self._ticks = ticks
        self._door = deliver
        self._inside = 0
        self._empty = asyncio.Event()
        self._closed = False
        self.opened = ticks()
        self.heard = ticks()
        self.up = asyncio.Event()
        self.over = asyncio.Event()
        for topic in (MESSAGES, CARDS):
            self.register_callback_handler(topic, _Callbacks(self._pass))
        self.register_all_event_handler(_Events(self._pass))
        _silence_handlers()
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Raises Unreachable if the link does not stand in time."""
        self._running = asyncio.create_task(self.start())
        self._running.add_done_callback(lambda _: self.over.set())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OPENS_WITHIN):
                    await _first(self.up, self.over)
            if not self.up.is_set():
                raise Unreachable(PLATFORM, "the link to DingTalk did not open")
        except BaseException:  # whoever stops us meanwhile stops the SDK, too: it would go on by itself
            await self.close()
            raise

    # what the SDK calls ----------------------------------------------------------------------------------------

    def open_connection(self) -> Json:
        place, self._place = self._place, None
        if place is None:
            raise _Over
        return place

    async def keepalive(self, ws: Any, ping_interval: float = 60) -> None:
        """The SDK starts this when the link stands. A ping that is not answered is the end of it."""
        self.up.set()
        with contextlib.suppress(Exception):  # however a link breaks, it is over
            while not await _closed_within(ws, self._ping_seconds):
                async with asyncio.timeout(2 * self._ping_seconds + 1):
                    await (await ws.ping())
        self.over.set()

    async def route_message(self, json_message: Json) -> Any:
        self.heard = self._ticks()
        if (
            json_message.get("type") == "SYSTEM"
            and (json_message.get("headers") or {}).get("topic") == "disconnect"
        ):
            self.over.set()  # what comes next comes by another link; this one is closed once that stands
            return ""
        return await super().route_message(json_message)

    async def _pass(self, frame: Frame) -> Json | None:
        """Every event passes here. Once the door is closed nothing gets in, and so is not acked."""
        if self._closed:
            raise Unreachable(PLATFORM, "the link is being closed")
        if self._inside >= MOST_INSIDE:  # what is kept more slowly than it comes must not fill the memory
            raise Unreachable(PLATFORM, "too many events are being kept")
        self._inside += 1
        try:
            return await self._door(frame)
        except Exception as error:
            # whatever kept the event from being kept: without an ack DingTalk brings it again
            log.warning("dingtalk: an event was not kept and not acknowledged (%s)", type(error).__name__)
            raise Unreachable(PLATFORM, "an event was not kept") from None  # the SDK logs the text of what it gets
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    # the end ---------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Let nothing more in, and those who are inside out: an event that was kept is also acked before the link
        goes. Then end the SDK, which takes several cancels to believe one."""
        self._closed = True
        if self._inside:
            self._empty.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_ACKS):
                    await self._empty.wait()
        transport = getattr(self.websocket, "transport", None)
        if transport is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(0.2):
                    await self.websocket.close()
            transport.abort()
        while self._running is not None and not self._running.done():
            self._running.cancel()
            await asyncio.wait({self._running}, timeout=0.05)
        self.over.set()


async def _closed_within(ws: Any, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await ws.wait_closed()
    except TimeoutError:
        return False
    return True


def _silence_handlers() -> None:
    """Each handler of the SDK gives its logger one more way to the screen; all of ours log by our own logger."""
    logger = logging.getLogger("dingtalk_stream.handler")
    logger.handlers.clear()
    logger.setLevel(logging.WARNING)


async def _first(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
