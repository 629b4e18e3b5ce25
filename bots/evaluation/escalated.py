"""A team's own questions, out of those that went to a human: would the draft have been right?

The owner's reply is the judge. Who sends the draft as it is has said that it was right and that nobody needed to be
asked. Only counts leave this file: neither who asked nor what was said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from msgspec import Struct

from bots.model import Escalation
from persona_store.tokens import terms

EDITED = 0.5  # so much of the draft stands in the answer, in its order: the owner changed the draft
LONGEST = 2_000  # words compared; quotes are shorter

AS_IT_WAS, CHANGED, OTHERWISE, NO_DRAFT = "as_it_was", "edited", "otherwise", "no_draft"
FATES = (AS_IT_WAS, CHANGED, OTHERWISE, NO_DRAFT)


class ByConfidence(Struct, frozen=True):
    """Drafts that were about so sure: how many, and how many the owner sent as they were."""

    above: float
    drafts: int
    as_it_was: int


class Handed(Struct, frozen=True):
    """What came of the questions that were handed over. `unsettled` were declined, expired or taken back: nobody
    said what would have been right. `fates` counts the answered ones, `needless` the share of them whose draft was
    sent as it was, and `reasons` says for each reason to ask how many there were and how many were needless."""

    persona: str
    answered: int
    unsettled: int
    fates: dict[str, int]
    needless: float | None
    reasons: dict[str, tuple[int, int]]
    confidence: tuple[ByConfidence, ...]


def handed(persona: str, records: Iterable[Escalation], confidences: Mapping[str, float]) -> Handed:
    """`confidences` are by the record's id: how sure the draft was, where that is still kept."""
    answered = unsettled = 0
    fates: Counter[str] = Counter()
    reasons: dict[str, list[int]] = {}
    levels: dict[int, list[int]] = {}
    for record in records:
        if record.state in ("open", "asked"):
            continue
        if record.state != "answered":
            unsettled += 1
            continue
        answered += 1
        fate = fate_of(record.draft, record.answer)
        fates[fate] += 1
        needless = fate == AS_IT_WAS
        counts = reasons.setdefault(record.reason, [0, 0])
        counts[0], counts[1] = counts[0] + 1, counts[1] + needless
        sure = confidences.get(record.id)
        if record.draft and sure is not None:
            level = levels.setdefault(min(9, int(sure * 10)), [0, 0])
            level[0], level[1] = level[0] + 1, level[1] + needless
    return Handed(
        persona=persona,
        answered=answered,
        unsettled=unsettled,
        fates={fate: fates[fate] for fate in FATES},
        needless=fates[AS_IT_WAS] / answered if answered else None,
        reasons={reason: (counts[0], counts[1]) for reason, counts in sorted(reasons.items())},
        confidence=tuple(ByConfidence(n / 10, drafts, sent) for n, (drafts, sent) in sorted(levels.items())),
    )


def fate_of(draft: str, answer: str) -> str:
    """What the owner did with the draft."""
    if not draft.strip():
        return NO_DRAFT
    if " ".join(draft.split()) == " ".join(answer.split()):
        return AS_IT_WAS
    words = terms(draft)[:LONGEST]
    blocks = SequenceMatcher(None, words, terms(answer)[:LONGEST], autojunk=False).get_matching_blocks()
    kept = sum(block.size for block in blocks)
    return CHANGED if words and kept >= EDITED * len(words) else OTHERWISE
