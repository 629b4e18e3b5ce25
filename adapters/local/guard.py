"""What keeps other web sites, and other machines, away from a page without a login.

The page trusts whoever reaches it, so it must only be reached from this machine, and only by itself:

- the Host header names this machine: a site that points its own name at 127.0.0.1 (DNS rebinding) is refused;
- what changes something carries a header that a foreign page may not send without asking us first (CORS), and
  an Origin, where the browser sends one, that is ours (OWASP Cross-Site Request Forgery Prevention);
- a WebSocket, which CORS does not cover, is held to the same Origin (RFC 6455 §10.2).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from adapters.errors import AdapterError

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADER = "X-Understudy-Page"
MAX_BYTES = 64 * 1024
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})

_POLICY = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Denied(Exception):
    """A request that gets one code, which the page has a sentence for."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Guard:
    def __init__(self, hosts: Iterable[str]) -> None:
        self._hosts = _LOCAL | {host.lower().strip("[]") for host in hosts}

    def read(self, handler: Handler) -> Handler:
        """For what only reads."""
        return self._wrap(handler, changes=False)

    def change(self, handler: Handler) -> Handler:
        """For what changes something, and for the WebSocket."""
        return self._wrap(handler, changes=True)

    def _wrap(self, handler: Handler, *, changes: bool) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check(request, changes=changes)
                response = await handler(request)
            except Denied as denied:
                response = answer({"error": denied.code}, status=denied.status)
            except AdapterError as error:  # our own database
                log.error("%s", error)
                response = answer({"error": "not_kept"}, status=503)
            if not response.prepared:
                response.headers.update(_POLICY)
            return response

        return guarded

    def _check(self, request: web.Request, *, changes: bool) -> None:
        if _hostname(f"//{request.headers.get('Host', '')}") not in self._hosts:
            raise Denied(421, "wrong_host")
        if not changes:
            return
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.headers["Host"]:
            raise Denied(403, "foreign")
        # A browser lets no page add headers to a WebSocket, which is also the only GET among these.
        if request.method != "GET" and request.headers.get(HEADER) != "1":
            raise Denied(403, "foreign")


async def body(request: web.Request) -> bytes:
    """The body, if it is not too long. A packed one is refused by its name: no browser packs what it sends, and a
    few bytes may stand for gigabytes."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Denied(415, "malformed")
    raw = b""
    while chunk := await request.content.read(MAX_BYTES + 1 - len(raw)):
        raw += chunk
        if len(raw) > MAX_BYTES:
            raise Denied(413, "too_long")
    return raw


def answer(value: object, *, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # an address in brackets that is none
        return ""
