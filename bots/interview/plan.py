"""What is asked in one sitting of the interview. Pure: gaps and what was asked before → questions.

A basic of every handover and something of this material take turns, the weightiest of each first; what was answered
or skipped is never asked again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from msgspec import Struct

from bots import keys
from bots.wording import say
from persona_store.distill.gaps import QUESTIONS
from persona_store.distill.model import Facet, Gap

IN_A_SITTING = 8
"""Questions: about twenty minutes of writing. Who has more time says `interview` again."""
MOST_IN_A_SITTING = 100
SHOWN = 300  # characters of a statement


class Question(Struct, frozen=True, omit_defaults=True):
    """`key` of a sentence with the topic that fills it, or a question somebody put in words of their own (`text`).
    `statements` are the Subject's own that contradict each other; they are shown and not kept with the answer."""

    key: str = ""
    topic: str = ""
    text: str = ""
    statements: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same in every language, and whatever the width and case of its topic."""
        return keys.short("interview", self.key, _fold(self.topic), _fold(self.text))

    def words(self, lang: str) -> str:
        return self.text or say(lang, self.key, topic=self.topic)


def plan(
    gaps: Iterable[Gap], facets: Sequence[Facet], done: Collection[str], most: int = IN_A_SITTING
) -> tuple[Question, ...]:
    """At most `most` questions whose ids are not among `done`. Whoever calls has left out the gaps and facets that
    not everyone may know of: what is asked here is kept with the answer, for everyone."""
    against = dict(_statements(facets))
    basics: dict[str, Question] = {}
    others: dict[str, Question] = {}
    for gap in sorted(gaps, key=lambda gap: -gap.weight):
        if gap.question not in QUESTIONS:
            continue
        missing = gap.reason == "missing"
        statements = against.get(_fold(gap.topic), ()) if gap.reason == "conflicting" else ()
        asked = Question(gap.question, "" if missing else gap.topic, statements=statements)
        if asked.id not in done and (missing or gap.topic.strip()):
            (basics if missing else others).setdefault(asked.id, asked)
    return tuple(each for each in _in_turn(basics.values(), others.values()) if each)[:most]


def _in_turn(basics: Iterable[Question], others: Iterable[Question]) -> Iterator[Question | None]:
    for pair in zip_longest(basics, others):
        yield from pair


def _statements(facets: Sequence[Facet]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """By topic, two statements that do not agree; where one of them may not be shown, none."""
    by_id: Mapping[str, Facet] = {facet.id: facet for facet in facets}
    for facet in reversed(facets):  # the first of a topic wins in the end
        others = [by_id[id].text for id in facet.conflicts if id in by_id]
        if facet.status == "conflicting" and facet.text and others and others[0]:
            yield _fold(facet.topic), (facet.text[:SHOWN], others[0][:SHOWN])


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
