"""The Slack adapter against the local Slack, by Socket Mode and by signed HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from adapters.model import Person, Receipt, Thread
from adapters.secret import Secret
from adapters.slack import Config, SlackAdapter, create
from adapters.text import escape_mrkdwn
from tests.adapters.contract import Host, Standing
from tests.platforms.slack import SlackServer
from tests.platforms.slack_state import Posted

ROOM, PRIVATE = "C1", "G1"


def config_for(slack: SlackServer, **more: object) -> Config:
    return Config(
        bot_token=Secret(slack.bot_token),
        app_token=Secret(slack.app_token),
        signing_secret=Secret(slack.signing_secret),
        api_url=slack.api_url,
        **more,  # type: ignore[arg-type]  # the caller knows Config
    )


class SlackHarness:
    lacks: Mapping[str, str] = {}
    ana = Person("slack", "U1", "Ana", "T1")
    lin = Person("slack", "U2", "Lin", "T1")
    guest = Person("slack", "U3", "Gast", "T1", external=True)
    room = Thread("slack", ROOM, "T1")
    private = Thread("slack", PRIVATE, "T1")
    nowhere = Thread("slack", "C404", "T1")

    def __init__(self, slack: SlackServer, adapter: SlackAdapter, host: Host) -> None:
        self.slack = slack
        self.adapter = adapter
        self.host = host

    async def say(
        self, who: Person, text: str, *, chat: Thread, thread: str = "", mention: bool = True, twice: bool = False
    ) -> str:
        if twice:
            self.slack.faults.add("redeliver", on="message")
        typed = escape_mrkdwn(text)  # as Slack puts it on the wire
        words = f"{self.slack.mention} {typed}" if mention else typed
        return self.slack.say(who.id, chat.chat, words, thread=thread)

    async def dm(self, who: Person, text: str) -> str:
        return self.slack.dm(who.id, escape_mrkdwn(text))

    async def press(self, who: Person, receipt: Receipt, action: str, fields: dict[str, str] | None = None) -> None:
        message = self.slack.space.channels[receipt.thread.chat].messages[receipt.message_id]
        posted = Posted(
            "chat.postMessage",
            receipt.thread.chat,
            receipt.message_id,
            message["text"],
            message["blocks"],
            message.get("thread_ts", ""),
        )
        forms = len(self.slack.space.views)
        assert (await self.slack.press(who.id, posted, action)).acked
        if fields is not None:
            view = await self.slack.next_view(forms + 1)
            assert (await self.slack.submit(who.id, view, fields)).acked

    async def standing(self) -> list[Standing]:
        space = self.slack.space
        placed = [
            Standing(
                m["ts"], room.id, Posted("", room.id, m["ts"], m["text"], m["blocks"]).shown, m.get("thread_ts", "")
            )
            for room in space.channels.values()
            for m in room.messages.values()
            if m.get("user") == space.bot_user and "blocks" in m
        ]
        whispered = [Standing(p.ts, p.channel, p.shown, p.thread, only_for=p.user) for p in space.ephemerals]
        return sorted(placed + whispered, key=lambda standing: standing.id)

    def fail(self, how: str) -> None:
        kind = {"later": "429", "down": "503", "lost": "lost"}[how]
        self.slack.faults.add(kind, on="chat.post*", seconds=7)


def furnish(slack: SlackServer) -> None:
    """The people and rooms of the contract."""
    bot = slack.space.bot_user
    slack.space.add_user("U1", "Ana")
    slack.space.add_user("U2", "Lin", tz="Asia/Shanghai")
    slack.space.add_user("U3", "Gast", is_restricted=True)
    slack.space.add_channel(ROOM, "general", ["U1", "U2", bot])
    slack.space.add_channel(PRIVATE, "board", ["U1", bot], kind="group")


@contextlib.asynccontextmanager
async def connected(mode: str, *, slack: SlackServer | None = None, **more: object) -> AsyncIterator[SlackHarness]:
    """The adapter, running and connected; `more` goes into its Config."""
    async with slack or SlackServer() as server:
        server.ack_within = 0.4
        if not server.space.channels:
            furnish(server)
        host = Host()
        adapter = create(config_for(server, mode=mode, **more))
        links = server.connections
        runner = await _serve(adapter, host, server) if mode == "http" else None
        running = asyncio.create_task(adapter.run(host))
        try:
            await server.connected(links + 1)
            await adapter.find(SlackHarness.nowhere, "")  # by now it knows who it is, in HTTP mode too
            yield SlackHarness(server, adapter, host)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await adapter.close()
            if runner is not None:
                await runner.cleanup()


async def _serve(adapter: SlackAdapter, host: Host, slack: SlackServer) -> web.AppRunner:
    app = web.Application()
    app.add_routes(adapter.routes(host))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    return runner


HARNESSES = {
    "slack-socket": lambda: connected("socket"),
    "slack-http": lambda: connected("http"),
}
