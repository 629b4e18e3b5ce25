"""The platforms' own servers with people who ask and wait: what tests/benchmarks/platforms.py measures against.

A side asks in one group for each of its people, so that an answer is known by where it stands. It runs in the
process that measures; the bot, whose CPU and memory are looked at, is another.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import aiohttp
from msgspec import Struct

from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.feishu import FeishuServer
from tests.platforms.slack import SlackServer
from tests.scenarios.world import FACTS

QUESTION = "how often does the payment retry job run?"
ANSWER = FACTS[1][2][:30]
SIGNED = f"sign: {QUESTION}"  # asks an echo to show first that it works on it
WITHIN = 20.0
STAFF = {"U0LIN": "Lin Zhou", "U0OWN": "Zhou Lan", "U0DEP": "Tomas"}  # the subject, the owner, the deputy
PREFIXES = {"feishu": "ou_", "dingtalk": "staff_"}  # of people's ids
LOCALS = {"U0LIN": "U0LINZHOU", "U0OWN": "U0ZHOULAN", "U0DEP": "U0TOMAS"}  # of the sample team


def called(platform: str) -> Callable[[str], str]:
    """What the persona's people are called on a platform."""
    if platform == "local":
        return lambda id: LOCALS.get(id, id)
    return lambda id: PREFIXES.get(platform, "") + id


class Took(Struct, frozen=True):
    """Seconds from the person's message: to the sign that an answer is on its way, if one was shown, and to the
    answer."""

    sign: float | None
    answer: float


class Side:
    """`name` is the adapter's; `signs` the call that shows that an answer is on its way."""

    name = ""
    label = ""
    signs = ""
    server: Any

    def settings(self) -> dict[str, str]:
        """What the bot is told, by the names of its settings below the platform's section."""
        raise NotImplementedError

    def furnish(self, people: int) -> None:
        raise NotImplementedError

    def say(self, number: int, text: str) -> str:
        """Person `number` asks in their group. Returns the message's id."""
        raise NotImplementedError

    def chat(self, number: int) -> str:
        raise NotImplementedError

    def on(self, body: dict[str, Any], message: str) -> bool:
        """Whether a call of `signs` with this body is about that message."""
        raise NotImplementedError

    async def connected(self, count: int = 1, *, within: float = 60.0) -> None:
        await self.server.connected(count, within=within)

    async def ask(self, number: int, text: str = QUESTION, *, expect: str = "") -> Took:
        """AssertionError if what is answered first does not contain `expect`."""
        calls = self.server.calls
        before, at, begun = len(calls), time.time(), time.perf_counter()
        message = self.say(number, text)
        posted = await self.server.next_post(self.chat(number), within=WITHIN)
        took = time.perf_counter() - begun
        assert expect in posted.shown, f"{self.label} answered {posted.shown[:200]!r}"
        signs = (c.at - at for c in calls[before:] if c.method == self.signs and self.on(c.body, message))
        return Took(next(signs, None), took)


class SlackSide(Side):
    name = label = "slack"
    signs = "assistant.threads.setStatus"

    def __init__(self) -> None:
        self.server = SlackServer(echo=False, mention_twin=False)

    def settings(self) -> dict[str, str]:
        slack = self.server
        return {
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            "api_url": slack.api_url,
        }

    def furnish(self, people: int) -> None:
        space = self.server.space
        for id, name in STAFF.items():
            space.add_user(called(self.name)(id), name)
        for n in range(people):
            user = space.add_user(f"U9{n}", f"Asker {n}")
            space.add_channel(self.chat(n), f"team-{n}", [user, space.bot_user])

    def chat(self, number: int) -> str:
        return f"C9{number}"

    def say(self, number: int, text: str) -> str:
        said: str = self.server.say(f"U9{number}", self.chat(number), f"{self.server.mention} {text}")
        return said

    def on(self, body: dict[str, Any], message: str) -> bool:
        return bool(body.get("thread_ts") == message)


