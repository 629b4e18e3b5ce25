"""The Finder that needs no model and no network: rules over the Subject's own sentences.

It sees a million passages in bounded memory: what it keeps are the best few hundred sentences of each aspect,
counts of words, and names. What it finds does not depend on the order of the episodes, within the bounds of those
counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from persona_store.consent.record import Facet as FacetKind
from persona_store.distill.answers import Answers
from persona_store.distill.asking import AsksFirst
from persona_store.distill.candidates import Best, Candidate
from persona_store.distill.choosing import Chosen, chosen
from persona_store.distill.colleagues import PSEUDONYM, Colleagues
from persona_store.distill.definitions import Definitions
from persona_store.distill.headed import Headed
from persona_store.distill.model import KIND_OF, Facet
from persona_store.distill.scene import Scene
from persona_store.distill.spotter import Spotter
from persona_store.distill.statements import DECISION, WORK, Statements
from persona_store.distill.status import settled
from persona_store.distill.systems import Systems
from persona_store.distill.vocabulary import Vocabulary
from persona_store.distill.whom import WhomToAsk
from persona_store.distill.workflows import Workflows
from persona_store.model import Passage

_TO_WHOM = re.compile(rf"^@{PSEUDONYM.pattern}[,:，：]?\s+")
"""Whom a message is for: known in a chat, and of no use in a statement."""
KINDS: tuple[FacetKind, ...] = ("work_knowledge", "decision_patterns")


SPOTTERS: Mapping[FacetKind, Callable[[], list[Spotter]]] = {
    "work_knowledge": lambda: [
        *(Statements(WORK), Headed(), WhomToAsk(), Workflows(), Definitions(), Answers(), Systems()),
    ],
    "decision_patterns": lambda: [Statements(DECISION), AsksFirst()],
}


class ByRules:
    """Implements Finder. `kinds` are those that consent names: nothing else is looked for. `key` is the persona's,
    for the pseudonyms of others."""

    def __init__(self, kinds: Collection[FacetKind] = KINDS, *, key: bytes = b"") -> None:
        self.vocabulary = Vocabulary()
        self.colleagues = Colleagues(key)
        self._best = Best()
        self._kinds = frozenset(kinds)
        self._spotters: list[Spotter] = []
        for kind in KINDS:
            if kind in self._kinds:
                self._spotters += SPOTTERS[kind]()

    def see(self, episode: Sequence[Passage]) -> None:
        if not self._spotters:
            return
        self.colleagues.see(episode)
        self.vocabulary.see(episode)
        if any(passage.quotable for passage in episode):
            scene = Scene(episode)
            for spotter in self._spotters:
                spotter.see(scene, self._best)

    def kept(self) -> Iterable[Candidate]:
        """What waits for the end."""
        return iter(self._best)

    def facets(self, now: datetime) -> list[Facet]:
        found = [*self._best, *(each for spotter in self._spotters for each in spotter.ended(self))]
        return settled(
            [self._facet(each) for each in chosen(found, self.vocabulary, now, self.colleagues.is_name)], now
        )

    def _facet(self, each: Chosen) -> Facet:
        candidate = each.candidate
        times = [citation.at for citation in candidate.citations]
        word = self.vocabulary.words.get(next(iter(candidate.about), "")) if candidate.aspect == "system" else None
        text = self.colleagues.hidden(candidate.text, candidate.people)
        subject = self.colleagues.hidden(candidate.subject, candidate.people)
        assert KIND_OF[candidate.aspect] in self._kinds
        return Facet(
            id=candidate.id,
            aspect=candidate.aspect,
            topic=subject or self._topic(candidate.asked) or self._topic(PSEUDONYM.sub(" ", text)),
            text=_TO_WHOM.sub("", text, count=1),
            citations=candidate.citations,
            confidence=each.confidence,
            first=word.first if word and word.first else min(times),
            last=word.last if word and word.last else max(times),
            by=candidate.by,
            measures=dict(candidate.measures),
        )

    def _topic(self, text: str) -> str:
        return self.vocabulary.topic(text, unless=self.colleagues.is_name)


class WorkKnowledge(ByRules):
    """Implements Finder. Work knowledge alone."""

    def __init__(self, *, key: bytes = b"") -> None:
        kinds: tuple[FacetKind, ...] = ("work_knowledge",)
        super().__init__(kinds, key=key)


class DecisionPatterns(ByRules):
    """Implements Finder. Decision patterns alone. One ByRules of both kinds reads everything only once."""

    def __init__(self, *, key: bytes = b"") -> None:
        kinds: tuple[FacetKind, ...] = ("decision_patterns",)
        super().__init__(kinds, key=key)
