"""Stream mode: when to connect, and when to connect anew.

A link may live on and bring nothing any more (peers.md D4): DingTalk has asked it to go, or something between us is
asleep. Every frame is noted, and a link that has been silent for long, or is old, is replaced; the next stands
before the last is given up, so nothing is missed in between. Wrong credentials end the start with one clear line.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable

from adapters.dingtalk.calls import Calls
from adapters.dingtalk.client import TOPICS, Deliver, Link
from adapters.errors import AdapterError, Unauthorised

LONGEST_WAIT = 60.0  # seconds between two tries to connect
STEADY = 30.0  # seconds a link has to live for its loss to be an accident

log = logging.getLogger("adapters.dingtalk")


class Gateway:
    """Always one link that brings events, as far as DingTalk and the network allow.

    `quiet_seconds`: so long a link may be silent before it is replaced; `recycle_seconds`: so old may it get."""

    def __init__(
        self,
        calls: Calls,
        deliver: Deliver,
        ticks: Callable[[], float],
        *,
        ping_seconds: float,
        quiet_seconds: float,
        recycle_seconds: float,
    ) -> None:
        self._calls = calls
        self._deliver = deliver
        self._ticks = ticks
        self._ping_seconds = ping_seconds
        self._quiet_seconds = quiet_seconds
        self._recycle_seconds = recycle_seconds
        self._link: Link | None = None
        self._endings: set[asyncio.Task[None]] = set()

    def connected(self) -> bool:
        return self._link is not None and not self._link.over.is_set()

    async def run(self) -> None:
        """Until cancelled. Raises Unauthorised if the credentials are refused at the start; later they are tried
        again for ever, while `connected` says no."""
        brief = 0  # links in a row that were lost as soon as they stood
        try:
            while True:
                link = await self._open(first=self._link is None)
                if self._link is not None:
                    self._end(self._link)
                self._link = link
                await self._watch(link)
                log.info("dingtalk: a link is over", extra={"seconds": self._ticks() - link.opened})
                brief = brief + 1 if link.over.is_set() and self._ticks() - link.opened < STEADY else 0
                await asyncio.sleep(spread(patience(brief)))
        finally:
            await self._close()

    async def _open(self, *, first: bool) -> Link:
        wait, missed = 1.0, False
        while True:
            try:
                endpoint, ticket = await self._calls.open_gateway(TOPICS)
                link = Link(endpoint, ticket, self._deliver, ping_seconds=self._ping_seconds, ticks=self._ticks)
                await link.open()
                if missed:  # the last thing in the log would otherwise be that it is not there
                    log.info("dingtalk: connected again")
                return link
            except Unauthorised:
                if first:
                    raise
                log.error("dingtalk: the credentials are refused; nothing is heard until they are good again")
            except AdapterError as error:
                wait = max(wait, getattr(error, "retry_after", 0.0))
                log.warning("%s; trying again in %.0f s", error, wait)
            missed = True
            await asyncio.sleep(spread(wait))
            wait = min(wait * 2, LONGEST_WAIT)

    async def _watch(self, link: Link) -> None:
        """Returns when the link is over, too quiet or too old."""
        while not link.over.is_set():
            left = min(link.heard + self._quiet_seconds, link.opened + self._recycle_seconds) - self._ticks()
            if left <= 0:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await link.over.wait()

    def _end(self, link: Link) -> None:
        ending = asyncio.create_task(link.close())
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def _close(self) -> None:
        if self._link is not None:
            self._end(self._link)
            self._link = None
        if self._endings:
            await asyncio.wait(self._endings)


def patience(brief: int) -> float:
    """Seconds to wait after so many links in a row that did not last. A first loss is made good at once; a gateway
    that lets in and throws out again is not asked in a loop."""
    return min(2.0 ** (brief - 2), LONGEST_WAIT) if brief > 1 else 0.0


def spread(seconds: float) -> float:
    """After an outage not all robots of the world shall come back in one moment, and none before it was told to."""
    return seconds * random.uniform(1.0, 1.4)  # noqa: S311  # it spreads and hides nothing
