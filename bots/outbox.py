"""Posts to be sent: each has a key for ever, is retried after what the platform says, and is never said twice
as far as the platform can tell; what cannot be said ends where somebody sees it."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct, structs

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised
from adapters.model import Card, Person, Post, Receipt, Thread
from adapters.protocol import CanFind
from bots import gate, keys, unsaying
from bots.licence import meter, standing
from bots.services import Services
from persona_store.errors import Conflict
from persona_store.licence.ledger import Charge
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, Claim, NewJob, Put

log = logging.getLogger(__name__)

POST = "post"
UNDELIVERED = "undelivered"
KEPT = timedelta(days=30)
GIVE_UP = timedelta(days=3)


class Outgoing(Struct, frozen=True):
    """A post on its way. `ref` is what it stands for (`outcome:<id>`, `escalation:<id>`, `relayed:<id>:<n>`). One
    with a `persona` speaks for it: should that be silenced before the post is sent, it is not sent, but `instead`
    if there is one; and once it is erased the post is removed, unless it `stays`: a human's own words."""

    to: Thread | None
    post: Post
    queued_at: datetime
    person: Person | None = None  # instead of `to`: their private thread
    persona: str = ""
    ref: str = ""
    instead: Card | None = None
    stays: bool = False
    over: str = ""  # the persona of which nothing is left in a post once this one has rewritten it
    answers: bool = False  # it is the persona's answer, which a licence may have stopped meanwhile
    charge: Charge | None = None  # what is entered in its ledger once the post stands


def queue(
    services: Services,
    post: Post,
    *,
    to: Thread | Person,
    persona: str = "",
    ref: str = "",
    instead: Card | None = None,
    stays: bool = False,
    over: str = "",
    answers: bool = False,
    charge: Charge | None = None,
) -> Batch:
    """A Batch that makes the post happen; ride it on the change that causes it."""
    outgoing = Outgoing(
        to=to if isinstance(to, Thread) else None,
        person=to if isinstance(to, Person) else None,
        post=post,
        queued_at=services.clock.now(),
        persona=persona,
        ref=ref,
        instead=instead,
        stays=stays,
        over=over,
        answers=answers,
        charge=charge,
    )
    lane = f"post:{to.key}" if isinstance(to, Person) else f"post:{to.lane}"
    return Batch(jobs=(NewJob(POST, lane, services.seal(outgoing, POST), id=post.key),))


