"""The escalation desk: opens, asks, reminds, hands on. A thin shell round bots/escalation.py: it reads, lets the
pure functions decide, and returns one Batch. A durable record comes first, chat is only a view of it."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from msgspec import Struct, structs

from adapters.model import Person, Post
from bots import cards, escalation, keys
from bots.audit import line
from bots.hours import hours_of
from bots.model import Escalation, Waiter
from bots.outbox import queue
from bots.people import language, person_of, reach, shown
from bots.questions import same_question
from bots.services import Services
from bots.wording import say
from persona_store.errors import Conflict
from persona_store.model import Passage, Persona
from persona_store.protocols import Batch, NewJob, Put
from persona_store.tokens import content_tokens

TIMER = "timer"
TIMERS = ("ask", "remind", "deputy", "expire")
MAX_PER_ASKER_HOUR = 3  # rights.md T21: more than that goes into a digest


class Opened(Struct, frozen=True):
    record: Escalation
    joined: bool
    batch: Batch


class OpenQuestion(Struct, frozen=True):
    """The value of an open-list key: enough to see whether a new question is the same one."""

    tokens: tuple[str, ...]
    asker: str
    at: str


class Desk:
    def __init__(self, services: Services) -> None:
        self._s = services

    # ------------------------------------------------------------------ reading and writing records

    async def load(self, id: str) -> Escalation | None:
        return await self._s.read(keys.escalation(id), Escalation)

    async def save(self, record: Escalation) -> Batch:
        """The record as it is now. Raises Conflict if somebody changed it since it was loaded; on the way to the
        store nobody can any more."""
        key = keys.escalation(record.id)
        raw = await self._s.store.get(key)
        revision = self._s.unseal(raw, key, Escalation).revision if raw is not None else 0
        if revision != record.revision:
            raise Conflict(f"escalation {record.id} was changed meanwhile")
        record = structs.replace(record, revision=revision + 1)
        batch = Batch(puts=(Put(key, self._s.seal(record, key)),), unchanged=((key, raw),))
        if not escalation.is_settled(record):
            return batch
        timers = tuple(timer_id(record.id, what) for what in TIMERS)
        gone = (keys.open_question(record.persona, record.id), keys.asked(record.assignee, record.id))
        return batch.plus(Batch(cancel=timers, deletes=gone))

    async def asked_of(self, person: Person) -> list[str]:
        """What somebody was asked and has not settled, oldest first, on any of their platforms."""
        found = []
        for key in await self._s.directory.identities(person.key):
            prefix = keys.asked(person_of(key), "")
            found += [(value, k.removeprefix(prefix)) async for k, value in self._s.store.scan(prefix)]
        return [id for _, id in sorted(found)]

    # ------------------------------------------------------------------ opening

    async def open(self, persona: Persona, record: Escalation, passages: tuple[Passage, ...]) -> Opened:
        """A new escalation, or one more who waits for an open one that asks the same."""
        tokens = content_tokens(record.question)
        recent = 0
        hour_ago = (self._s.clock.now() - timedelta(hours=1)).isoformat()
        prefix = keys.open_question(persona.name, "")
        async for key, raw in self._s.store.scan(prefix):
            entry = msgspec.json.decode(raw, type=OpenQuestion)
            if same_question(frozenset(entry.tokens), tokens):
                existing = await self.load(key.removeprefix(prefix))
                if existing is not None and not escalation.is_settled(existing):
                    joined = escalation.join(existing, record.askers[0])
                    return Opened(joined, True, await self.save(joined))
            recent += entry.asker == record.askers[0].person.key and entry.at > hour_ago
        entry = OpenQuestion(tuple(sorted(tokens)), record.askers[0].person.key, self._s.clock.now().isoformat())
        listed = Put(keys.open_question(persona.name, record.id), msgspec.json.encode(entry))
        expire = record.opened_at + timedelta(hours=persona.rules.expire_after_hours)
        batch = Batch(puts=(listed,), jobs=(_timer(record.id, "expire", expire),))
        batch = batch.plus(
            Batch(
                log=(
                    line(
                        self._s,
                        persona.name,
                        "escalation.opened",
                        record.askers[0].person.key,
                        decision=record.reason,
                        refs=(record.id,),
                    ),
                )
            )
        )
        record, asking = await self._ask(persona, record, passages, crowded=recent >= MAX_PER_ASKER_HOUR)
        return Opened(record, False, batch.plus(asking))

    async def _ask(
        self, persona: Persona, record: Escalation, passages: tuple[Passage, ...], *, crowded: bool = False
    ) -> tuple[Escalation, Batch]:
        """Write to the assignee: now, after the quiet hours, or in a digest if they were asked a lot lately."""
        now = self._s.clock.now()
        hours = hours_of(persona.rules, record.assignee.timezone)
        if hours.quiet(now):
            return record, (await self.save(record)).plus(
                Batch(jobs=(_timer(record.id, "ask", hours.next_waking(now)),))
            )
        lately = [
            at
            async for _, at in self._s.store.scan(keys.asked(record.assignee, ""))
            if at.decode() > (now - timedelta(hours=1)).isoformat()
        ]
        if crowded or len(lately) >= persona.rules.digest_after:
            due = hours.next_waking(now + timedelta(hours=1))
            job = NewJob(
                TIMER,
                f"digest:{record.assignee.key}",
                f"digest:{record.assignee.key}".encode(),
                due,
                id=f"digest:{record.assignee.key}",
            )
            waiting = Put(keys.digest(record.assignee.key, record.id), persona.name.encode())
            return record, (await self.save(record)).plus(Batch(puts=(waiting,), jobs=(job,)))
        return await self._ask_now(persona, record, passages)

    async def ask_in_digest(self, persona: Persona, record: Escalation) -> tuple[Escalation, Batch]:
        """Asked, by a message somebody else writes."""
        record = escalation.ask(record, self._s.clock.now())
        return record, (await self.save(record)).plus(self._after_asking(persona, record))

    async def _ask_now(
        self, persona: Persona, record: Escalation, passages: tuple[Passage, ...]
    ) -> tuple[Escalation, Batch]:
        now = self._s.clock.now()
        record, batch = await self.ask_in_digest(persona, record)
        lang = await language(self._s, record.assignee, record.lang)
        due = cards.local_time(record.due_at, record.assignee.timezone, lang, now)
        card = cards.to_owner(persona, record, passages, lang=lang, due=due)
        post = Post(key=ask_key(record), card=card)
        return record, batch.plus(
            queue(self._s, post, to=record.assignee, persona=persona.name, ref=f"escalation:{record.id}")
        )

    def _after_asking(self, persona: Persona, record: Escalation) -> Batch:
        now, rules = self._s.clock.now(), persona.rules
        hours = hours_of(rules, record.assignee.timezone)
        jobs = [_timer(record.id, "remind", hours.after(now, rules.remind_after_hours))]
        if record.deputy is not None and record.deputy.key != record.assignee.key:
            jobs.append(_timer(record.id, "deputy", hours.after(now, rules.deputy_after_hours)))
        return Batch(
            puts=(Put(keys.asked(record.assignee, record.id), now.isoformat().encode()),), jobs=tuple(jobs)
        )

    # ------------------------------------------------------------------ time passes

    async def tick(self, what: str, id: str) -> Batch:
        """A timer came due. Settled meanwhile: nothing."""
        record = await self.load(id)
        persona = await self._s.personas.get(record.persona) if record else None
        if record is None or persona is None or persona.state != "live" or escalation.is_settled(record):
            return Batch()
        if what == "ask":
            return (await self._ask(persona, record, await self._passages(record)))[1]
        if what == "remind":
            return await self._remind(persona, record)
        if what == "deputy":
            return await self.hand_to_deputy(persona, record)
        return await self._expire(persona, record)

    async def _remind(self, persona: Persona, record: Escalation) -> Batch:
        record = escalation.remind(record, self._s.clock.now())
        lang = await language(self._s, record.assignee, record.lang)
        due = cards.local_time(record.due_at, record.assignee.timezone, lang, self._s.clock.now())
        card = cards.to_owner(persona, record, await self._passages(record), lang=lang, due=due, reminder=True)
        post = Post(key=f"{ask_key(record)}:remind{record.reminded}", card=card)
        sent = queue(self._s, post, to=record.assignee, persona=persona.name, ref=f"escalation:{record.id}")
        return (await self.save(record)).plus(sent)

    async def hand_to_deputy(self, persona: Persona, record: Escalation) -> Batch:
        """The owner is silent or cannot be reached: the deputy's turn, and the askers are told."""
        deputy = await reach(self._s, persona.deputy) if persona.deputy else None
        if deputy is None or deputy.key == record.assignee.key:
            return Batch()
        return await self.assign(persona, record, deputy, by="", what="deputy")

    async def assign(
        self, persona: Persona, record: Escalation, to: Person, *, by: str, what: str = "delegated"
    ) -> Batch:
        now = self._s.clock.now()
        before = record.assignee
        due = hours_of(persona.rules, to.timezone).after(now, persona.rules.answer_within_hours)
        record = escalation.assign(structs.replace(record, due_at=due), to, by, now, what)
        asked = keys.asked(before, record.id)
        cancelled = tuple(timer_id(record.id, timer) for timer in ("ask", "remind", "deputy"))
        record, asking = await self._ask(persona, record, await self._passages(record))
        batch = Batch(deletes=(asked,), cancel=cancelled).plus(asking)
        for n, waiter in enumerate(record.askers):
            lang = await language(self._s, waiter.person, record.lang)
            when = cards.local_time(due, waiter.person.timezone, lang, now)
            text = say(lang, f"asked.{what}", assignee=shown(to), due=when)
            post = Post(f"esc:{record.id}:{what}:{to.key}:{n}", cards.notice(text, lang=lang, persona=persona))
            batch = batch.plus(queue(self._s, post, to=waiter.thread, persona=persona.name))
        return batch

    async def _expire(self, persona: Persona, record: Escalation) -> Batch:
        now = self._s.clock.now()
        record = escalation.expire(record, now)
        batch = await self.save(record)
        # It stays on the assignee's list: an answer after the deadline still finds its thread.
        batch = batch.plus(Batch(puts=(Put(keys.asked(record.assignee, record.id), now.isoformat().encode()),)))
        batch = structs.replace(
            batch, deletes=tuple(k for k in batch.deletes if k != keys.asked(record.assignee, record.id))
        )
        return batch.plus(await self.tell_askers(persona, record, "expired"))

    async def tell_askers(self, persona: Persona, record: Escalation, what: str, *, guarded: bool = True) -> Batch:
        """One plain sentence to everyone who waits."""
        batch = Batch()
        for n, waiter in enumerate(record.askers):
            lang = await language(self._s, waiter.person, record.lang)
            text = say(
                lang,
                f"settled.{what}",
                assignee=shown(record.assignee),
                name=persona.display_name,
            )
            post = Post(
                f"esc:{record.id}:{what}:{n}",
                cards.notice(text, lang=lang, persona=persona),
                mention=() if waiter.thread.direct else (waiter.person,),
            )
            batch = batch.plus(queue(self._s, post, to=waiter.thread, persona=persona.name, guarded=guarded))
        return batch

    async def undelivered(self, id: str) -> Batch:
        """Our question could not be placed with the human: on to the deputy, else tell the askers plainly."""
        record = await self.load(id)
        persona = await self._s.personas.get(record.persona) if record else None
        if record is None or persona is None or escalation.is_settled(record):
            return Batch()
        handed = await self.hand_to_deputy(persona, record)
        return handed if handed.puts else await self.tell_askers(persona, record, "unreachable")

    async def cancel_all(self, persona: Persona, by: str, what: str) -> Batch:
        """The persona is retired: whoever waits is told, nothing is left hanging."""
        batch = Batch()
        prefix = keys.open_question(persona.name, "")
        async for key, _ in self._s.store.scan(prefix):
            record = await self.load(key.removeprefix(prefix))
            if record is None or escalation.is_settled(record):
                continue
            record = escalation.cancel(record, by, self._s.clock.now())
            batch = batch.plus(await self.save(record)).plus(
                await self.tell_askers(persona, record, what, guarded=False)
            )
        return batch

    async def _passages(self, record: Escalation) -> tuple[Passage, ...]:
        file = await self._s.library.file(record.persona)
        return tuple(await file.get(record.evidence_ids[:3]))


