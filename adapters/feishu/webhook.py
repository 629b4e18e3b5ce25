"""HTTP mode: what comes from outside is Feishu's only if its raw bytes carry a fresh signature, decrypt under the
encrypt key and hold the verification token.

The SDK's own receiver takes a request of yesterday and, without an encrypt key, any request with the right token;
nothing reaches it here. Every refusal looks the same from outside (rights.md WHK-05). The handshake, which Feishu
does not sign, is answered after decryption and token, and does nothing else (T16).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from adapters.body import raw
from adapters.feishu.permissions import PATH
from adapters.feishu.sealed import FRESH_SECONDS, genuine, token_fits, unsealed
from adapters.secret import Secret

Json = dict[str, Any]

SIGNATURES = 20_000  # remembered at most

Routes = Sequence[web.RouteDef]
Take = Callable[[Json], Awaitable[tuple[bool, Json | None]]]


class Replays:
    """Signatures that were taken within the time they are good for: the same bytes do not count twice. One whose
    event could not be kept is given back, in case it is sent again as it is."""

    def __init__(self) -> None:
        self._taken: OrderedDict[str, float] = OrderedDict()

    def take(self, signature: str, now: float) -> bool:
        while self._taken and next(iter(self._taken.values())) < now - 2 * FRESH_SECONDS:
            self._taken.popitem(last=False)
        if signature in self._taken:
            return False
        self._taken[signature] = now
        if len(self._taken) > SIGNATURES:
            self._taken.popitem(last=False)
        return True

    def give_back(self, signature: str) -> None:
        self._taken.pop(signature, None)


def routes(encrypt_key: Secret, token: Secret, take: Take, clock: Callable[[], float]) -> Routes:
    """The one route for events and card callbacks."""
    replays = Replays()

    async def receive(request: web.Request) -> web.Response:
        body = await raw(request)
        stamps, nonces, signatures = (
            request.headers.getall(f"X-Lark-{name}", [])
            for name in ("Request-Timestamp", "Request-Nonce", "Signature")
        )
        now = clock()
        signed = genuine(encrypt_key.reveal(), body, stamps, nonces, signatures, now)
        if signatures and not signed:
            return web.Response(status=401)
        event = unsealed(encrypt_key.reveal(), body)
        if event is None or not token_fits(event, token.reveal()):
            return web.Response(status=401)
        if event.get("type") == "url_verification":  # the check when the address is entered in the console
            return web.json_response({"challenge": str(event.get("challenge", ""))})
        if not signed:
            return web.Response(status=401)
        if not replays.take(signatures[0], now):
            return web.Response(status=401)
        kept, answer = await take(event)
        if not kept:
            replays.give_back(signatures[0])
            return web.Response(status=500)
        return web.json_response(answer or {})

    return [web.post(PATH, receive)]
