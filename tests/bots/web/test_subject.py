"""The subject's place seen from outside: no token, nothing; safe headers; nothing from elsewhere; tries are few."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bots.subject
from bots.subject import passes
from bots.subject.deeds import ALLOWED
from bots.web.limits import Limit
from bots.wording import LANGUAGES, sentences
from tests.bots.subject.stage import Visitor, asked, fresh, linked, visiting
from tests.scenarios.world import START, World, folder, world

STATIC = Path(bots.subject.__file__).parent / "static"
VERBS = sorted(frozenset().union(*ALLOWED.values()))


@pytest.fixture
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(path) as it:
            yield linked(it)


async def status_of(lin: Visitor, method: str, path: str, **more: Any) -> tuple[int, bytes, dict[str, str]]:
    async with lin.session.request(method, f"{lin.url}{path}", **more) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


@pytest.mark.parametrize("verb", [*VERBS, "no-such-verb", "__init__", "prove"])
async def test_without_a_link_everything_is_an_address_that_does_not_exist(w: World, verb: str) -> None:
    """Byte for byte: whether a persona exists, was ever asked or is erased is nobody's to find out (WEB-03)."""
    wanted: dict[str, Any] = {}
    async with visiting(w) as lin:
        nowhere = await status_of(lin, "POST", "/no/such/address", json={})
        if verb == "prove":
            wanted = {"challenge": "AAAA", "signature": "a..b", "public_key": lin.public}
        for token in ("", "x", secrets.token_urlsafe(32), "../../etc/passwd", "é" * 43):
            headers = {"Authorization": f"Understudy {token}"}
            found = await status_of(lin, "POST", f"/subject/api/{verb}", json=wanted, headers=headers)
            assert (found[0], found[1]) == (404, nowhere[1])
            assert found[2].keys() == nowhere[2].keys()


async def test_a_link_opens_its_own_purpose_only(w: World) -> None:
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        for verb in sorted(ALLOWED["place"] - ALLOWED["sign"]):
            assert (await lin.raw(verb))[0] == 404, verb
        assert (await lin.raw("open"))[0] == 200


async def test_the_store_holds_no_token(w: World) -> None:
    """Whoever reads the store cannot come in by what they find there."""
    token = await asked(w, await fresh(w))
    everything = b"".join([key.encode() + value async for key, value in w.app.services.store.scan("pass/")])
    assert everything
    assert token.encode() not in everything


async def test_every_answer_is_hardened(w: World) -> None:
    async with visiting(w) as lin:
        for path in ("/subject", "/subject/static/app.js", "/subject/words/en", "/subject/static/none.js"):
            _, _, headers = await status_of(lin, "GET", path)
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in policy
            assert "*" not in policy
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in headers


def test_the_page_uses_nothing_from_elsewhere_and_no_way_to_run_words() -> None:
    """No other host, no inline script, no HTML made of strings, nothing kept in the browser."""
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"https?://(?!www\.w3\.org)", text) == [], path.name
        for word in ("innerHTML", "outerHTML", "insertAdjacent", "eval(", "document.write", "localStorage"):
            assert word not in text, (path.name, word)
        assert re.search(r"\son[a-z]+\s*=\s*[\"']", text) is None, path.name
    assert "<script>" not in (STATIC / "index.html").read_text()


def test_the_pages_words_are_there_and_used() -> None:
    """Each key the scripts say exists in both languages, and no key is left that nobody says."""
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    python = "\n".join(path.read_text(encoding="utf-8") for path in STATIC.parent.glob("*.py"))
    said = set(re.findall(r'say\("([a-z_]+)"', scripts))
    said |= set(re.findall(r"subject_page\.([a-z_]+)", python)) | set(
        re.findall(r'_say\(lang, "([a-z_]+)"', python)
    )
    put_together = ("error_", "box_", "exclude_", "who_", "kind_", "about_", "death_", "level_", "state.")
    for lang in LANGUAGES:
        own = {key.partition(".")[2] for key in sentences(lang) if key.startswith("subject_page.")}
        assert {key for key in said if key not in own} == {"exclude_"} & said
        ternaries = set(re.findall(r'"([a-z_]+)"', scripts))
        assert {key for key in own - said - ternaries if not key.startswith(put_together)} == set()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_what_a_foreign_page_can_send_is_not_taken(w: World, headers: dict[str, str], status: int) -> None:
    """WEB-02: a form cannot carry the pass or the type, and what says where it comes from is believed."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        more = {"Authorization": f"Understudy {token}", **headers}
        assert (await status_of(lin, "POST", "/subject/api/open", data=b"{}", headers=more))[0] == status
        assert (await status_of(lin, "GET", "/subject/api/open", headers=more))[0] in (404, 405)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"unknown": 1}', b'{"after": -1}', b'{"lang": "fr"}', b"[" * 100_000, b'{"ids": "a"}'],
)
async def test_what_is_not_the_one_form_is_refused_without_a_trace(w: World, body: bytes) -> None:
    async with visiting(w, await asked(w, await fresh(w))) as lin:
        headers = {"Content-Type": "application/json", "Authorization": f"Understudy {lin.token}"}
        status, text, _ = await status_of(lin, "POST", "/subject/api/open", data=body, headers=headers)
        assert status == 400
        assert b"Traceback" not in text


async def test_too_much_is_not_read(w: World) -> None:
    async with visiting(w, await asked(w, await fresh(w))) as lin:
        headers = {"Content-Type": "application/json", "Authorization": f"Understudy {lin.token}"}
        raw = b'{"text": "' + b"x" * 300_000 + b'"}'
        assert (await status_of(lin, "POST", "/subject/api/open", data=raw, headers=headers))[0] == 413


async def test_guessing_is_stopped_and_forgiven_after_a_minute(w: World) -> None:
    token = await asked(w, await fresh(w))
    async with visiting(w) as lin:
        for _ in range(20):
            lin.token = secrets.token_urlsafe(32)
            assert (await lin.raw("open"))[0] == 404
        lin.token = token
        assert (await lin.raw("open"))[0] == 429
        w.clock.advance(60)
        assert (await lin.raw("open"))[0] == 200


def test_a_limit_slides_and_forgets() -> None:
    limit, now = Limit(2), START
    limit.count("a", now)
    limit.count("a", now + timedelta(seconds=30))
    assert limit.full("a", now + timedelta(seconds=59))
    assert not limit.full("b", now)
    assert not limit.full("a", now + timedelta(seconds=60))
    for number in range(10_001):
        limit.count(str(number), now)
    assert not limit.full("a", now + timedelta(seconds=31))


@pytest.mark.parametrize(
    ("base", "safe"),
    [
        ("https://bot.example", True),
        ("http://127.0.0.1:8765", True),
        ("http://[::1]:8765", True),
        ("http://localhost:8765", True),
        ("http://bot.example", False),
        ("http://127.0.0.1.example:8765", False),
        ("http://10.0.0.5:8765", False),
        ("", False),
    ],
)
async def test_links_lead_only_to_where_a_wire_cannot_be_read(w: World, base: str, safe: bool) -> None:
    object.__setattr__(w.app.services, "link_base", base)
    assert passes.reachable(w.app.services) == safe
