"""What every local platform server shares: a fault plan, a record of calls, and an HTTP server on a free port."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from fnmatch import fnmatch
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from msgspec import Struct


class Fault(Struct):
    """`kind` happens at the next `times` points whose name matches `on` (a call's method, a delivery's type).

    Answers: `429` (Retry-After = seconds), `500`, `502` (an HTML page), `503`, `slow` (seconds), `reset` (the
    connection breaks before anything happened), `lost` (it happened, then the connection breaks), `error` (the
    platform's own error `code`).
    Deliveries: `redeliver` (once more although acked), `reorder` (after the next one), `drop` (the connection
    breaks before the ack), `half_open` (the connection stays open and is dead), `disconnect` (the platform asks to
    reconnect), `twin` (the same event under another id).
    """

    kind: str
    on: str = "*"
    times: int = 1
    seconds: float = 0.0
    code: str = ""


class FaultPlan:
    """Faults wait here until their point comes by."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self.happened: list[tuple[str, str]] = []

    def add(self, kind: str, *, on: str = "*", times: int = 1, seconds: float = 0.0, code: str = "") -> None:
        self._waiting.append(Fault(kind, on, times, seconds, code))

    def take(self, point: str, kinds: frozenset[str]) -> Fault | None:
        for fault in self._waiting:
            if fault.kind in kinds and fnmatch(point, fault.on):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                self.happened.append((fault.kind, point))
                return fault
        return None


class Call(Struct, frozen=True):
    """One call somebody made to the server."""

    method: str
    body: dict[str, Any]
    headers: dict[str, str]
    at: float


class PlatformServer:
    """An HTTP server on 127.0.0.1 with a fault plan. `async with` starts and stops it; background deliveries are
    tasks of their own and end with it."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.faults = FaultPlan()
        self.calls: list[Call] = []
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    def called(self, method: str) -> list[Call]:
        """The calls of one method, oldest first."""
        return [call for call in self.calls if fnmatch(call.method, method)]

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        """Run a delivery beside the test; a failure of ours is never silent."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settled(self, *, within: float = 10.0) -> None:
        """Wait until every delivery was acked or given up."""
        async with asyncio.timeout(within):
            while self._tasks:
                await asyncio.gather(*self._tasks)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
