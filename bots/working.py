"""Shows that an answer is on its way, but only if it takes long enough to wonder: a status that comes after the
answer would stay there as if more was to come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.model import Thread
from adapters.protocol import HasStatus
from bots.services import Services
from bots.wording import say

PATIENCE = 0.7  # seconds until somebody wonders


@asynccontextmanager
async def working(services: Services, thread: Thread, lang: str) -> AsyncIterator[None]:
    adapter = services.adapters.get(thread.platform)
    if not isinstance(adapter, HasStatus):
        yield
        return
    sign = asyncio.create_task(_after_a_while(adapter, thread, lang))
    try:
        yield
    finally:
        sign.cancel()


async def _after_a_while(adapter: HasStatus, thread: Thread, lang: str) -> None:
    await asyncio.sleep(PATIENCE)
    await adapter.working(thread, say(lang, "notice.working"))
