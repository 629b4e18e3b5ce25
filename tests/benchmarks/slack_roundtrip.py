"""Envelope in → ack → reply through the local Slack: raw aiohttp, this adapter, and the whole bot, in one run.

    python -m tests.benchmarks.slack_roundtrip [seconds each] [in flight]

Each question comes from another person's direct chat. `floor` reads, acks and posts back; `adapter` does so
through slack-bolt and adapters/slack with a host that keeps nothing; `bot` keeps the event durably before the ack,
retrieves, decides, audits and quotes. Client and server share the machine and the process (the CPU figures include
the server's), and the disk's fsync moves the bot's row: compare rows of one run, not numbers of different days.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import aiohttp

from adapters.model import Card, Form, Inbound, Message, Post, Press
from adapters.slack import SlackAdapter, create
from tests.adapters.slack.harness import config_for
from tests.platforms.slack import SlackServer
from tests.scenarios.slack_world import bot_on, furnish

QUESTION = "how often does the payment retry job run?"
Start = Callable[[SlackServer], AbstractAsyncContextManager[None]]


class Echo:
    """A host that answers each message at once, beside the ack."""

    def __init__(self, adapter: SlackAdapter) -> None:
        self.adapter = adapter
        self.tasks: set[asyncio.Task[object]] = set()

    async def receive(self, event: Inbound) -> None:
        if isinstance(event, Message):
            post = Post(event.id, Card(event.text, label="AI answer"))
            task = asyncio.ensure_future(self.adapter.post(event.thread, post))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def form(self, press: Press) -> Form | None:
        return None


@contextlib.asynccontextmanager
async def adapter(slack: SlackServer) -> AsyncIterator[None]:
    host = Echo(create(config_for(slack)))
    running = asyncio.create_task(host.adapter.run(host))
    await slack.connected()
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await host.adapter.close()


@contextlib.asynccontextmanager
async def floor(slack: SlackServer) -> AsyncIterator[None]:
    """The least that can be done: read an envelope, ack it, post the text back."""
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    tasks: set[asyncio.Task[None]] = set()
    async with aiohttp.ClientSession() as session:

        async def reply(event: dict[str, str]) -> None:
            body = {"channel": event["channel"], "text": event["text"]}
            async with session.post(slack.api_url + "chat.postMessage", json=body, headers=headers) as answer:
                await answer.read()

        async def listen(link: aiohttp.ClientWebSocketResponse) -> None:
            async for frame in link:
                envelope = json.loads(frame.data)
                if "envelope_id" in envelope:
                    await link.send_str(json.dumps({"envelope_id": envelope["envelope_id"]}))
                    task = asyncio.ensure_future(reply(envelope["payload"]["event"]))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)

        app = {"Authorization": f"Bearer {slack.app_token}"}
        async with session.post(slack.api_url + "apps.connections.open", headers=app) as answer:
            url = (await answer.json())["url"]
        async with session.ws_connect(url) as link:
            listening = asyncio.create_task(listen(link))
            try:
                yield
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)


@contextlib.asynccontextmanager
async def bot(slack: SlackServer) -> AsyncIterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        async with bot_on(slack, Path(folder)):
            yield


async def measure(name: str, start: Start, *, seconds: float, in_flight: int) -> None:
    acks: list[float] = []
    replies: list[float] = []
    async with SlackServer(echo=False) as slack:
        furnish(slack)
        askers = [slack.space.add_user(f"U9{n}", f"Asker {n}") for n in range(in_flight)]
        async with start(slack):
            await slack.connected()
            await asyncio.gather(*(_ask(slack, asker, [], []) for asker in askers))  # names, connections
            cpu, begun = time.process_time(), time.perf_counter()
            while time.perf_counter() - begun < seconds:
                await asyncio.gather(*(_ask(slack, asker, acks, replies) for asker in askers))
            took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    ack, reply = (f"p50 {_ms(times, 50)} p99 {_ms(times, 99)} ms" for times in (acks, replies))
    rate, each = len(replies) / took, 1e6 * cpu / len(replies)
    print(f"{name:8} {in_flight:3} in flight · ack {ack} · reply {reply} · {rate:6.0f}/s · {each:5.0f} µs CPU each")


async def _ask(slack: SlackServer, user: str, acks: list[float], replies: list[float]) -> None:
    begun = time.perf_counter()
    channel, ts = slack.space.direct(user).id, slack.space.ts()
    said = {"type": "message", "user": user, "text": QUESTION, "ts": ts, "team": "T1"}
    event = {**said, "channel": channel, "channel_type": "im", "event_ts": ts}
    delivered = await slack.event(event)
    acks.append(delivered.seconds)
    await slack.next_post(channel)
    replies.append(time.perf_counter() - begun)


def _ms(times: list[float], percent: int) -> str:
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else [times[0]] * 100
    return f"{cuts[percent - 1] * 1000:5.2f}"


async def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    for in_flight in (1, many):
        for name, start in (("floor", floor), ("adapter", adapter), ("bot", bot)):
            await measure(name, start, seconds=seconds, in_flight=in_flight)


if __name__ == "__main__":
    asyncio.run(main())
