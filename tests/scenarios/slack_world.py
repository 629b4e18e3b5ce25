"""The whole bot on the local Slack: the unmodified SDK, the real adapter, the real store, the real clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.slack import create as open_slack
from bots.app import App, open_app
from bots.options import Data, Settings, Store
from persona_store.model import PersonaRules
from tests.adapters.slack.harness import config_for
from tests.platforms.slack import SlackServer
from tests.platforms.slack_state import Posted
from tests.scenarios.world import FACTS, NO_LIMIT, live_persona

ROOM, MIXED, BOTH = "C1", "C2", "G1"
MEI, ANN, OWNER, DEPUTY, ADMIN, SUBJECT, GUEST = "U0MEI", "U0ANN", "U0OWN", "U0DEP", "U0ADM", "U0LIN", "U0OUT"
NAMES = {MEI: "Mei", ANN: "Ann", OWNER: "Lan", DEPUTY: "Tomas", ADMIN: "Maya", SUBJECT: "Lin"}

RETRY = "how often does the payment retry job run?"
RETRIED = FACTS[1][2]
UNKNOWN = "what is the SLA we promised to the Lisbon warehouse?"
SECRET = "what is the vault passphrase hint for the staging cluster?"


def furnish(slack: SlackServer) -> None:
    """A team with a public channel, one where a guest reads along, and a private one of the two people who could
    read the private facts."""
    for id, name in NAMES.items():
        slack.space.add_user(id, name)
    slack.space.add_user(GUEST, "Gast", is_ultra_restricted=True)
    slack.space.add_channel(ROOM, "general", [*NAMES, slack.space.bot_user])
    slack.space.add_channel(MIXED, "vendors", [MEI, GUEST, slack.space.bot_user])
    slack.space.add_channel(BOTH, "both", [MEI, SUBJECT, slack.space.bot_user], kind="group")


def settings_for(path: Path) -> Settings:
    return Settings(
        adapters=("slack",),
        admins=(f"slack:{ADMIN}",),
        data=Data(dir=path),
        store=Store(url=f"sqlite:///{path / 'understudy.db'}"),
        limits=NO_LIMIT,
    )


async def prepare(path: Path, *, rules: PersonaRules | None = None) -> None:
    """One live persona in a data directory that no bot runs on yet."""
    async with open_app(settings_for(path)) as app:
        await live_persona(app, platform="slack", rules=rules)


@asynccontextmanager
async def bot_on(slack: SlackServer, path: Path) -> AsyncIterator[App]:
    """The whole bot with one live persona, connected to this Slack."""
    await prepare(path)
    adapter = open_slack(config_for(slack))
    async with open_app(settings_for(path), adapters={"slack": adapter}) as app:
        running = asyncio.create_task(app.run())
        try:
            await slack.connected()
            yield app
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await adapter.close()


def standing(slack: SlackServer, channel: str = ROOM) -> list[Posted]:
    """What stands of the bot in a channel, oldest first."""
    return [
        Posted("", channel, ts, message["text"], message["blocks"], message.get("thread_ts", ""))
        for ts, message in sorted(slack.space.channels[channel].messages.items())
        if message.get("user") == slack.space.bot_user
    ]


async def at_rest(app: App, slack: SlackServer, *, within: float = 10.0) -> None:
    """Until everything was delivered and nothing is left to do."""
    async with asyncio.timeout(within):
        while True:
            await slack.settled()
            backlog = await app.services.store.backlog()
            if backlog.waiting == backlog.claimed == 0:
                return
            await asyncio.sleep(0.02)
