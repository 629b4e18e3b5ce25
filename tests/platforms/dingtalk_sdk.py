"""The bare, unmodified dingtalk-stream against the local DingTalk: in a thread with a loop of its own, because it
blocks both. No adapter of ours is in between."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from types import TracebackType
from typing import Any, Self

import dingtalk_stream
from dingtalk_stream import AckMessage, CallbackMessage, ChatbotMessage, EventMessage

from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_state import Json
from tests.platforms.dingtalk_wire import CARD_PRESSES

QUIET = logging.getLogger("tests.dingtalk_sdk")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False


class Messages(dingtalk_stream.ChatbotHandler):
    def __init__(self, sdk: BareSdk) -> None:
        super().__init__()
        self.logger, self._sdk = QUIET, sdk

    async def process(self, callback: CallbackMessage) -> tuple[int, str]:
        self._sdk.heard.append((callback.headers.message_id, callback.data))
        if self._sdk.refuse > 0:
            self._sdk.refuse -= 1
            raise OSError("the disk is full")
        return self._sdk.codes.pop(0) if self._sdk.codes else AckMessage.STATUS_OK, "OK"


class Presses(dingtalk_stream.CallbackHandler):
    def __init__(self, sdk: BareSdk) -> None:
        super().__init__()
        self.logger, self._sdk = QUIET, sdk

    async def process(self, callback: CallbackMessage) -> tuple[int, Json]:
        self._sdk.pressed.append(callback.data)
        return AckMessage.STATUS_OK, self._sdk.answer


class Events(dingtalk_stream.EventHandler):
    def __init__(self, sdk: BareSdk) -> None:
        super().__init__()
        self.logger, self._sdk = QUIET, sdk

    async def process(self, event: EventMessage) -> tuple[int, str]:
        self._sdk.events.append((event.headers.event_type, event.data))
        return AckMessage.STATUS_OK, "OK"


class BareSdk:
    """`heard` are (messageId of the frame, data) of messages; the first `refuse` of them are not acked, the next
    ones with these `codes`."""

    def __init__(
        self, ding: DingTalkServer, *, secret: str = "", events: bool = True, presses: bool = True
    ) -> None:
        self.heard: list[tuple[str, Json]] = []
        self.pressed: list[Json] = []
        self.events: list[tuple[str, Json]] = []
        self.answer: Json = {}
        self.refuse = 0
        self.codes: list[int] = []
        self._gateway = f"{ding.url}/v1.0/gateway/connections/open"
        given = dingtalk_stream.Credential(ding.client_id, secret or ding.client_secret)
        self.client = dingtalk_stream.DingTalkStreamClient(given, logger=QUIET)
        self.client.register_callback_handler(ChatbotMessage.TOPIC, Messages(self))
        if presses:
            self.client.register_callback_handler(CARD_PRESSES, Presses(self))
        if events:
            self.client.register_all_event_handler(Events(self))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task: asyncio.Task[Any] = self._loop.create_task(self.client.start())
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        left = asyncio.all_tasks(self._loop)  # its keepalives, one for each connection it ever had
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def __aenter__(self) -> Self:
        sdk = dingtalk_stream.DingTalkStreamClient
        self._real, sdk.OPEN_CONNECTION_API = sdk.OPEN_CONNECTION_API, self._gateway  # it knows one for all clients
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """`start` takes a first cancel for a network failure, and sleeps; the next one ends it."""
        dingtalk_stream.DingTalkStreamClient.OPEN_CONNECTION_API = self._real
        while self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # closed just now
                self._loop.call_soon_threadsafe(self._task.cancel)
            await asyncio.to_thread(self._thread.join, 0.02)