class FeishuSide(Side):
    name = label = "feishu"
    signs = "im.reaction.create"

    def __init__(self) -> None:
        self.server = FeishuServer()
        self.server.client_config = {
            "ReconnectCount": -1,
            "ReconnectInterval": 90,
            "ReconnectNonce": 0,
            "PingInterval": 90,
        }

    def settings(self) -> dict[str, str]:
        feishu = self.server
        return {
            "app_id": feishu.app_id,
            "app_secret": feishu.app_secret,
            "encrypt_key": "",
            "verification_token": "",
            "domain": feishu.url,
        }

    def furnish(self, people: int) -> None:
        space = self.server.space
        for id, name in STAFF.items():
            space.add_user(called(self.name)(id), name)
        for n in range(people):
            space.add_user(f"ou_9{n}", f"Asker {n}")
            space.add_chat(self.chat(n), f"team-{n}", [f"ou_9{n}", space.bot_open_id])

    def chat(self, number: int) -> str:
        return f"oc_9{number}"

    def say(self, number: int, text: str) -> str:
        said: str = self.server.say(f"ou_9{number}", self.chat(number), text)
        return said

    def on(self, body: dict[str, Any], message: str) -> bool:
        return bool(body.get("message_id") == message)


class DingTalkSide(Side):
    name = label = "dingtalk"
    signs = "robot/emotion/reply"
    template = ""

    def __init__(self) -> None:
        self.server = DingTalkServer()

    def settings(self) -> dict[str, str]:
        ding = self.server
        return {
            "client_id": ding.client_id,
            "client_secret": ding.client_secret,
            "robot_code": ding.robot_code,
            "card_template": self.template,
            "api_url": ding.url,
            "oapi_url": ding.url,
        }

    def furnish(self, people: int) -> None:
        space = self.server.space
        for id, name in STAFF.items():
            space.add_user(called(self.name)(id), name)
        for n in range(people):
            space.add_chat(self.chat(n), f"team-{n}", [space.add_user(f"staff_9{n}", f"Asker {n}")])

    def chat(self, number: int) -> str:
        return f"cid9{number}=="

    def say(self, number: int, text: str) -> str:
        said: str = self.server.say(f"staff_9{number}", self.chat(number), text)
        return said

    def on(self, body: dict[str, Any], message: str) -> bool:
        return bool(body.get("openMsgId") == message)


class DingTalkCards(DingTalkSide):
    label = "dingtalk cards"

    def __init__(self) -> None:
        super().__init__()
        self.template = self.server.card_template


class LocalSide:
    """The local chat has no server but the bot: people act through its page, and the bot's own count of posts says
    when they were answered. `port` is known when the bot runs."""

    name = label = "local"
    PEOPLE = ("U0CHENMO", "U0PRIYA", "U0XUQING", "U0INES")

    def __init__(self) -> None:
        self.port = 0
        self._http: aiohttp.ClientSession | None = None

    async def ask_all(self, count: int, *, room: str = "C0GENERAL") -> None:
        """So many questions, one behind the other's keeping; returns when all are answered."""
        self._http = self._http or aiohttp.ClientSession(f"http://127.0.0.1:{self.port}")
        placed, answered = await self._count("posts", "result", "placed"), await self._answered()
        for n in range(count):
            said = {
                "chat": room,
                "root": "",
                "text": f"@understudy {QUESTION}",
                "nonce": uuid.uuid4().hex,
            }
            who = self.PEOPLE[n % len(self.PEOPLE)]
            async with self._http.post(
                f"/local/say?as={who}", json=said, headers={"X-Understudy-Page": "1"}
            ) as answer:
                assert answer.status == 200, await answer.text()
        until = time.monotonic() + WITHIN
        while await self._count("posts", "result", "placed") < placed + count:
            assert time.monotonic() < until, "the local chat does not answer"
            await asyncio.sleep(0.01)  # asking costs the bot something too
        assert await self._answered() == answered + count, "the local chat answers something else"

    async def _answered(self) -> float:
        return await self._count("questions", "outcome", "answered")

    async def _count(self, metric: str, label: str, value: str) -> float:
        assert self._http is not None
        async with self._http.get("/metrics") as answer:
            text = await answer.text()
        row = re.compile(
            rf'^understudy_{metric}_total{{(?=.*platform="local")(?=.*{label}="{value}").*}} (\S+)', re.M
        )
        return sum(map(float, row.findall(text)))

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
