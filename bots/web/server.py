"""Listens on the web port and hands requests to the routes it was given; safe headers on every answer."""

from __future__ import annotations

import errno
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from persona_store.errors import Refused

HEADERS = {
    # Nothing may load, run, frame or sniff unless the page that needs it says so itself (OWASP Secure Headers)
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@asynccontextmanager
async def serving(host: str, port: int, routes: Sequence[web.RouteDef]) -> AsyncIterator[int]:
    """Serve `routes` while the block runs; yields the real port (of interest when 0 was asked for). Raises
    Refused with the way out when the address cannot be had."""
    app = web.Application()
    app.add_routes(routes)
    app.on_response_prepare.append(_harden)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)  # open live pages must not hold up the stop
    await runner.setup()
    try:
        await _listen(runner, host, port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refused(
                "PORT_TAKEN",
                f"port {port} on {host} is in use by another program",
                f"stop that one, or set UNDERSTUDY_WEB_PORT={_free_port(host, port)}",
            ) from None
        if error.errno == errno.EACCES:
            raise Refused(
                "PORT_DENIED",
                f"this user may not listen on port {port}",
                "set UNDERSTUDY_WEB_PORT to one above 1023",
            ) from None
        raise Refused(
            "HOST_UNKNOWN",
            f"{host!r} is no address of this machine",
            "set UNDERSTUDY_WEB_HOST to 127.0.0.1 or 0.0.0.0",
        ) from None


def _free_port(host: str, taken: int) -> int:
    """The next port that is free now, or any that is."""
    for port in (*range(taken + 1, min(taken + 20, 65536)), 0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return 0


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "understudy"  # not which versions of what are behind it
