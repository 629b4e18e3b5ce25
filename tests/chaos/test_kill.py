"""The real process, killed at random moments while people keep asking: nothing is lost and nothing is said twice.

`CHAOS_KILLS=200 CHAOS_SEED=7 python -m pytest tests/chaos` runs longer, or again as it was.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots import keys
from bots.app import open_app
from bots.witness import CHECKPOINTS
from persona_store import audit, jws
from persona_store.backends import open_store
from persona_store.clock import SystemClock
from persona_store.model import PersonaRules
from tests.platforms.slack import SlackServer
from tests.scenarios.process import BotProcess, free_port
from tests.scenarios.slack_world import OWNER, RETRIED, RETRY, ROOM, furnish, prepare, settings_for, standing

KILLS = int(os.environ.get("CHAOS_KILLS", "20"))
SEED = int(os.environ.get("CHAOS_SEED", "20261121"))
KNOWN_SHARE = 0.7
TOPICS = ("warehouse", "invoice", "carrier", "contract", "printer", "badge", "budget", "vendor", "laptop")
ASPECTS = ("colour", "deadline", "supplier", "password", "address", "discount", "successor", "floor", "tax")


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        furnish(server)
        server.ack_within = 1.0
        server.retry_after = (0.1,) * 200  # this Slack is patient: what is lost is lost by us
        yield server


class Crowd:
    """People who ask without pause, each of them once; remembers what they asked."""

    def __init__(self, slack: SlackServer, chance: random.Random) -> None:
        self.slack = slack
        self.chance = chance
        self.known: list[str] = []  # ts of what can be answered
        self.unknown: dict[str, str] = {}  # ts → words of what only the owner can
        self._fresh = [f"{a} {b}" for a in TOPICS for b in ASPECTS]
        chance.shuffle(self._fresh)

    async def ask(self) -> None:
        """Until cancelled."""
        while True:
            asker = self.slack.space.add_user(f"U7{len(self.known) + len(self.unknown)}", "Asker")
            self.slack.space.channels[ROOM].members.append(asker)
            if self.chance.random() < KNOWN_SHARE or not self._fresh:
                self.known.append(self.slack.say(asker, ROOM, f"{self.slack.mention} {RETRY}"))
            else:
                words = f"who knows the {self._fresh.pop()}?"
                self.unknown[self.slack.say(asker, ROOM, f"{self.slack.mention} {words}")] = words
            await asyncio.sleep(self.chance.uniform(0.05, 0.3))


async def test_killed_at_random_moments_it_loses_nothing_and_says_nothing_twice(
    slack: SlackServer, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    await prepare(tmp_path, rules=PersonaRules(quiet_from="00:00", quiet_to="00:00", digest_after=10_000))
    crowd = Crowd(slack, chance)
    asking = asyncio.create_task(crowd.ask())
    port = free_port()
    for _ in range(KILLS):
        links = slack.connections
        async with BotProcess(slack, tmp_path, port=port) as bot:
            if chance.random() < 0.8:  # else it dies somewhere in its start
                await slack.connected(links + 1, within=20)
                slack.faults.add("slow", on="chat.postMessage", seconds=chance.uniform(0.0, 0.3), times=3)
            await asyncio.sleep(chance.uniform(0.0, 1.0))
            await bot.kill()
    asking.cancel()
    async with BotProcess(slack, tmp_path, port=port) as bot:
        await settle(slack, tmp_path)
        assert await bot.stop() == 0
    answered(slack, crowd)
    await proven(tmp_path)


async def settle(slack: SlackServer, path: Path, *, within: float = 45.0) -> None:
    """Until everything was delivered and nothing is left to do. What a dead process had in hand is free again when
    its lease is over."""
    store = await open_store(settings_for(path).store.url, clock=SystemClock())
    try:
        async with asyncio.timeout(within):
            await slack.settled(within=within)
            while (left := await store.backlog()).waiting + left.claimed:
                await store.wait(seconds=0.2)
    finally:
        await store.close()


def answered(slack: SlackServer, crowd: Crowd) -> None:
    """One outcome for every question: a quote, or a word to the asker and a card to the owner."""
    assert len(crowd.known) > KILLS / 2
    assert len(crowd.unknown) > KILLS / 8
    outcomes = Counter(posted.thread for posted in standing(slack))
    assert outcomes == Counter([*crowd.known, *crowd.unknown])
    for posted in standing(slack):
        assert (RETRIED in posted.shown) == (posted.thread in crowd.known)
    cards = [posted.shown for posted in standing(slack, slack.space.direct(OWNER).id)]
    assert {words: sum(words in card for card in cards) for words in crowd.unknown.values()} == dict.fromkeys(
        crowd.unknown.values(), 1
    )
    assert len(cards) == len(crowd.unknown)


async def proven(path: Path) -> None:
    """Nothing is a dead letter, and the log is whole."""
    async with open_app(settings_for(path)) as app:
        services = app.services
        assert [key async for key, _ in services.store.scan(keys.DEAD)] == []
        report = await audit.verify(services.store, jws.public_bytes(services.vault.signing_key(CHECKPOINTS)))
        assert report.ok, report.detail
        assert report.size > 0


async def test_asked_to_stop_it_ends_what_is_in_hand_and_exits_0(slack: SlackServer, tmp_path: Path) -> None:
    """Ten questions are acked and being answered when SIGTERM comes: each is answered, by it or by the next one."""
    await prepare(tmp_path)
    async with BotProcess(slack, tmp_path) as bot:
        await bot.ready()
        asked = [slack.say("U0MEI", ROOM, f"{slack.mention} {RETRY}") for _ in range(10)]
        slack.faults.add("slow", on="chat.postMessage", seconds=0.5, times=4)
        await slack.next_post(ROOM)
        assert await bot.stop() == 0
        assert bot.said == ""
    placed = len(standing(slack))
    async with BotProcess(slack, tmp_path) as bot:
        while len(standing(slack)) < 10:
            await slack.next_post(ROOM, within=20)
        await slack.settled(within=20)
        assert await bot.stop() == 0
    assert placed < 10, "nothing was in hand when it was stopped: the test shows nothing"
    assert Counter(posted.thread for posted in standing(slack)) == Counter(asked)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"slack_bot_token": "xoxb-2-wrong"}, "auth.test"), ({"slack_app_token": "xapp-2-wrong"}, "connections.open")],
    ids=["bot token", "app token"],
)
async def test_a_wrong_token_is_one_line(
    slack: SlackServer, tmp_path: Path, wrong: dict[str, str], named: str
) -> None:
    async with BotProcess(slack, tmp_path, **wrong) as bot:
        status = await bot.ended()
    assert status == 1
    assert bot.said.count("\n") == 1
    assert bot.said.startswith("error: slack: ")
    assert named in bot.said
    assert not any(value in bot.said for value in wrong.values())


async def test_a_missing_token_is_one_line_that_names_the_setting(slack: SlackServer, tmp_path: Path) -> None:
    async with BotProcess(slack, tmp_path, slack_app_token="") as bot:
        status = await bot.ended()
    assert status == 2
    assert bot.said.count("\n") == 1
    assert "UNDERSTUDY_SLACK_APP_TOKEN" in bot.said


async def test_a_taken_port_is_one_line(slack: SlackServer, tmp_path: Path) -> None:
    taken = int(slack.url.rpartition(":")[2])
    async with BotProcess(slack, tmp_path, port=taken) as bot:
        status = await bot.ended()
    assert status == 2
    assert bot.said.count("\n") == 1
    assert f"port {taken}" in bot.said
