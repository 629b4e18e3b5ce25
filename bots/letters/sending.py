"""Letters on their way: kept as jobs until the mail server has them, one for each event, and once as far as can be
known.

That a letter is under way is noted under the persona (`subject/<persona>/letter/<id>`) in the commit that queues
it: the same event queues no second one, and an erasure finds what has not gone yet. A crash between the server's
yes and our writing it down is the one moment in which it goes again: with the same bytes and Message-ID."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from msgspec import Struct

from bots import keys
from bots.letters.addresses import checked, mailable
from bots.letters.failures import Undelivered
from bots.letters.mime import message
from bots.letters.model import Letter
from bots.services import Services
from persona_store.model import GONE
from persona_store.protocols import Batch, Claim, NewJob, Put

log = logging.getLogger(__name__)

MAIL = "mail"
FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=30)
GIVE_UP = timedelta(days=5)  # RFC 5321 §4.5.4.1
KEPT = timedelta(days=30)


class Outgoing(Struct, frozen=True):
    """The message as it will be sent, word for word, however often it has to be tried. `outlives`: it is about the
    end of the persona, which does not stop it."""

    persona: str
    id: str
    to: str
    raw: bytes
    queued_at: datetime
    outlives: bool = False


def set_up(services: Services) -> bool:
    return bool(services.mail.host) and mailable(services.mail.sender)


async def address_of(services: Services, persona: str) -> str:
    """The Subject's private address; "" for none, or one from before addresses were looked at that none can
    reach."""
    address = await services.read(keys.of_subject(persona, "address"), str) or ""
    return address if not address or mailable(address) else ""


async def queue(services: Services, persona: str, to: str, letter: Letter, *, outlives: bool = False) -> Batch:
    """A Batch after which it will be sent; empty if this event's letter was queued before, or nothing sends.
    Raises Refused ADDRESS."""
    if not set_up(services) or not to:
        return Batch()
    mark = _mark(persona, letter.id)
    if not outlives and await services.store.get(mark) is not None:
        return Batch()
    now, address = services.clock.now(), checked(to)
    raw = message(letter, sender=services.mail.sender, to=address, at=now)
    out = Outgoing(persona, letter.id, address, raw, now, outlives)
    name = _job(persona, letter.id)
    batch = Batch(jobs=(NewJob(MAIL, name, services.seal(out, MAIL), id=name),))
    return batch if outlives else batch.plus(Batch(puts=(Put(mark, b""),), absent=(mark,)))


async def unsent(services: Services, persona: str) -> Batch:
    """A Batch that drops what is still under way for a persona, before its notes go."""
    prefix = _mark(persona, "")
    return Batch(
        cancel=tuple([_job(persona, key.removeprefix(prefix)) async for key, _ in services.store.scan(prefix)])
    )


class Mailer:
    """`send` is the handler of a job."""

    def __init__(self, services: Services) -> None:
        self._s = services

    async def send(self, claim: Claim) -> Batch | None:
        from bots.letters import smtp  # only where letters are sent: most installations need no mail library

        out = self._s.unseal(claim.job.body, MAIL, Outgoing)
        persona = await self._s.personas.get(out.persona)
        if not out.outlives and (persona is None or persona.state in GONE):
            return Batch()
        if not set_up(self._s):  # it was, when this was queued
            return await self._put_off(claim, out, Undelivered("mail.host is not set any more"))
        if not await self._s.store.holds(claim):  # the fence, as before every effect outside
            return None
        try:
            await smtp.deliver(self._s.mail, out.to, out.raw)
        except Undelivered as failed:
            return await self._put_off(claim, out, failed)
        self._s.metrics.letters.labels("sent").inc()
        return Batch()

    async def _put_off(self, claim: Claim, out: Outgoing, failed: Undelivered) -> Batch | None:
        now = self._s.clock.now()
        if failed.final or now - out.queued_at > GIVE_UP:
            self._s.metrics.letters.labels("dead").inc()
            log.error("letter %s of %s cannot be delivered: %s", out.id, out.persona, failed.what)
            key = f"{keys.DEAD}letter:{keys.short(out.persona, out.id)}"
            return Batch(puts=(Put(key, failed.what.encode(), now + KEPT),))
        wait = min(LONGEST, FIRST * 2.0 ** min(claim.job.attempts - 1, 10))
        self._s.metrics.letters.labels("put_off").inc()
        log.warning(
            "letter %s of %s put off for %.0f s: %s", out.id, out.persona, wait.total_seconds(), failed.what
        )
        await self._s.store.release(claim, due=now + wait)
        return None


def _mark(persona: str, id: str) -> str:
    return keys.of_subject(persona, f"letter/{id}")


def _job(persona: str, id: str) -> str:
    return f"{MAIL}:{persona}:{id}"
