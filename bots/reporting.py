"""Reporting an answer to the human who answers for it: what it says must not be said, whether it is right or not.

A complaint is an escalation of its own, with deadline, reminder and deputy (生成式办法 15, rights.md L23). It joins
no other, does not wait behind other people's questions, and nothing is learnt from how it is settled.
"""

from __future__ import annotations

from bots import gate, keys
from bots.answered import draft_of
from bots.audit import line
from bots.escalation import REPORTED
from bots.pipeline import Asked, Pipeline
from bots.records import Outcome
from bots.said import Said
from bots.services import Services
from bots.wording import say
from persona_store.protocols import Batch

MOST = 1000  # characters of what somebody says about it


async def report(services: Services, pipeline: Pipeline, said: Said) -> Batch:
    """The last answer where this was typed, with what its reporter says about it."""
    state = await said.conversation(services)
    outcome = await services.read(keys.outcome(state.outcome), Outcome) if state else None
    theirs = outcome and await services.directory.same(said.author.key, outcome.asker.key)
    if outcome is None or (outcome.private and not theirs):  # what one person was told is no hint to others (T09)
        return said.tell(services, say(said.lang, "report_answer.nothing_here"))
    persona = await services.personas.get(outcome.persona)
    consent = await services.consent(outcome.persona)
    denied = gate.check(persona, consent, outcome.thread, "answer", services.clock.now())
    if persona is None or denied is not None:
        name = persona.display_name if persona else outcome.persona
        return said.tell(services, say(said.lang, gate.wording(denied or gate.UNKNOWN), name=name, known="–"))
    words = say(said.lang, "report_answer.about", question=outcome.question)
    if said.args:
        words += "\n" + say(said.lang, "report_answer.words", words=said.args[:MOST])
    id = keys.short(outcome.id, REPORTED, said.author.key)
    asked = Asked(id, persona, words, said.lang, said.author, said.thread, private=said.private)
    guard = await pipeline.guard(persona)
    noted = line(services, persona.name, REPORTED, said.author.key, refs=(outcome.id,))
    draft = await draft_of(services, outcome)
    return guard.plus(Batch(log=(noted,))).plus(await pipeline.escalate(asked, draft, REPORTED))
