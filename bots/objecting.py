"""What somebody makes of an answer: a thumb, a word against it, or the wish for a human."""

from __future__ import annotations

from msgspec import structs

from adapters.model import Message, Person, Post
from bots import cards, disputes, escalation, feedback, gate, keys, register
from bots.answered import draft_of
from bots.audit import line
from bots.model import Escalation
from bots.outbox import queue
from bots.people import language, own_language, shown
from bots.pipeline import Asked, Pipeline
from bots.records import KEPT, Outcome
from bots.replies import alone
from bots.services import Services
from bots.wording import say
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, Put

LONGEST = 500  # characters of an objection that the owner is shown
ANSWERED = ("answered", "declined", "expired")
"""States after which words in the thread are about the human's answer, or about none."""


class Objecting:
    def __init__(self, services: Services, pipeline: Pipeline) -> None:
        self._s = services
        self._pipeline = pipeline

    async def voted(
        self, outcome: Outcome, who: Person, vote: str, *, vouched: bool, why: bool = False
    ) -> tuple[Outcome, Batch] | None:
        """The outcome with the vote, and all that follows from it but the human; None once the persona is gone.
        Not `vouched`: anybody could have made it look so, and it counts for nothing (rights.md T17)."""
        persona = await self._s.personas.get(outcome.persona)
        if persona is None or persona.state in GONE:
            return None
        audited = line(self._s, outcome.persona, "feedback", who.key, decision=vote, refs=(outcome.id,))
        outcome = structs.replace(outcome, feedback={**outcome.feedback, who.key: vote})
        batch = Batch(log=(audited,))
        if vouched and outcome.kind in ("answered", "escalated") and outcome.quotes:
            batch = batch.plus(await self._counted(persona, outcome, who, vote, why=why))
        return outcome, batch

    async def _counted(self, persona: Persona, outcome: Outcome, who: Person, vote: str, *, why: bool) -> Batch:
        batch = await feedback.voted(self._s, persona, outcome, who, vote)
        if vote == "down" and batch.puts:  # it was said, so it can be disputed
            batch = batch.plus(await disputes.objected(self._s, persona, outcome, who, why=why))
        return batch

    async def is_asked(self, outcome: Outcome) -> bool:
        """Whether a human has the question already, or has settled it; one taken back may be asked again."""
        record = await register.load(self._s, outcome.escalation) if outcome.escalation else None
        return record is not None and record.state != "cancelled"

    async def to_human(self, outcome: Outcome, who: Person, reason: str, words: str = "") -> Batch | gate.Reason:
        """The question goes to a human after all, with what was answered and what was said against it."""
        persona, consent = await self._s.personas.get(outcome.persona), await self._s.consent(outcome.persona)
        denied = gate.check(persona, consent, outcome.thread, "answer", self._s.clock.now())
        if persona is None or denied is not None:
            return denied or gate.UNKNOWN
        asked = Asked(
            outcome.id, persona, outcome.question, outcome.lang, who, outcome.thread, private=outcome.private
        )
        guard = await self._pipeline.guard(persona)
        draft = await draft_of(self._s, outcome)
        return guard.plus(
            await self._pipeline.escalate(asked, draft, reason, before=outcome, objection=_shown(words))
        )

    async def said(self, outcome: Outcome, raw: bytes | None, message: Message) -> Batch | None:
        """ "That's wrong, it is ten minutes": against the answer above it, with a reason. None where no answer of
        the persona's stands there, or a human has answered since."""
        label, _ = await self._s.labels.read(outcome.persona, outcome.id)
        record = await register.load(self._s, outcome.escalation) if outcome.escalation else None
        if label is None or not label.shown or (record is not None and record.state in ANSWERED):
            return None
        voted = await self.voted(outcome, message.author, "down", vouched=not message.unsigned, why=True)
        if voted is None:
            return None
        outcome, batch = voted
        batch = batch.plus(Batch(unchanged=((keys.outcome(outcome.id), raw),)))
        if record is not None and not escalation.is_settled(record):
            kept = batch.plus(Batch(puts=(self.kept(outcome),)))
            return kept.plus(await self._passed_on(record, outcome, message))
        handed = await self.to_human(outcome, message.author, "thumbs_down", message.text)
        return batch.plus(handed) if isinstance(handed, Batch) else None

    async def _passed_on(self, record: Escalation, outcome: Outcome, message: Message) -> Batch:
        """The human is asked already. The first reason anybody gives is brought to them; more would be a flood
        (rights.md T21)."""
        author, id = message.author, keys.short(message.key)
        lang = await language(self._s, author, outcome.lang)
        told = alone(self._s, author, outcome.thread, say(lang, "asked.already"), lang=lang, key=f"{id}:objected")
        if record.objection:
            return told
        record = structs.replace(record, objection=_shown(message.text))
        theirs = await own_language(self._s, record.assignee, record.lang)
        said = say(theirs, "owner.objection", who=shown(author))
        text = "\n\n".join((said, f"> {record.objection}", " ".join(record.question.split())[:LONGEST]))
        post = Post(f"esc:{record.id}:objection", cards.notice(text, lang=theirs))
        return told.plus(await register.save(self._s, record)).plus(queue(self._s, post, to=record.assignee))

    def kept(self, outcome: Outcome) -> Put:
        key = keys.outcome(outcome.id)
        return Put(key, self._s.seal(outcome, key), outcome.at + KEPT)


def _shown(words: str) -> str:
    """One line of them, for who is to judge."""
    return " ".join(words.split())[:LONGEST]
