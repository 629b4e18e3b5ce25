"""HTTP mode fails closed, and nothing is administered by it: rights.md T17, WHK-07. Requests are raw, so that
nothing tidies them up."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from adapters.body import LARGEST
from adapters.dingtalk.webhook import genuine, signature
from adapters.model import Message, Press
from tests.adapters.dingtalk.harness import DingTalkHarness, connected
from tests.adapters.dingtalk.test_inbound import payload


@pytest.fixture
async def h() -> AsyncIterator[DingTalkHarness]:
    async with connected("http") as harness:
        yield harness


async def send(h: DingTalkHarness, body: bytes, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session:
        given = {"Content-Type": "application/json", **headers}
        async with session.post(h.ding.request_url, data=body, headers=given) as answer:
            return answer.status


async def send_raw(h: DingTalkHarness, head: str, body: bytes = b"") -> int:
    """A request line by line, for what a proper client would not send; 0 if the connection was closed."""
    url = urlsplit(h.ding.request_url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(f"POST {url.path} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode("latin-1") + body)
    await writer.drain()
    line = await reader.readline()
    writer.close()
    return int(line.split()[1]) if line else 0


def body_of(name: str = "group_text", **changed: Any) -> bytes:
    return json.dumps({**payload(name), **changed}).encode()


def test_the_known_vector_is_genuine() -> None:
    """rights.md T17."""
    stamp, secret = "1546084445901", "this is secret"
    assert signature(secret, stamp) == "iZUamRUhDrNjadIMypR3HzMCRArfP4PWgn33Azh7zVk="
    assert genuine(secret, [stamp], [signature(secret, stamp)], 1546084445.9)
    assert genuine(secret, [stamp], [signature(secret, stamp)], 1546084445.9 + 299)
    assert not genuine(secret, [stamp], [signature(secret, stamp)], 1546084445.9 + 301)
    assert not genuine("another", [stamp], [signature(secret, stamp)], 1546084445.9)


async def test_a_signed_message_is_taken_and_its_twin_is_known(h: DingTalkHarness) -> None:
    for _ in range(2):
        assert await send(h, body_of(), h.ding.sign()) == 200
    assert h.host.deliveries == 2
    assert len(h.host.events) == 1


@pytest.mark.parametrize("off", [-59 * 60, -301, 302])
async def test_a_stale_or_early_request_is_refused(h: DingTalkHarness, off: int) -> None:
    """DingTalk would allow an hour."""
    assert await send(h, body_of(), h.ding.sign(at=time.time() + off)) == 401


async def test_a_signature_of_another_time_or_secret_is_refused(h: DingTalkHarness) -> None:
    now, earlier = h.ding.sign(), h.ding.sign(at=time.time() - 1)
    assert await send(h, body_of(), {**now, "sign": earlier["sign"]}) == 401
    assert await send(h, body_of(), {**now, "sign": signature("another", now["timestamp"])}) == 401
    assert h.host.events == []


@pytest.mark.parametrize("stamp", ["abc", "", "1e9", "-5", "١٢٣", " 1 ", "9" * 400])
async def test_a_malformed_timestamp_is_refused_without_an_exception(h: DingTalkHarness, stamp: str) -> None:
    good = h.ding.sign()
    assert not genuine("s", [stamp], [good["sign"]], time.time())
    if stamp.isascii():
        assert await send(h, body_of(), {**good, "timestamp": stamp}) == 401


async def test_what_is_missing_or_doubled_is_refused(h: DingTalkHarness) -> None:
    good = h.ding.sign()
    assert await send(h, body_of(), {}) == 401
    assert await send(h, body_of(), {"timestamp": good["timestamp"]}) == 401
    stamp, sign = f"timestamp: {good['timestamp']}\r\n", f"sign: {good['sign']}\r\n"
    end = f"Content-Length: {len(body_of())}\r\n"
    assert await send_raw(h, stamp + stamp + sign + end, body_of()) == 401
    assert await send_raw(h, stamp + sign + sign + end, body_of()) == 401
    assert await send_raw(h, stamp + sign + end, body_of()) == 200


def test_without_a_secret_nothing_is_genuine() -> None:
    stamp = str(int(time.time() * 1000))
    assert not genuine("", [stamp], [signature("", stamp)], time.time())
    assert not genuine(" ", [stamp], [signature(" ", stamp)], time.time())


async def test_a_large_packed_or_broken_body_is_refused(h: DingTalkHarness) -> None:
    good = h.ding.sign()
    assert await send(h, b"x" * (LARGEST + 1), good) == 413
    packed = f"timestamp: {good['timestamp']}\r\nsign: {good['sign']}\r\nContent-Encoding: gzip\r\n"
    assert await send_raw(h, packed + "Content-Length: 0\r\n") == 415
    assert await send(h, b"{", good) == 400
    assert await send(h, b"[]", good) == 400
    assert await send(h, b"\xff\xfe", good) == 400
    assert await send(h, b"[" * 200_000, good) == 400
    head = f"timestamp: {good['timestamp']}\r\nsign: {good['sign']}\r\nTransfer-Encoding: chunked\r\n"
    chunk = f"{LARGEST:x}\r\n".encode() + b"x" * LARGEST + b"\r\n"
    assert await send_raw(h, head, chunk + b"10\r\n" + b"x" * 16 + b"\r\n0\r\n\r\n") == 413


async def test_what_is_for_another_robot_is_refused(h: DingTalkHarness) -> None:
    assert await send(h, body_of(robotCode="another"), h.ding.sign()) == 401
    assert h.host.events == []


async def test_what_could_not_be_kept_is_not_acknowledged(h: DingTalkHarness) -> None:
    h.host.refuse = 1
    assert await send(h, body_of(), h.ding.sign()) == 500
    assert await send(h, body_of(), h.ding.sign()) == 200


async def test_a_reply_address_from_outside_is_never_used(h: DingTalkHarness) -> None:
    """Nobody signed it: it could carry the answer into a chat of whoever wrote it."""
    lasting = int((time.time() + 3600) * 1000)
    assert await send(h, body_of(sessionWebhookExpiredTime=lasting), h.ding.sign()) == 200
    event = await h.host.event()
    assert isinstance(event, Message)
    assert h.adapter._sessions.webhook(event.thread.chat) is None
    assert h.adapter._organisation == ""  # nor does it say who we are


# nothing is administered ---------------------------------------------------------------------------------------


async def test_what_comes_this_way_is_marked_as_nobodys_word(h: DingTalkHarness) -> None:
    """WHK-07: the same headers, another body. A question is handled; what would change something the bot refuses
    (tests/scenarios/test_identity.py), because the mark says that anybody could have written it."""
    good = h.ding.sign()
    pressed = "Yes, retire ⟦confirm|n0nce|m0⟧"
    for n, text in enumerate((" who approves?", "/retire carlyn", pressed)):
        assert await send(h, body_of(msgId=f"m{n}", text={"content": text}), good) == 200
    question, order, press = h.host.events
    assert isinstance(question, Message)
    assert isinstance(order, Message)
    assert isinstance(press, Press)
    assert (question.text, order.text, press.action) == ("who approves?", "/retire carlyn", "confirm")
    assert question.unsigned
    assert order.unsigned
    assert press.unsigned


async def test_what_comes_by_stream_is_somebodys_word() -> None:
    """There the connection itself is DingTalk's."""
    async with connected("stream") as harness:
        await harness.dm(harness.ana, "/status")
        said = await harness.host.event()
        assert isinstance(said, Message)
        assert not said.unsigned
