"""The web server: routes, safe headers, and an address that cannot be had."""

from __future__ import annotations

import re
import socket

import aiohttp
import pytest
from aiohttp import web

from bots.web.server import HEADERS, serving
from persona_store.errors import Refused


async def hello(request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def page(request: web.Request) -> web.Response:
    return web.Response(text="<p>", headers={"Content-Security-Policy": "default-src 'self'"})


async def broken(request: web.Request) -> web.Response:
    raise ValueError("my salary is 1")


ROUTES = (web.get("/hello", hello), web.get("/page", page), web.get("/broken", broken))


async def get(port: int, path: str) -> tuple[int, str, dict[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text(), dict(answer.headers)


@pytest.mark.parametrize(("path", "status"), [("/hello", 200), ("/gone", 404), ("/broken", 500)])
async def test_every_answer_carries_the_safe_headers(path: str, status: int) -> None:
    """Errors too; and neither the server's version nor the text of an exception gets out."""
    async with serving("127.0.0.1", 0, ROUTES) as port:
        found, text, headers = await get(port, path)
    assert found == status
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["Server"] == "understudy"
    assert "salary" not in text
    assert "Traceback" not in text


async def test_a_page_that_needs_more_says_so_itself() -> None:
    async with serving("127.0.0.1", 0, ROUTES) as port:
        _, _, headers = await get(port, "/page")
    assert headers["Content-Security-Policy"] == "default-src 'self'"


async def test_it_stops_listening_when_the_block_ends() -> None:
    async with serving("127.0.0.1", 0, ROUTES) as port:
        assert (await get(port, "/hello"))[0] == 200
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(port, "/hello")


async def test_a_taken_port_names_the_setting_and_a_free_one() -> None:
    """What it proposes works."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(Refused) as caught:
            async with serving("127.0.0.1", taken, ROUTES):
                pass
        assert caught.value.code == "PORT_TAKEN"
        assert str(taken) in caught.value.what
        proposed = re.search(r"UNDERSTUDY_WEB_PORT=(\d+)", caught.value.fix)
        assert proposed
        async with serving("127.0.0.1", int(proposed[1]), ROUTES) as port:
            assert (await get(port, "/hello"))[0] == 200


async def test_an_address_of_another_machine_is_refused() -> None:
    """203.0.113.0/24 is nobody's (RFC 5737)."""
    with pytest.raises(Refused, match="UNDERSTUDY_WEB_HOST"):
        async with serving("203.0.113.7", 0, ROUTES):
            pass
