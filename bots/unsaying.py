"""What was said for a persona that is no more: deleted on its platform, or marked where the platform keeps it.

Every post that speaks for a persona leaves a note of where it stands, for as long as receipts are kept (thirty
days). Its end works through these notes one by one, each in a commit of its own: cut off anywhere it goes on where
it was. A platform that asks for patience gets it, within a day; after that the certificate is due, and says what is
left where (rights.md L12, §2C).
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct, field

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unreachable
from adapters.model import Post, Receipt
from adapters.protocol import CanRetract
from bots import cards, keys
from bots.services import Services
from bots.wording import say
from persona_store.certificate import Item, Residual
from persona_store.protocols import Batch, NewJob, Put

log = logging.getLogger(__name__)

UNSAY = "unsay"

PATIENCE = timedelta(hours=24)
"""From the silence on: how long a platform may put us off before the certificate says that it did."""
AT_ONCE = 40.0  # seconds a job works on it before it makes room for others
RETRY = 60.0  # seconds, where the platform names none


class Later(Exception):
    """Something is left to be removed, in so many seconds."""

    def __init__(self, left: int, seconds: float) -> None:
        super().__init__(f"{left} posts are left to be removed")
        self.left = left
        self.seconds = seconds


class Tally(Struct, frozen=True):
    """What became of what was posted. `left`: how many stand there still, by reason."""

    deleted: int = 0
    marked: int = 0
    gone: int = 0
    left: dict[str, int] = field(default_factory=dict)

    def plus(self, end: str) -> Tally:
        if end in ("deleted", "marked", "gone"):
            return msgspec.structs.replace(self, **{end: getattr(self, end) + 1})
        return msgspec.structs.replace(self, left=dict(Counter(self.left) + Counter([end])))


def note(persona: str, receipt: Receipt, expires: datetime) -> Put:
    """That something was said for a persona: rides on the receipt."""
    return Put(keys.posted(persona, receipt), msgspec.json.encode(receipt), expires)


def late(persona: str) -> Batch:
    """A post was placed in the very moment of the silence: a job looks again, also after the certificate."""
    return Batch(jobs=(NewJob(UNSAY, f"erase:{persona}", persona.encode(), id=f"{UNSAY}:{persona}"),))


class Unsaying:
    def __init__(self, services: Services) -> None:
        self._s = services

    async def run(self, persona: str, silenced_at: datetime, lang: str) -> Tally:
        """All of it, as far as it goes. Raises Later while a platform puts us off and there is patience left."""
        began = time.monotonic()
        patient = self._s.clock.now() < silenced_at + PATIENCE
        waits: dict[str, float] = {}
        left = 0
        async for key, raw in self._s.store.scan(f"{keys.POSTED}{persona}/"):
            receipt = msgspec.json.decode(raw, type=Receipt)
            platform = receipt.thread.platform
            if platform in waits or time.monotonic() - began > AT_ONCE:
                left += 1
                continue
            try:
                end = await self._remove(receipt, lang)
            except AdapterError as error:
                log.warning("removing what was said for %s: %s", persona, error)
                if patient:
                    waits[platform] = error.retry_after if isinstance(error, RateLimited) else RETRY
                    left += 1
                    continue
                end = type(error).__name__
            await self._count(persona, key, end)
        if left:
            raise Later(left, min(waits.values(), default=0.0))
        return await self.tally(persona)

    async def platforms(self, persona: str) -> frozenset[str]:
        """Where something stands."""
        found = [raw async for _, raw in self._s.store.scan(f"{keys.POSTED}{persona}/")]
        return frozenset(msgspec.json.decode(raw, type=Receipt).thread.platform for raw in found)

    async def tally(self, persona: str) -> Tally:
        raw = await self._s.store.get(keys.unsaid(persona))
        return Tally() if raw is None else msgspec.json.decode(raw, type=Tally)

    async def _remove(self, receipt: Receipt, lang: str) -> str:
        adapter = self._s.adapters.get(receipt.thread.platform)
        if adapter is None and not self._s.adapters:  # a command line: the running bot has them
            raise Unreachable(receipt.thread.platform, "no platform is connected here")
        if adapter is None:
            return "not_connected"
        if not isinstance(adapter, CanRetract):
            return "not_possible"
        try:
            return await adapter.retract(receipt, _marked(receipt, lang))
        except Rejected as error:
            log.warning("a post cannot be removed: %s", error)
            return "refused"
        except NotFound as error:
            log.warning("a post is out of reach: %s", error)
            return "out_of_reach"

    async def _count(self, persona: str, key: str, end: str) -> None:
        before = await self._s.store.get(keys.unsaid(persona))
        after = (Tally() if before is None else msgspec.json.decode(before, type=Tally)).plus(end)
        mark = keys.unsaid(persona)
        await self._s.store.commit(
            Batch(puts=(Put(mark, msgspec.json.encode(after)),), deletes=(key,), unchanged=((mark, before),))
        )


def _marked(receipt: Receipt, lang: str) -> Post:
    key = keys.short(receipt.thread.chat_key, receipt.message_id)
    return Post(f"{key}:removed", cards.notice(say(lang, "removed.mark"), lang=lang))


def items(tally: Tally) -> tuple[Item, ...]:
    """For the certificate: nothing where nothing was said."""
    whole = tally.deleted + tally.marked + tally.gone
    if not whole and not tally.left:
        return ()
    told = f"deleted {tally.deleted}, replaced by a mark {tally.marked}, gone before {tally.gone}"
    return (Item("posted messages", whole, "api_delete", "the platform confirmed each", told),)


REASONS = {
    "not_connected": "this installation is not connected to that platform any more",
    "not_possible": "the platform lets nobody take messages back",
    "refused": "the platform refused: too old, or said as a direct reply that has no name",
    "out_of_reach": "the bot was removed from the chat",
    "RateLimited": "the platform put us off for a day",
    "Unreachable": "the platform was not reached for a day",
    "Unauthorised": "the platform refused our credentials for a day",
}


def residuals(tally: Tally) -> tuple[Residual, ...]:
    """What still stands on a platform, by reason."""
    return tuple(
        Residual(
            where="chats",
            why=f"{count} posted messages are still there: {REASONS.get(reason, reason)}",
            who_to_ask="the workspace's admin, who can delete them there",
            until="the platform's own retention ends",
        )
        for reason, count in sorted(tally.left.items())
    )
