"""The one door all events and callbacks come in by, whatever brought them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

Json = dict[str, Any]
Deliver = Callable[[Json], Awaitable[Json | None]]  # what a callback is answered with, None for events

ANSWER_WITHIN = 2.6  # seconds of the three Feishu waits
LAST_ANSWERS = 1.0  # seconds a stop waits for events that are being kept
MOST = 1_000  # events inside at once

log = logging.getLogger("adapters.feishu")


class Door:
    """An event is acknowledged if and only if `deliver` returned in time; what was not is brought again by Feishu
    (and for a press, which is not, the person sees that it did not work)."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._inside: set[asyncio.Task[Json | None]] = set()
        self._closed = False

    async def take(self, payload: Json) -> tuple[bool, Json | None]:
        """Whether it was kept, and the answer to a callback. Never raises. One that takes too long goes on: it may
        be kept a moment later, and is then known when it comes again. While as many are inside as fit in memory
        without a thought, the next is refused at once: Feishu keeps it better than we could."""
        if self._closed:
            return False, None
        if len(self._inside) >= MOST:
            log.warning("feishu: %d events wait to be kept; one more was not acknowledged", MOST)
            return False, None
        work = asyncio.ensure_future(self._deliver(payload))
        self._inside.add(work)
        work.add_done_callback(self._left)
        done, _ = await asyncio.wait({work}, timeout=ANSWER_WITHIN)
        if not done:
            log.warning("feishu: an event was not kept in time and not acknowledged")
            return False, None
        if work.cancelled():  # a stop did not wait for it
            return False, None
        error = work.exception()
        if error is not None:
            log.warning("feishu: an event was not kept and not acknowledged (%s)", type(error).__name__)
            return False, None
        return True, work.result()

    def _left(self, work: asyncio.Task[Json | None]) -> None:
        self._inside.discard(work)
        if not work.cancelled():
            work.exception()  # seen, also when nobody waits for it any more

    def open(self) -> None:
        self._closed = False

    async def close(self) -> None:
        """Let nothing more in, and those who are inside out: what was kept is also acknowledged."""
        self._closed = True
        if self._inside:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_ANSWERS):
                    await asyncio.gather(*self._inside, return_exceptions=True)
        for work in list(self._inside):
            work.cancel()
