"""A chat with a team of four, a bot that only listens, and somebody who speaks HTTP as the page does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from adapters.local import LocalChat, Member, Room, Team
from adapters.local.guard import HEADER
from adapters.local.rooms import Rooms
from tests.adapters.contract import Host
from tests.adapters.local.clock import ticking
from tests.adapters.local.harness import FlakyDatabase

TEAM = Team(
    people=(
        Member(id="chen", name="Chen Yu"),
        Member(id="lin", name="Lin Wei", role="owner", timezone="Asia/Shanghai"),
        Member(id="mei", name="赵美", role="subject"),
        Member(id="ada", name="Ada", role="admin"),
    ),
    rooms=(
        Room(id="C1", name="payments"),
        Room(id="C2", name="leads", members=("lin", "ada")),
    ),
)


class Visitor:
    """The page, without a browser."""

    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self.client = client

    async def get(self, who: str, path: str, **query: str) -> ClientResponse:
        return await self.client.get(f"/local/{path}", params={"as": who, **query})

    async def post(self, who: str, path: str, body: object, **headers: str) -> ClientResponse:
        return await self.client.post(f"/local/{path}?as={who}", json=body, headers={HEADER: "1", **headers})

    async def say(
        self, who: str, text: str, *, chat: str = "C1", root: str = "", nonce: str = ""
    ) -> ClientResponse:
        body = {"chat": chat, "root": root, "text": text, "nonce": nonce or uuid4().hex}
        return await self.post(who, "say", body)

    async def said(self, who: str, text: str, *, chat: str = "C1", root: str = "") -> str:
        """The id of what was said."""
        return str((await (await self.say(who, text, chat=chat, root=root)).json())["id"])

    async def sees(self, who: str, chat: str = "C1", root: str = "", **query: str) -> list[dict[str, Any]]:
        response = await self.get(who, f"rooms/{chat}/{root}" if root else f"rooms/{chat}", **query)
        assert response.status == 200
        entries: list[dict[str, Any]] = (await response.json())["entries"]
        return entries


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[FlakyDatabase]:
    database = FlakyDatabase(tmp_path / "chat.db")
    yield database
    database.close()


@pytest.fixture
def chat(database: FlakyDatabase) -> LocalChat:
    return LocalChat(TEAM, Rooms(database), ("chat.example",), ticking())


@pytest.fixture
async def visitor(chat: LocalChat, host: Host) -> AsyncIterator[Visitor]:
    app = web.Application()
    app.add_routes(chat.routes(host))
    async with TestClient(TestServer(app)) as client:
        yield Visitor(client)
        chat.live.close()
