"""HTTP mode fails closed: rights.md T15, WHK-01..04, WHK-09. Requests are raw, so that nothing tidies them up."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import pytest

from adapters.body import LARGEST
from adapters.errors import Unauthorised
from adapters.secret import Secret
from adapters.slack import Config, create
from adapters.slack.webhook import genuine
from tests.adapters.slack.harness import SlackHarness, connected

BODY = b'{"type":"event_callback","event":{"type":"nothing"}}'


@pytest.fixture
async def h() -> AsyncIterator[SlackHarness]:
    async with connected("http") as harness:
        yield harness


async def send(h: SlackHarness, body: bytes, headers: dict[str, str], *, kind: str = "application/json") -> int:
    async with aiohttp.ClientSession() as session:
        given = {"Content-Type": kind, **headers}
        async with session.post(h.slack.request_url, data=body, headers=given) as answer:
            return answer.status


async def send_raw(h: SlackHarness, head: str, body: bytes = b"") -> int:
    """A request line by line, for what a proper client would not send; 0 if the connection was closed."""
    url = urlsplit(h.slack.request_url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(f"POST {url.path} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode("latin-1") + body)
    await writer.drain()
    line = await reader.readline()
    writer.close()
    return int(line.split()[1]) if line else 0


async def test_slacks_own_published_example_is_genuine() -> None:
    """The vector of docs.slack.dev/authentication/verifying-requests-from-slack."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    secret, stamp = "8f742231b10e8888abcd99yyyzzz85a5", "1531420618"
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert genuine(secret, body, [stamp], [signature], 1531420618)
    assert genuine(secret, body, [stamp], [signature], 1531420618 + 300)
    assert not genuine(secret, body, [stamp], [signature], 1531420618 + 301)
    assert not genuine(secret, body + b" ", [stamp], [signature], 1531420618)


async def test_a_signed_request_is_taken(h: SlackHarness) -> None:
    assert await send(h, BODY, h.slack.sign(BODY)) == 200


async def test_the_handshake_is_answered_only_if_it_is_signed(h: SlackHarness) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    async with aiohttp.ClientSession() as session:
        given = {"Content-Type": "application/json", **h.slack.sign(body)}
        async with session.post(h.slack.request_url, data=body, headers=given) as answer:
            assert await answer.json() == {"challenge": "abc"}
    assert await send(h, body, {}) == 401


@pytest.mark.parametrize("off", [-301, 302])
async def test_a_stale_or_early_request_is_refused(h: SlackHarness, off: int) -> None:
    assert await send(h, BODY, h.slack.sign(BODY, at=time.time() + off)) == 401


@pytest.mark.parametrize("stamp", ["abc", "", "1e9", "-5", "١٢٣", " 1 ", "9" * 400])
async def test_a_malformed_timestamp_is_refused_without_an_exception(h: SlackHarness, stamp: str) -> None:
    """`ts=abc` makes the SDK's verifier raise."""
    good = h.slack.sign(BODY)["X-Slack-Signature"]
    assert not genuine("s", BODY, [stamp], [good], time.time())
    if stamp.isascii():
        assert await send(h, BODY, {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": good}) == 401


async def test_a_missing_or_wrong_signature_is_refused(h: SlackHarness) -> None:
    good = h.slack.sign(BODY)
    stamp = {"X-Slack-Request-Timestamp": good["X-Slack-Request-Timestamp"]}
    assert await send(h, BODY, {}) == 401
    assert await send(h, BODY, stamp) == 401
    for wrong in ("v0=", "v0=é", "v1" + good["X-Slack-Signature"][2:], good["X-Slack-Signature"].upper(), "x"):
        assert await send_raw_signed(h, BODY, stamp, wrong) == 401


async def send_raw_signed(h: SlackHarness, body: bytes, stamp: dict[str, str], signature: str) -> int:
    lines = {**stamp, "X-Slack-Signature": signature, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return await send_raw(h, head + "Content-Type: application/json\r\n", body)


async def test_two_signatures_are_one_too_many(h: SlackHarness) -> None:
    good = h.slack.sign(BODY)
    head = "".join(f"{name}: {value}\r\n" for name, value in good.items())
    head += f"X-Slack-Signature: v0=0\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n"
    assert await send_raw(h, head, BODY) == 401


async def test_a_reencoded_body_is_refused(h: SlackHarness) -> None:
    """WHK-02: what is signed are the bytes, not their meaning."""
    body, same = b"command=%2Funderstudy&text=a+b&user_id=U1", b"command=%2Funderstudy&text=a%20b&user_id=U1"
    assert await send(h, same, h.slack.sign(body), kind="application/x-www-form-urlencoded") == 401
    assert await send(h, b'{"event":{"type":"nothing"},"type":"event_callback"}', h.slack.sign(BODY)) == 401


async def test_bytes_that_are_not_utf8_are_refused_though_signed(h: SlackHarness) -> None:
    body = b'{"type":"\xff\xfe"}'
    assert await send(h, body, h.slack.sign(body)) == 401


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b""])
async def test_signed_nonsense_is_a_bad_request(h: SlackHarness, body: bytes) -> None:
    assert await send(h, body, h.slack.sign(body)) == 400


async def test_a_large_body_is_refused_whatever_its_length_header_says(h: SlackHarness) -> None:
    body = b"x" * (LARGEST + 1)
    assert await send(h, body, h.slack.sign(body)) == 413
    chunk = b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    assert await send_raw(h, "Transfer-Encoding: chunked\r\n", chunk) == 413


async def test_a_body_that_never_ends_is_not_waited_for(h: SlackHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slowloris (WHK-09)."""
    monkeypatch.setattr("adapters.body.READ_SECONDS", 0.1)
    async with asyncio.timeout(5):
        assert await send_raw(h, "Content-Length: 100\r\n", b"only a few") == 408


async def test_a_compressed_body_is_refused(h: SlackHarness) -> None:
    """A megabyte of zeros is a thousand bytes."""
    head = f"Content-Encoding: gzip\r\nContent-Length: {len(BODY)}\r\n"
    assert await send_raw(h, head, BODY) == 415


async def test_nothing_that_was_refused_reaches_the_host(h: SlackHarness) -> None:
    body = json.dumps(
        {
            "type": "event_callback",
            "event": {
                "type": "message",
                "channel": "D1",
                "channel_type": "im",
                "user": "U1",
                "ts": "1.1",
                "text": "x",
            },
        }
    ).encode()
    assert await send(h, body, {**h.slack.sign(body), "X-Slack-Signature": "v0=" + "0" * 64}) == 401
    assert h.host.deliveries == 0
    assert await send(h, body, h.slack.sign(body)) == 200
    assert h.host.deliveries == 1


@pytest.mark.parametrize("value", ["", "   ", "changeme"])
async def test_without_a_secret_http_mode_does_not_start(value: str) -> None:
    """WHK-04: refuse, name the setting, never print the value."""
    bad = Config(Secret("xoxb-1"), Secret(""), Secret(value), mode="http")
    with pytest.raises(Unauthorised, match="UNDERSTUDY_SLACK_SIGNING_SECRET") as caught:
        create(bad)
    assert "changeme" not in str(caught.value)
    assert not genuine(value if value != "changeme" else "", b"", ["1"], ["v0="], 1)
