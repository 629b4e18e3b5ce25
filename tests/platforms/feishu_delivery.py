"""How Feishu brings events to an app: by the long connection or in signed, encrypted requests, and once more."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import time
from typing import Any

import aiohttp
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msgspec import Struct

from tests.platforms.base import Fault
from tests.platforms.feishu_api import EVENTS
from tests.platforms.feishu_link import FeishuLink
from tests.platforms.feishu_state import Json

DELIVERIES = frozenset({"redeliver", "reorder", "drop", "half_open", "disconnect", "twin", "split", "card_frame"})


class Delivery(Struct, frozen=True):
    """One event at one attempt: whether the app acked it, by which code (200, 500, or 0 for silence), what the ack
    carried, and how long it took."""

    type: str
    payload: Json
    attempt: int
    acked: bool
    code: int
    answer: Any
    seconds: float


class FeishuDelivery(FeishuLink):
    """The long connection as long as `request_url` is empty, else HTTP. Feishu redelivers after 15 seconds, five
    minutes, one hour and six; `redeliver_after` has the same four, sooner, by the server's clock. The last of them
    waits for a connection if there is none, as six hours would."""

    def __init__(self, **base: Any) -> None:
        super().__init__(**base)
        self.request_url = ""
        self.encrypt_key = "fixture-encrypt-key"
        self.verification_token = "fixture-verification-token"
        self.redeliver_after: tuple[float, ...] = (0.1, 0.2, 0.3, 0.3)
        self.log: list[Delivery] = []
        self._http: aiohttp.ClientSession | None = None

    async def event(self, type: str, event: Json, *, retries: bool = True) -> Delivery | None:
        """Deliver an event until it is acked or given up; returns the last attempt, or None if it does not come at
        all: not subscribed to, no scope for it, or the console has the other way of bringing it."""
        scopes = EVENTS[type]
        if self.subscribed is not None and type not in self.subscribed:
            return None
        if (scopes and not self.granted.intersection(scopes)) or (
            not self.request_url and not self.long_connection
        ):
            return None
        return await self.deliver(type, self.envelope(type, event), retries=retries)

    def envelope(self, type: str, event: Json) -> Json:
        """`create_time` is in milliseconds, of a card's press in microseconds."""
        unit = 1_000_000 if type == "card.action.trigger" else 1000
        header = {
            "event_id": self.space.next("event"),
            "event_type": type,
            "create_time": str(int(self.clock() * unit)),
            "token": self.verification_token if self.request_url else "",
            "app_id": self.app_id,
            "tenant_key": self.space.tenant_key,
        }
        return {"schema": "2.0", "header": header, "event": event}

    async def deliver(self, type: str, payload: Json, *, retries: bool = True) -> Delivery:
        """`type` is what a fault's `on` is compared with. A press is tried once."""
        fault = self.faults.take(type, DELIVERIES)
        if fault is not None and fault.kind == "reorder":
            seen = len(self.log)
            async with self._sent:
                await self._sent.wait_for(lambda: len(self.log) > seen)
        delays = (0.0, *self.redeliver_after) if retries else (0.0,)
        for attempt, delay in enumerate(delays):
            await self._pass(delay)
            if attempt and attempt == len(delays) - 1 and not self.request_url:
                async with self._sent:
                    await self._sent.wait_for(lambda: self.sockets)
            last = await self._attempt(type, payload, attempt, fault if attempt == 0 else None)
            if last.acked:
                break
        if fault is not None and fault.kind == "twin":
            twin = {**payload, "header": {**payload["header"], "event_id": self.space.next("event")}}
            last = await self._attempt(type, twin, 0, None)
        if fault is not None and fault.kind == "redeliver":
            last = await self._attempt(type, payload, last.attempt + 1, None)
        return last

    async def _pass(self, seconds: float) -> None:
        """Wait by the server's clock, which a test may move."""
        if self.clock is time.time:
            await asyncio.sleep(seconds)
            return
        due = self.clock() + seconds
        while self.clock() < due:  # noqa: ASYNC110  # a clock that a test moves tells nobody
            await asyncio.sleep(0.005)

    async def _attempt(self, type: str, payload: Json, attempt: int, fault: Fault | None) -> Delivery:
        begun = time.perf_counter()
        send = self._post_signed if self.request_url else self._send_frames
        code, answer = await send(payload, fault)
        done = Delivery(type, payload, attempt, code == 200, code, answer, time.perf_counter() - begun)
        self.log.append(done)
        await self._tell()
        return done

    async def _post_signed(self, payload: Json, fault: Fault | None) -> tuple[int, Any]:
        if self.down:
            return 0, None
        body = self.encrypted(payload)
        try:
            async with asyncio.timeout(self.ack_within):
                status, text = await self.post(body, self.sign(body))
        except (TimeoutError, aiohttp.ClientError):
            return 0, None
        if fault is not None and fault.kind == "drop":
            return 0, None
        return status, json.loads(text) if text.startswith("{") else {}

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """A request to the app's address, signed or not."""
        self._http = self._http or aiohttp.ClientSession()
        headers = {"Content-Type": "application/json", **(headers or {})}
        async with self._http.post(self.request_url, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def challenge(self, *, token: str | None = None) -> tuple[int, str]:
        """The console's check of a request address: encrypted, not signed."""
        token = self.verification_token if token is None else token
        return await self.post(
            self.encrypted({"challenge": "ajls384kdj", "token": token, "type": "url_verification"})
        )

    def encrypted(self, payload: Json) -> bytes:
        """AES-256-CBC under the SHA-256 of the encrypt key, the IV in front, as base64."""
        pad = padding.PKCS7(128).padder()
        plain = pad.update(json.dumps(payload, ensure_ascii=False).encode()) + pad.finalize()
        iv = os.urandom(16)
        cipher = Cipher(
            algorithms.AES(hashlib.sha256(self.encrypt_key.encode()).digest()), modes.CBC(iv)
        ).encryptor()
        sealed = base64.b64encode(iv + cipher.update(plain) + cipher.finalize()).decode()
        return json.dumps({"encrypt": sealed}).encode()

    def sign(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        """The three headers of a signed request: SHA-256 over time, nonce, encrypt key and the raw body."""
        stamp, nonce = str(int(self.clock() if at is None else at)), os.urandom(8).hex()
        digest = hashlib.sha256((stamp + nonce + self.encrypt_key).encode() + body).hexdigest()
        return {"X-Lark-Request-Timestamp": stamp, "X-Lark-Request-Nonce": nonce, "X-Lark-Signature": digest}

    # what a test waits for -------------------------------------------------------------------------------------

    async def connected(self, count: int = 1, *, within: float = 10.0) -> None:
        """Wait for the `count`-th connection since the start (at once in HTTP mode)."""
        if not self.request_url:
            await self.until(lambda: self.connections >= count, within=within)

    async def __aexit__(self, *error: Any) -> None:
        if self._http is not None:
            await self._http.close()
        await super().__aexit__(*error)
