"""The whole bot as a stranger's program reaches it: the real web server with the local page, health and metrics."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from adapters.local import Config, Member, Room, Team, create
from adapters.local.guard import HEADER
from adapters.local.team import direct_chat
from bots.app import App, open_app
from bots.options import Data, Settings, Store
from bots.web.health import Health
from bots.web.server import serving
from tests.scenarios.world import live_persona

MEI, ANN, OWNER, ADMIN = "U0MEI", "U0ANN", "U0OWN", "U0ADM"
TEAM = Team(
    people=(
        Member(id=MEI, name="Mei"),
        Member(id=ANN, name="Ann"),
        Member(id=OWNER, name="Zhou Lan", role="owner"),
        Member(id="U0DEP", name="Tomas", role="deputy"),
        Member(id=ADMIN, name="Maya", role="admin"),
        Member(id="U0LIN", name="Lin Zhou", role="subject"),
    ),
    rooms=(Room(id="C0GEN", name="general"), Room(id="G0SEC", name="secrets", members=("U0LIN", MEI))),
)


class LocalBot:
    """Speaks HTTP as the page does, or as the page never would."""

    def __init__(self, app: App, http: aiohttp.ClientSession, port: int) -> None:
        self.app = app
        self.http = http
        self.port = port

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return self.origin + path

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.http.get(self.url(path), headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def post(self, path: str, body: bytes | dict[str, Any], **headers: str) -> tuple[int, str]:
        """With the page's own header, unless `headers` say otherwise."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {HEADER: "1", **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with self.http.post(self.url(path), data=raw, headers=sent, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def say(self, who: str, text: str, chat: str = "C0GEN") -> str:
        """The id of what was said, once the bot has dealt with it."""
        status, answer = await self.post(f"/local/say?as={who}", {"chat": chat, "text": text, "nonce": uuid4().hex})
        assert status == 200, answer
        await self.settle()
        return str(json.loads(answer)["id"])

    async def cards(self, who: str, chat: str = "C0GEN", root: str = "") -> list[dict[str, Any]]:
        """What the bot said in a room or thread, as somebody sees it, oldest first."""
        status, answer = await self.get(f"/local/rooms/{chat}{'/' + root if root else ''}?as={who}")
        assert status == 200, answer
        return [entry["body"]["card"] for entry in json.loads(answer)["entries"] if entry["kind"] == "card"]

    async def told(self, who: str) -> list[dict[str, Any]]:
        return await self.cards(who, direct_chat(who))

    async def settle(self) -> None:
        """Until nothing that is due is left."""
        store, clock = self.app.services.store, self.app.services.clock
        async with asyncio.timeout(10):
            while True:
                backlog = await store.backlog()
                due = backlog.oldest is not None and backlog.oldest <= clock.now()
                if not due and backlog.claimed == 0:
                    return
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def local_bot(path: Path) -> AsyncIterator[LocalBot]:
    chat = create(Config(database=path / "chat.db", team=TEAM))
    settings = Settings(
        adapters=("local",),
        admins=(f"local:{ADMIN}",),
        data=Data(dir=path),
        store=Store(url=f"sqlite:///{path / 'understudy.db'}"),
    )
    async with open_app(settings, adapters={"local": chat}) as app:
        await live_persona(app, platform="local")
        services = app.services
        health = Health(services.store, services.clock, services.adapters, services.metrics)
        routes = (*health.routes(), *chat.routes(app.inbox))
        async with serving("127.0.0.1", 0, routes) as port, aiohttp.ClientSession() as http:
            running = asyncio.create_task(app.run())
            try:
                await chat.rooms.last_change()  # behind run's own first look: then it is under way
                yield LocalBot(app, http, port)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
    chat.rooms.close()