def new_record(
    id: str,
    persona: Persona,
    question: str,
    lang: str,
    reason: str,
    waiter: Waiter,
    assignee: Person,
    deputy: Person | None,
    services: Services,
    draft: str,
    evidence_ids: tuple[str, ...],
) -> Escalation:
    """An escalation as it begins; the deadline is what the askers will be told."""
    now = services.clock.now()
    due = hours_of(persona.rules, assignee.timezone).after(now, persona.rules.answer_within_hours)
    return Escalation(
        id=id,
        persona=persona.name,
        state="open",
        question=question,
        lang=lang,
        reason=reason,
        askers=(waiter,),
        assignee=assignee,
        owner=assignee,
        deputy=deputy,
        opened_at=now,
        due_at=due,
        draft=draft,
        evidence_ids=evidence_ids,
        history=(("opened", now, waiter.person.key),),
    )


def ask_key(record: Escalation) -> str:
    return f"esc:{record.id}:ask:{record.assignee.key}"


def timer_id(id: str, what: str) -> str:
    return f"timer:{what}:{id}"


def _timer(id: str, what: str, due: object) -> NewJob:
    # Every timer has a lane of its own: a waiting one must not hold up another.
    return NewJob(TIMER, timer_id(id, what), f"{what}:{id}".encode(), due, id=timer_id(id, what))  # type: ignore[arg-type]
