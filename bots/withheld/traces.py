"""Words that were quoted before they were kept back: out of what the bot remembers of conversations.

What was posted stays where it was posted; here it goes, so that no button, `why` or human is shown it again.
"""

from __future__ import annotations

from msgspec import structs

from bots import keys
from bots.model import Escalation
from bots.records import KEPT, Outcome
from bots.replies import alone
from bots.services import Services
from bots.wording import say
from persona_store.model import Persona
from persona_store.protocols import Batch, Put


async def forget_traces(services: Services, persona: Persona, passages: frozenset[str]) -> None:
    """Of Outcomes and Escalations that quote one of these passages. An answer that is still on its way is taken
    back, and its asker told."""
    if not passages:
        return
    async for _, outcome in services.all(keys.OUTCOME, Outcome):
        if outcome.persona == persona.name and passages & {*outcome.evidence_ids}:
            await services.store.commit(await _without(services, persona, outcome, passages))
    async for key, record, raw in services.all_raw(keys.ESCALATION, Escalation):
        if record.persona == persona.name and record.draft and passages & {*record.evidence_ids}:
            left = tuple(id for id in record.evidence_ids if id not in passages)
            # An answer that was the draft, sent as it stood, is the persona's words as well.
            answer = "" if record.draft in record.answer else record.answer
            cleaned = structs.replace(record, draft="", summary="", evidence_ids=left, answer=answer)
            expires = record.settled_at + KEPT if record.settled_at is not None else None
            kept = Put(key, services.seal(cleaned, key), expires)
            await services.store.commit(Batch(puts=(kept,), unchanged=((key, raw),)))


async def _without(services: Services, persona: Persona, outcome: Outcome, passages: frozenset[str]) -> Batch:
    pairs = list(zip(outcome.evidence_ids, outcome.quotes, strict=False))
    left = [(id, quote) for id, quote in pairs if id not in passages]
    cleaned = structs.replace(
        outcome,
        evidence_ids=tuple(id for id, _ in left),
        quotes=tuple(quote for _, quote in left),
        summary=(),
    )
    key, post = keys.outcome(outcome.id), f"{outcome.id}:answer"
    batch = Batch(puts=(Put(key, services.seal(cleaned, key), outcome.at + KEPT),))
    if outcome.kind != "answered" or await services.store.get(keys.receipt(post)) is not None:
        return batch
    text = say(outcome.lang, "withhold.meanwhile", name=persona.display_name)
    told = alone(services, outcome.asker, outcome.thread, text, lang=outcome.lang, key=f"{outcome.id}:withheld")
    return batch.plus(Batch(cancel=(post,))).plus(told)
