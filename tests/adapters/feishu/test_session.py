"""Calls over real sockets: what a platform that hangs, floods, drips or points elsewhere can do to us."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from adapters.errors import Unreachable
from adapters.feishu.client import Api
from adapters.secret import Secret

TOKEN = {"code": 0, "tenant_access_token": "t-1", "expire": 7200}
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def whole(body: bytes, *head: str, status: str = "200 OK") -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *head, "", "")
    return "\r\n".join(lines).encode() + body


class Feishu:
    """Answers the token by itself and everything else by `answer`, byte for byte."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.connections = 0
        self.answer: Answer = self.yes
        self.url = ""

    async def yes(self, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(b'{"code": 0, "data": {}}'))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                length = next((s.split(":")[1] for s in head.splitlines() if s.lower().startswith("content-le")), 0)
                await reader.readexactly(int(length))
                if "tenant_access_token" in head.splitlines()[0]:
                    writer.write(whole(json.dumps(TOKEN).encode()))
                else:
                    await self.answer(writer)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def feishu(patience: float = 5.0) -> AsyncIterator[tuple[Feishu, Api]]:
    there = Feishu()
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    there.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    api = Api("cli_1", Secret("s3cr3t"), there.url, timeout=patience)
    try:
        yield there, api
    finally:
        await api.close()
        server.close()


async def test_secret_and_token_go_nowhere_but_where_they_were_sent() -> None:
    """A redirect that keeps method and body would hand the app's secret to whoever it points to."""
    async with feishu() as (there, api), feishu() as (elsewhere, _):

        async def redirect(writer: asyncio.StreamWriter) -> None:
            writer.write(whole(b"", f"Location: {elsewhere.url}/callback/ws/endpoint", status="307 Temporary"))

        there.answer = redirect
        with pytest.raises(Unreachable):
            await api.endpoint()
        with pytest.raises(Unreachable):
            await api.write("POST", "im/v1/messages", {})
        assert elsewhere.heads == []


async def test_an_answer_that_drips_has_an_end() -> None:
    """A time limit for each piece is none for the whole: the thread would be held for good, and so would a stop."""
    async with feishu(patience=0.2) as (there, api):

        async def drip(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            for _ in range(200):
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

        there.answer = drip
        begun = time.monotonic()
        with pytest.raises(Unreachable) as caught:
            await api.write("POST", "im/v1/messages", {})
        assert time.monotonic() - begun < 2
        assert caught.value.placed


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_that_floods_has_an_end(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr("adapters.feishu.session.LARGEST", 300_000)
    async with feishu() as (there, api):
        sent = 0

        async def flood(writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            if packed:
                writer.write(whole(gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip"))
                return
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(2_000):
                writer.write(b"%x\r\n" % 50_000 + b" " * 50_000 + b"\r\n")
                await writer.drain()
                sent += 50_000

        there.answer = flood
        with pytest.raises(Unreachable, match="TooMuch"):
            await api.read("im/v1/chats")
        assert sent < 50_000_000


async def test_an_answer_that_breaks_off_may_have_had_effect() -> None:
    async with feishu() as (there, api):

        async def half(writer: asyncio.StreamWriter) -> None:
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"code": 0')
            await writer.drain()
            writer.close()

        there.answer = half
        with pytest.raises(Unreachable) as caught:
            await api.write("POST", "im/v1/messages", {})
        assert caught.value.placed


async def test_connections_are_kept_and_packed_answers_read() -> None:
    async with feishu() as (there, api):

        async def packed(writer: asyncio.StreamWriter) -> None:
            writer.write(whole(gzip.compress(b'{"code": 0, "data": {"n": 1}}'), "Content-Encoding: gzip"))

        there.answer = packed
        for _ in range(5):
            assert (await api.read("im/v1/chats"))["data"] == {"n": 1}
        assert there.connections == 1


async def test_nothing_of_the_machine_gets_between_us_and_our_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a cookie somebody set nor a password file: requests prefers that to the token it was given."""
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    async with feishu() as (there, api):

        async def cookie(writer: asyncio.StreamWriter) -> None:
            writer.write(whole(b'{"code": 0}', "Set-Cookie: who=another-tenant; Path=/"))

        there.answer = cookie
        for _ in range(2):
            await api.read("im/v1/chats")
        assert "Authorization: Bearer t-1" in there.heads[-1]
        assert "cookie" not in "".join(there.heads).lower()


@pytest.mark.parametrize(
    "token", [{"code": 0}, {"code": 0, "tenant_access_token": "t", "expire": "soon"}, {"code": 0, "expire": 7200}]
)
async def test_a_token_that_is_none_is_the_platforms_failure(
    monkeypatch: pytest.MonkeyPatch, token: dict[str, object]
) -> None:
    monkeypatch.setattr("tests.adapters.feishu.test_session.TOKEN", token)
    async with feishu() as (_, api):
        with pytest.raises(Unreachable):
            await api.read("im/v1/chats")


async def test_after_the_close_a_call_is_refused_like_any_other() -> None:
    async with feishu() as (_, api):
        await api.close()
        with pytest.raises(Unreachable, match="closed"):
            await api.read("im/v1/chats")
