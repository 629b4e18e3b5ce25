"""The ends of Feishu's long connection that tests/benchmarks/feishu_link.py compares, each in a process of its own.

`main` takes a name and the app's settings as JSON. On standard input it is told `stall` (answers with the longest
time in ms for which its loop stood still since it was asked last) or `stop` (ends the link, and answers how many ms
that took). A side that makes calls is told how many, and how many of them at once, and says when they are done.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

BEAT = 0.005

Json = dict[str, Any]


class Pulse:
    """Notes how long the loop was kept from running."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def run(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(BEAT)
            self.worst = max(self.worst, time.perf_counter() - begun - BEAT)


async def taken(payload: Json) -> tuple[bool, Json | None]:
    """Kept, without doing anything."""
    return True, None


def listen(pulse: Pulse, loop: asyncio.AbstractEventLoop, stop: Callable[[], Awaitable[object]] | None) -> None:
    """Answers the parent, in a thread."""

    def answer() -> None:
        for line in sys.stdin:
            if line.strip() == "stall":
                print(f"{1000 * pulse.worst:.1f}", flush=True)
                pulse.worst = 0.0
            elif stop is not None:
                begun = time.perf_counter()
                asyncio.run_coroutine_threadsafe(_awaited(stop), loop).result()
                print(f"{1000 * (time.perf_counter() - begun):.1f}", flush=True)

    threading.Thread(target=answer, daemon=True).start()


async def _awaited(stop: Callable[[], Awaitable[object]]) -> None:
    await stop()


def bare(given: Json) -> None:
    """The SDK as its documentation shows it."""
    import lark_oapi as lark
    import lark_oapi.ws.client as room

    def nothing(event: Any) -> None:
        return None

    handler = lark.EventDispatcherHandler.builder("", "").register_p2_im_message_receive_v1(nothing).build()
    client = lark.ws.Client(
        given["app_id"],
        given["app_secret"],
        event_handler=handler,
        domain=given["domain"],
        log_level=lark.LogLevel.CRITICAL,
    )
    pulse = Pulse()
    room.loop.create_task(pulse.run())
    listen(pulse, room.loop, None)
    client.start()


async def adapter(given: Json) -> None:
    """The SDK as adapters/feishu keeps it."""
    from adapters.feishu.client import SdkConnector
    from adapters.feishu.link import ThreadLink

    await linked(ThreadLink(kept(SdkConnector(sdk_calls(given)), given), taken))


async def thin(given: Json) -> None:
    """The thin link of adapters/feishu, whose address is asked for without the SDK too, so that none is loaded."""
    from adapters.feishu.link import LoopLink
    from adapters.feishu.thin import ThinConnector

    await linked(LoopLink(kept(ThinConnector(thin_calls(given).endpoint), given), taken))


def kept(connect: Any, given: Json) -> Any:
    """One that comes back at once however short its last connection was, as it does after one that held."""
    from adapters.feishu import link

    link.STEADY = 0.0
    return link.Keeper(connect, ping_seconds=30.0, reconnect_seconds=given["reconnect"])


async def linked(link: Any) -> None:
    pulse = Pulse()
    listen(pulse, asyncio.get_running_loop(), link.close)
    await link.open()
    await pulse.run()


def sdk_calls(given: Json) -> Any:
    from adapters.feishu.client import Api
    from adapters.secret import Secret

    return Api(given["app_id"], Secret(given["app_secret"]), given["domain"], timeout=given["limit"])


def thin_calls(given: Json) -> Any:
    from tests.benchmarks.feishu_thin import ThinCalls

    return ThinCalls(given["app_id"], given["app_secret"], given["domain"], limit=given["limit"])


async def calling(api: Any) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        count, at_once = map(int, line.split())
        for _ in range(count // at_once):
            await asyncio.gather(*(api.read("bot/v3/info") for _ in range(at_once)))
        print("done", flush=True)


def main() -> None:
    name, given = sys.argv[1], json.loads(sys.argv[2])
    match name:
        case "bare":
            bare(given)
        case "adapter":
            asyncio.run(adapter(given))
        case "thin":
            asyncio.run(thin(given))
        case "adapter calls":
            asyncio.run(calling(sdk_calls(given)))
        case "thin calls":
            asyncio.run(calling(thin_calls(given)))
