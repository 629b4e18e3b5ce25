"""The line that says an answer is on its way. Best effort: nothing here ever fails a post.

Two methods, because one is going and the other is not all there: `assistant.threads.setStatus` takes words and
ends in February 2027; `agents.sessions.setStatus` takes only `active | processing | suspended | closed`, drives the
native stop button, and answers free text with `invalid_arguments` (peers.md S8, S9).
"""

from __future__ import annotations

import asyncio
import logging

from adapters.errors import AdapterError
from adapters.model import Thread
from adapters.slack.client import Web

WITHIN = 3.0
_NEVER = frozenset({"unknown_method", "missing_scope", "no_permission", "method_deprecated"})

log = logging.getLogger("adapters.slack")


class Status:
    def __init__(self, web: Web) -> None:
        self._web = web
        self._off: set[str] = set()
        self._processing: set[tuple[str, str]] = set()

    async def working(self, thread: Thread, text: str) -> None:
        root = thread.root or thread.anchor
        if not root:
            return
        where = {"channel_id": thread.chat, "thread_ts": root}
        if await self._try("agents.sessions.setStatus", **where, status="processing" if text else "active"):
            self._processing.add((thread.chat, root)) if text else self._processing.discard((thread.chat, root))
        await self._try("assistant.threads.setStatus", **where, status=text)

    async def done(self, thread: Thread) -> None:
        """A post clears the words by itself, but a session stays `processing` until it is told otherwise."""
        where = (thread.chat, thread.root or thread.anchor)
        if where in self._processing:
            self._processing.discard(where)
            await self._try("agents.sessions.setStatus", channel_id=where[0], thread_ts=where[1], status="active")

    async def _try(self, method: str, **body: str) -> bool:
        if method in self._off:
            return False
        try:
            async with asyncio.timeout(WITHIN):
                await self._web.write(method, **body)
        except (AdapterError, TimeoutError) as error:
            if getattr(error, "code", "") in _NEVER:
                self._off.add(method)
            log.debug("slack: %s had no effect (%s)", method, getattr(error, "code", "") or type(error).__name__)
            return False
        return True
