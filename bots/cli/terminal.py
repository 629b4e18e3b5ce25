"""Somebody who sits at the terminal and writes: several lines to each question."""

from __future__ import annotations

import asyncio
import sys

from persona_store.errors import Refused

SKIP, STOP = "-", "."


def check(way_out: str) -> None:
    """Raises Refused where nobody could type."""
    if not sys.stdin or not sys.stdin.isatty():
        raise Refused("NOT_INTERACTIVE", "there is nobody at this terminal who could answer", way_out)


async def written() -> tuple[str, bool]:
    """(what was written up to an empty line, whether that was all). SKIP or STOP, alone on the first line, are
    given back as they are; the end of the input is STOP, after what was written before it."""
    lines: list[str] = []
    while True:
        line = await _line()
        if line is None:
            return ("\n".join(lines), True) if lines else (STOP, True)
        if not lines and line.strip() in (SKIP, STOP):
            return line.strip(), line.strip() == STOP
        if line.strip():
            lines.append(line)
        elif lines:
            return "\n".join(lines), False


async def _line() -> str | None:
    """None at the end. Waited for by the loop, so that Ctrl-C ends it at once and all is closed in order."""
    loop, fd = asyncio.get_running_loop(), sys.stdin.fileno()
    ready: asyncio.Future[None] = loop.create_future()

    def arrived() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(fd, arrived)
    try:
        await ready
    finally:
        loop.remove_reader(fd)
    try:
        read = sys.stdin.readline()  # a terminal is ready with a whole line or with its end
    except UnicodeDecodeError as error:
        raise Refused("ENCODING", f"that is not {error.encoding.upper()}", "set the terminal to UTF-8") from None
    return read.rstrip("\n") if read else None
