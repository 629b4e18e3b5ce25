"""Retire and withdraw: silence first, everywhere and in one commit; then erase; then the tombstone and the proof.

The silence is the persona's state: it is what the gate reads before every question and the outbox before every
post, so from this commit on nothing is said for the persona on any platform (rights.md L05, L12, CMD-04).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from msgspec import Struct

from adapters.model import Person, Thread
from bots import asking, exports, informing, keys, unsaying, witness
from bots.audit import line
from bots.desk import Desk
from bots.letters import sending
from bots.model import Escalation
from bots.people import person_of
from bots.records import Outcome, ThreadState
from bots.replies import alone
from bots.services import Services
from bots.subject import death, passes
from bots.unsaying import Later, Unsaying
from bots.wording import say
from persona_store.certificate import Certificate, Residual, SignedCertificate
from persona_store.errors import Conflict, Refused
from persona_store.model import GONE, Persona
from persona_store.personas import transition
from persona_store.protocols import Batch, Claim, NewJob
from persona_store.retirement import Elsewhere, Request, Retirement

ERASE = "erase"
LETTERS = Residual(
    where="the subject's mailbox",
    why="letters to their private address are theirs; the address is kept until this certificate was sent there",
    who_to_ask="the subject, and whoever runs the mail server that took them",
    until="they delete them; the address: five days at most",
)
log = logging.getLogger(__name__)


class Erasing(Struct, frozen=True):
    """What the erasing job must know to end properly, even after a restart."""

    persona: str
    trigger: str  # retire | withdraw | term | death
    by: Person
    silenced_at: datetime
    lang: str
    report_to: Thread | None


class Retiring:
    def __init__(self, services: Services, desk: Desk, retirement: Retirement) -> None:
        self._s = services
        self._desk = desk
        self._retirement = retirement
        self._unsaying = Unsaying(services)

    async def begin(self, persona: Persona, by: Person, trigger: str, report_to: Thread | None, lang: str) -> Batch:
        """The Batch that silences; erasure follows as a job. Doing it twice is a polite no-op. What it is by now is
        silenced, however long ago `persona` was read: nothing done meanwhile is written over, or in the way."""
        persona = await self._s.personas.get(persona.name) or persona
        if persona.state in GONE:
            text = say(lang, "refused.retired", name=persona.display_name)
            key = keys.short(by.key, persona.name, self._s.clock.now().isoformat())
            return alone(self._s, by, report_to, text, lang=lang, key=f"retired:{key}") if report_to else Batch()
        now = self._s.clock.now()
        silenced = transition(persona, "withdraw" if trigger == "withdraw" else "retire", now)
        job = Erasing(persona.name, trigger, by, now, lang, report_to)
        batch = Batch(
            unchanged=(await self._s.personas.unchanged(persona),),
            log=(line(self._s, persona.name, trigger, by.key, decision="silenced"),),
            jobs=(NewJob(ERASE, f"erase:{persona.name}", self._s.seal(job, ERASE), id=f"erase:{persona.name}"),),
            puts=(self._s.personas.put(silenced),),
        )
        if trigger == "withdraw":
            batch = batch.plus(await self._withdrawn(persona, by, now))
        last = await informing.farewell(self._s, persona, by.key if report_to is not None else "")
        batch = batch.plus(Batch(puts=(last,)))
        batch = batch.plus(await self._desk.cancel_all(persona, by.key))
        if report_to is not None:
            text = say(lang, "retire.silenced", name=persona.display_name)
            batch = batch.plus(
                alone(self._s, by, report_to, text, lang=lang, key=f"retire:{persona.name}:silenced")
            )
        return batch

    async def end_terms(self) -> None:
        """What a Subject arranged for after their death happens; and a consent that ran out takes its persona with
        it: what is kept must not outlast the yes (rights.md L12). A newer record counts also while it cools off;
        without any record there was never anything to keep."""
        for persona in await self._s.personas.all():
            if persona.state not in ("cooling", "assessed", "live", "suspended", "restricted", "deceased"):
                continue
            try:
                if (by := await death.due(self._s, persona)) is not None:
                    batch = await self.begin(persona, by, death.TRIGGER, None, self._s.lang)
                    await self._s.store.commit(batch)
                    continue
                records = await self._s.consents.history(persona.name)
                if records and self._s.clock.now() >= max(record.ends_at for record in records):
                    batch = await self.begin(persona, person_of("understudy:term"), "term", None, self._s.lang)
                    await self._s.store.commit(batch)
            except (Refused, Conflict) as error:
                # Tampered with, or changed this very moment: it is silent already, or looked at the next time.
                log.warning("the term of %s: %s", persona.name, error)

    async def _withdrawn(self, persona: Persona, by: Person, now: datetime) -> Batch:
        """A record that is missing, or was tampered with, is no excuse to go on."""
        try:
            return await self._s.consents.withdraw(persona.name, by.key, now)
        except Refused as refused:
            log.warning("withdrawing %s: %s", persona.name, refused)
            return Batch()

    async def erase(self, claim: Claim) -> Batch | None:
        """Everything of the persona goes, step by step and resumable; then who asked for it is told."""
        job = self._s.unseal(claim.job.body, ERASE, Erasing)
        try:
            certificate = await self.erase_now(job.persona, job.trigger, job.silenced_at, job.lang)
        except Later as later:
            await self._put_off(claim, later)
            return None
        if job.report_to is None:
            return Batch()
        persona = await self._s.personas.get(job.persona)
        name = persona.display_name if persona else job.persona
        text = say(job.lang, "retire.done", name=name, certificate=certificate.cert_id)
        text += "\n\n" + await witness.shown(self._s, job.lang)  # with it, nobody can take the erasure back
        key = f"retire:{job.persona}:done"
        link, issued = self._proof(job)
        if link:
            text = say(job.lang, "retire.proof", link=link) + "\n\n" + text
        return issued.plus(
            alone(
                self._s,
                job.by,
                job.report_to,
                text,
                lang=job.lang,
                key=key,
                tone="admin",
                links=(link,) if link else (),
            )
        )

    def _proof(self, job: Erasing) -> tuple[str, Batch]:
        """Who took it back by a word in the chat may have no link to their page left, and the certificate is
        behind it."""
        return passes.to_place(self._s, job.persona, job.by.key) if job.trigger == "withdraw" else ("", Batch())

    async def erase_now(self, persona: str, trigger: str, silenced_at: datetime, lang: str = "en") -> Certificate:
        """Can be begun again after any interruption and ends the same. What is ours goes first and at once; then
        what was said on the platforms, as fast as they let us. Raises Later while that is not done."""
        await self._cancel_late(persona)
        left = (*await exports.residuals(self._s, persona), *await self._in_mailboxes(persona))
        await self._s.store.commit(await sending.unsent(self._s, persona))
        await self._forget_conversations(persona)
        cause = "withdrawal" if trigger == "withdraw" else trigger
        request = Request(cause, silenced_at, silenced_at, residuals=left)
        await self._retirement.destroy(persona, request)
        if await self._retirement.certificate(persona) is None:
            said = await self._unsaying.run(persona, silenced_at, lang)
            elsewhere = Elsewhere(unsaying.items(said), unsaying.residuals(said))
        else:
            elsewhere = Elsewhere()
        signed = await self._retirement.certify(persona, request, elsewhere=elsewhere)
        told = informing.happened(self._s, "ended", persona, signed.certificate.cert_id)
        await self._s.store.commit(Batch(deletes=(keys.unsaid(persona),)).plus(told))
        return signed.certificate

    async def _in_mailboxes(self, persona: str) -> tuple[Residual, ...]:
        """What was written to the Subject is theirs, and the address goes once the last letter has."""
        last = await self._s.read(keys.farewell(persona), informing.Farewell)
        return (LETTERS,) if last is not None and last.address and sending.set_up(self._s) else ()

    async def inform(self, claim: Claim) -> Batch:
        """Owner and Subject are told of what happened; of the end with its certificate."""
        news = self._s.unseal(claim.job.body, informing.INFORM, informing.News)
        done = await self.certificate(news.persona) if news.what == "ended" else None
        return await informing.tell(self._s, claim.job.body, done)

    async def certificate(self, persona: str) -> SignedCertificate | None:
        """Of what was erased; None before the end."""
        return await self._retirement.certificate(persona)

    async def speaking_on(self, persona: str) -> frozenset[str]:
        """The platforms on which something stands that was said for it."""
        return await self._unsaying.platforms(persona)

    async def unsay(self, claim: Claim) -> Batch | None:
        """What was placed in the very moment of the silence; the certificate may have been written before."""
        name = claim.job.body.decode()
        persona = await self._s.personas.get(name)
        if persona is None:
            return Batch()
        try:
            await self._unsaying.run(name, persona.state_at, self._s.lang)
        except Later as later:
            await self._put_off(claim, later)
            return None
        return Batch(deletes=(keys.unsaid(name),) if persona.state == "erased" else ())

    async def _put_off(self, claim: Claim, later: Later) -> None:
        log.info("%s, again in %.0f s", later, later.seconds)
        await self._s.store.release(claim, due=self._s.clock.now() + timedelta(seconds=later.seconds))

    async def _cancel_late(self, name: str) -> None:
        """What was opened in the very moment of the silence was not on the list yet; its askers are told now."""
        persona = await self._s.personas.get(name)
        if persona is not None and persona.state == "erasing":
            await self._s.store.commit(await self._desk.cancel_all(persona, ""))

    async def _forget_conversations(self, persona: str) -> None:
        """What the bot itself remembers of the persona: questions, drafts, threads. The keys are not named after
        the persona (they are found from messages), so they are found by reading."""
        gone: list[str] = []
        posts: list[str] = []
        told = Batch()
        for prefix, kind in ((keys.OUTCOME, Outcome), (keys.THREAD, ThreadState), (keys.ESCALATION, Escalation)):
            async for key, raw in self._s.store.scan(prefix):
                whose = self._s.vault.whose(raw, aad=key)
                if whose not in ("", persona):
                    continue
                if whose and not self._s.vault.has_key(whose):  # an earlier run came so far; nobody reads it now
                    gone.append(key)
                    continue
                record = self._s.unseal(raw, key, kind)
                if record.persona != persona:  # type: ignore[attr-defined]  # each has one
                    continue
                gone.append(key)
                if isinstance(record, Escalation):
                    gone.append(keys.asked(record.assignee, record.id))
                    gone.append(keys.digest(record.assignee.key, record.id))
                    posts += asking.unsent(record)
                elif isinstance(record, Outcome):
                    posts += (f"{record.id}:answer", f"{record.id}:offer")
                    told = told.plus(await self._instead(record))
        async for key, raw in self._s.store.scan("default/"):
            if raw.decode() == persona:
                gone.append(key)
        for start in range(0, len(posts), 500):  # what a platform put off still quotes
            await self._s.store.commit(Batch(cancel=tuple(posts[start : start + 500])))
        await self._s.store.commit(told)
        for start in range(0, len(gone), 500):
            await self._s.store.commit(Batch(deletes=tuple(gone[start : start + 500])))

    async def _instead(self, outcome: Outcome) -> Batch:
        """Whose answer was still on its way is told that there is none."""
        if outcome.kind != "answered" or await self._s.store.get(keys.receipt(f"{outcome.id}:answer")) is not None:
            return Batch()
        persona = await self._s.personas.get(outcome.persona)
        name = persona.display_name if persona else outcome.persona
        text = say(outcome.lang, "refused.silenced", name=name)
        return alone(self._s, outcome.asker, outcome.thread, text, lang=outcome.lang, key=f"{outcome.id}:silenced")
