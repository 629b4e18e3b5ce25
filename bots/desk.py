"""The escalation desk: opens, hands on, ends. A thin shell round bots/escalation.py: it reads, lets the pure
functions decide, and returns one Batch. A durable record comes first, chat is only a view of it."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct, structs

from adapters.model import Person, Post
from bots import asking, cards, escalation, keys, register
from bots.audit import line
from bots.hours import hours_of
from bots.model import Escalation
from bots.outbox import queue
from bots.people import language, own_language, reach, shown
from bots.questions import same_question
from bots.services import Services
from bots.timers import timer
from bots.wording import say
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, Put
from persona_store.tokens import content_tokens

MAX_PER_ASKER_HOUR = 3  # rights.md T21: more than that goes into a digest
LATER = timedelta(hours=1)  # when a paused persona's timers are looked at again


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

    # ------------------------------------------------------------------ opening

    async def open(self, persona: Persona, record: Escalation) -> Opened:
        """A new escalation, or one more who waits for an open one that asks the same."""
        known = await register.load(self._s, record.id)
        if known is not None:
            return Opened(known, True, Batch())
        mark = keys.open_mark(persona.name)
        before = await self._s.store.get(mark)
        asker, tokens = record.askers[0].person.key, content_tokens(record.question)
        hour_ago = (self._s.clock.now() - timedelta(hours=1)).isoformat()
        recent, alone = 0, record.reason == escalation.REPORTED  # a complaint is nobody else's question
        prefix = keys.open_question(persona.name, "")
        async for key, raw in self._s.store.scan(prefix):
            entry = self._s.unseal(raw, key, OpenQuestion)
            recent += entry.asker == asker and entry.at > hour_ago
            if not alone and same_question(frozenset(entry.tokens), tokens):
                existing = await register.load(self._s, key.removeprefix(prefix))
                if existing is not None and not escalation.is_settled(existing):
                    joined = escalation.join(existing, record.askers[0])
                    return Opened(joined, True, await register.save(self._s, joined))
        entry = OpenQuestion(() if alone else tuple(sorted(tokens)), asker, self._s.clock.now().isoformat())
        listed = keys.open_question(persona.name, record.id)
        expire = record.opened_at + timedelta(hours=persona.rules.expire_after_hours)
        opened = line(self._s, persona.name, "escalation.opened", asker, decision=record.reason, refs=(record.id,))
        batch = Batch(
            puts=(
                Put(listed, self._s.seal(entry, listed)),  # its words are the question's
                Put(mark, record.id.encode()),
            ),
            unchanged=((mark, before),),
            jobs=(timer(record.id, "expire", expire),),
            log=(opened,),
        )
        record, asked = await asking.ask(self._s, persona, record, crowded=recent >= MAX_PER_ASKER_HOUR)
        return Opened(record, False, batch.plus(asked))

    # ------------------------------------------------------------------ time passes

    async def tick(self, what: str, id: str) -> Batch:
        """A timer came due. Settled meanwhile: nothing. While the persona is paused only the end of the time is
        told; everything else waits until it speaks again."""
        record = await register.load(self._s, id)
        persona = await self._s.personas.get(record.persona) if record else None
        if record is None or persona is None or persona.state in GONE or escalation.is_settled(record):
            return Batch()
        if what == "expire":
            return await self._expire(persona, record)
        if persona.state != "live":
            return Batch(jobs=(timer(id, what, self._s.clock.now() + LATER),))
        if what == "ask":
            return (await asking.ask(self._s, persona, record))[1]
        if what == "remind":
            return await asking.remind(self._s, persona, record)
        return await self.hand_to_deputy(persona, record)

    async def _expire(self, persona: Persona, record: Escalation) -> Batch:
        record = escalation.expire(record, self._s.clock.now())
        return (await register.save(self._s, record)).plus(await self.tell_askers(persona, record, "expired"))

    # ------------------------------------------------------------------ handing on

    async def hand_to_deputy(self, persona: Persona, record: Escalation) -> Batch:
        """The owner is silent or cannot be reached: the deputy's turn, and the askers are told. A deputy who
        waits for the answer themselves does not have it."""
        deputy = await reach(self._s, persona.deputy) if persona.deputy else None
        if deputy is None or deputy.external:
            return Batch()
        for person in (record.assignee, *(w.person for w in record.askers)):
            if await self._s.directory.same(person.key, deputy.key):
                return Batch()
        return await self.assign(persona, record, deputy, by="", what="deputy")

    async def assign(
        self, persona: Persona, record: Escalation, to: Person, *, by: str, what: str = "delegated"
    ) -> Batch:
        now = self._s.clock.now()
        before = record.assignee
        due = hours_of(persona.rules, to.timezone).after(now, persona.rules.answer_within_hours)
        record = escalation.assign(structs.replace(record, due_at=due), to, by, now, what)
        off = Batch(
            deletes=(keys.asked(before, record.id), keys.digest(before.key, record.id)),
            cancel=tuple(timer(record.id, each, now).id for each in ("ask", "remind", "deputy")),
        )
        turn = len(record.history)
        record, asked = await asking.ask(self._s, persona, record)
        batch = off.plus(asked)
        for n, waiter in enumerate(record.askers):
            lang = await language(self._s, waiter.person, record.lang)
            place = waiter.person.timezone or persona.rules.timezone
            when = cards.local_time(due, place, lang, now)
            text = say(lang, f"asked.{what}", assignee=shown(to), due=when)
            post = Post(f"esc:{record.id}:{what}{turn}:{n}", cards.notice(text, lang=lang, persona=persona))
            batch = batch.plus(queue(self._s, post, to=waiter.thread, persona=persona.name))
        return batch

    # ------------------------------------------------------------------ telling

    async def tell_askers(self, persona: Persona, record: Escalation, what: str) -> Batch:
        """One plain sentence to everyone who waits. It says nothing for the persona, so it is said even if that
        was silenced meanwhile: nobody is left waiting."""
        batch = Batch()
        for n, waiter in enumerate(record.askers):
            lang = await language(self._s, waiter.person, record.lang)
            text = say(lang, f"settled.{what}", assignee=shown(record.assignee), name=persona.display_name)
            post = Post(
                f"esc:{record.id}:{what}:{n}",
                cards.notice(text, lang=lang, persona=persona),
                mention=() if waiter.thread.direct else (waiter.person,),
            )
            batch = batch.plus(queue(self._s, post, to=waiter.thread))
        return batch

    async def undelivered(self, id: str) -> Batch:
        """Our question could not be placed with the human: on to the deputy, else tell the askers plainly."""
        record = await register.load(self._s, id)
        persona = await self._s.personas.get(record.persona) if record else None
        if record is None or persona is None or persona.state in GONE or escalation.is_settled(record):
            return Batch()
        handed = await self.hand_to_deputy(persona, record)
        if handed.puts or escalation.was_unreachable(record):
            return handed
        record = escalation.unreachable(record, self._s.clock.now())
        return (await register.save(self._s, record)).plus(await self.tell_askers(persona, record, "unreachable"))

    async def cancel_all(self, persona: Persona, by: str) -> Batch:
        """The persona is retired: whoever waits is told, the cards of those who were asked lose what they quote,
        and nothing is left hanging."""
        batch = Batch()
        for record in await register.unsettled(self._s, persona.name):
            ended = escalation.cancel(record, by, self._s.clock.now())
            lang = await own_language(self._s, record.assignee, record.lang)
            gone = cards.notice(say(lang, "refused.retired", name=persona.display_name), lang=lang)
            batch = batch.plus(await register.save(self._s, ended))
            batch = batch.plus(await self.tell_askers(persona, ended, "retired"))
            batch = batch.plus(await asking.close_cards(self._s, ended, gone))
        return batch
