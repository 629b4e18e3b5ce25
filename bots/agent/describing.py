"""What others say of the Subject gives way to what the Subject said, and to an owner's answer."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from persona_store.model import Evidence, Findings
from persona_store.tokens import terms

DESCRIBED = "described"  # a feature: 1 = the first quote is somebody else's description
SECONDHAND = 0.9
"""What is left of the confidence then. The calibrator was fitted on words people said themselves, and nothing tells
how good the describer was; an answer that is only just sure enough goes to a human."""
AS_MUCH = 0.7  # of what the best description holds of the question: then the Subject's own words speak of it, too


def own_first(found: Findings) -> Findings:
    """The findings without descriptions where own words speak of the question about as much; else as they are."""
    described = [each for each in found.evidence if each.passage.described]
    if not described:
        return found
    enough = AS_MUCH * max(_share(each, found.weights) for each in described)
    own = [each for each in found.evidence if not each.passage.described]
    speaking = [each for each in own if _share(each, found.weights) >= enough]
    if not speaking:
        return found
    evidence = (*speaking, *(each for each in own if each not in speaking))
    gone = {each.passage.id for each in described}
    ids = dict.fromkeys((*(each.passage.id for each in speaking), *found.ranked_ids))
    return structs.replace(found, evidence=evidence, ranked_ids=tuple(id for id in ids if id not in gone))


def _share(evidence: Evidence, weights: Mapping[str, float]) -> float:
    """Which share of the question, by weight, stands in a passage or above it."""
    there = {*terms(evidence.passage.text), *terms(evidence.passage.title), *terms(evidence.passage.question)}
    return sum(weight for term, weight in weights.items() if term in there) / (sum(weights.values()) or 1.0)
