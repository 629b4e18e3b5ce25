"""HTTP mode: what comes from outside is DingTalk's only if its headers carry the app's signature, freshly made.

The signature is over the time alone (`timestamp` + line break + secret), **not over the body** (rights.md T17,
WHK-07): whoever has seen one request can write another for as long as it is fresh. DingTalk allows an hour, we five
minutes; and what comes this way is marked `unsigned`, so that nothing is administered on the strength of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from adapters.body import raw

Json = dict[str, Any]

PATH = "/dingtalk/events"
FRESH_SECONDS = 300
_STAMP = re.compile(r"[0-9]{1,16}")

Routes = Sequence[web.RouteDef]
Dispatch = Callable[[Json], Awaitable[int]]  # a robot message → the HTTP status to answer with


def genuine(secret: str, stamps: Sequence[str], signatures: Sequence[str], now: float) -> bool:
    """Whether DingTalk signed this time within the last five minutes; `now` in seconds since 1970. Never raises;
    compares in constant time; anything that is missing, doubled or malformed is no."""
    if not secret.strip() or len(stamps) != 1 or len(signatures) != 1:
        return False
    if not _STAMP.fullmatch(stamps[0]) or abs(now - int(stamps[0]) / 1000) > FRESH_SECONDS:
        return False
    return hmac.compare_digest(
        signature(secret, stamps[0]).encode(), signatures[0].encode("utf-8", "surrogateescape")
    )


def signature(secret: str, stamp: str) -> str:
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def routes(secret: str, dispatch: Dispatch, clock: Callable[[], float]) -> Routes:
    """The one route for what is said to the robot."""

    async def receive(request: web.Request) -> web.Response:
        stamps, signatures = request.headers.getall("timestamp", []), request.headers.getall("sign", [])
        if not genuine(secret, stamps, signatures, clock()):
            return web.Response(status=401)
        body = await raw(request)
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        return web.Response(status=await dispatch(data) if isinstance(data, dict) else 400)

    return [web.post(PATH, receive)]
