"""HTTP mode fails closed: rights.md T16, WHK-04..06, WHK-08, WHK-09. Requests are raw, so that nothing tidies them
up."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.body import LARGEST
from adapters.feishu.sealed import decrypted, genuine, token_fits, unsealed
from adapters.feishu.webhook import Replays
from tests.adapters.feishu.harness import ANA, FeishuHarness, connected, eventually


@pytest.fixture
async def h() -> AsyncIterator[FeishuHarness]:
    async with connected("http") as harness:
        yield harness


def nothing(h: FeishuHarness, **header: object) -> dict[str, object]:
    event = h.feishu.envelope("something.new_v9", {})
    event["header"] |= header
    return event


async def send(h: FeishuHarness, body: bytes, headers: dict[str, str]) -> int:
    return (await h.feishu.post(body, headers))[0]


async def send_raw(h: FeishuHarness, head: str, body: bytes = b"") -> int:
    """A request line by line, for what a proper client would not send; 0 if the connection was closed."""
    url = urlsplit(h.feishu.request_url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(f"POST {url.path} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode("latin-1") + body)
    await writer.drain()
    line = await reader.readline()
    writer.close()
    return int(line.split()[1]) if line else 0


def test_feishus_own_published_example_opens() -> None:
    """The vector of *Receive events through webhook*: key `test key`."""
    sealed = base64.b64decode("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=")
    assert decrypted("test key", sealed) == b"hello world"


async def test_a_signed_request_is_taken(h: FeishuHarness) -> None:
    body = h.feishu.encrypted(nothing(h))
    assert await send(h, body, h.feishu.sign(body)) == 200


async def test_the_handshake_is_answered_unsigned_and_does_nothing_else(h: FeishuHarness) -> None:
    """WHK-06. Feishu does not sign it; who cannot encrypt and has not the token gets nothing."""
    begun = time.monotonic()
    status, text = await h.feishu.challenge()
    assert (status, json.loads(text)) == (200, {"challenge": "ajls384kdj"})
    assert time.monotonic() - begun < 1.0
    assert (await h.feishu.challenge(token="another"))[0] == 401
    plain = json.dumps({"challenge": "x", "token": h.feishu.verification_token, "type": "url_verification"})
    assert await send(h, plain.encode(), {}) == 401
    assert h.host.events == []


@pytest.mark.parametrize("off", [-301, 302])
async def test_a_stale_or_early_request_is_refused(h: FeishuHarness, off: int) -> None:
    """The SDK takes one of yesterday."""
    body = h.feishu.encrypted(nothing(h))
    assert await send(h, body, h.feishu.sign(body, at=time.time() + off)) == 401


async def test_the_same_bytes_do_not_count_twice(h: FeishuHarness) -> None:
    """WHK-08: twenty at once, within the minutes a signature is good for."""
    body = h.feishu.encrypted(h.feishu.envelope("application.bot.menu_v6", _menu(1)))
    headers = h.feishu.sign(body)
    statuses = await asyncio.gather(*(send(h, body, headers) for _ in range(20)))
    assert sorted(statuses) == [200, *[401] * 19]
    assert h.host.deliveries == 1


def _menu(at: int) -> dict[str, object]:
    return {"operator": {"operator_id": {"open_id": ANA}}, "event_key": "help", "timestamp": at}


async def test_what_could_not_be_kept_may_come_again_as_it_is(h: FeishuHarness) -> None:
    h.host.refuse = 1
    body = h.feishu.encrypted(h.feishu.envelope("application.bot.menu_v6", _menu(2)))
    headers = h.feishu.sign(body)
    assert [await send(h, body, headers) for _ in range(3)] == [500, 200, 401]


async def test_every_way_to_be_wrong_looks_the_same(h: FeishuHarness) -> None:
    """WHK-05: no signature, another key, another body, a plain body, a wrong token, a broken cipher."""
    good = h.feishu.encrypted(nothing(h))
    other = h.feishu.encrypted(nothing(h))
    plain = json.dumps(nothing(h)).encode()
    no_token = h.feishu.encrypted(nothing(h, token="guess"))
    sealed = base64.b64decode(json.loads(good)["encrypt"])
    odd = json.dumps({"encrypt": base64.b64encode(sealed[:-1]).decode()}).encode()
    padding = json.dumps({"encrypt": base64.b64encode(sealed[:-1] + bytes([sealed[-1] ^ 1])).decode()}).encode()
    signed = h.feishu.sign(good)
    wrong = [
        (good, {}),
        (good, {**signed, "X-Lark-Signature": "0" * 64}),
        (good, {**signed, "X-Lark-Signature": "é"}),
        (good, {**signed, "X-Lark-Request-Nonce": "another"}),
        (good, {**signed, "X-Lark-Request-Timestamp": "abc"}),
        (good, {**signed, "X-Lark-Request-Timestamp": ""}),
        (other, signed),
        (plain, h.feishu.sign(plain)),
        (no_token, h.feishu.sign(no_token)),
        (odd, h.feishu.sign(odd)),
        (padding, h.feishu.sign(padding)),
        (b"", h.feishu.sign(b"")),
        (b"\xff\xfe", h.feishu.sign(b"\xff\xfe")),
        (b"[1]", h.feishu.sign(b"[1]")),
        (b"[" * 100_000, h.feishu.sign(b"[" * 100_000)),
        (b'{"encrypt": 7}', h.feishu.sign(b'{"encrypt": 7}')),
        (b'{"encrypt": "@@@"}', h.feishu.sign(b'{"encrypt": "@@@"}')),
    ]
    for body, headers in wrong:
        assert await h.feishu.post(body, headers) == (401, "")
    assert h.host.deliveries == 0


async def test_two_signatures_are_one_too_many(h: FeishuHarness) -> None:
    body = h.feishu.encrypted(nothing(h))
    signed = h.feishu.sign(body)
    head = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
    head += f"X-Lark-Signature: {signed['X-Lark-Signature']}\r\nContent-Length: {len(body)}\r\n"
    assert await send_raw(h, head, body) == 401


async def test_a_body_is_read_to_a_limit_whatever_is_said_of_it(h: FeishuHarness) -> None:
    """WHK-09."""
    assert await send_raw(h, f"Content-Length: {30 * LARGEST}\r\n") == 413
    chunk = b"%x\r\n" % 65536 + b"x" * 65536 + b"\r\n"
    assert await send_raw(h, "Transfer-Encoding: chunked\r\n", chunk * 17) == 413
    assert await send_raw(h, "Content-Length: 5\r\nContent-Encoding: gzip\r\n", b"\x1f\x8b\x08\x00\x00") == 415


async def test_a_body_that_does_not_come_is_not_waited_for(
    h: FeishuHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.body.READ_SECONDS", 0.05)
    assert await send_raw(h, "Content-Length: 100\r\n", b"{") == 408


async def test_another_method_or_path_is_nothing(h: FeishuHarness) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(h.feishu.request_url) as answer:
            assert answer.status == 405
        async with session.post(h.feishu.request_url + "/x", data=b"{}") as answer:
            assert answer.status == 404


async def test_an_event_before_the_start_is_not_acknowledged(h: FeishuHarness) -> None:
    """Else what arrives in the first second after a restart would be lost; and nobody could tell whom it means."""
    known, h.adapter._known = h.adapter._known, None
    h.feishu.dm(ANA, "who?")

    async def refused() -> bool:
        return bool(h.feishu.log)

    await eventually(refused)
    h.adapter._known = known
    await h.feishu.settled()
    assert [d.acked for d in h.feishu.log][:1] == [False]
    assert h.feishu.log[-1].acked
    assert len(h.host.events) == 1


def test_a_signature_is_forgotten_when_it_is_too_old_to_be_good() -> None:
    replays = Replays()
    assert replays.take("a", 0.0)
    assert not replays.take("a", 500.0)
    assert replays.take("b", 601.0)
    assert list(replays._taken) == ["b"]


@given(st.binary(max_size=80))
def test_no_bytes_are_an_accident(body: bytes) -> None:
    assert unsealed("key", body) is None
    assert decrypted("key", body) is None or isinstance(decrypted("key", body), bytes)


def test_without_a_key_or_a_token_nothing_is_genuine() -> None:
    """The SDK would take anything then."""
    assert not genuine(" ", b"", ["1"], ["n"], ["x"], 1)
    assert not token_fits({"token": ""}, "")
    assert not token_fits({"header": {"token": None}}, "t")