class Outbox:
    def __init__(self, services: Services) -> None:
        self._s = services

    async def send(self, claim: Claim) -> None:
        """Handle one post job to its end: placed, put off, or undeliverable."""
        out = self._s.unseal(claim.job.body, POST, Outgoing)
        try:
            receipt = None
            if out.persona and await self._silenced(out):
                receipt = await self._stands(claim, out)
                if receipt is None and out.instead is None:
                    await self._s.store.commit(Batch(finish=claim))
                    return
                if receipt is None:
                    out = _notice(out, out.instead)
            receipt = receipt or await self._place(claim, out)
        except (NotFound, Rejected) as error:
            await self._bury(claim, out, error)
        except AdapterError as error:
            await self._put_off(claim, out, error)
        else:
            if receipt is not None:
                self._s.metrics.posts.labels(receipt.thread.platform, "placed").inc()
                await self._keep(claim, out, receipt)

    async def _place(self, claim: Claim, out: Outgoing) -> Receipt | None:
        platform = (out.to or out.person).platform  # type: ignore[union-attr]  # one of the two is always given
        adapter = self._s.adapters.get(platform)
        if adapter is None:
            raise NotFound(platform, "no adapter for this platform runs here")
        found = await self._stands(claim, out)
        if found is not None:
            return found
        thread = out.to or await adapter.direct(out.person)  # type: ignore[arg-type]  # as above
        if not await self._s.store.holds(claim):  # the fence: somebody else took over while we waited
            return None
        try:
            return await adapter.post(thread, out.post)
        except NotFound:
            if not out.post.replaces:
                raise
        # What was to be rewritten is gone; the words are still due.
        return await adapter.post(thread, structs.replace(out.post, replaces=""))

    async def _stands(self, claim: Claim, out: Outgoing) -> Receipt | None:
        """An earlier try may have been cut off between the platform's yes and our writing it down: what stands
        there is remembered, also when its persona was silenced since, so that it is charged and can be taken
        back."""
        return await self._found(out) if claim.job.attempts > 1 else None

    async def _found(self, out: Outgoing) -> Receipt | None:
        adapter = self._s.adapters.get((out.to or out.person).platform)  # type: ignore[union-attr]  # as above
        if not isinstance(adapter, CanFind):
            return None
        thread = out.to or await adapter.direct(out.person)
        return await adapter.find(thread, out.post.key)

    async def _silenced(self, out: Outgoing) -> bool:
        persona = await self._s.personas.get(out.persona)
        consent = await self._s.consent(out.persona)
        # What goes to a human in private goes to those who answer for the persona, who are no audience.
        action = "post" if out.to else "retrieve"
        reason = gate.check(persona, consent, out.to, action, self._s.clock.now())
        if reason is None and out.answers and out.to:
            reason = await standing.refusal(self._s, out.persona, consent, out.to)
        if reason is not None:
            self._s.metrics.denials.labels(reason.code).inc()
        return reason is not None

    async def _keep(self, claim: Claim, out: Outgoing, receipt: Receipt) -> None:
        """Write down where it stands. If its persona was silenced for good while the platform took it, it was one
        word too late: it is taken back as everything else it said (rights.md L05)."""
        while True:
            late = Batch()
            if out.persona and not out.stays:
                key, raw = self._s.personas.key(out.persona), await self._s.personas.raw(out.persona)
                late = Batch(unchanged=((key, raw),))
                persona = None if raw is None else msgspec.json.decode(raw, type=Persona)
                if persona is None or persona.state in GONE:
                    late = late.plus(unsaying.late(out.persona))
            record = self._record(claim, out, receipt).plus(late)
            record = record.plus(await meter.entered(self._s, out.charge, keys.short(claim.job.id)))
            try:
                await self._s.store.commit(record.plus(Batch(finish=claim)))
            except Conflict:
                if await self._s.store.holds(claim):
                    continue
                if late.jobs:  # its erasure cancelled the job in our hand; what stands there is known to us alone
                    await self._s.store.commit(record)
                raise
            else:
                return

    def _record(self, claim: Claim, out: Outgoing, receipt: Receipt) -> Batch:
        expires = self._s.clock.now() + KEPT
        puts = [Put(keys.receipt(claim.job.id or out.post.key), msgspec.json.encode(receipt), expires)]
        if out.persona and not out.stays:
            puts.append(unsaying.note(out.persona, receipt, expires))
        if out.ref:
            puts.append(Put(keys.placed(receipt.thread, receipt.message_id), out.ref.encode(), expires))
        rewritten = out.over and receipt.message_id == out.post.replaces
        return Batch(puts=tuple(puts), deletes=(keys.posted(out.over, receipt),) if rewritten else ())

    async def _put_off(self, claim: Claim, out: Outgoing, error: AdapterError) -> None:
        now = self._s.clock.now()
        if now - out.queued_at > GIVE_UP:
            await self._give_up(claim, out, error)
            return
        if isinstance(error, RateLimited):
            wait = error.retry_after
        elif isinstance(error, Unauthorised):
            wait = 60.0
        else:
            wait = min(300.0, 2.0 ** min(claim.job.attempts, 8))
        self._s.metrics.posts.labels(error.platform, "put_off").inc()
        log.warning("post %s put off for %.0f s: %s", out.post.key, wait, error)
        await self._s.store.release(claim, due=now + timedelta(seconds=wait))

    async def _give_up(self, claim: Claim, out: Outgoing, error: AdapterError) -> None:
        """What was tried last may stand there after all: then it is no dead letter."""
        receipt = None
        with suppress(AdapterError):
            receipt = await self._found(out)
        if receipt is None:
            await self._bury(claim, out, error)
        else:
            await self._keep(claim, out, receipt)

    async def _bury(self, claim: Claim, out: Outgoing, error: AdapterError) -> None:
        """A dead letter somebody can see (`understudy doctor`, the metrics); and whoever relied on the post
        being read hears of it: an escalation then goes on to the deputy."""
        self._s.metrics.posts.labels(error.platform, "dead").inc()
        log.error("post %s cannot be delivered: %s", out.post.key, error)
        key = keys.DEAD + out.post.key
        batch = Batch(puts=(Put(key, str(error).encode(), self._s.clock.now() + KEPT),), finish=claim)
        if out.ref:
            job = NewJob(UNDELIVERED, out.ref, out.ref.encode(), id=f"{UNDELIVERED}:{out.post.key}")
            batch = batch.plus(Batch(jobs=(job,)))
        await self._s.store.commit(batch)


def _notice(out: Outgoing, card: Card | None) -> Outgoing:
    """What is said in place of a post: nothing that speaks for the persona, and under a key of its own, so that it
    is never taken for what it replaces."""
    assert card is not None
    post = structs.replace(out.post, key=f"{out.post.key}:instead", card=card)
    return structs.replace(out, post=post, ref="", persona="", answers=False, charge=None)
