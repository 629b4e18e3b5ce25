"""Question → Outcome: the spine of the whole bot. Reads, lets the pure parts decide, returns one Batch."""

from __future__ import annotations

from msgspec import Struct, structs

from adapters.errors import AdapterError
from adapters.model import Audience, Button, Card, Person, Post, Thread
from adapters.protocol import HasAudience
from bots import cards, contact, disputes, feedback, gate, keys, rations
from bots.agent import smalltalk
from bots.agent.decision import Verdict, decide, in_danger
from bots.audit import line
from bots.desk import Desk
from bots.hours import hours_of
from bots.knowing import may_know
from bots.licence import meter, standing
from bots.model import Draft, Escalation, Question, Waiter
from bots.outbox import queue
from bots.outgoing import cleaned
from bots.people import reach, shown
from bots.records import KEPT, Outcome, ThreadState
from bots.services import Services
from bots.wording import say
from bots.working import working
from persona_store.consent.record import Consent
from persona_store.licence.ledger import Charge
from persona_store.model import Persona, Readers
from persona_store.protocols import Batch, Put

NO_DRAFT = ("closed_topic", "no_evidence")
"""Whatever matches the words of such a question is no answer to it, not even as a draft."""


class Asked(Struct, frozen=True):
    """A question of one persona with the place and person it came from. `id` names its outcome for ever."""

    id: str
    persona: Persona
    text: str
    lang: str
    asker: Person
    thread: Thread
    private: bool = False  # the asker wants what only they may read; the reply goes to them alone

    @property
    def conversation(self) -> str:
        """Where what was asked before is kept: what one asks in private is no context for others."""
        return keys.conversation(self.thread, self.asker if self.private else None)


class Humans(Struct, frozen=True):
    """Who of the persona's humans can be reached, the owner first (rights.md L18)."""

    owner: Person
    deputy: Person | None


