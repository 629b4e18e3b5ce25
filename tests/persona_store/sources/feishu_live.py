"""What the tests of fetching from Feishu share: a team that talked, and an import of it without a command line."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from adapters.secret import Secret
from persona_store.model import Document
from persona_store.sources.chat_export import Told
from persona_store.sources.feishu_api import FeishuApi, FeishuAsked
from persona_store.sources.feishu_calls import FeishuAccess
from tests.platforms.feishu_documents import FeishuDocuments

LIN, BOB, EVE = "ou_lin", "ou_bob", "ou_eve"
START = 1_772_442_000.0  # 2026-03-02T09:00:00Z


class Clock:
    """Moves on a minute whenever somebody speaks."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Waits:
    """Takes the place of sleep: nobody waits, and what was to be waited is known."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Team:
    """A local Feishu with Lin, Bob, and Eve from elsewhere; `ops` is open to the company, `hr` is not."""

    def __init__(self, server: FeishuDocuments, clock: Clock) -> None:
        self.server = server
        self.clock = clock
        self.waits = Waits()

    def say(self, who: str, chat: str, text: str, **more: Any) -> str:
        self.clock.now += 60
        return self.server.say(who, chat, text, mention=False, **more)

    @property
    def app(self) -> FeishuAccess:
        return FeishuAccess(self.server.reader_id, Secret(self.server.reader_secret))

    @property
    def bot(self) -> FeishuAccess:
        return FeishuAccess(self.server.app_id, Secret(self.server.app_secret))

    def user(self, who: str) -> FeishuAccess:
        return FeishuAccess(user_token=Secret(self.server.lend(who)))

    def source(self, *chats: str, subject: str = LIN, told: Told | None = None, **asked: Any) -> FeishuApi:
        given = {"access": self.app, "bot": self.bot, **asked}
        return FeishuApi(subject, FeishuAsked(base=self.server.url, chats=chats, **given), told, sleep=self.waits)


@contextlib.asynccontextmanager
async def a_team(**more: Any) -> AsyncIterator[Team]:
    clock = Clock()
    async with FeishuDocuments(clock=clock, **more) as server:
        server.token_life = 30 * 86400
        space, reader = server.space, server.reader_bot
        space.add_user(LIN, "林薇")
        space.add_user(BOB, "Bob Hart")
        space.add_user(EVE, "Eve", external=True)
        space.add_chat("oc_ops", "支付运维", [LIN, BOB, reader], public=True)
        space.add_chat("oc_hr", "人事", [LIN, BOB, reader])
        space.add_chat("oc_pair", "", [LIN, BOB], kind="p2p")
        yield Team(server, clock)


async def fetched(source: FeishuApi) -> list[Document]:
    return [document async for document in source.documents()]


def own(documents: list[Document]) -> list[str]:
    return [document.text for document in documents if document.by_subject]


def lost(source: FeishuApi) -> Counter[str]:
    return Counter({reason: count for reason, count in source.dropped.items() if count})
