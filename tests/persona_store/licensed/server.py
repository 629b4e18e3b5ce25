"""A server of this machine that speaks TLS and is certified to be HOST, as the Subject's own would."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import unused_port

from persona_store.licensed import address
from tests.certificates import certified

HOST = "lin.example"
URL = f"https://{HOST}/licence.txt"


class Site:
    """What stands where, and the headers of whoever asked. `fetch` is ours, led to this server."""

    def __init__(self, port: int, trust: ssl.SSLContext) -> None:
        self.pages: dict[str, web.Response] = {}
        self.asked: list[dict[str, str]] = []
        self.port = port
        self.trust = trust

    async def fetch(self, url: str) -> str:
        return await address.fetch(url, find=self._here, trust=self.trust)

    async def _here(self, host: str) -> list[tuple[str, int]]:
        return [("127.0.0.1", self.port)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.headers))
        kept = self.pages.get(request.path)
        if kept is None:
            raise web.HTTPGone
        return web.Response(body=kept.body, status=kept.status, headers=kept.headers)


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    cert, key = certified(HOST, folder)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(cert, key)
    there = Site(unused_port(), ssl.create_default_context(cafile=str(cert)))
    app = web.Application()
    app.router.add_get("/{path:.*}", there.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", there.port, ssl_context=serving).start()
        yield there
    finally:
        await runner.cleanup()
