"""Who has the page open: wakes them when something changed, and remembers what is being worked on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from msgspec import Struct

# A worker that died must not leave "is looking it up" on the page for ever.
_STALE = timedelta(seconds=60)


class Status(Struct, frozen=True):
    """An answer is on its way in a chat, or in a thread of it."""

    chat: str
    root: str
    text: str
    since: datetime


class Live:
    """Pages hold no queue here: they are only woken, and read from the database what they have missed. A slow
    page therefore costs nothing, and one that reconnects is no special case."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._open: set[asyncio.Event] = set()
        self._working: dict[tuple[str, str], Status] = {}
        self.closed = False

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever there may be something new."""
        event = asyncio.Event()
        self._open.add(event)
        try:
            yield event
        finally:
            self._open.discard(event)

    def changed(self) -> None:
        for event in self._open:
            event.set()

    def working(self, chat: str, root: str, text: str) -> None:
        self._working[chat, root] = Status(chat, root, text, self._now())
        self.changed()

    def done(self, chat: str, root: str) -> None:
        self._working.pop((chat, root), None)

    def statuses(self) -> list[Status]:
        """What is being worked on, the stale left out."""
        oldest = self._now() - _STALE
        self._working = {place: status for place, status in self._working.items() if status.since > oldest}
        return list(self._working.values())

    def close(self) -> None:
        """Let every open page go, so that the server can stop at once."""
        self.closed = True
        self.changed()
