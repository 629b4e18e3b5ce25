"""Question → Outcome: the spine of the whole bot. Reads, lets the pure parts decide, returns one Batch."""

from __future__ import annotations

from msgspec import Struct, structs

from adapters.errors import AdapterError
from adapters.model import Audience, Button, Card, Person, Post, Thread
from adapters.protocol import HasAudience
from bots import cards, gate, keys
from bots.agent.decision import decide
from bots.audit import line
from bots.desk import Desk, new_record
from bots.model import Draft, Question, Waiter
from bots.outbox import queue
from bots.people import reach, shown
from bots.records import KEPT, Outcome, ThreadState
from bots.services import Services
from bots.wording import say
from bots.working import working
from persona_store.model import Persona, Readers
from persona_store.protocols import Batch, Put


class Asked(Struct, frozen=True):
    """A question of one persona with the place and person it came from. `id` names its outcome for ever."""

    id: str
    persona: Persona
    text: str
    lang: str
    asker: Person
    thread: Thread
    private: bool = False  # the asker wants what only they may read; the reply goes to them alone


class Pipeline:
    def __init__(self, services: Services, desk: Desk) -> None:
        self._s = services
        self._desk = desk

    async def answer(self, asked: Asked) -> Batch:
        now, persona = self._s.clock.now(), asked.persona
        consent = await self._s.consents.current(persona.name)
        reason = gate.check(persona, consent, asked.thread, "answer", now)
        if reason is not None:
            return self.refuse(asked, reason)
        # Withdrawn or retired while we work: the commit conflicts and nothing is said.
        guard = Batch(unchanged=(await self._s.consents.key(persona.name), await self._persona_key(persona.name)))
        state = await self.thread_state(asked)
        readers = await self.readers(asked)
        question = Question(persona.name, asked.text, asked.lang, "\n".join(state.questions) if state else "")
        async with working(self._s, asked.thread, asked.lang):
            draft = await self._s.answerer.answer(question, readers=readers)
        verdict = decide(question, draft, budget=persona.rules.risk_budget)
        if verdict.kind == "answer":
            return guard.plus(await self._say(asked, draft, state))
        if verdict.kind == "decline":
            return self._plain(asked, say(asked.lang, "refused.smalltalk"))
        if not asked.private and not asked.thread.direct:
            private = await self._private_offer(asked, question)
            if private is not None:
                return guard.plus(private).plus(self._remember(asked, state))
        return guard.plus(await self.escalate(asked, draft, verdict.reason, state))

    async def thread_state(self, asked: Asked) -> ThreadState | None:
        return await self._s.read(keys.thread(asked.thread), ThreadState)

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

    async def _say(self, asked: Asked, draft: Draft, state: ThreadState | None) -> Batch:
        now, persona = self._s.clock.now(), asked.persona
        greeting = keys.greeted(asked.thread.chat_key, asked.asker.key)
        owner = await reach(self._s, persona.owner)
        card = cards.answer(
            persona,
            draft,
            lang=asked.lang,
            outcome=asked.id,
            owner=shown(owner) if owner else persona.owner,
            now=now,
            intro=await self._s.store.get(greeting) is None,
        )
        post = Post(f"{asked.id}:answer", card, only_for=asked.asker if asked.private else None)
        outcome = self._outcome(asked, "answered", draft)
        audited = line(
            self._s,
            persona.name,
            "answered",
            asked.asker.key,
            decision="answer",
            refs=tuple(e.passage.id for e in draft.evidence),
        )
        self._s.metrics.questions.labels(asked.thread.platform, "answered").inc()
        return (
            Batch(puts=(self._kept(outcome), Put(greeting, b"", now + KEPT)), log=(audited,))
            .plus(self._remember(asked, state))
            .plus(queue(self._s, post, to=asked.thread, persona=persona.name, ref=f"outcome:{asked.id}"))
        )

    async def _private_offer(self, asked: Asked, question: Question) -> Batch | None:
        """What this room may not read the asker perhaps may: offered to them alone, in their direct chat."""
        readers = await self._s.directory.readers([asked.asker])
        draft = await self._s.answerer.answer(question, readers=readers)
        if decide(question, draft, budget=asked.persona.rules.risk_budget).kind != "answer":
            return None
        outcome = self._outcome(asked, "declined", draft)
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

    async def escalate(self, asked: Asked, draft: Draft, reason: str, state: ThreadState | None) -> Batch:
        """Hand the question to a human; the draft goes along for their eyes only."""
        persona = asked.persona
        deputy = await reach(self._s, persona.deputy) if persona.deputy else None
        owner = await reach(self._s, persona.owner) or deputy
        if owner is None:
            return self._plain(asked, say(asked.lang, "refused.no_owner", name=persona.display_name))
        if await self._s.directory.same(owner.key, asked.asker.key):
            # The owner asks what only the owner could be asked: say so instead of writing them a letter.
            return self._plain(asked, say(asked.lang, "refused.ask_yourself", name=persona.display_name)).plus(
                self._remember(asked, state)
            )
        drafted = "\n".join(draft.quotes)
        passages = tuple(e.passage for e in draft.evidence)
        record = new_record(
            keys.short(asked.id, "escalation"),
            persona,
            asked.text,
            asked.lang,
            reason,
            Waiter(asked.asker, asked.thread, self._s.clock.now()),
            owner,
            deputy,
            self._s,
            drafted,
            tuple(p.id for p in passages),
        )
        opened = await self._desk.open(persona, record, passages)
        outcome = structs.replace(self._outcome(asked, "escalated", draft), escalation=opened.record.id)
        due = cards.local_time(opened.record.due_at, asked.asker.timezone, asked.lang, self._s.clock.now())
        card = cards.asked(persona, opened.record, lang=asked.lang, due=due, outcome=asked.id, joined=opened.joined)
        post = Post(f"{asked.id}:asked:{opened.record.id}", card)
        self._s.metrics.questions.labels(asked.thread.platform, "escalated").inc()
        return (
            opened.batch.plus(Batch(puts=(self._kept(outcome),)))
            .plus(self._remember(asked, state))
            .plus(queue(self._s, post, to=asked.thread, persona=persona.name, ref=f"outcome:{asked.id}"))
        )

    def refuse(self, asked: Asked, reason: gate.Reason) -> Batch:
        """A plain sentence, the same for everyone, and never another persona (peers.md E10)."""
        self._s.metrics.denials.labels(reason.code).inc()
        key = reason.code if not reason.code.isupper() else "not_live"
        return self._plain(asked, say(asked.lang, f"refused.{key}", name=asked.persona.display_name))

    def _plain(self, asked: Asked, text: str) -> Batch:
        self._s.metrics.questions.labels(asked.thread.platform, "declined").inc()
        post = Post(f"{asked.id}:plain", cards.notice(text, lang=asked.lang))
        return queue(self._s, post, to=asked.thread, persona=asked.persona.name, guarded=False)

    async def _persona_key(self, name: str) -> tuple[str, bytes | None]:
        return (f"persona/{name}", await self._s.personas.raw(name))

    def _remember(self, asked: Asked, state: ThreadState | None) -> Batch:
        key = keys.thread(asked.thread)
        state = (state or ThreadState(asked.persona.name)).then(asked.asker.key, asked.text, asked.id)
        state = structs.replace(state, persona=asked.persona.name)
        return Batch(puts=(Put(key, self._s.seal(state, key), self._s.clock.now() + KEPT),))

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
            draft="\n".join(draft.quotes),
            why=draft.why,
        )

    def _kept(self, outcome: Outcome) -> Put:
        key = keys.outcome(outcome.id)
        return Put(key, self._s.seal(outcome, key), self._s.clock.now() + KEPT)
