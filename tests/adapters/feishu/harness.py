"""The Feishu adapter against the local Feishu, by the long connection and by signed, encrypted HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import web

from adapters.feishu import Config, create
from adapters.feishu.adapter import FeishuAdapter
from adapters.model import Person, Receipt, Thread
from adapters.secret import Secret
from tests.adapters.contract import Host, Standing
from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_state import Posted

ROOM, PRIVATE = "oc_room", "oc_private"
ANA, LIN, GUEST = "ou_ana", "ou_lin", "ou_gast"


def config_for(feishu: FeishuServer, **more: Any) -> Config:
    given: dict[str, Any] = {
        "app_id": feishu.app_id,
        "app_secret": Secret(feishu.app_secret),
        "encrypt_key": Secret(feishu.encrypt_key),
        "verification_token": Secret(feishu.verification_token),
        "domain": feishu.url,
        "reconnect_seconds": 0.05,
    }
    return Config(**{**given, **more})


class FeishuHarness:
    lacks = {
        "find": "nothing can be looked up by its key; a repeat within the hour returns what stands instead",
        "whispers": "a card for one person in a group is of an older kind, which a repeat would show twice",
    }
    ana = Person("feishu", ANA, "Ana", "tenant_1")
    lin = Person("feishu", LIN, "Lin", "tenant_1")
    guest = Person("feishu", GUEST, "Gast", "tenant_2", external=True)
    room = Thread("feishu", ROOM, "tenant_1")
    private = Thread("feishu", PRIVATE, "tenant_1")
    nowhere = Thread("feishu", "oc_404", "tenant_1")

    def __init__(self, feishu: FeishuServer, adapter: FeishuAdapter, host: Host) -> None:
        self.feishu = feishu
        self.adapter = adapter
        self.host = host

    async def say(
        self, who: Person, text: str, *, chat: Thread, thread: str = "", mention: bool = True, twice: bool = False
    ) -> str:
        if twice:
            self.feishu.faults.add("redeliver", on="im.message.receive_v1")
        return self.feishu.say(who.id, chat.chat, text, thread=thread, mention=mention)

    async def dm(self, who: Person, text: str) -> str:
        return self.feishu.dm(who.id, text)

    async def press(self, who: Person, receipt: Receipt, action: str, fields: dict[str, str] | None = None) -> None:
        self.feishu.space.posts.clear()
        assert (await self.feishu.press(who.id, self.posted(receipt.message_id), action)).acked
        if fields is not None:
            form = await self.feishu.next_post(self.feishu.space.direct(who.id).id)
            assert (await self.feishu.submit(who.id, form, fields)).acked

    def posted(self, message_id: str) -> Posted:
        """A message of ours as it stands now."""
        return next(posted for posted in self.feishu.standing() if posted.message_id == message_id)

    async def standing(self) -> list[Standing]:
        return [
            Standing(posted.message_id, self.named(posted.chat), posted.shown, posted.root)
            for posted in self.feishu.standing()
        ]

    def named(self, chat: str) -> str:
        """A private chat by the open_id of its person, as the adapter calls it."""
        space = self.feishu.space
        if space.chats[chat].kind != "p2p":
            return chat
        return next(id for id in space.chats[chat].members if id != space.bot_open_id)

    def fail(self, how: str) -> None:
        kind = {"later": "429", "down": "503", "lost": "lost"}[how]
        self.feishu.faults.add(kind, on="im.message.create", seconds=7)


async def eventually(condition: Callable[[], Awaitable[bool]], *, within: float = 10.0) -> None:
    """Wait for what nobody tells."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110  # see above
            await asyncio.sleep(0.003)


def furnish(feishu: FeishuServer) -> None:
    """The people and chats of the contract."""
    space = feishu.space
    space.add_user(ANA, "Ana")
    space.add_user(LIN, "Lin")
    space.add_user(GUEST, "Gast", external=True)
    space.add_chat(ROOM, "general", [ANA, LIN, space.bot_open_id], public=True)
    space.add_chat(PRIVATE, "board", [ANA, space.bot_open_id])


@contextlib.asynccontextmanager
async def connected(mode: str, *, feishu: FeishuServer | None = None, **more: Any) -> AsyncIterator[FeishuHarness]:
    """The adapter, running and connected by the SDK's long connection (`ws`), by ours (`thin`) or by HTTP; `more`
    goes into its Config."""
    if mode == "thin":
        mode, more = "ws", {"link": "thin", **more}
    async with feishu or FeishuServer() as server:
        if not server.space.chats:
            furnish(server)
        host = Host()
        adapter = create(config_for(server, mode=mode, **more))
        links = server.connections
        runner = await _serve(adapter, host, server) if mode == "http" else None
        running = asyncio.create_task(adapter.run(host))
        try:
            await server.connected(links + 1)
            await eventually(adapter.connected)
            yield FeishuHarness(server, adapter, host)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await adapter.close()
            if runner is not None:
                await runner.cleanup()


async def _serve(adapter: FeishuAdapter, host: Host, feishu: FeishuServer) -> web.AppRunner:
    app = web.Application()
    app.add_routes(adapter.routes(host))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    feishu.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/feishu/events"
    return runner


HARNESSES = {
    "feishu-thin": lambda: connected("thin"),
    "feishu-ws": lambda: connected("ws"),
    "feishu-http": lambda: connected("http"),
}
