"""Calls to DingTalk, by a thin client of our own.

The SDK's methods log what went wrong and return None, or a card's id although it was refused; they ask for tokens
with a blocking request, and keep one that is worth nothing (platforms.md 2.2). Here an answer is what the platform
said, or an error of adapters/errors.py. Tokens exist in two worlds (peers.md D14): both are fetched when first
needed, renewed early, and once more when the platform calls one invalid. A POST is never repeated otherwise; a PUT,
which changes nothing twice, is by aiohttp when a connection it had kept turns out to be broken.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from msgspec import Struct

from adapters.dingtalk.failures import PLATFORM, STALE, code_of, error_for, scopes_of
from adapters.errors import AdapterError, Rejected, Unreachable
from adapters.once import Once
from adapters.secret import Secret

Json = dict[str, Any]

TIMEOUT = aiohttp.ClientTimeout(total=20, connect=5)
EARLY = 300.0  # seconds before its end at which a token is renewed
LARGEST = 2 * 1024 * 1024  # bytes of an answer
HOSTS = (".dingtalk.com", ".dingtalk.io")

NEW, OLD = "new", "old"


class _Token(Struct, frozen=True):
    value: Secret
    until: float  # by `ticks`


class Calls:
    """One app's calls. `ticks` is a monotonic clock in seconds. `date` is the last answer's Date header, by which a
    wrong clock of ours is noticed."""

    def __init__(
        self, client_id: str, secret: Secret, api_url: str, oapi_url: str, ticks: Callable[[], float]
    ) -> None:
        self.client_id = client_id
        self._secret = secret
        self._base = {NEW: api_url.rstrip("/"), OLD: oapi_url.rstrip("/")}
        self._ticks = ticks
        self._tokens: dict[str, _Token] = {}
        self._renewing = Once[_Token]()
        self._session: aiohttp.ClientSession | None = None
        self.date = ""

    # the two APIs ----------------------------------------------------------------------------------------------

    async def new(self, verb: str, path: str, body: Mapping[str, Any]) -> Json:
        """`path` is relative to `/v1.0/`."""
        return await self._with_token(NEW, verb, f"{self._base[NEW]}/v1.0/{path}", path, body)

    async def old(self, path: str, body: Mapping[str, Any]) -> Json:
        return await self._with_token(OLD, "POST", f"{self._base[OLD]}/{path}", path, body)

    async def session(self, webhook: Secret, body: Mapping[str, Any]) -> Json:
        """Answer a message by the address it came with, which is a credential in itself."""
        if not self.trusts(webhook.reveal()):
            raise Rejected(PLATFORM, "a reply address is not DingTalk's")
        return await self._call("POST", webhook.reveal(), "robot/sendBySession", body)

    async def open_gateway(self, subscriptions: Sequence[Mapping[str, str]]) -> tuple[str, Secret]:
        """Where to connect, and the ticket to do it with, which is good once and for a short while."""
        body = {
            "clientId": self.client_id,
            "clientSecret": self._secret.reveal(),
            "subscriptions": list(subscriptions),
            "ua": "understudy",
        }
        what = "gateway/connections/open"
        answer = await self._call("POST", f"{self._base[NEW]}/v1.0/{what}", what, body)
        endpoint, ticket = str(answer.get("endpoint") or ""), str(answer.get("ticket") or "")
        plain = self._base[NEW].startswith("http://")  # a server of this machine, or a proxy that adds the TLS
        if not ticket or not endpoint.startswith(("wss://", "ws://") if plain else "wss://"):
            raise Unreachable(PLATFORM, f"{what} was answered without a place to connect to")
        return endpoint, Secret(ticket)

    async def identify(self) -> None:
        """Fetch a token anew. Raises Unauthorised if the credentials are refused."""
        self._tokens.pop(NEW, None)
        await self._token(NEW)

    def trusts(self, url: object) -> bool:
        """Whether a reply address leads to DingTalk. It comes with a message, and in HTTP mode anybody could have
        written that: we call nobody else."""
        try:
            given = urlsplit(str(url or ""))
        except ValueError:
            return False
        if any((given.scheme, given.netloc) == urlsplit(base)[:2] for base in self._base.values()):
            return True
        return given.scheme == "https" and (given.hostname or "").endswith(HOSTS)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    # inside ----------------------------------------------------------------------------------------------------

    async def _with_token(self, world: str, verb: str, url: str, what: str, body: Mapping[str, Any]) -> Json:
        token = await self._token(world)
        try:
            return await self._call(verb, url, what, body, world=world, token=token.value)
        except AdapterError as error:
            if error.code not in STALE:
                raise
        if self._tokens.get(world) is token:  # else somebody else has renewed it meanwhile
            del self._tokens[world]
        token = await self._token(world)
        return await self._call(verb, url, what, body, world=world, token=token.value)

    async def _token(self, world: str) -> _Token:
        """The one at hand, or a new one. Who waits for it together fails together: one after the other, a token
        call that hangs would hold up the tenth caller ten times as long as the first."""
        token = self._tokens.get(world)
        if token is None or token.until <= self._ticks():
            token = await self._renewing.ask(world, lambda: self._renew(world))
        return token

    async def _renew(self, world: str) -> _Token:
        token = self._tokens[world] = await self._fetch(world)
        return token

    async def _fetch(self, world: str) -> _Token:
        asked = self._ticks()
        if world == NEW:
            what = "oauth2/accessToken"
            body = {"appKey": self.client_id, "appSecret": self._secret.reveal()}
            answer = await self._call("POST", f"{self._base[NEW]}/v1.0/{what}", what, body)
            value, life = answer.get("accessToken"), answer.get("expireIn")
        else:
            query = {"appkey": self.client_id, "appsecret": self._secret.reveal()}
            answer = await self._call("GET", f"{self._base[OLD]}/gettoken", "gettoken", {}, query=query)
            value, life = answer.get("access_token"), answer.get("expires_in")
        if not value or not isinstance(life, int):
            raise Unreachable(PLATFORM, "a token was asked for and none given")
        # who asks early is given the same token with what is left of its life: it is then used to its end
        return _Token(Secret(str(value)), asked + (life - EARLY if life > 2 * EARLY else life * 0.9))

    async def _call(
        self,
        verb: str,
        url: str,
        what: str,
        body: Mapping[str, Any],
        *,
        world: str = "",
        token: Secret | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Json:
        params, headers = dict(query or {}), {}
        if token is not None and world == NEW:
            headers["x-acs-dingtalk-access-token"] = token.reveal()
        elif token is not None:
            params["access_token"] = token.reveal()
        try:
            async with self._http().request(
                verb,
                url,
                params=params or None,
                json=None if verb == "GET" else body,
                headers=headers,
                allow_redirects=False,
            ) as response:
                raw = await _body(response)
                self.date = response.headers.get("Date", "")
                return _settled(what, response.status, raw, response.headers.get("Retry-After", ""))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            # the exception's text may hold the address
            raise Unreachable(PLATFORM, f"{what} found nobody") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(PLATFORM, f"{what} was cut off ({type(error).__name__})", placed=True) from None

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            through_proxy = not any(_loopback(base) for base in self._base.values())
            self._session = aiohttp.ClientSession(timeout=TIMEOUT, trust_env=through_proxy)
        return self._session


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """What is longer than any answer of DingTalk is cut off, and then is no JSON."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > LARGEST:
            break
    return bytes(body)


def _settled(what: str, status: int, raw: bytes, retry_after: str) -> Json:
    """The answer, or the error it amounts to. A gateway's HTML page has no code."""
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        answer = None
    given = answer if isinstance(answer, dict) else {}
    code = code_of(given)
    if status >= 300 or code:
        raise error_for(what, code, status=status, retry_after=retry_after, needed=scopes_of(given))
    if not isinstance(answer, dict):
        raise Unreachable(PLATFORM, f"{what} was answered with something that is no JSON object", placed=True)
    return given


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
