"""An owner's words: judged, relayed into every thread that waits, and kept where consent covers it."""

from __future__ import annotations

from msgspec import structs

from adapters.model import Button, Card, Person, Post, Thread
from bots import asking, cards, disputes, escalation, feedback, gate, register
from bots.agent.decision import humans_only
from bots.agent.label import RIGHT
from bots.audit import line
from bots.desk import Desk
from bots.learning import LEARN, job_id, may_learn
from bots.model import Escalation
from bots.outbox import queue
from bots.outgoing import secret_in
from bots.people import language, own_language, reach, shown
from bots.questions import is_answer
from bots.services import Services
from bots.wording import say
from persona_store.model import Persona
from persona_store.protocols import Batch, NewJob

SAID = ("thumbs_down", disputes.DISPUTED)
"""Reasons to ask about what was said: an answer otherwise is a correction of it."""


class Settling:
    """`id` names the press or message that did it, so that everyone who does something gets an answer to that."""

    def __init__(self, services: Services, desk: Desk) -> None:
        self._s = services
        self._desk = desk

    async def entitled(self, record: Escalation, person: Person) -> bool:
        """Only who was asked, and the persona's owner and deputy, may speak for it; looked up anew each time."""
        persona = await self._s.personas.get(record.persona)
        keys_ = (record.assignee.key, persona.owner if persona else "", persona.deputy if persona else "")
        return any([await self._s.directory.same(person.key, key) for key in keys_ if key])

    async def words(
        self, record: Escalation, text: str, by: Person, id: str, *, said_in: Thread | None = None
    ) -> Batch:
        """The human wrote something about this question; in `said_in` everyone can read it already."""
        persona = await self._s.personas.get(record.persona)
        lang = await own_language(self._s, by, record.lang)
        consent = await self._s.consent(record.persona)
        reason = gate.check(persona, consent, None, "retrieve", self._s.clock.now())
        if persona is None or reason is not None:
            name = persona.display_name if persona else record.persona
            return self._tell(by, say(lang, gate.wording(reason or gate.UNKNOWN), name=name, known="–"), lang, id)
        if not escalation.may_answer(record):
            return self._already(record, by, lang, id)
        if not is_answer(text):
            return await self._promised(record, by, lang, id, quiet=said_in is not None)
        if kind := secret_in(text):  # a draft is a quotation, and what must not be said was taken out of it
            who = say(lang, "list.between").join(dict.fromkeys(shown(w.person) for w in record.askers))
            return self._tell(by, say(lang, "owner.secret", kind=kind, who=who), lang, id)
        return await self._answer(persona, record, text.strip(), by, lang, said_in)

    async def _promised(self, record: Escalation, by: Person, lang: str, id: str, *, quiet: bool) -> Batch:
        """Not an answer yet. Said a few times at most: who was told thrice has understood."""
        told = quiet or record.followups >= escalation.MAX_FOLLOWUPS
        hint = Batch() if told else self._tell(by, say(lang, "owner.promised"), lang, id)
        if escalation.is_settled(record):  # expired: it stays so until there is an answer
            return hint
        record = escalation.promise(record, by, self._s.clock.now())
        return (await register.save(self._s, record)).plus(hint)

    async def _answer(
        self, persona: Persona, record: Escalation, text: str, by: Person, lang: str, said_in: Thread | None
    ) -> Batch:
        record = escalation.answer(record, text, by, self._s.clock.now())
        verdict, judged = await feedback.settled(self._s, record)
        if verdict != RIGHT and record.reason in SAID:
            record = structs.replace(record, corrects=record.evidence_ids[:1])
        judged = judged.plus(await disputes.settled(self._s, record, verdict))
        learns = may_learn(await self._s.consent(persona.name), self._s.clock.now())
        learns = learns and not humans_only(record.question) and record.reason != escalation.REPORTED
        decision = "learned" if learns else "not_learned"
        audited = line(self._s, persona.name, "escalation.answered", by.key, decision=decision, refs=(record.id,))
        unchanged = (self._s.personas.key(persona.name), await self._s.personas.raw(persona.name))
        batch = (await register.save(self._s, record)).plus(Batch(log=(audited,), unchanged=(unchanged,)))
        batch = batch.plus(judged)
        if learns:
            learn = NewJob(LEARN, f"learn:{persona.name}", record.id.encode(), id=job_id(record.id))
            batch = batch.plus(Batch(jobs=(learn,)))
        for n, waiter in enumerate(record.askers):
            if said_in is not None and waiter.thread.lane == said_in.lane:
                continue
            theirs = await language(self._s, waiter.person, record.lang)
            card = cards.relayed(record, waiter, by, lang=theirs, name=persona.display_name, learned=learns)
            mention = () if waiter.thread.direct else (waiter.person,)
            post, ref = Post(f"esc:{record.id}:answer:{n}", card, mention=mention), f"relayed:{record.id}:{n}"
            instead = cards.notice(say(theirs, "refused.silenced", name=persona.display_name), lang=theirs)
            own = not escalation.repeats_draft(record)
            batch = batch.plus(
                queue(self._s, post, to=waiter.thread, persona=persona.name, ref=ref, instead=instead, stays=own)
            )
        return batch.plus(await self._close(record, by, lang, "owner.sent", learned=learns))

    async def undelivered(self, ref: str) -> Batch:
        """The thread an answer belongs to is gone: the asker gets it in private, and if that is impossible, too,
        the human who wrote it hears so."""
        id, _, n = ref.partition(":")
        record = await register.load(self._s, id)
        persona = await self._s.personas.get(record.persona) if record else None
        if record is None or persona is None or persona.state != "live":
            return Batch()
        number, _, failed = n.partition(":")
        waiter = record.askers[int(number)]
        if failed:
            by = await reach(self._s, record.settled_by)
            if by is None:
                return Batch()
            lang = await own_language(self._s, by, record.lang)
            text = say(lang, "owner.undelivered", who=shown(waiter.person))
            return self._tell(by, text, lang, f"{record.id}:{number}:undelivered")
        lang = await language(self._s, waiter.person, record.lang)
        author = Person(*record.settled_by.partition(":")[::2], name=record.settled_name)
        card = cards.relayed(record, waiter, author, lang=lang, name=persona.display_name, learned=False)
        post = Post(f"esc:{record.id}:answer:{number}:direct", card)
        ref = f"relayed:{record.id}:{number}:failed"
        own = not escalation.repeats_draft(record)
        return queue(self._s, post, to=waiter.person, persona=persona.name, ref=ref, stays=own)

    async def decline(self, record: Escalation, by: Person, id: str) -> Batch:
        persona = await self._s.personas.get(record.persona)
        lang = await own_language(self._s, by, record.lang)
        if persona is None or escalation.is_settled(record):
            return self._already(record, by, lang, id)
        record = escalation.decline(record, by, self._s.clock.now())
        audited = line(self._s, persona.name, "escalation.declined", by.key, refs=(record.id,))
        batch = (await register.save(self._s, record)).plus(Batch(log=(audited,)))
        batch = batch.plus(await self._desk.tell_askers(persona, record, "declined"))
        return batch.plus(await self._close(record, by, lang, "owner.declined"))

    async def delegate(self, record: Escalation, to_key: str, by: Person, id: str) -> Batch:
        persona = await self._s.personas.get(record.persona)
        lang = await own_language(self._s, by, record.lang)
        if persona is None or escalation.is_settled(record):
            return self._already(record, by, lang, id)
        to = await reach(self._s, to_key)
        if to is None or to.external:
            return self._tell(by, say(lang, "owner.nobody", person=to_key.partition(":")[2]), lang, id)
        if await self._s.directory.same(to.key, record.assignee.key):
            return self._tell(by, say(lang, "owner.same", person=shown(to)), lang, id)
        audited = line(self._s, persona.name, "escalation.delegated", by.key, refs=(record.id, to.key))
        card = cards.notice(say(lang, "owner.delegated", person=shown(to)), lang=lang)
        batch = await self._desk.assign(persona, record, to, by=by.key)
        return batch.plus(Batch(log=(audited,))).plus(await asking.close_cards(self._s, record, card, to=by))

    async def take_back(self, record: Escalation, by: Person, id: str) -> Batch:
        """The asker does not want the human to be asked after all."""
        lang = await own_language(self._s, by, record.lang)
        theirs = [w for w in record.askers if await self._s.directory.same(by.key, w.person.key)]
        if not theirs:
            return self._tell(by, say(lang, "settled.not_yours"), lang, id)
        if escalation.is_settled(record):
            return self._already(record, by, lang, id)
        waiter = next((w for w in theirs if w.person.key == by.key), theirs[0])
        left = escalation.leave(record, waiter, self._s.clock.now())
        post = Post(f"esc:{record.id}:left:{id}", cards.notice(say(lang, "settled.taken_back"), lang=lang))
        batch = (await register.save(self._s, left)).plus(queue(self._s, post, to=waiter.thread))
        if left.state != "cancelled":
            return batch
        batch = batch.plus(await disputes.taken_back(self._s, left))
        theirs_lang = await own_language(self._s, record.assignee, record.lang)
        card = cards.notice(say(theirs_lang, "owner.taken_back", who=shown(by)), lang=theirs_lang)
        return batch.plus(await asking.close_cards(self._s, left, card))

    # ------------------------------------------------------------------ what the human sees afterwards

    async def _close(self, record: Escalation, by: Person, lang: str, key: str, *, learned: bool = False) -> Batch:
        who = say(lang, "list.between").join(dict.fromkeys(shown(w.person) for w in record.askers))
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
        return await asking.close_cards(self._s, record, card, to=by)

    def _already(self, record: Escalation, by: Person, lang: str, id: str) -> Batch:
        return self._tell(by, say(lang, f"already.{record.state}"), lang, id)

    def _tell(self, to: Person, text: str, lang: str, id: str) -> Batch:
        return queue(self._s, Post(f"{id}:tell", cards.notice(text, lang=lang)), to=to)
