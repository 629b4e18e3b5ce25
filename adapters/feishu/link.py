"""Keeping a long connection: connect, watch, and connect anew, until told to stop. Knows no SDK.

A connection is up as long as its peer is heard. That it is open says nothing: peers of ours were deaf for a day
on links that looked healthy (peers.md F7, F8). So a ping goes out at every beat, and after three silent ones the
link is thrown away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Protocol

from adapters.errors import AdapterError, RateLimited, Unreachable
from adapters.feishu.failures import PLATFORM

Json = dict[str, Any]
Take = Callable[[Json], Awaitable[tuple[bool, Json | None]]]  # an event in; whether it was kept, and what to answer

SILENT_BEATS = 3
LONGEST_WAIT = 60.0
STEADY = 60.0  # seconds after which a connection counts as one that held
STOP_WITHIN = 5.0

log = logging.getLogger("adapters.feishu")


class Connection(Protocol):
    """One connection that stands. `heard` is when the last frame came (time.monotonic)."""

    heard: float
    ended: asyncio.Event

    async def beat(self) -> None:
        """Ask for a sign of life. Raises if the connection is broken."""

    async def shut(self) -> None:
        """End it, and whatever runs for it. Never raises, and takes a second or two at most."""


Connect = Callable[[Take], Awaitable[Connection]]  # raises an AdapterError, or whatever the platform provokes


class Link(Protocol):
    """The long connection, as the adapter sees it."""

    async def open(self) -> None:
        """Connect, and stay connected until closed. Raises what the first attempt met; later ones are logged."""

    def connected(self) -> bool: ...

    async def close(self) -> None: ...


class Keeper:
    """Connects again and again. A refusal at the first attempt ends it: a wrong secret is one clear line. After
    that nothing but a cancel does: a keeper that falls over is a bot that is deaf and says nothing of it."""

    def __init__(self, connect: Connect, *, ping_seconds: float, reconnect_seconds: float) -> None:
        self._connect = connect
        self._beat = ping_seconds
        self._first_wait = reconnect_seconds
        self._up: Connection | None = None

    def connected(self) -> bool:
        up = self._up
        return up is not None and time.monotonic() - up.heard <= SILENT_BEATS * self._beat

    async def keep(self, take: Take, first: Future[None]) -> None:
        """Until cancelled. `first` is told how the first attempt went."""
        wait = 0.0
        while True:
            try:
                connection = await self._connected(take)
            except AdapterError as error:
                if not first.done():
                    first.set_exception(error)
                    return
                wait = self._longer(wait)
                told = error.retry_after if isinstance(error, RateLimited) else 0.0
                log.warning("%s; trying again in %.0f s", error, max(wait, told))
                await _pause(wait, told)
                continue
            if not first.done():
                first.set_result(None)
            elif wait:  # the last thing in the log would otherwise be that it is not there
                log.info("feishu: connected again")
            begun, self._up = time.monotonic(), connection
            try:
                await self._watch(connection)
            finally:
                self._up = None
                await connection.shut()
            # one that held is replaced at once; one that did not would be hammered
            wait = 0.0 if time.monotonic() - begun >= STEADY else self._longer(wait)
            await _pause(wait)

    async def _connected(self, take: Take) -> Connection:
        try:
            return await self._connect(take)
        except AdapterError:
            raise
        except Exception as error:  # an address nobody can parse, a pool that is closed, an SDK's surprise
            raise Unreachable(PLATFORM, f"no long connection ({type(error).__name__})") from None

    def _longer(self, wait: float) -> float:
        return min(max(wait * 2, self._first_wait), LONGEST_WAIT)

    async def _watch(self, connection: Connection) -> None:
        while not connection.ended.is_set():
            try:
                async with asyncio.timeout(self._beat):
                    await connection.beat()
                    await connection.ended.wait()
            except TimeoutError:
                if time.monotonic() - connection.heard > SILENT_BEATS * self._beat:
                    log.warning("feishu: the long connection is silent; it is built anew")
                    return
            except Exception as error:
                log.debug("feishu: the link broke (%s)", type(error).__name__)
                return


async def _pause(seconds: float, at_least: float = 0.0) -> None:
    """About so long, so that not all who were cut off together come back together; not before the platform said."""
    spread = random.uniform(0.5, 1.0)  # noqa: S311  # it spreads and hides nothing
    await asyncio.sleep(max(seconds * spread, at_least))


class LoopLink:
    """A link in our own loop, for connections that never block it."""

    def __init__(self, keeper: Keeper, take: Take) -> None:
        self._keeper = keeper
        self._take = take
        self._keeping: asyncio.Task[None] | None = None

    async def open(self) -> None:
        first: Future[None] = Future()
        self._keeping = asyncio.create_task(self._keeper.keep(self._take, first))
        try:
            await asyncio.wrap_future(first)
        except BaseException:
            await self.close()
            raise

    def connected(self) -> bool:
        return self._keeper.connected()

    async def close(self) -> None:
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping


class ThreadLink:
    """A link in a thread and a loop of its own, so that nothing its SDK does can hold up ours. Events are handed to
    `take` in the loop that opened it."""

    def __init__(self, keeper: Keeper, take: Take) -> None:
        self._keeper = keeper
        self._take = take
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], object] = lambda: None
        self._stopping = False

    async def open(self) -> None:
        home = asyncio.get_running_loop()
        first: Future[None] = Future()
        self._stopping = False

        async def at_home(payload: Json) -> tuple[bool, Json | None]:
            return await self._take(payload)

        async def take(payload: Json) -> tuple[bool, Json | None]:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(at_home(payload), home))

        self._thread = threading.Thread(target=self._run, args=(take, first), name="feishu-link", daemon=True)
        self._thread.start()
        try:
            await asyncio.wrap_future(first)
        except BaseException:
            await self.close()
            raise

    def connected(self) -> bool:
        return self._keeper.connected()

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        self._stopping = True
        if thread is not None:
            self._stop()
            await asyncio.to_thread(thread.join, STOP_WITHIN)

    def _run(self, take: Take, first: Future[None]) -> None:
        """asyncio.run ends whatever an SDK leaves running."""
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._main(take, first))
        first.cancel()

    async def _main(self, take: Take, first: Future[None]) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop() -> None:
            with contextlib.suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(task.cancel)

        self._stop = stop
        if self._stopping:
            return
        await self._keeper.keep(take, first)
