"""What the material leaves open: asked and not answered, answered with doubt, said long ago, contradicted, or never
touched. It drives the interview and stands at the end of the page.

Others' questions are told by their topic only, never by their words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from persona_store.distill.answers import asks
from persona_store.distill.colleagues import MENTION, Colleagues
from persona_store.distill.model import STALE_DAYS, Aspect, Facet, Gap, Reason
from persona_store.distill.reading import Episode
from persona_store.distill.vocabulary import Vocabulary
from persona_store.model import Passage
from persona_store.tokens import terms

MOST = 20
"""Gaps that are told: what nobody would ask in an afternoon is not worth a list."""
OF_A_REASON = 6
"""What is left open in the same way: the weightiest of it."""
MOST_KEPT = 4_000  # questions that are held until the words of the whole are known
LOOKED_AT = 600  # characters of a message
CLIPPED = 60  # characters of a topic that is told by the words themselves
SHOWN = 5  # passages of a gap
SPOKEN_OF = 8  # passages about a thing, from which on a handful of statements about it is thin
BASICS: tuple[Aspect, ...] = (
    "responsibility",
    "boundary",
    "workflow",
    "decision",
    "pitfall",
    "whom_to_ask",
    "standard",
)
"""What every handover needs; where there is not one statement, it is asked for."""
_LATER = timedelta(days=2)  # within which an answer is one

SHORT = 240
"""Characters of an answer in doubt. A longer one says much besides."""
LASTING: tuple[Aspect, ...] = (*BASICS, "priority", "condition", "trade_off")
"""What is asked whether it still holds. An answer of long ago is one of many, and a word means what it meant."""

_UNSURE = re.compile(
    r"\b(?:not (?:entirely |really |quite )?sure|no idea|don'?t (?:know|remember|recall)|can'?t (?:remember|recall)"
    r"|i(?:'d| would) have to (?:check|look)|ask me later|let me (?:check|get back))\b"
    r"|不(?:太|大|是很)?(?:清楚|确定|记得|知道)|记不(?:清|得)|忘了|没把握|我(?:再)?(?:查|确认|看)一下|回头(?:再)?(?:看|说|查)",
    re.IGNORECASE,
)


class _Asked(Struct, frozen=True):
    """A question that got no answer, or a doubtful one; the words are looked at and never told."""

    text: str
    passage: str
    unsure: bool
    called: bool = False  # the Subject was asked by name


class Gaps:
    """A Finder of what is not there. Memory is bounded: the newest MOST_KEPT questions count."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.colleagues = Colleagues()
        self._asked: list[_Asked] = []

    def see(self, episode: Episode) -> None:
        self.vocabulary.see(episode)
        self.colleagues.see(episode)
        for place, passage in enumerate(episode):
            text = passage.text[:LOOKED_AT]
            if passage.by_subject:
                if len(passage.text) <= SHORT and _UNSURE.search(text) and (question := _before(episode, place)):
                    about = f"{question.text[:LOOKED_AT]}\n{text}"
                    self._asked.append(_Asked(about, passage.id, unsure=True))
            elif asks(text) and not _answered(episode, place):
                called = any(self.colleagues.is_own(name) for name in MENTION.findall(text))
                self._asked.append(_Asked(text, passage.id, unsure=False, called=called))
        if len(self._asked) > 2 * MOST_KEPT:
            self._asked = self._asked[-MOST_KEPT:]

    def gaps(self, facets: Sequence[Facet], now: datetime) -> list[Gap]:
        """The weightiest first. What is common to several gaps of one topic is one gap."""
        found = [*self._from_questions(), *self._thin(facets), *_from_facets(facets, now), *_missing(facets)]
        merged: dict[tuple[str, str], Gap] = {}
        for gap in sorted(found, key=lambda gap: (-gap.weight, gap.topic)):
            merged.setdefault((gap.question, gap.topic.casefold()), gap)
        told: Counter[Reason] = Counter()
        listed: list[Gap] = []
        for gap in merged.values():
            told[gap.reason] += 1
            if gap.reason == "missing" or told[gap.reason] <= OF_A_REASON:
                listed.append(gap)
        return listed[:MOST]

    def _from_questions(self) -> Iterable[Gap]:
        """By what was asked about, so far as the Subject knows about it: a question about something they never
        speak of was not meant for them, unless they were called by name."""
        by_topic: defaultdict[tuple[str, bool], list[_Asked]] = defaultdict(list)
        for asked in self._asked:
            if topic := self._topic(asked.text):
                by_topic[topic, asked.unsure].append(asked)
        for (topic, unsure), questions in by_topic.items():
            reason: Reason = "unsure" if unsure else "unanswered"
            weight = sum(2.0 if each.unsure or each.called else 1.0 for each in questions)
            yield Gap(
                topic, reason, f"interview.{reason}", weight, tuple(each.passage for each in questions[-SHOWN:])
            )

    def _topic(self, text: str) -> str:
        """The one or two things they know about that the question is about; what everybody speaks of all the time
        alone says nothing."""
        known = self.vocabulary
        return known.topic(
            text,
            most=2,
            unless=lambda word: self.colleagues.is_name(word) or not any(map(known.knows, terms(word)[:1])),
        )

    def _thin(self, facets: Sequence[Facet]) -> Iterable[Gap]:
        """Things they speak of often, and of which hardly anything can be looked up."""
        told = "\n".join(facet.text for facet in facets if facet.aspect != "system").casefold()
        for facet in facets:
            if facet.aspect != "system":
                continue
            spoken = facet.measures.get("passages", 0.0)
            if spoken >= SPOKEN_OF and told.count(facet.topic.casefold()) < 2:
                yield Gap(facet.topic, "thin", "interview.thin", spoken / SPOKEN_OF, _cited(facet))


