"""How long fetching chats from a Feishu on this machine takes, and how much memory, beside reading the same saved.

    python -m tests.benchmarks.fetch_messages [--messages 10000,100000] [--delay 0]

The material is that of `import_messages` (20 chats). The platform is a process of its own that answers pages of 50
from memory after `--delay` milliseconds. The real one lets 1,000 requests a minute through, which are 830 messages
a second: of interest is whether we are slower than that, and that memory grows with the largest chat alone.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import web

from adapters.secret import Secret
from persona_store.sources.chat_export import Told
from persona_store.sources.feishu_api import FeishuApi, FeishuAsked
from persona_store.sources.feishu_calls import FeishuAccess
from persona_store.sources.feishu_export import FeishuExport
from persona_store.sources.members import Limits
from tests.benchmarks.import_messages import CHATS, PAGE, make, talk
from tests.platforms.base import PlatformServer

SUBJECT = "ou_00000000"
Json = dict[str, Any]


class Pages(PlatformServer):
    """Chats, their members, and pages of messages, ready beforehand."""

    def __init__(self, messages: int, delay: float) -> None:
        super().__init__()
        self._delay = delay
        self._chats = {
            items[0]["chat_id"]: items
            for items in (list(talk("feishu", chat, messages // CHATS)) for chat in range(CHATS))
        }

    def routes(self) -> list[web.RouteDef]:
        im = "/open-apis/im/v1"
        return [
            web.post("/open-apis/auth/v3/tenant_access_token/internal", self._token),
            web.get(f"{im}/chats", self._list),
            web.get(f"{im}/chats/{{chat}}", self._chat),
            web.get(f"{im}/chats/{{chat}}/members", self._members),
            web.get(f"{im}/messages", self._messages),
        ]

    async def _token(self, request: web.Request) -> web.Response:
        return web.json_response({"code": 0, "tenant_access_token": "t-bench", "expire": 7200})

    async def _list(self, request: web.Request) -> web.Response:
        return _ok({"items": [{"chat_id": chat} for chat in self._chats], "has_more": False})

    async def _chat(self, request: web.Request) -> web.Response:
        return _ok({"name": request.match_info["chat"], "chat_mode": "group", "chat_type": "public"})

    async def _members(self, request: web.Request) -> web.Response:
        people = {item["sender"]["id"] for item in self._chats[request.match_info["chat"]][:PAGE]}
        return _ok(
            {"items": [{"member_id": who, "member_id_type": "open_id"} for who in people], "has_more": False}
        )

    async def _messages(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._delay)
        items, start = self._chats[request.query["container_id"]], int(request.query.get("page_token") or 0)
        end = start + PAGE
        return _ok({"items": items[start:end], "has_more": end < len(items), "page_token": str(end)})


def _ok(data: Json) -> web.Response:
    return web.json_response({"code": 0, "msg": "success", "data": data})


def serve(messages: int, delay: float, told: Connection) -> None:
    async def run() -> None:
        async with Pages(messages, delay) as server:
            told.send(server.url)
            await asyncio.to_thread(told.recv)

    asyncio.run(run())


async def fetch(url: str) -> tuple[int, int, int]:
    access = FeishuAccess("cli_bench", Secret("bench"))
    source = FeishuApi(SUBJECT, FeishuAsked(base=url, access=access, chats=("all",)))
    own = found = 0
    async for document in source.documents():
        found += 1
        own += document.by_subject
    return own, found, source.progress[0]


def measure(messages: int, delay: float) -> None:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(messages, delay, there))
    server.start()
    url = here.recv()
    begin, busy = time.perf_counter(), time.process_time()
    own, found, requests = asyncio.run(fetch(url))
    seconds, busy = time.perf_counter() - begin, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024)
    here.send("enough")
    server.join()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "saved.zip"
        make("feishu", path, messages)
        begin = time.perf_counter()
        saved = FeishuExport(path, SUBJECT, Told(team_chats=("*",)), limits=Limits(members=1_000_000))
        assert sum(document.by_subject for document in saved.read()) == own
        reading = time.perf_counter() - begin
    print(
        f"{messages:9,} messages  {requests:6,} requests  {seconds:6.2f} s  {messages / seconds:8,.0f} messages/s  "
        f"cpu {busy:5.2f} s  peak {peak} MB  {seconds / reading:4.1f} times reading  {own} own of {found}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", default="10000,100000")
    parser.add_argument("--delay", type=float, default=0.0, help="milliseconds before a page is answered")
    options = parser.parse_args()
    for messages in map(int, options.messages.split(",")):
        measure(messages, options.delay / 1000)


if __name__ == "__main__":
    main()
