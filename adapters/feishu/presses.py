"""Cards that wait for the answer to a press. Rewritten meanwhile they go back to what they were as soon as the
answer comes (open.feishu.cn/document, *Delay update of message card*), so a rewrite waits until it has left."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator

ON_ITS_WAY = 0.1  # seconds an answer takes from us to Feishu
LONGEST = 3.0  # Feishu itself waits no longer


class Presses:
    def __init__(self) -> None:
        self._waiting: Counter[str] = Counter()
        self._free: dict[str, asyncio.Event] = {}

    @contextlib.contextmanager
    def waiting(self, card: str) -> Iterator[None]:
        """While a press of this card is being answered; "" is no card."""
        if not card:
            yield
            return
        self._waiting[card] += 1
        self._free.setdefault(card, asyncio.Event())
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(ON_ITS_WAY, self._answered, card)

    def _answered(self, card: str) -> None:
        self._waiting[card] -= 1
        if self._waiting[card] <= 0:
            del self._waiting[card]
            self._free.pop(card).set()

    async def answered(self, card: str) -> None:
        """Wait until no press of this card waits any more."""
        free = self._free.get(card)
        if free is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST):
                    await free.wait()
