"""The sign that an answer is on its way: a reaction on the question. Best effort: nothing here ever fails a post.

A reaction that is added again notifies again, and one on an old message surprises (peers.md F25): so each message
gets it once, while it is young, and loses it when the answer stands. Reactions have a quota of their own; where
the platform says no, it is left alone for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator

from adapters.errors import AdapterError
from adapters.feishu.calls import Calls
from adapters.model import Thread

EMOJI = "Typing"
YOUNG = 120.0  # seconds
WITHIN = 3.0
REST = 600.0  # seconds after a refusal
REMEMBERED = 2_000

log = logging.getLogger("adapters.feishu")


class Status:
    def __init__(self, calls: Calls, ticks: Callable[[], float]) -> None:
        self._calls = calls
        self._ticks = ticks
        self._heard: OrderedDict[str, float] = OrderedDict()  # message → when it came
        self._shown: OrderedDict[str, str] = OrderedDict()  # message → reaction, "" once it was taken away
        self._rests_until = 0.0

    def heard(self, message_id: str) -> None:
        self._heard[message_id] = self._ticks()
        if len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)

    async def working(self, thread: Thread, text: str) -> None:
        message = thread.anchor
        if not text:
            await self.done(thread)
        elif self._may(message):
            self._shown[message] = ""
            if len(self._shown) > REMEMBERED:
                self._shown.popitem(last=False)
            body = {"reaction_type": {"emoji_type": EMOJI}}
            path = "im/v1/messages/:message_id/reactions"
            with self._tolerant():
                async with asyncio.timeout(WITHIN):
                    answer = await self._calls.write("POST", path, body, paths={"message_id": message})
                    self._shown[message] = str((answer.get("data") or {}).get("reaction_id") or "")

    def _may(self, message: str) -> bool:
        now = self._ticks()
        young = message in self._heard and now - self._heard[message] < YOUNG
        return young and message not in self._shown and now >= self._rests_until

    async def done(self, thread: Thread) -> None:
        reaction = self._shown.get(thread.anchor, "")
        if reaction:
            self._shown[thread.anchor] = ""
            paths = {"message_id": thread.anchor, "reaction_id": reaction}
            with self._tolerant():
                async with asyncio.timeout(WITHIN):
                    await self._calls.write(
                        "DELETE", "im/v1/messages/:message_id/reactions/:reaction_id", {}, paths=paths
                    )

    @contextlib.contextmanager
    def _tolerant(self) -> Iterator[None]:
        try:
            yield
        except (AdapterError, TimeoutError) as error:
            self._rests_until = self._ticks() + REST
            log.debug("feishu: no sign of work (%s)", getattr(error, "code", "") or type(error).__name__)
