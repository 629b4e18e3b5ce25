"""What was answered, as a Draft again: for a human who is to look at it."""

from __future__ import annotations

from bots import learning
from bots.model import Draft
from bots.records import Outcome
from bots.services import Services


async def draft_of(services: Services, outcome: Outcome) -> Draft:
    """The quotes that were shown, as far as their passages are still there."""
    file = await services.library.file(outcome.persona)
    shown = dict(zip(outcome.evidence_ids, outcome.quotes, strict=True))
    passages = await file.get(outcome.evidence_ids)
    return Draft(
        evidence=tuple(learning.as_evidence(p) for p in passages),
        quotes=tuple(shown[p.id] for p in passages),
        confidence=outcome.confidence,
        why=outcome.why,
        summary=outcome.summary if len(passages) == len(outcome.evidence_ids) else (),
    )
