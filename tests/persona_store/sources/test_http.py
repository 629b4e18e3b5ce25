"""Asking an API: what leaves this machine, to whom, and how much comes back."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from persona_store.errors import Refused
from persona_store.sources import http as module
from persona_store.sources.http import Answer, Denied, Http, segment
from tests.persona_store.sources.feishu_live import Waits


class Server:
    """Answers by a function, and remembers who asked."""

    def __init__(self) -> None:
        self.answer: Callable[[web.Request], web.StreamResponse] = lambda request: web.json_response({"code": 0})
        self.asked: list[web.Request] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return self.answer(request)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


def never(answer: Answer) -> bool:
    return False


async def asked(server: Server, path: str = "/a", **more: Any) -> Answer:
    async with Http(server.url, posts=("/token",), again=never, sleep=Waits()) as http:
        return await http.ask(more.pop("verb", "GET"), path, **more)


@pytest.mark.parametrize(
    "base",
    [
        "http://open.feishu.cn",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://",
        "https://user:secret@open.feishu.cn",
        "https://open.feishu.cn?x=secret",
        "open.feishu.cn",
        "http://localhost.evil.example",
    ],
)
def test_nobody_is_asked_without_encryption_but_this_machine(base: str) -> None:
    with pytest.raises(Refused) as refused:
        Http(base, posts=(), again=never)
    assert refused.value.code == "HTTP_ADDRESS"
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost:9", "https://x.example"]
)
def test_https_or_this_machine_is_fine(host: str) -> None:
    assert repr(Http(host, posts=(), again=never)) == f"Http({urlsplit(host).hostname!r})"


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "POST"])
async def test_nothing_that_could_change_something_is_sent(server: Server, verb: str) -> None:
    with pytest.raises(ValueError, match="only read"):
        await asked(server, verb=verb)
    assert server.asked == []
    await asked(server, "/token", verb="POST", body={"a": 1})
    assert [request.method for request in server.asked] == ["POST"]


async def test_a_redirect_is_not_followed(server: Server) -> None:
    server.answer = lambda request: web.Response(status=302, headers={"Location": server.url + "/elsewhere"})
    with pytest.raises(Refused) as refused:
        await asked(server)
    assert refused.value.code == "HTTP_REDIRECT"
    assert [request.path for request in server.asked] == ["/a"]


async def test_an_endless_answer_is_cut_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that is small on the wire: it is counted as it unpacks."""
    monkeypatch.setattr(module, "LARGEST", 1 << 20)
    packed = gzip.compress(b" " * (4 << 20))
    server.answer = lambda request: web.Response(body=packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(Denied) as denied:
        await asked(server)
    assert denied.value.code == "HTTP_LONG"


@pytest.mark.parametrize("body", ["", "<html>", "[1]", '{"a":1', '{"a":1,"a":2}', "[" * 100_000, '{"n": NaN}'])
async def test_what_is_no_answer_is_asked_for_again_and_given_up(server: Server, body: str) -> None:
    server.answer = lambda request: web.Response(text=body, content_type="application/json")
    with pytest.raises(Refused) as refused:
        await asked(server)
    assert refused.value.code == "HTTP_UNREACHABLE"
    assert len(server.asked) == module.TRIES


@pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), ("-1", 0.5), ("soon", 0.5), ("nan", 0.5)])
async def test_a_wait_is_a_number_of_seconds_or_none(server: Server, header: str, seconds: float) -> None:
    waits = Waits()
    server.answer = lambda request: web.json_response({}, headers={"Retry-After": header})
    async with Http(server.url, posts=(), again=lambda answer: len(server.asked) < 2, sleep=waits) as http:
        await http.ask("GET", "/a")
    assert waits.seconds == [seconds]


async def test_nobody_at_the_other_end_is_one_line_without_an_address() -> None:
    waits = Waits()
    async with Http("http://127.0.0.1:9", posts=(), again=never, sleep=waits) as http:
        with pytest.raises(Refused) as refused:
            await http.ask("GET", "/a", query=[("access_token", "secret")], headers={"Authorization": "secret"})
    assert refused.value.code == "HTTP_UNREACHABLE"
    assert "secret" not in str(refused.value) + repr(refused.value.__cause__) + repr(http)
    assert waits.seconds == [0.5, 1, 2, 4, 8]


@pytest.mark.parametrize("ident", ["../../admin", "a/b", "a?x=1", "a#b", "%2e%2e", "a b", "张三"])
async def test_an_id_stays_one_piece_of_the_path(server: Server, ident: str) -> None:
    await asked(server, f"/x/{segment(ident)}/y", query=[("page_token", "a&b=c"), ("many", "1"), ("many", "2")])
    [request] = server.asked
    assert request.raw_path.partition("?")[0].count("/") == 3
    assert request.query["page_token"] == "a&b=c"
    assert request.query.getall("many") == ["1", "2"]


@pytest.mark.parametrize("ident", ["", ".", ".."])
def test_what_would_climb_is_no_piece_of_a_path(ident: str) -> None:
    with pytest.raises(Denied):
        segment(ident)


async def test_no_cookie_is_kept(server: Server) -> None:
    def answer(request: web.Request) -> web.Response:
        response = web.json_response({})
        response.set_cookie("session", "1")
        return response

    server.answer = answer
    by_name = server.url.replace("127.0.0.1", "localhost")  # of a bare address no client keeps a cookie
    async with Http(by_name, posts=(), again=never, sleep=Waits()) as http:
        await http.ask("GET", "/a")
        await http.ask("GET", "/b")
    assert [dict(request.cookies) for request in server.asked] == [{}, {}]
