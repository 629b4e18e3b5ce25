"""The DingTalk adapter against the local DingTalk: by stream with messages and with cards, and by signed HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from adapters.dingtalk import Config, DingTalkAdapter, create
from adapters.dingtalk.addresses import outsider
from adapters.dingtalk.webhook import PATH
from adapters.model import Person, Post, Receipt, Thread
from adapters.secret import Secret
from tests.adapters.contract import Host, Standing
from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_state import Posted

ANA, LIN, GUEST = "staff_ana", "staff_lin", "guest"
ROOM, PRIVATE = "cidroom==", "cidprivate=="

ALWAYS = {
    "threads": "DingTalk has no threads; what one person asks in a group is one conversation",
    "follow_ups": "a group's messages reach a robot only if they @ it",
    "limits": "DingTalk says that it was too much, and not how long to wait",
    "whispers": "a group message has no single reader whom one could be sure of; it goes to their direct chat",
}
PLAIN = {
    "repeats": "a message has no idempotency key; with a card template it has",
    "find": "no call looks at what stands in a chat; with a card template there is one",
    "rewrite": "a message cannot be changed, only recalled; with a card template it can",
    "forms": "a message has no inputs; the bot asks for a reply in words. With a card template it has",
}
HTTP = {"redelivery": "an HTTP callback is tried once; stream mode brings it again"}


def config_for(ding: DingTalkServer, **more: object) -> Config:
    given: dict[str, object] = {
        "client_id": ding.client_id,
        "client_secret": Secret(ding.client_secret),
        "robot_code": ding.robot_code,
        "api_url": ding.url,
        "oapi_url": ding.url,
    }
    return Config(**{**given, **more})  # type: ignore[arg-type]  # the caller knows Config


class DingTalkHarness:
    def __init__(
        self, ding: DingTalkServer, adapter: DingTalkAdapter, host: Host, lacks: Mapping[str, str]
    ) -> None:
        self.ding = ding
        self.adapter = adapter
        self.host = host
        self.lacks = lacks
        corp = ding.corp_id
        self.ana = Person("dingtalk", ANA, "Ana", corp)
        self.lin = Person("dingtalk", LIN, "Lin", corp)
        self.guest = Person("dingtalk", outsider(ding.space.users[GUEST].dingtalk_id), "Gast", corp, external=True)
        self.room = Thread("dingtalk", ROOM, corp)
        self.private = Thread("dingtalk", PRIVATE, corp)
        self.nowhere = Thread("dingtalk", "cidnowhere==", corp)
        self._ids: dict[str, str] = {}  # the server's id of a post → the adapter's, where a webhook tells none
        self._post, adapter.post = adapter.post, self._noting  # type: ignore[method-assign]  # to see what is placed

    async def _noting(self, thread: Thread, post: Post) -> Receipt:
        before = {posted.id for posted in self.ding.standing()}
        receipt = await self._post(thread, post)
        for posted in self.ding.standing():
            if posted.how == "webhook" and posted.id not in before:
                self._ids[posted.id] = receipt.message_id
        return receipt

    def _user(self, who: Person) -> str:
        return GUEST if who.external else who.id

    async def say(
        self, who: Person, text: str, *, chat: Thread, thread: str = "", mention: bool = True, twice: bool = False
    ) -> str:
        """`thread` is the message that is quoted, the nearest DingTalk has to a thread."""
        if twice:
            self.ding.faults.add("redeliver", on="message")
        return self.ding.say(self._user(who), chat.chat, text, quote=thread, mention=mention)

    async def dm(self, who: Person, text: str) -> str:
        return self.ding.dm(self._user(who), text)

    async def press(self, who: Person, receipt: Receipt, action: str, fields: dict[str, str] | None = None) -> None:
        posted = self.posted(receipt)
        await self.ding.press(who.id, posted, action)
        if fields is not None:
            await self.ding.next_form(who.id)
            assert (await self.ding.submit(who.id, posted, fields)).acked

    def posted(self, receipt: Receipt) -> Posted:
        """The post of this receipt that has the buttons: the last one."""
        found = [each for each in self.ding.standing() if self._id(each) == receipt.message_id]
        return found[-1]

    def _id(self, posted: Posted) -> str:
        return posted.out_track_id or self._ids.get(posted.id, posted.id)

    async def standing(self) -> list[Standing]:
        shown = []
        for posted in self.ding.standing():
            room = self.ding.space.chats[posted.chat]
            chat = f"u:{room.members[0]}" if room.direct else room.id
            shown.append(Standing(self._id(posted), chat, posted.shown))
        return shown

    def fail(self, how: str) -> None:
        kind = {"later": "429", "down": "503", "lost": "lost"}[how]
        self.ding.faults.add(kind, on="robot/*Send")
        self.ding.faults.add(kind, on="robot/groupMessages/send")
        self.ding.faults.add(kind, on="card/instances/createAndDeliver")


def furnish(ding: DingTalkServer) -> None:
    """The people and rooms of the contract."""
    ding.space.add_user(ANA, "Ana")
    ding.space.add_user(LIN, "Lin")
    ding.space.add_user(GUEST, "Gast", external=True)
    ding.space.add_chat(ROOM, "general", [ANA, LIN], public=True)
    ding.space.add_chat(PRIVATE, "board", [ANA])


@contextlib.asynccontextmanager
async def connected(
    mode: str = "stream", *, cards: bool = False, ding: DingTalkServer | None = None, **more: object
) -> AsyncIterator[DingTalkHarness]:
    """The adapter, running and connected; `more` goes into its Config."""
    async with ding or DingTalkServer() as server:
        server.ack_within = 0.4
        if not server.space.chats:
            furnish(server)
        host = Host()
        template = server.card_template if cards else ""
        adapter = create(config_for(server, mode=mode, card_template=template, **more))
        links = server.connections
        runner = await _serve(adapter, host, server) if mode == "http" else None
        lacks = ALWAYS | ({} if cards else PLAIN) | (HTTP if mode == "http" else {})
        running = asyncio.create_task(adapter.run(host))
        try:
            await server.connected(links + 1)
            await reached(adapter, running)
            yield DingTalkHarness(server, adapter, host, lacks)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await adapter.close()
            if runner is not None:
                await runner.cleanup()


async def reached(
    adapter: DingTalkAdapter, running: asyncio.Task[None] | None = None, *, within: float = 5.0
) -> None:
    """Until events can reach the adapter, or it has given up."""
    async with asyncio.timeout(within):
        while not await adapter.connected():
            if running is not None and running.done():
                running.result()
            await asyncio.sleep(0.002)


async def _serve(adapter: DingTalkAdapter, host: Host, ding: DingTalkServer) -> web.AppRunner:
    app = web.Application()
    app.add_routes(adapter.routes(host))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ding.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    return runner


HARNESSES = {
    "dingtalk-stream": lambda: connected("stream"),
    "dingtalk-card": lambda: connected("stream", cards=True),
    "dingtalk-http": lambda: connected("http"),
}
