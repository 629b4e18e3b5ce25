"""The answerer that knows what it does not know: a question for what is kept back is not answered with the next
best, but with that it is kept back, and goes to the owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, structs

from bots.agent.decision import WITHHELD
from bots.model import Draft, Question
from bots.protocols import Answerer
from persona_store.library import Library
from persona_store.model import Evidence, Findings, Readers
from persona_store.protocols import Retriever
from persona_store.tokens import terms
from persona_store.withheld.book import WithheldBook
from persona_store.withheld.hints import Hints, Mac, Match, episode_hash, share
from persona_store.withheld.levels import CATEGORIES, Rule

UNHEARD = 1.2  # what a term weighs that stands nowhere any more, to the heaviest one that does


class Known(Struct, frozen=True):
    """What is kept back of one persona, as it was at `version`."""

    version: bytes
    rule: Rule
    hints: Hints
    mac: Mac


class KeepingBack:
    """Implements bots.protocols.Answerer around another one."""

    def __init__(self, answerer: Answerer, retriever: Retriever, library: Library) -> None:
        self._answerer = answerer
        self._retriever = retriever
        self._library = library
        self._known: dict[str, Known] = {}

    async def answer(self, question: Question, *, readers: Readers, as_of: datetime | None = None) -> Draft:
        draft = await self._answerer.answer(question, readers=readers, as_of=as_of)
        known = await self._of(question.persona)
        if not known.hints.touched(terms(question.text)):
            return draft
        found = await self._retriever.search(
            question.persona, question.text, context=question.context, readers=readers, as_of=as_of
        )
        return held_back(draft, question, found, known, readers, as_of)

    async def _of(self, persona: str) -> Known:
        file = await self._library.file(persona)
        book = WithheldBook(file.sealed)
        version, known = await book.version(), self._known.get(persona)
        if known is None or known.version != version:
            known = Known(version, await book.rule(), await book.hints(), file.sealed.mac)
            self._known[persona] = known
        return known


def held_back(
    draft: Draft, question: Question, found: Findings, known: Known, readers: Readers, as_of: datetime | None
) -> Draft:
    """The draft, unless what is kept back answers the question better than what it quotes. Pure."""
    weights = weighed(question.text, found.weights)
    match = known.hints.best(weights, readers, as_of)
    if match is None or match.covered <= _said(draft.evidence, found, weights, match, known.mac):
        return draft
    kind = match.kind if known.rule.told and match.kind in CATEGORIES else ""
    return structs.replace(
        draft,
        evidence=(),
        quotes=(),
        confidence=0.0,
        features={**draft.features, WITHHELD: 1.0, **({f"{WITHHELD}_{kind}": 1.0} if kind else {})},
        why=(("why.withheld", {}),),
        summary=(),
    )


def weighed(text: str, weights: Mapping[str, float]) -> dict[str, float]:
    """What each term of a question weighs. One that stands nowhere any more may have stood in what is kept back:
    it weighs more than any that does."""
    heaviest = max(weights.values(), default=0.0) or 1.0
    return {term: weights.get(term, 0.0) or UNHEARD * heaviest for term in dict.fromkeys(terms(text))}


def _said(
    evidence: tuple[Evidence, ...], found: Findings, weights: Mapping[str, float], match: Match, mac: Mac
) -> float:
    """How much of the question the best of what would be quoted covers. What others had said around it counts only
    where nothing is kept back: there they may have asked for just that."""
    best = 0.0
    for each in evidence:
        passage = each.passage
        best = max(best, share(weights, {*terms(f"{passage.title}\n{passage.question}\n{passage.text}")}))
    if evidence and episode_hash(evidence[0].passage, mac) not in match.episodes:
        best = max(best, found.signals.get("covered", 0.0))
    return best
