"""The sign that an answer is on its way: a reaction on the question. Best effort: nothing here ever fails a post.

A reaction that is added again notifies again, and one on an old message surprises (peers.md F25): so each message
gets it once, while it is young, and loses it when the answer stands. Reactions have a quota of their own; where
the platform says no, it is left alone for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator

from adapters.errors import AdapterError
from adapters.feishu.calls import Calls
from adapters.feishu.memory import remember
from adapters.model import Thread

EMOJI = "Typing"
YOUNG = 120.0  # seconds
WITHIN = 3.0  # seconds it may hold anybody up
REST = 600.0  # seconds after a refusal
REMEMBERED = 2_000

log = logging.getLogger("adapters.feishu")


class Status:
    def __init__(self, calls: Calls, ticks: Callable[[], float]) -> None:
        self._calls = calls
        self._ticks = ticks
        self._heard: dict[str, float] = {}  # message → when it came
        self._shown: dict[str, asyncio.Task[str] | None] = {}  # message → its reaction, None once it goes away
        self._going: set[asyncio.Task[None]] = set()
        self._rests_until = 0.0

    def heard(self, message_id: str) -> None:
        remember(self._heard, message_id, self._ticks(), REMEMBERED)

    async def working(self, thread: Thread, text: str) -> None:
        """Whoever asked for the sign may stop waiting for it; it is put all the same, and taken away again."""
        if not text:
            await self.done(thread)
        elif self._may(thread.anchor):
            putting = asyncio.create_task(self._put(thread.anchor))
            remember(self._shown, thread.anchor, putting, REMEMBERED)
            await asyncio.wait({putting}, timeout=WITHIN)

    def _may(self, message: str) -> bool:
        now = self._ticks()
        young = message in self._heard and now - self._heard[message] < YOUNG
        return young and message not in self._shown and now >= self._rests_until

    async def done(self, thread: Thread) -> None:
        putting = self._shown.get(thread.anchor)
        if putting is not None:
            self._shown[thread.anchor] = None
            taking = asyncio.create_task(self._take_away(thread.anchor, putting))
            self._going.add(taking)
            taking.add_done_callback(self._going.discard)
            await asyncio.wait({taking}, timeout=WITHIN)

    async def _put(self, message: str) -> str:
        """The reaction's id, "" if there is none."""
        with self._tolerant():
            body = {"reaction_type": {"emoji_type": EMOJI}}
            path = "im/v1/messages/:message_id/reactions"
            answer = await self._calls.write("POST", path, body, paths={"message_id": message})
            return str((answer.get("data") or {}).get("reaction_id") or "")
        return ""

    async def _take_away(self, message: str, putting: asyncio.Task[str]) -> None:
        """As soon as it is there: an answer may be quicker than the sign that it comes."""
        reaction = await putting
        if reaction:
            with self._tolerant():
                path = "im/v1/messages/:message_id/reactions/:reaction_id"
                paths = {"message_id": message, "reaction_id": reaction}
                await self._calls.write("DELETE", path, {}, paths=paths)

    @contextlib.contextmanager
    def _tolerant(self) -> Iterator[None]:
        try:
            yield
        except AdapterError as error:
            self._rests_until = self._ticks() + REST
            log.debug("feishu: no sign of work (%s)", error.code or type(error).__name__)
