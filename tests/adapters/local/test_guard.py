"""A page without a login is reached from this machine only, and changed by itself only."""

from __future__ import annotations

import pytest
from aiohttp import WSServerHandshakeError

from tests.adapters.contract import Host
from tests.adapters.local.conftest import Visitor

SAY = {"chat": "C1", "text": "hello", "nonce": "0123456789abcdef"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8765", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8765", 200),
        ("chat.example", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("chat.example.evil", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
async def test_only_names_of_this_machine_are_answered(visitor: Visitor, host: str, status: int) -> None:
    """A site that points its own name at 127.0.0.1 reads nothing (DNS rebinding)."""
    response = await visitor.client.get("/local/people", headers={"Host": host})
    assert response.status == status


@pytest.mark.parametrize("path", ["say", "press", "form", "delete", "seen", "open"])
async def test_no_other_site_changes_anything(host: Host, visitor: Visitor, path: str) -> None:
    """Neither with a form (no header of ours) nor from another origin, of whatever port or scheme."""
    bare = await visitor.client.post(f"/local/{path}?as=chen", json=SAY)
    assert bare.status == 403
    for origin in ("https://evil.example", "http://127.0.0.1:1", "null"):
        assert (await visitor.post("chen", path, SAY, Origin=origin)).status == 403
    assert host.events == []


async def test_this_page_may(host: Host, visitor: Visitor) -> None:
    origin = f"http://{visitor.client.host}:{visitor.client.port}"
    assert (await visitor.post("chen", "say", SAY, Origin=origin)).status == 200


async def test_no_other_site_listens(visitor: Visitor) -> None:
    """CORS does not cover WebSockets, so the Origin is checked by us."""
    with pytest.raises(WSServerHandshakeError) as caught:
        await visitor.client.ws_connect("/local/live?as=chen", headers={"Origin": "https://evil.example"})
    assert caught.value.status == 403


async def test_what_looks_like_a_websocket_and_is_none_changes_nothing(host: Host, visitor: Visitor) -> None:
    """The header that stands in for ours on a WebSocket is worth nothing on a POST."""
    response = await visitor.client.post("/local/say?as=chen", json=SAY, headers={"Upgrade": "websocket"})
    assert response.status == 403
    assert host.events == []


async def test_every_answer_says_what_the_page_may_do(visitor: Visitor) -> None:
    """Refusals too."""
    for path in ("/", "/archives/C1", "/local/static/app.js", "/local/static/none.js", "/local/state"):
        response = await visitor.client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'")
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_no_address_names_a_file_that_is_not_the_pages(visitor: Visitor) -> None:
    for name in ("..%2Fteam.py", "%2e%2e/team.py", "team.py", "..%5cteam.py"):
        assert (await visitor.client.get(f"/local/static/{name}")).status == 404


async def test_a_file_the_browser_has_is_not_sent_again(visitor: Visitor) -> None:
    first = await visitor.client.get("/local/static/app.js")
    again = await visitor.client.get("/local/static/app.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status, again.status) == (200, 304)
    assert first.headers["Content-Type"].startswith("text/javascript")
