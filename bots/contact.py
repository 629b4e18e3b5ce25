"""Who meets the bot for the first time in a chat is told that it is an AI, and told again after every two hours of
going on with it (rights.md L25, L34; AI Act 50(1), 拟人化互动办法 16, 18)."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from adapters.model import Person, Thread
from bots import keys
from bots.records import KEPT
from bots.services import Services
from persona_store.protocols import Batch, Put

AGAIN = timedelta(hours=2)
PAUSE = timedelta(minutes=30)
"""Who asked nothing for so long did something else in between."""


class Use(Struct, frozen=True):
    """`since`: when it began, or was last reminded of."""

    since: datetime
    last: datetime

    def then(self, now: datetime) -> tuple[Use, bool]:
        """After one more question; whether a reminder is due with its answer."""
        if now - self.last > PAUSE:
            return Use(now, now), False
        due = now - self.since >= AGAIN
        return Use(now if due else self.since, now), due


async def met(services: Services, where: Thread, who: Person) -> tuple[bool, Batch]:
    """Whether the answer has to say what this is, and that they were there."""
    now, key = services.clock.now(), keys.greeted(where.chat_key, who.key)
    raw = await services.store.get(key)
    if not raw:  # b"": greeted, when they opened the chat or by an earlier version
        use, due = Use(now, now), raw is None
    else:
        use, due = msgspec.json.decode(raw, type=Use).then(now)
    return due, Batch(puts=(Put(key, msgspec.json.encode(use), now + KEPT),))