class Pipeline:
    def __init__(self, services: Services, desk: Desk) -> None:
        self._s = services
        self._desk = desk

    async def answer(self, asked: Asked) -> Batch:
        now, persona = self._s.clock.now(), asked.persona
        guard = await self.guard(persona)
        consent = await self._s.consent(persona.name)
        reason = gate.check(persona, consent, asked.thread, "answer", now)
        reason = reason or await standing.refusal(self._s, persona.name, consent, asked.thread)
        humans = await self._humans(persona) if reason is None else None
        if reason is not None or humans is None:
            return self.refuse(asked, reason or gate.Reason("no_owner"))
        ration = rations.of_persona(self._s.limits)
        used = await rations.take(self._s, keys.asks_of(persona.name), ration, asked.id, asked.asker.key)
        if used.over:
            return self._enough(asked, used)
        state, raw = await self._s.read_raw(asked.conversation, ThreadState)
        guard = guard.plus(Batch(unchanged=((asked.conversation, raw),)))
        readers = await self.readers(asked)
        question = Question(persona.name, asked.text, asked.lang, "\n".join(state.questions) if state else "")
        async with working(self._s, asked.thread, asked.lang):
            draft = await self._s.answerer.answer(question, readers=readers)
            verdict = decide(question, draft, budget=persona.rules.risk_budget)
            if verdict.kind == "answer" and await self._says_it_again(question, draft, state, readers):
                verdict = Verdict("escalate", "low_confidence")
            if verdict.kind == "answer" and await disputes.against(self._s, persona.name, asked.text, draft):
                verdict = Verdict("escalate", disputes.DISPUTED)
        guard = guard.plus(self._remember(asked, state))
        if verdict.kind == "answer":
            return guard.plus(await self._say(asked, draft, humans, consent))
        if verdict.kind == "decline":
            return self._plain(asked, say(asked.lang, smalltalk.reply(asked.text)))
        if not asked.private and not asked.thread.direct and verdict.reason != disputes.DISPUTED:
            private = await self._private_offer(asked, question)
            if private is not None:
                return guard.plus(private)
        if verdict.reason in NO_DRAFT:
            draft = structs.replace(draft, evidence=(), quotes=())
        because = "unconfirmed" if verdict.kind == "confirm" else verdict.reason
        return guard.plus(await self.escalate(asked, draft, because))

    async def _says_it_again(
        self, question: Question, draft: Draft, state: ThreadState | None, readers: Readers
    ) -> bool:
        """A follow-up that finds nothing but what was quoted before, and finds it only by the words of the question
        before, asks for something else: "and who approves that?" is not answered by the same sentence again."""
        before = await self._s.read(keys.outcome(state.outcome), Outcome) if state else None
        if before is None or not {e.passage.id for e in draft.evidence} <= {*before.evidence_ids}:
            return False
        alone = structs.replace(question, context="")
        found = await self._s.quoting.answer(alone, readers=readers)
        return decide(alone, found, budget=1.0).kind != "answer"

    async def guard(self, persona: Persona) -> Batch:
        """Withdrawn, paused or retired while we work: the commit conflicts and nothing is said. Taken before
        anything is decided, and bound to the persona as the caller read it: raises Conflict if it is not that any
        more."""
        there = await self._s.personas.unchanged(persona)
        return Batch(unchanged=(await self._s.consents.key(persona.name), there))

    async def readers(self, asked: Asked) -> Readers:
        """Everyone who will read the reply; if that cannot be known, nobody but the public is assumed to be
        entitled to anything (rights.md T06, T08)."""
        if asked.private or asked.thread.direct:
            return await self._s.directory.readers([asked.asker])
        adapter = self._s.adapters.get(asked.thread.platform)
        try:
            audience = await adapter.audience(asked.thread) if isinstance(adapter, HasAudience) else Audience(True)
        except AdapterError:
            self._s.metrics.denials.labels("audience_unknown").inc()
            return None
        return None if audience.public else await self._s.directory.readers(audience.members)

    async def _humans(self, persona: Persona) -> Humans | None:
        """None if nobody answers for the persona any more: then it does not speak (rights.md L18)."""
        owner = await reach(self._s, persona.owner)
        deputy = await reach(self._s, persona.deputy) if persona.deputy else None
        first = owner or deputy
        return Humans(first, deputy) if first is not None else None

    async def _say(self, asked: Asked, draft: Draft, humans: Humans, consent: Consent | None) -> Batch:
        persona = asked.persona
        intro, greeted = await contact.met(self._s, asked.thread, asked.asker)
        draft = cleaned(draft)
        card = cards.answer(
            persona,
            draft,
            lang=asked.lang,
            outcome=asked.id,
            owner=shown(humans.owner),
            now=self._s.clock.now(),
            intro=intro,
        )
        audited = line(
            self._s,
            persona.name,
            "answered",
            asked.asker.key,
            decision="answer",
            code=draft.model,
            refs=tuple(e.passage.id for e in draft.evidence),
        )
        self._s.metrics.questions.labels(asked.thread.platform, "answered").inc()
        outcome = self._outcome(asked, "answered", draft)
        kept = Batch(puts=(self._kept(outcome),), log=(audited,)).plus(await feedback.answered(self._s, outcome))
        charge = await meter.charge(self._s, persona, consent, asked.asker, asked.thread)
        return kept.plus(greeted).plus(self._reply(asked, "answer", card, answers=True, charge=charge))

    async def _private_offer(self, asked: Asked, question: Question) -> Batch | None:
        """What this room may not read the asker perhaps may: offered to them alone, in their direct chat."""
        readers = await self._s.directory.readers([asked.asker])
        draft = await self._s.quoting.answer(question, readers=readers)
        if decide(question, draft, budget=asked.persona.rules.risk_budget).kind != "answer":
            return None
        if all(evidence.passage.readers is None for evidence in draft.evidence):
            return None  # nothing that this room could not have been shown
        outcome = structs.replace(self._outcome(asked, "declined", draft), private=True)
        card = Card(
            label=cards.label(asked.persona, asked.lang),
            text=say(asked.lang, "private.offer", name=asked.persona.display_name),
            buttons=(
                Button("private", say(asked.lang, "button.private"), asked.id, style="primary"),
                Button("human", say(asked.lang, "button.human"), asked.id),
            ),
            tone="notice",
        )
        self._s.metrics.questions.labels(asked.thread.platform, "private_offer").inc()
        audited = line(self._s, asked.persona.name, "private_offered", asked.asker.key)
        post = Post(f"{asked.id}:offer", card, only_for=asked.asker)
        return Batch(puts=(self._kept(outcome),), log=(audited,)).plus(
            queue(self._s, post, to=asked.thread, persona=asked.persona.name)
        )

    async def escalate(
        self, asked: Asked, draft: Draft, reason: str, *, before: Outcome | None = None, objection: str = ""
    ) -> Batch:
        """Hand the question to a human. Only what everyone in the team may read goes along: whoever is asked may
        hand it on, and others may wait for the same words (rights.md T06). `before`: it was answered first."""
        persona = asked.persona
        humans = await self._humans(persona)
        if humans is None:
            return self.refuse(asked, gate.Reason("no_owner"))
        if await self._s.directory.same(humans.owner.key, asked.asker.key):
            # The owner asks what only the owner could be asked: say so instead of writing them a letter.
            return self._plain(asked, say(asked.lang, "refused.ask_yourself", name=persona.display_name))
        quoted = zip(draft.evidence, draft.quotes, strict=True)
        public = [(evidence.passage, text) for evidence, text in quoted if evidence.passage.readers is None]
        thread = await self._direct(asked.asker) if asked.private else asked.thread
        now = self._s.clock.now()
        record = Escalation(
            id=keys.short(asked.id, "escalation", before.escalation if before else ""),
            persona=persona.name,
            state="open",
            question=asked.text,
            lang=asked.lang,
            reason=reason,
            askers=(Waiter(asked.asker, thread, now, asked.text),),
            assignee=humans.owner,
            owner=humans.owner,
            deputy=humans.deputy,
            opened_at=now,
            due_at=hours_of(persona.rules, humans.owner.timezone).after(now, persona.rules.answer_within_hours),
            draft="\n".join(quote for _, quote in public),
            summary=cards.summarised(draft.summary) if before and len(public) == len(draft.evidence) else "",
            evidence_ids=tuple(passage.id for passage, _ in public),
            outcome=asked.id,
            objection=objection,
            may_know=await may_know(
                self._s, persona.name, asked.text, without=(humans.owner, asked.asker, persona.subject)
            ),
            history=(("opened", now, asked.asker.key),),
        )
        opened = await self._desk.open(persona, record)
        outcome = before or self._outcome(asked, "escalated", draft)
        outcome = structs.replace(outcome, kind="escalated", escalation=opened.record.id)
        place = asked.asker.timezone or persona.rules.timezone  # Feishu and DingTalk tell no zone
        due = cards.local_time(opened.record.due_at, place, asked.lang, now)
        intro, greeted = await contact.met(self._s, asked.thread, asked.asker)
        card = cards.asked(
            persona, opened.record, lang=asked.lang, due=due, outcome=asked.id, joined=opened.joined, intro=intro
        )
        self._s.metrics.questions.labels(asked.thread.platform, "escalated").inc()
        kept = Batch(puts=(self._kept(outcome),))
        return opened.batch.plus(kept).plus(greeted).plus(self._reply(asked, f"asked:{opened.record.id}", card))

    def refuse(self, asked: Asked, reason: gate.Reason) -> Batch:
        """A plain sentence, the same for everyone, and never another persona (peers.md E10)."""
        self._s.metrics.denials.labels(reason.code).inc()
        return self._plain(asked, say(asked.lang, gate.wording(reason), name=asked.persona.display_name))

    def _enough(self, asked: Asked, used: rations.Verdict) -> Batch:
        """It was asked more than it may answer: whoever comes now hears so once (rights.md T40)."""
        self._s.metrics.denials.labels(f"persona_{used.over}").inc()
        text = say(asked.lang, f"refused.persona_{used.over}", name=asked.persona.display_name)
        return self._plain(asked, text) if used.tell or in_danger(asked.text) else Batch()

    def _plain(self, asked: Asked, text: str) -> Batch:
        """What is said in the place of an answer. Whoever may be in danger hears of people who help, whatever else
        there was to say (rights.md L25)."""
        if in_danger(asked.text):
            text = say(asked.lang, "refused.in_danger")
        self._s.metrics.questions.labels(asked.thread.platform, "declined").inc()
        card = cards.notice(text, lang=asked.lang)
        post = Post(f"{asked.id}:plain", card, only_for=asked.asker if asked.private else None)
        return queue(self._s, post, to=asked.thread)

    def _reply(
        self, asked: Asked, what: str, card: Card, *, answers: bool = False, charge: Charge | None = None
    ) -> Batch:
        """What is said for the persona; if it is silenced before that is sent, the asker is told so instead."""
        silenced = say(asked.lang, "refused.silenced", name=asked.persona.display_name)
        return queue(
            self._s,
            Post(f"{asked.id}:{what}", card, only_for=asked.asker if asked.private else None),
            to=asked.thread,
            persona=asked.persona.name,
            ref=f"outcome:{asked.id}",
            instead=cards.notice(silenced, lang=asked.lang),
            answers=answers,
            charge=charge,
        )

    async def _direct(self, person: Person) -> Thread:
        """Where what was asked in private is answered. Raises AdapterError: rather later than before others."""
        return await self._s.adapters[person.platform].direct(person)

    def _remember(self, asked: Asked, state: ThreadState | None) -> Batch:
        now, name = self._s.clock.now(), asked.persona.name
        state = (state or ThreadState(name)).then(name, asked.asker.key, asked.text, asked.id, now)
        key = asked.conversation
        return Batch(puts=(Put(key, self._s.seal(state, key), now + KEPT),))

    def _outcome(self, asked: Asked, kind: str, draft: Draft) -> Outcome:
        return Outcome(
            id=asked.id,
            persona=asked.persona.name,
            kind=kind,
            question=asked.text,
            lang=asked.lang,
            asker=asked.asker,
            thread=asked.thread,
            at=self._s.clock.now(),
            confidence=draft.confidence,
            evidence_ids=tuple(e.passage.id for e in draft.evidence),
            quotes=draft.quotes,
            summary=draft.summary if kind == "answered" else (),
            why=draft.why,
            shipped=draft.shipped,
            taught=bool(draft.features.get("taught", 0.0)),
            private=asked.private,
        )

    def _kept(self, outcome: Outcome) -> Put:
        key = keys.outcome(outcome.id)
        return Put(key, self._s.seal(outcome, key), outcome.at + KEPT)
