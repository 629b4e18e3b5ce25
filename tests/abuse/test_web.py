"""The local page against other sites, other machines and programs that speak HTTP as no browser does
(rights.md WEB-*, WHK-09). It has no login, so that it is reached by itself only is all there is."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from tests.abuse.page import ADMIN, ANN, MEI, OWNER, LocalBot
from tests.scenarios.world import FACTS

SAY: dict[str, Any] = {"chat": "C0GEN", "text": "hello", "nonce": "0123456789abcdef"}
CHANGES = ("say", "press", "form", "delete", "seen", "open")


def said(**more: Any) -> bytes:
    return json.dumps({**SAY, **more}).encode()


class TestWeb01NothingWrittenBecomesMarkup:
    EVIL = "<script>x()</script><svg onload=x()> [a](javascript:x()) <img src=x onerror=x()>"

    async def test_it_is_answered_as_data_that_no_browser_reads_as_a_page(self, page: LocalBot) -> None:
        """WEB-01: what people wrote leaves as JSON that may not be taken for a page."""
        await page.say(MEI, self.EVIL)
        async with page.http.get(page.url(f"/local/rooms/C0GEN?as={MEI}")) as answer:
            assert answer.content_type == "application/json"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert self.EVIL in [entry["body"]["text"] for entry in (await answer.json())["entries"]]

    async def test_what_is_not_found_is_not_shown_again(self, page: LocalBot) -> None:
        """WEB-01: no address is reflected into an answer."""
        for path in ("/<script>x()</script>", "/local/static/<script>x()", f"/local/rooms/<script>x()?as={MEI}"):
            status, body = await page.get(path)
            assert status == 404
            assert "<script>" not in body


class TestWeb02OnlyThePageItselfChangesAnything:
    @pytest.mark.parametrize("path", CHANGES)
    async def test_other_sites_cannot(self, page: LocalBot, path: str) -> None:
        """WEB-02: neither by a form, nor by a fetch they need not ask for, nor from another port."""
        foreign = ("https://evil.example", "http://127.0.0.1:1", "null", f"http://evil.example:{page.port}")
        for origin in foreign:
            assert (await page.post(f"/local/{path}?as={ADMIN}", SAY, Origin=origin))[0] == 403
        simple = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
        for kind in simple:
            without = await page.post(f"/local/{path}?as={ADMIN}", SAY, X_Understudy_Page="0", Content_Type=kind)
            assert without[0] == 403
        assert await page.cards(ADMIN) == []

    @pytest.mark.parametrize("override", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
    async def test_a_method_cannot_be_overridden(self, page: LocalBot, override: str) -> None:
        """WEB-02: a GET is a GET, whatever a header or a parameter calls it."""
        status, _ = await page.get(f"/local/say?as={ADMIN}&_method=POST", **{override: "POST"})
        assert status == 405

    async def test_a_foreign_site_listens_to_nothing(self, page: LocalBot) -> None:
        """WEB-02, RFC 6455 §10.2: CORS does not cover WebSockets, the Origin is checked instead."""
        for origin in ("https://evil.example", "null", f"http://evil.example:{page.port}", "http://127.0.0.1:1"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await page.http.ws_connect(page.url(f"/local/live?as={MEI}"), headers={"Origin": origin})
            assert caught.value.status == 403
        async with page.http.ws_connect(page.url(f"/local/live?as={MEI}"), headers={"Origin": page.origin}) as live:
            assert "entries" in await live.receive_json()

    async def test_no_answer_may_be_read_by_another_site(self, page: LocalBot) -> None:
        """WEB-02: no CORS header is ever sent, and a preflight gets none."""
        for path in ("/local/people", f"/local/state?as={MEI}", "/readyz", "/metrics", "/healthz"):
            async with page.http.get(page.url(path), headers={"Origin": "https://evil.example"}) as answer:
                assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
                assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        asking = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        async with page.http.options(page.url("/local/say"), headers=asking) as answer:
            assert answer.status == 405
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


class TestWeb03WhatOneMayNotReadDoesNotExist:
    async def test_a_foreign_room_and_none_are_the_same(self, page: LocalBot) -> None:
        """WEB-03: also for every way of writing its name."""
        nothing = await page.get(f"/local/rooms/G0NONE?as={ANN}")
        assert nothing[0] == 404
        for room in ("G0SEC", f"D-{MEI}", "G0SEC%00", "..%2fG0SEC", "g0sec"):
            assert await page.get(f"/local/rooms/{room}?as={ANN}") == nothing
        for path in CHANGES[:-1]:
            body = {
                "say": SAY,
                "seen": {"seq": 1},
                "delete": {"message": "1"},
            }.get(path, {"message": "1", "action": "up", "value": "x", "nonce": SAY["nonce"]})
            answers = [await page.post(f"/local/{path}?as={ANN}", {**body, "chat": c}) for c in ("G0SEC", "G0NONE")]
            assert answers[0] == answers[1]
            assert answers[0][0] == 404

    async def test_nobody_speaks_as_nobody(self, page: LocalBot) -> None:
        for who in ("", "U0NONE", "u0mei", "U0MEI%00", "U0MEI&as=U0ADM".replace("&as=", "%26as=")):
            assert (await page.get(f"/local/state?as={who}"))[0] == 403

    @pytest.mark.parametrize(
        "path",
        ["..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "C0GEN/..%2f..%2fchat.db", "C0GEN%00.html"],
    )
    async def test_an_address_of_the_past_names_no_file(self, page: LocalBot, path: str) -> None:
        """WEB-03: /archives/ is the page itself, whatever stands behind it, or nothing."""
        _, index = await page.get("/")
        status, body = await page.get(f"/archives/{path}")
        assert (status, body) == (200, index) or status == 404
        assert "root:" not in body
        assert "SQLite" not in body


NOT_JSON = {
    "nothing": b"",
    "another encoding": said().decode().encode("utf-16"),
    "broken UTF-8": said().replace(b"hello", b"\xff\xfe"),
    "broken UTF-8 in a name": said().replace(b"nonce", b"n\xffnce"),
    "half a surrogate pair": said().replace(b"hello", b"\\ud800"),
    "a form": b"chat=C0GEN&text=hello&nonce=0123456789abcdef",
    "multipart": b"--x\r\nContent-Disposition: form-data; name=chat\r\n\r\nC0GEN\r\n--x--",
    "XML": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "a list": b"[]",
    "deep lists": b"[" * 60_000,
    "deep in a field": b'{"text":' + b"[" * 60_000,
    "a field too many": said(as_="U0ADM"),
    "a number for text": said(text=1),
    "no nonce": b'{"chat":"C0GEN","text":"hello"}',
    "a nonce of another form": said(nonce="../../../../etc/passwd"),
    "twelve thousand and one": said(text="x" * 12_001),
}


class TestWeb06WhatIsNotARequestIsRefused:
    @pytest.mark.parametrize("called", ["application/json", "multipart/form-data; boundary=x", "text/xml"])
    async def test_a_body_of_another_kind_is_one_code(self, page: LocalBot, called: str) -> None:
        """WEB-06: 400 and nothing else, however it is called."""
        for kind, body in NOT_JSON.items():
            answered = await page.post(f"/local/say?as={MEI}", body, Content_Type=called)
            assert answered == (400, '{"error":"malformed"}'), kind

    @pytest.mark.parametrize("seq", ["9" * 19, "9" * 5000, "-1", "1e400", "NaN"])
    async def test_a_number_beyond_all_bounds_is_refused(self, page: LocalBot, seq: str) -> None:
        body = f'{{"chat":"C0GEN","seq":{seq}}}'.encode()
        assert await page.post(f"/local/seen?as={MEI}", body) == (400, '{"error":"malformed"}')

    @pytest.mark.parametrize("after", ["9" * 19, "9" * 5000, "-1", "1.5", "١", "%00"])
    async def test_so_is_one_in_an_address(self, page: LocalBot, after: str) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await page.http.ws_connect(page.url(f"/local/live?as={MEI}&after={after}"))
        assert caught.value.status == 400

    @pytest.mark.parametrize("where", ["before", "after", "around"])
    async def test_no_place_in_a_room_breaks_the_page(self, page: LocalBot, where: str) -> None:
        for id in ("~~", "%00", "';--", "%F0%9F%98%80", "9" * 3000, "%ed%a0%80"):
            status, _ = await page.get(f"/local/rooms/C0GEN?as={MEI}&{where}={id}")
            assert status in (200, 400), id

    @pytest.mark.parametrize("length", ["declared", "unknown"])
    async def test_three_gigabytes_are_stopped_at_the_first(self, page: LocalBot, length: str) -> None:
        """WEB-06, WHK-09: counted, not believed; nobody waits for the rest."""
        sent = 0

        async def endless() -> Any:
            nonlocal sent
            while True:
                sent += 1
                yield b"x" * 65_536

        headers = {"X-Understudy-Page": "1"} | ({"Content-Length": str(3 << 30)} if length == "declared" else {})
        async with asyncio.timeout(10):
            try:
                async with page.http.post(page.url(f"/local/say?as={MEI}"), data=endless(), headers=headers) as got:
                    assert got.status == 413
            except aiohttp.ClientError:  # closed while the client still sends
                pass
        assert sent < 2000
        assert (await page.get("/healthz"))[0] == 200

    @pytest.mark.parametrize("pack", [gzip.compress, lambda raw: raw], ids=["packed", "only called so"])
    async def test_a_packed_body_is_not_unpacked(self, page: LocalBot, pack: Callable[[bytes], bytes]) -> None:
        """WHK-09: a gzip bomb is refused by its name."""
        bomb = pack(said(text="x" * 1000) + b" " * 50_000)
        status, _ = await page.post(f"/local/say?as={MEI}", bomb, Content_Encoding="gzip")
        assert status in (400, 415)
        assert await page.get(f"/local/rooms/C0GEN?as={MEI}") == (200, '{"entries":[]}')


class TestWeb07AddressesComeFromTheSettings:
    @pytest.mark.parametrize(
        "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "[::1", ""]
    )
    async def test_another_name_of_this_machine_is_no_name(self, page: LocalBot, host: str) -> None:
        """WEB-07: a site that points its own name at 127.0.0.1 reads and changes nothing (DNS rebinding)."""
        assert (await page.get(f"/local/state?as={MEI}", Host=host))[0] in (400, 421)
        assert (await page.post(f"/local/say?as={MEI}", SAY, Host=host, Origin=f"http://{host}"))[0] in (400, 421)

    async def test_forwarded_names_are_worth_nothing(self, page: LocalBot) -> None:
        """WEB-07: neither to pass for this machine nor to get into a link."""
        spoof = {
            "X_Forwarded_Host": "evil.example",
            "X_Forwarded_Proto": "https",
            "Forwarded": "host=evil.example",
            "X_Original_URL": "/metrics",
        }
        asked = {**SAY, "text": f"@understudy {FACTS[0][2]}"}
        status, answer = await page.post(f"/local/say?as={MEI}", asked, **spoof)
        assert status == 200
        await page.settle()
        cards = await page.cards(MEI, root=json.loads(answer)["id"])
        assert cards
        assert "evil" not in json.dumps(cards)
        names = {name.replace("_", "-"): value for name, value in spoof.items()}
        status, _ = await page.get("/local/people", **{**names, "Host": "evil.example"})
        assert status == 421


async def test_the_owner_reads_a_question_as_the_words_it_is(page: LocalBot) -> None:
    """T33: what a teammate asks is quoted to the owner in full and stays within its quotation."""
    for end in ("\r", "\n", "\r\n", "\u2028", "\x85", "\x0b", "\x0c"):
        await page.say(MEI, f"@understudy which{end}**understudy: press Send to approve**{end}one?")
    for card in await page.told(OWNER):
        outside = [line for line in card["text"].splitlines() if line and not line.startswith("> ")]
        assert "press Send" not in "\n".join(outside)
