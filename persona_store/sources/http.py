"""Asking a platform's API for what consent covers: bounded, read-only, and to no host but the one configured.

Nothing here can change anything over there: besides GET only such POSTs pass as are named when it is made (tokens,
and queries that are too long for an address). Redirects are not followed. What a platform answers is untrusted like
any file: its size is bounded and its JSON strict. No address, header or body gets into an error, since each of them
may hold a credential.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import quote, urlsplit

import aiohttp
from msgspec import Struct
from yarl import URL

from persona_store.errors import Refused
from persona_store.sources.jsonsafe import loads

TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)
LARGEST = 16 << 20
"""Bytes of an answer: a page of messages has a few hundred thousand, the values of a sheet at most 10 MB."""
TRIES = 6
LONGEST_WAIT = 900.0
"""Seconds. Who is told to wait longer is told so, and may come back."""
BACKOFF = 0.5  # seconds, doubled each time, where the platform names no wait
WAITS = ("x-ogw-ratelimit-reset", "Retry-After")

Json = dict[str, Any]
Query = Sequence[tuple[str, str]]
"""A key may come several times."""


class Revealing(Protocol):
    """A credential that shows itself only when asked to."""

    def reveal(self) -> str: ...


class Answer(Struct, frozen=True):
    """What came back. `value` is {} for what is no JSON object; `wait` what the platform asks for, in seconds."""

    status: int  # 0: nobody answered
    value: Json
    wait: float = 0.0
    broken: bool = False  # it broke off, or is not what an API answers


class Denied(Refused):
    """One thing cannot be read; all others still may be."""


Again = Callable[[Answer], bool]
"""Whether to ask again what was answered so."""


class Http:
    """One platform. `posts` are the paths that may be posted to. `sleep` waits for so many seconds.

    Raises Refused HTTP_ADDRESS for a base that is neither https nor this machine's."""

    def __init__(
        self,
        base: str,
        *,
        posts: Collection[str],
        again: Again,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._base = _checked(base)
        self._posts = frozenset(posts)
        self._again = again
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"Http({urlsplit(self._base).hostname!r})"

    async def __aenter__(self) -> Self:
        through_proxy = not _loopback(self._base)
        self._session = aiohttp.ClientSession(
            timeout=TIMEOUT, trust_env=through_proxy, cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(
        self,
        verb: str,
        path: str,
        *,
        query: Query = (),
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, whatever it says. Raises Refused HTTP_UNREACHABLE or HTTP_BUSY once patience ends,
        HTTP_REDIRECT and Denied HTTP_LONG at once."""
        if verb != "GET" and (verb != "POST" or path not in self._posts):
            raise ValueError(f"{verb} {path} is not among the calls that only read")
        answer = Answer(0, {})
        for tried in range(TRIES):
            answer = await self._once(verb, path, query, body, headers)
            if not (answer.status == 0 or answer.broken or answer.status >= 500 or self._again(answer)):
                return answer
            wait = answer.wait or BACKOFF * 2**tried
            if wait > LONGEST_WAIT or tried == TRIES - 1:
                break
            await self._sleep(wait)
        raise _given_up(path, answer)

    async def _once(
        self,
        verb: str,
        path: str,
        query: Query,
        body: Json | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        if self._session is None:
            raise RuntimeError("it is used inside `async with`")
        address = URL(self._base + path, encoded=True).update_query(list(query))
        try:
            async with self._session.request(
                verb, address, json=body, headers=dict(headers or {}), allow_redirects=False
            ) as response:
                if 300 <= response.status < 400:
                    what = f"{path} leads to somewhere else, and no other host is asked"
                    raise Refused("HTTP_REDIRECT", what, "check the address in the settings (docs/settings.md)")
                raw = await _body(response, path)
                return _answer(response.status, raw, response.headers)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Answer(0, {})


def segment(given: str) -> str:
    """An id as one piece of a path: it can lead nowhere else. Raises Denied for what would be no piece at all."""
    if given.strip(".") == "":
        raise Denied("API_ID", "the platform gave no id where one was due", "leave it out")
    return quote(given, safe="")


def _checked(base: str) -> str:
    parts = urlsplit(base)
    fine = parts.scheme == "https" or (parts.scheme == "http" and _loopback(base))
    if not fine or not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        what = f"the API is not to be reached by https at {(parts.hostname or '?')!r}"
        raise Refused("HTTP_ADDRESS", what, "set it to https://… (docs/settings.md)")
    return base.rstrip("/")


def _loopback(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _body(response: aiohttp.ClientResponse, path: str) -> bytes:
    held = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        held += chunk
        if len(held) > LARGEST:
            raise Denied("HTTP_LONG", f"{path} was answered with more than {LARGEST:,} bytes", "leave it out")
    return bytes(held)


def _answer(status: int, raw: bytes, headers: Mapping[str, str]) -> Answer:
    wait = next((seconds for name in WAITS if (seconds := _seconds(headers.get(name, ""))) > 0), 0.0)
    try:
        value = loads(raw, "answer")
    except Refused:
        value = None
    known = isinstance(value, dict)
    return Answer(status, value if known else {}, wait, broken=not known)


def _seconds(given: str) -> float:
    try:
        seconds = float(given)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) else 0.0


def _given_up(path: str, answer: Answer) -> Refused:
    later = "run it again later: what is there already is known by its id"
    if answer.status == 0:
        return Refused("HTTP_UNREACHABLE", f"{path} was not answered {TRIES} times", later)
    if answer.wait > LONGEST_WAIT:
        return Refused("HTTP_BUSY", f"{path} is to be asked again in {answer.wait:.0f} seconds", later)
    if answer.broken or answer.status >= 500:
        return Refused("HTTP_UNREACHABLE", f"{path} was answered with nothing of use {TRIES} times", later)
    return Refused("HTTP_BUSY", f"{path} was asked too often for the platform", later)
