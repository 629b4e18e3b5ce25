"""HTTP mode: what comes from outside is Slack's only if the raw bytes carry its signature, freshly made.

docs.slack.dev/authentication/verifying-requests-from-slack; rights.md T15, WHK-01..04, 09. The SDK's own verifier
raises on a timestamp like `abc` and on bytes that are not UTF-8, and takes any request when the secret is empty, so
nothing reaches it that has not passed here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from adapters.body import raw
from adapters.slack.manifest import PATH

FRESH_SECONDS = 300
_STAMP = re.compile(r"[0-9]{1,12}")

Routes = Sequence[web.RouteDef]
Dispatch = Callable[[str, Mapping[str, str]], Awaitable[int]]


def genuine(secret: str, body: bytes, stamps: Sequence[str], signatures: Sequence[str], now: float) -> bool:
    """Whether Slack signed exactly these bytes within the last five minutes. Never raises; compares in constant
    time; anything that is missing, doubled or malformed is no."""
    if not secret.strip() or len(stamps) != 1 or len(signatures) != 1:
        return False
    if not _STAMP.fullmatch(stamps[0]) or abs(now - int(stamps[0])) > FRESH_SECONDS:
        return False
    signed = b"v0:" + stamps[0].encode() + b":" + body
    expected = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signatures[0].encode("utf-8", "surrogateescape"))


def routes(secret: str, dispatch: Dispatch, clock: Callable[[], float]) -> Routes:
    """The one route for events, buttons, forms and commands."""

    async def receive(request: web.Request) -> web.Response:
        body = await raw(request)
        stamps = request.headers.getall("X-Slack-Request-Timestamp", [])
        signatures = request.headers.getall("X-Slack-Signature", [])
        if not genuine(secret, body, stamps, signatures, clock()):
            return web.Response(status=401)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return web.Response(status=401)
        return await _answer(request, text, dispatch)

    return [web.post(PATH, receive)]


async def _answer(request: web.Request, text: str, dispatch: Dispatch) -> web.Response:
    if request.content_type == "application/json":
        try:
            payload = json.loads(text)
        except ValueError:
            return web.Response(status=400)
        if not isinstance(payload, dict):
            return web.Response(status=400)
        if payload.get("type") == "url_verification":  # the handshake when the address is entered at Slack
            return web.json_response({"challenge": str(payload.get("challenge", ""))})
    return web.Response(status=await dispatch(text, request.headers))
