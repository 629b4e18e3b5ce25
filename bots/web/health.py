"""Is it alive, is it ready, how is it doing: what an orchestrator and a monitoring system ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from aiohttp import web
from msgspec import Struct

from adapters.protocol import Adapter, HasConnection
from bots import keys
from bots.metrics import Metrics
from persona_store.errors import StoreError
from persona_store.protocols import Backlog, Clock, Store

STUCK = 600.0
"""Seconds a due job may wait before the process counts as not working: ten minutes is past every retry we make
ourselves, and far beyond the hours-long waits of escalations, which are not due."""


class Report(Struct, frozen=True):
    """What /readyz answers. `adapters` tells of each platform whether its events reach us."""

    ready: bool
    store: bool
    adapters: dict[str, bool]
    waiting: int = 0
    oldest_seconds: float = 0.0
    stopping: bool = False


class Health:
    """Looks at the real things whenever it is asked; remembers only that the process is about to stop."""

    def __init__(self, store: Store, clock: Clock, adapters: Mapping[str, Adapter], metrics: Metrics) -> None:
        self._store, self._clock, self._adapters, self._metrics = store, clock, adapters, metrics
        self._stopping = False

    def stop(self) -> None:
        """From now on not ready, so that nobody sends us new work while we finish the old."""
        self._stopping = True

    async def report(self) -> Report:
        """Also writes what it saw to the metrics, so that the two can never disagree."""
        adapters = {name: await _connected(adapter) for name, adapter in self._adapters.items()}
        for name, connected in adapters.items():
            self._metrics.connected.labels(name).set(connected)
        try:
            backlog = await self._store.backlog()
            open_escalations = len([key async for key, _ in self._store.scan(keys.OPEN)])
        except StoreError:
            return Report(ready=False, store=False, adapters=adapters, stopping=self._stopping)
        now = self._clock.now()
        self._metrics.backlog(backlog, open_escalations, now)
        return judge(
            backlog,
            adapters,
            (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0,
            stopping=self._stopping,
        )

    def routes(self) -> Sequence[web.RouteDef]:
        return (
            web.get("/healthz", self._alive),
            web.get("/readyz", self._ready),
            web.get("/metrics", self._numbers),
        )

    async def _alive(self, request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, request: web.Request) -> web.Response:
        report = await self.report()
        return web.Response(
            body=msgspec.json.encode(report), status=200 if report.ready else 503, content_type="application/json"
        )

    async def _numbers(self, request: web.Request) -> web.Response:
        await self.report()
        return web.Response(body=self._metrics.text(), headers={"Content-Type": self._metrics.CONTENT_TYPE})


def judge(backlog: Backlog, adapters: dict[str, bool], oldest: float, *, stopping: bool) -> Report:
    """Ready means: a message that is sent now will be kept and soon be worked on."""
    return Report(
        ready=all(adapters.values()) and oldest < STUCK and not stopping,
        store=True,
        adapters=adapters,
        waiting=backlog.waiting,
        oldest_seconds=round(max(oldest, 0.0), 3),
        stopping=stopping,
    )


async def _connected(adapter: Adapter) -> bool:
    """An adapter without a connection (the local page) is there once we listen."""
    return await adapter.connected() if isinstance(adapter, HasConnection) else True
