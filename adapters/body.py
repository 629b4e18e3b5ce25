"""The body of a request from outside, read as far as anybody may make us."""

from __future__ import annotations

import asyncio

from aiohttp import web

LARGEST = 1024 * 1024  # bytes; the platforms' own payloads stay far below
READ_SECONDS = 10.0


async def raw(request: web.Request) -> bytes:
    """The raw bytes. Answers 415 to a small body that would unpack to a large one, 413 as soon as it is too large,
    whatever Content-Length said, and 408 to who sends it too slowly, by raising aiohttp's own exceptions."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType
    if (request.content_length or 0) > LARGEST:
        raise web.HTTPRequestEntityTooLarge(LARGEST, request.content_length or 0)
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > LARGEST:
                    raise web.HTTPRequestEntityTooLarge(LARGEST, len(body))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body)
