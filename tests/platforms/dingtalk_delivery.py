"""How DingTalk brings events to an app, by stream or by HTTP, and what becomes of those that nobody acked.

A robot's message comes again after a missing ack, as the same msgId in a frame of another messageId (reported:
after some 16 to 60 seconds; `redeliver_after` has it sooner). There is no catch-up: an app that has no connection
for longer than `patience`, by the server's clock, has lost what was said meanwhile, and who said it is told that
the robot is away. Reports differ: some speak of a minute in which DingTalk tries again, some of none, and so do the
documents ("fire and forget"); the minute is modelled. An event of the organisation waits. HTTP callbacks are tried
once.

While the platform itself is away (`outage`) nothing is lost: nobody's message leaves their own client before it is
back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from typing import Any

import aiohttp
from msgspec import Struct

from tests.platforms import dingtalk_wire as wire
from tests.platforms.base import Fault
from tests.platforms.dingtalk_links import DingTalkLinks, Link
from tests.platforms.dingtalk_state import Json

DELIVERIES = frozenset({"redeliver", "reorder", "drop", "half_open", "disconnect", "twin"})


class Delivery(Struct, frozen=True):
    """One frame at one attempt: whether the app acked it, what the ack carried, and how long it took."""

    topic: str
    payload: Json
    attempt: int
    acked: bool
    answer: Json
    seconds: float


class DingTalkDelivery(DingTalkLinks):
    """Stream mode as long as `request_url` is empty; else messages come by HTTP, and nothing else does. `log` has
    every attempt."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.request_url = ""
        self.ack_within = 3.0
        self.redeliver_after: tuple[float, ...] = (0.1, 0.3, 1.0)
        self.patience = 60.0
        self.log: list[Delivery] = []
        self._http: aiohttp.ClientSession | None = None

    async def event(self, type: str, data: Json) -> Delivery:
        """Something happened in the organisation; events wait for a connection and come again until acked."""
        headers = {
            "eventId": self.space.next_id("event"),
            "eventType": type,
            "eventCorpId": self.corp_id,
            "eventBornTime": str(self.space.millis()),
            "eventUnifiedAppId": "fixture-app",
        }
        return await self.deliver("EVENT", wire.EVENTS, data, name=type, patience=float("inf"), **headers)

    async def deliver(
        self, type: str, topic: str, data: Json, *, name: str, patience: float | None = None, **headers: str
    ) -> Delivery:
        """Bring it until it is acked or given up; returns the last attempt. `name` is what a fault's `on` is
        compared with. A press of a card is brought once."""
        fault = self.faults.take(name, DELIVERIES)
        if fault is not None and fault.kind == "reorder":
            seen = len(self.log)
            async with self._changed:
                await self._changed.wait_for(lambda: len(self.log) > seen)
        begun, patience = self._awake(), self.patience if patience is None else patience
        by_http = bool(self.request_url) and topic == wire.MESSAGES
        once = by_http or topic == wire.CARD_PRESSES
        frames: list[asyncio.Future[Json]] = []

        async def attempted(attempt: int, fault: Fault | None) -> Delivery:
            begun_at = time.perf_counter()
            if by_http:
                answer = await self._post_signed(data, fault)
            else:
                answer = await self._send(type, topic, data, frames, fault, headers)
            seconds = time.perf_counter() - begun_at
            self.log.append(Delivery(topic, data, attempt, answer is not None, answer or {}, seconds))
            await self._tell()
            return self.log[-1]

        last = Delivery(topic, data, 0, False, {}, 0.0)
        for attempt, delay in enumerate((0.0,) if once else (0.0, *self.redeliver_after)):
            await asyncio.sleep(delay)
            if topic != wire.CARD_PRESSES:  # who pressed does not wait
                await self._reachable()
            if self._awake() - begun > patience or not (by_http or self._ears(topic)):
                break
            last = await attempted(attempt, fault if attempt == 0 else None)
            if last.acked:
                break
        if not last.acked and topic == wire.MESSAGES:
            self.space.offline_notices.append(data["msgId"])
        if fault is not None and fault.kind == "redeliver" and last.acked:
            frames.clear()
            last = await attempted(last.attempt + 1, None)
        return last

    async def _reachable(self) -> None:
        """Wait until the platform is up and the app has a link. One that never asked for a topic never gets it, and
        while there is such a link DingTalk does not wait for another."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: not self.down and (self.request_url or any(not link.deaf for link in self.links))
            )

    def _awake(self) -> float:
        """The clock without the time in which the platform itself was away."""
        return (self._down_since if self.down else self.clock()) - self._away

    def _ears(self, topic: str) -> list[Link]:
        return [link for link in self.links if not link.deaf and topic in link.topics]

    async def _send(
        self,
        type: str,
        topic: str,
        data: Json,
        frames: list[asyncio.Future[Json]],
        fault: Fault | None,
        headers: dict[str, str],
    ) -> Json | None:
        """One frame by any one of the app's links; the ack of an earlier frame of the same message counts too."""
        kind = fault.kind if fault is not None else ""
        if not self._ears(topic):
            return None
        link = random.choice(self._ears(topic))
        if kind in ("disconnect", "half_open"):
            await (self.disconnect(link) if kind == "disconnect" else self.zombie(link))
            return None
        for _ in range(2 if kind == "twin" else 1):
            id, text = self._frame(link, type, topic, data, **headers)
            frames.append(asyncio.get_running_loop().create_future())
            self._acks[id] = frames[-1]
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                await link.socket.send_str(text)
        if kind == "drop":
            self.hang_up(link)
            return None
        waiting = [frame for frame in frames if not frame.done()]
        if waiting and not any(_good(frame) for frame in frames):
            await asyncio.wait(waiting, timeout=self.ack_within, return_when=asyncio.FIRST_COMPLETED)
        acked = next((frame.result() for frame in frames if _good(frame)), None)
        return None if acked is None else _decoded(acked.get("data"))

    async def _post_signed(self, data: Json, fault: Fault | None) -> Json | None:
        headers = {"Content-Type": "application/json; charset=utf-8", **self.sign()}
        self._http = self._http or aiohttp.ClientSession()
        try:
            async with asyncio.timeout(self.ack_within):
                async with self._http.post(self.request_url, data=json.dumps(data), headers=headers) as answer:
                    text = await answer.text()
                    if answer.status != 200 or (fault is not None and fault.kind == "drop"):
                        return None
                    return _decoded(text)
        except (TimeoutError, aiohttp.ClientError):
            return None

    def sign(self, *, at: float | None = None) -> dict[str, str]:
        """The two headers of an HTTP callback (`timestamp` in milliseconds)."""
        return wire.signature(self.client_secret, int((self.clock() if at is None else at) * 1000))

    async def connected(self, count: int = 1, *, within: float = 5.0) -> None:
        """Wait for the `count`-th connection since the start (at once in HTTP mode)."""
        if not self.request_url:
            async with self._changed, asyncio.timeout(within):
                await self._changed.wait_for(lambda: self.connections >= count)

    async def __aexit__(self, *error: Any) -> None:
        if self._http is not None:
            await self._http.close()
        await super().__aexit__(*error)


def _good(frame: asyncio.Future[Json]) -> bool:
    return frame.done() and frame.result().get("code") == 200


def _decoded(text: Any) -> Json:
    """What came with an ack: an object, or nothing."""
    try:
        found = json.loads(text or "{}")
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
