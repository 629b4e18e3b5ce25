"""The answerer that needs no model: it quotes, and says how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bots.agent.by_meaning import by_meaning
from bots.agent.confidence import Calibration, calibration
from bots.agent.conflict import contradicts
from bots.agent.decision import CONFLICT, FOREIGN, LACKS, MEANING
from bots.agent.describing import DESCRIBED, SECONDHAND, own_first
from bots.agent.features import answers_nothing, asks, features
from bots.agent.grounding import grounded
from bots.agent.orders import to_machines
from bots.agent.refit import UNCHANGED, Refit
from bots.agent.sentences import choose, shape
from bots.agent.superseding import newest
from bots.agent.why import learnt, reasons
from bots.model import Draft, Question
from bots.protocols import Refits
from persona_store.episodes import episode_of
from persona_store.model import Evidence, Findings, Readers
from persona_store.protocols import Retriever

QUOTES = 3
CLOSE = 0.85  # of the best one's score: what is worth showing beside it
STRANGER = 0.4  # what is left of the confidence when question and material share no language
ELSEWHERE = 0.8  # … when none of the names and identifiers asked about stands in the episode: a near miss
ABSENT = 0.75  # … when a number, a time or a version is asked for and no quote has one: another near miss
SCANT = 0.75  # … when documents that nobody talks in speak of less than HALF of the question, in its language
HALF, TALKED = 0.5, 0.1
ABROAD = 0.7  # … when something in the other language may speak of it, too, and what is quoted has not all of it
SPEAKS = 0.15  # from here on it may: its share of the question beside the share of what is quoted
WHOLE = 0.65  # share of the question from which on what is quoted is taken to speak of it
TAUGHT = 0.97  # an owner answered this very question; less by as much as it was worded differently

Quoted = tuple[Evidence, str, float]
"""(what is quoted, the words shown, the share of the question in them)"""


class ExtractiveAnswerer:
    """Implements bots.protocols.Answerer."""

    def __init__(
        self, retriever: Retriever, calibrated: Calibration | None = None, refits: Refits | None = None
    ) -> None:
        self._retriever = retriever
        self._calibration = calibrated or calibration()
        self._refits = refits

    async def answer(self, question: Question, *, readers: Readers, as_of: datetime | None = None) -> Draft:
        found = await self._retriever.search(
            question.persona, question.text, context=question.context, readers=readers, as_of=as_of
        )
        own = await self._refits.of(question.persona) if self._refits else UNCHANGED
        return draft(question, found, self._calibration, own)


def draft(question: Question, found: Findings, calibrated: Calibration, own: Refit = UNCHANGED) -> Draft:
    """The quotes and the chance that they answer. Pure. `own`: what the team's judgements make of that chance."""
    found = newest(own_first(found), question.lang)
    quotes = _quotes(question.text, found)
    if not quotes:
        return Draft((), (), 0.0, found.ranked_ids, dict(found.signals), reasons(question, found, (), {}))
    seen = features(question.text, question.lang, found, quotes)
    seen[DESCRIBED] = float(quotes[0][0].passage.described)
    seen[CONFLICT] = float(contradicts([(evidence.passage, shown) for evidence, shown, _ in quotes]))
    shipped = ruled(by_meaning(calibrated.chance(seen), seen), seen)
    # What an owner answered is trusted by its likeness, which no label of a calibrator's draft says anything about.
    taught = bool(seen.get("taught", 0.0))
    confidence = shipped if taught else own.chance(shipped)
    return Draft(
        evidence=tuple(evidence for evidence, _, _ in quotes),
        quotes=tuple(shown for _, shown, _ in quotes),
        confidence=confidence,
        ranked_ids=found.ranked_ids,
        features=seen,
        why=(*reasons(question, found, quotes, seen), *learnt(shipped, confidence)),
        shipped=shipped,
        thresholds=() if taught else own.thresholds,
    )


def ruled(chance: float, seen: Mapping[str, float]) -> float:
    """What the calibrator cannot know, because nothing it was fitted on has it, or too little."""
    if seen.get("named_missing", 0.0) >= 1:
        chance *= ELSEWHERE
    if seen.get(LACKS, 0.0):
        chance *= ABSENT
    foreign = seen.get(FOREIGN, 0.0) > 0.5
    if not foreign and seen.get("talk", 0.0) <= TALKED and seen.get("covered", HALF) < HALF:
        chance *= SCANT
    if seen.get("abroad", 0.0) >= SPEAKS and seen.get("covered", 0.0) < WHOLE:
        chance *= ABROAD
    if seen.get("taught", 0.0):
        chance = max(chance, TAUGHT * min(1.0, seen["taught"] + 0.2))
    if foreign and MEANING not in seen:
        chance *= STRANGER
    if seen.get(DESCRIBED, 0.0):
        chance *= SECONDHAND
    return chance


def _quotes(asked: str, found: Findings) -> list[Quoted]:
    """At most QUOTES passages, one from each episode and best first; an owner's own answer stands alone."""
    kind = shape(asked)
    episodes: dict[tuple[str, str], list[Evidence]] = {}
    for evidence in found.evidence:
        if not answers_nothing(evidence.passage.text):
            episodes.setdefault(episode_of(evidence.passage), []).append(evidence)
    quotes: list[Quoted] = []
    for several in episodes.values():
        if quotes and several[0].score < CLOSE * quotes[0][0].score:
            break
        quote = _telling(several, found.weights, kind)
        if quote is None:
            continue
        quotes.append(quote)
        if len(quotes) == QUOTES or found.signals.get("taught", 0.0):
            break
    return quotes


def _telling(several: Sequence[Evidence], weights: Mapping[str, float], kind: str) -> Quoted | None:
    """The best of one episode that can be quoted; one nearly as good instead, if the best only asks back."""
    first: Quoted | None = None
    for evidence in several:
        shown, covered = choose(evidence.passage.text, weights, kind)
        if not shown or to_machines(shown) or not grounded(shown, evidence.passage):
            continue
        if first is not None and evidence.score < CLOSE * first[0].score:
            break
        quote = (evidence, shown, covered)
        if not asks(shown):
            return quote
        first = first or quote
    return first
