"""Feishu's long connection: the bare SDK, the SDK as adapters/feishu keeps it, and a thin link without it.

    python -m tests.benchmarks.feishu_link [--rounds N] [--events N] [--hang SECONDS]

Each is a process of its own, holds one connection to a local Feishu of its own in this process, and acknowledges
every event at once without doing anything. Round by round in turn: CPU of an event, and the time until its ack, one
at a time and 64 in flight; the time until it is back after its connection broke. Then the same while the address of
the next one is not told for `--hang` seconds (our own limit is set to a third of that), and how long it takes to
stop. Feishu tells clients to wait up to 25 s before they reconnect; the local one says 0, so that what is seen is
the client's own, and ours that their last connection had held. Last, the CPU of a call (`bot/v3/info`) through the
SDK and without it. Needs Linux's /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from msgspec import Struct, field

from tests.benchmarks.platforms_process import Measured
from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_delivery import Delivery

NAMES = {"bare": "the bare SDK", "adapter": "the SDK in the adapter", "thin": "a thin link"}
MESSAGE = "im.message.receive_v1"
MANY = 64
BREAKS = 3  # in a round
CALLS = 160  # in a round
WITHIN = 30.0

Json = dict[str, Any]


class End(Struct):
    """One end of a connection. Times in ms."""

    name: str
    feishu: FeishuServer
    process: Measured
    rss: float = 0.0
    cpu: dict[int, list[float]] = field(default_factory=dict)  # a round each
    acks: dict[int, list[float]] = field(default_factory=dict)  # all
    back: list[float] = field(default_factory=list)
    hung: tuple[float, float] = (0.0, 0.0)  # back after, and the longest stall meanwhile
    stopped: str = "has no stop"

    async def burst(self, events: int, in_flight: int) -> None:
        done: list[Delivery | None] = []
        cpu = self.process.cpu()
        while len(done) < events:
            said = (self.feishu.event(MESSAGE, message(self.feishu), retries=False) for _ in range(in_flight))
            done += await asyncio.gather(*said)
        self.cpu.setdefault(in_flight, []).append(1000 * (self.process.cpu() - cpu) / len(done))
        assert all(each is not None and each.acked for each in done), f"{self.name} did not acknowledge"
        self.acks.setdefault(in_flight, []).extend(1000 * each.seconds for each in done if each is not None)

    async def broken(self) -> float:
        """ms until there is a connection again, after the one there was broke."""
        feishu = self.feishu
        links, begun = feishu.connections, time.perf_counter()
        feishu.hang_up(feishu.sockets[0])
        try:
            await feishu.until(lambda: feishu.connections > links, within=WITHIN)
        except TimeoutError:
            self.process.check()
            raise RuntimeError(f"{NAMES[self.name]} did not come back within {WITHIN:.0f} s") from None
        return 1000 * (time.perf_counter() - begun)

    async def told(self, what: str) -> str:
        pipes = self.process.process
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        pipes.stdin.write(what + "\n")
        pipes.stdin.flush()
        return str(await asyncio.to_thread(pipes.stdout.readline)).strip()


def message(feishu: FeishuServer) -> Json:
    """What Feishu sends of somebody who writes to the bot."""
    id = feishu.space.next("om")
    return {
        "sender": {
            "sender_id": {"open_id": "ou_ana", "union_id": "on_ana", "user_id": "ana"},
            "sender_type": "user",
            "tenant_key": feishu.space.tenant_key,
        },
        "message": {
            "message_id": id,
            "chat_id": "oc_p2p_ana",
            "chat_type": "p2p",
            "create_time": str(int(time.time() * 1000)),
            "update_time": str(int(time.time() * 1000)),
            "message_type": "text",
            "content": json.dumps({"text": "how often does the payment retry job run?"}),
        },
    }


def launched(name: str, feishu: FeishuServer, limit: float) -> End:
    given = {
        "app_id": feishu.app_id,
        "app_secret": feishu.app_secret,
        "domain": feishu.url,
        "limit": limit,
        "reconnect": 0.05,
    }
    code = "from tests.benchmarks.feishu_link_sides import main; main()"
    return End(name, feishu, Measured("-c", code, name, json.dumps(given), talks=True))


async def started(name: str, feishu: FeishuServer, limit: float) -> End:
    end = launched(name, feishu, limit)
    while not feishu.connections:
        end.process.check()
        await asyncio.sleep(0.02)
    end.rss = end.process.rss()
    return end


async def calls(feishu: FeishuServer, rounds: int, count: int) -> None:
    """CPU and time of a call, in turn."""
    ends = {name: launched(f"{name} calls", feishu, WITHIN) for name in ("adapter", "thin")}
    for end in ends.values():
        await end.told("32 16")
    print("\na call, ms: CPU one at a time · CPU 16 at once · time one at a time")
    seen: dict[str, list[list[float]]] = {name: [[], [], []] for name in ends}
    for _ in range(rounds):
        for name, end in ends.items():
            for at_once, into in ((1, 0), (16, 1)):
                cpu, begun = end.process.cpu(), time.perf_counter()
                await end.told(f"{count} {at_once}")
                seen[name][into].append(1000 * (end.process.cpu() - cpu) / count)
                if at_once == 1:
                    seen[name][2].append(1000 * (time.perf_counter() - begun) / count)
    for name, end in ends.items():
        print(f"  {NAMES[name]:24}" + " · ".join(f"{spread(each):>20}" for each in seen[name]))
        await end.process.close()


async def bare_imports() -> None:
    """What the libraries alone take."""
    for what in ("", "aiohttp", "aiohttp, requests, websockets", "lark_oapi"):
        with_it = f"import {what}; " if what else ""
        code = f"import sys, time; begun = time.perf_counter(); {with_it}print(time.perf_counter() - begun)"
        process = Measured("-uc", code + "; sys.stdin.read()", talks=True)
        assert process.process.stdout is not None
        took = float(await asyncio.to_thread(process.process.stdout.readline))
        print(f"  Python {f'and {what}' if what else 'alone':36} {process.rss():6.0f} MiB {took:7.2f} s")
        await process.close()


def spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def show(ends: Sequence[End]) -> None:
    base = ends[0]
    for many in (1, MANY):
        print(f"\n{many} in flight: CPU of an event, ms · × the bare SDK · until the ack, ms: p50 p99")
        for end in ends:
            ratio = statistics.median(mine / its for mine, its in zip(end.cpu[many], base.cpu[many], strict=True))
            cuts = statistics.quantiles(end.acks[many], n=100)
            acks = f"{cuts[49]:7.2f} {cuts[98]:7.2f}"
            print(f"  {NAMES[end.name]:24}{spread(end.cpu[many]):>22} · {ratio:5.2f} · {acks}")
    print(
        "\nms: back after a break · back when the address was not told · its loop stood still then · to stop · MiB"
    )
    for end in ends:
        after, stall = end.hung
        hung = f"{after:8.0f} · {stall:8.0f}"
        print(f"  {NAMES[end.name]:24}{spread(end.back):>26} · {hung} · {end.stopped:>12} · {end.rss:5.0f}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--events", type=int, default=1000, help="in flight, a round; one at a time a third of them"
    )
    parser.add_argument("--hang", type=float, default=6.0)
    given = parser.parse_args()
    print(f"{given.rounds} rounds; alone:")
    await bare_imports()
    async with AsyncExitStack() as stack:
        ends = []
        for name in NAMES:
            feishu = await stack.enter_async_context(FeishuServer())
            feishu.client_config = {
                "ReconnectCount": -1,
                "ReconnectInterval": 1,
                "ReconnectNonce": 0,
                "PingInterval": 90,
            }
            ends.append(await started(name, feishu, given.hang / 3))
            stack.push_async_callback(ends[-1].process.close)
        for end in ends:
            await end.burst(MANY, MANY)
            end.cpu.clear()
            end.acks.clear()
        for _ in range(given.rounds):
            for end in ends:
                await end.burst(given.events // 3, 1)
                await end.burst(given.events, MANY)
                for _ in range(BREAKS):
                    end.back.append(await end.broken())
        for end in ends:
            await end.told("stall")
            end.feishu.faults.add("slow", on="ws.endpoint", seconds=given.hang)
            back = await end.broken()
            end.hung = (back, float(await end.told("stall")))
        for end in ends:
            if end.name != "bare":
                end.stopped = await end.told("stop")
        show(ends)
        await calls(ends[0].feishu, given.rounds, CALLS)


if __name__ == "__main__":
    asyncio.run(main())
