"""An owner's words: judged, relayed into every thread that waits, and kept where consent covers it."""

from __future__ import annotations

from msgspec import structs

from adapters.model import Button, Card, Person, Post
from bots import cards, escalation, keys
from bots.audit import line
from bots.desk import Desk, ask_key
from bots.learning import LEARN, may_learn
from bots.model import Escalation
from bots.outbox import queue
from bots.people import language, reach, shown
from bots.questions import is_answer
from bots.services import Services
from bots.wording import say
from persona_store.model import Persona
from persona_store.protocols import Batch, NewJob


class Settling:
    def __init__(self, services: Services, desk: Desk) -> None:
        self._s = services
        self._desk = desk

    async def entitled(self, record: Escalation, person: Person) -> bool:
        """Only who was asked, and the persona's owner and deputy, may speak for it; looked up anew each time."""
        persona = await self._s.personas.get(record.persona)
        keys_ = (record.assignee.key, persona.owner if persona else "", persona.deputy if persona else "")
        return any([await self._s.directory.same(person.key, key) for key in keys_ if key])

    async def words(self, record: Escalation, text: str, by: Person, *, in_thread: bool = False) -> Batch:
        """The human wrote something about this question."""
        persona = await self._s.personas.get(record.persona)
        lang = await language(self._s, by, record.lang)
        if persona is None or persona.state != "live":
            return self._tell(by, say(lang, "refused.retired", name=record.persona), lang, record)
        if escalation.is_settled(record) and record.state != "expired":
            return self._already(record, by, lang)
        record = escalation.reopen(record, self._s.clock.now())
        if not is_answer(text):
            return await self._promised(record, by, lang, quiet=in_thread)
        return await self._answer(persona, record, text.strip(), by, lang, in_thread=in_thread)

    async def _promised(self, record: Escalation, by: Person, lang: str, *, quiet: bool) -> Batch:
        first = record.followups < escalation.MAX_FOLLOWUPS
        record = escalation.promise(record, by, self._s.clock.now())
        batch = await self._desk.save(record)
        if quiet or not first:
            return batch
        return batch.plus(self._tell(by, say(lang, "owner.promised"), lang, record, str(record.followups)))

    async def _answer(
        self, persona: Persona, record: Escalation, text: str, by: Person, lang: str, *, in_thread: bool
    ) -> Batch:
        record = escalation.answer(record, text, by, self._s.clock.now())
        consent = await self._s.consents.current(persona.name)
        learns = may_learn(consent, self._s.clock.now())
        batch = await self._desk.save(record)
        batch = batch.plus(
            Batch(
                log=(
                    line(
                        self._s,
                        persona.name,
                        "escalation.answered",
                        by.key,
                        decision="learned" if learns else "not_learned",
                        refs=(record.id,),
                    ),
                )
            )
        )
        if learns:
            batch = batch.plus(
                Batch(jobs=(NewJob(LEARN, f"learn:{persona.name}", record.id.encode(), id=f"learn:{record.id}"),))
            )
        for n, waiter in enumerate(record.askers):
            if in_thread and n == 0:
                continue  # they wrote it right there: everyone can read it already
            theirs = await language(self._s, waiter.person, record.lang)
            post = Post(
                f"esc:{record.id}:answer:{n}",
                cards.relayed(record, by, lang=theirs, learned=learns),
                mention=() if waiter.thread.direct else (waiter.person,),
            )
            batch = batch.plus(
                queue(self._s, post, to=waiter.thread, persona=persona.name, ref=f"escalation:{record.id}")
            )
        return batch.plus(await self._settle_card(persona, record, by, lang, "owner.sent", learned=learns))

    async def decline(self, record: Escalation, by: Person) -> Batch:
        persona = await self._s.personas.get(record.persona)
        lang = await language(self._s, by, record.lang)
        if persona is None or escalation.is_settled(record):
            return self._already(record, by, lang)
        record = escalation.decline(record, by, self._s.clock.now())
        batch = (await self._desk.save(record)).plus(await self._desk.tell_askers(persona, record, "declined"))
        audited = line(self._s, persona.name, "escalation.declined", by.key, refs=(record.id,))
        return batch.plus(Batch(log=(audited,))).plus(
            await self._settle_card(persona, record, by, lang, "owner.declined")
        )

    async def delegate(self, record: Escalation, to_key: str, by: Person) -> Batch:
        persona = await self._s.personas.get(record.persona)
        lang = await language(self._s, by, record.lang)
        if persona is None or escalation.is_settled(record):
            return self._already(record, by, lang)
        to = await reach(self._s, to_key)
        if to is None or to.external:
            return self._tell(by, say(lang, "owner.nobody", person=to_key), lang, record, to_key)
        old_ask = ask_key(record)
        batch = await self._desk.assign(persona, record, to, by=by.key)
        audited = line(self._s, persona.name, "escalation.delegated", by.key, refs=(record.id, to.key))
        card = cards.notice(say(lang, "owner.delegated", person=shown(to)), lang=lang)
        return batch.plus(Batch(log=(audited,))).plus(
            await self._replace(old_ask, card, by, persona.name, record, "handed")
        )

    async def take_back(self, record: Escalation, by: Person) -> Batch:
        """The asker does not want the human to be asked after all."""
        lang = await language(self._s, by, record.lang)
        if escalation.is_settled(record):
            return self._already(record, by, lang)
        if not any([await self._s.directory.same(by.key, w.person.key) for w in record.askers]):
            return Batch()
        left = escalation.leave(record, by.key, self._s.clock.now())
        batch = await self._desk.save(left)
        waiter = next(w for w in record.askers if w.person.key == by.key)
        post = Post(f"esc:{record.id}:left:{by.key}", cards.notice(say(lang, "settled.taken_back"), lang=lang))
        batch = batch.plus(queue(self._s, post, to=waiter.thread, persona=record.persona))
        if left.state != "cancelled":
            return batch
        card = cards.notice(say(lang, "owner.taken_back", who=shown(by)), lang=lang)
        return batch.plus(
            await self._replace(ask_key(record), card, record.assignee, record.persona, record, "left")
        )

    # ------------------------------------------------------------------ what the human sees afterwards

    async def _settle_card(
        self, persona: Persona, record: Escalation, by: Person, lang: str, key: str, *, learned: bool = False
    ) -> Batch:
        who = ", ".join(dict.fromkeys(shown(w.person) for w in record.askers))
        buttons: tuple[Button, ...] = ()
        if learned:
            buttons = (Button("unlearn", say(lang, "button.unlearn"), record.id),)
            if record.askers[0].thread.direct:  # first said to one person: the owner may widen it
                buttons += (Button("share", say(lang, "button.share"), record.id),)
        text = say(lang, key, who=who)
        if learned:
            text += "\n\n" + say(lang, "owner.learned")
        card = Card(
            label=say(lang, "label.bot"),
            text=text,
            notes=(" ".join(record.question.split())[:300],),
            buttons=buttons,
            tone="notice",
        )
        return await self._replace(ask_key(record), card, by, persona.name, record, record.state)

    async def _replace(
        self, old_key: str, card: Card, to: Person, persona: str, record: Escalation, what: str
    ) -> Batch:
        """The card with the buttons becomes what was made of it, so that nobody presses twice."""
        raw = await self._s.store.get(keys.receipt(old_key))
        post = Post(f"{old_key}:{what}:{len(record.history)}", card)
        if raw is None:
            return queue(self._s, post, to=to, persona=persona)
        placed = keys.decode_receipt(raw)
        return queue(
            self._s,
            structs.replace(post, replaces=placed.message_id),
            to=placed.thread,
            persona=persona,
            audience=False,
        )

    def _already(self, record: Escalation, by: Person, lang: str) -> Batch:
        text = say(lang, f"already.{record.state}", who=record.settled_by.partition(":")[2])
        return self._tell(by, text, lang, record, record.state)

    def _tell(self, to: Person, text: str, lang: str, record: Escalation, *what: str) -> Batch:
        key = f"esc:{record.id}:tell:{keys.short(to.key, text, *what)}"
        return queue(
            self._s, Post(key, cards.notice(text, lang=lang)), to=to, persona=record.persona, guarded=False
        )