def _from_facets(facets: Sequence[Facet], now: datetime) -> Iterable[Gap]:
    """What contradicts itself, and what is older than the rest: of a persona whose material ends two years ago
    everything is old, and that is one thing to know, not thirty."""
    newest = max((facet.last for facet in facets), default=now)
    for facet in facets:
        topic = facet.topic or _clipped(facet.text)
        if facet.status == "conflicting":
            yield Gap(topic, "conflicting", "interview.conflicting", 3.0, _cited(facet))
        elif (
            facet.status == "stale" and facet.aspect in LASTING and newest - facet.last > timedelta(days=STALE_DAYS)
        ):
            yield Gap(topic, "stale", "interview.stale", facet.confidence, _cited(facet))


def _clipped(text: str) -> str:
    """The beginning of the Subject's own words, where nothing in them names a thing."""
    line = " ".join(text.split())
    return line if len(line) <= CLIPPED else f"{line[: CLIPPED - 1]}…"


def _missing(facets: Sequence[Facet]) -> Iterable[Gap]:
    there = {facet.aspect for facet in facets}
    for rank, aspect in enumerate(BASICS):
        if aspect not in there:
            yield Gap(aspect, "missing", f"interview.missing_{aspect}", 2.5 - rank / 10)


def _before(episode: Episode, place: int) -> Passage | None:
    """The last question of somebody else above."""
    for passage in reversed(episode[max(0, place - 6) : place]):
        if not passage.by_subject and asks(passage.text[:LOOKED_AT]):
            return passage
    return None


def _answered(episode: Episode, place: int) -> bool:
    """Whether anybody said something after it: where it was somebody else, it was not the Subject's to answer."""
    asked = episode[place]
    later = [each for each in episode[place + 1 :] if each.at - asked.at <= _LATER and each.author != asked.author]
    return bool(later)


def _cited(facet: Facet) -> tuple[str, ...]:
    return tuple(dict.fromkeys(citation.passage for citation in facet.citations))[:SHOWN]


QUESTIONS = (
    "interview.unanswered",
    "interview.unsure",
    "interview.thin",
    "interview.stale",
    "interview.conflicting",
    *(f"interview.missing_{aspect}" for aspect in BASICS),
)
"""The keys a Gap's `question` may have."""
