"""What might become a facet, and the best of each aspect: as many as there is room for, whoever comes first."""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from persona_store.distill.model import Aspect, By, Citation, facet_id
from persona_store.distill.scene import Line
from persona_store.model import Passage
from persona_store.splitting import is_split
from persona_store.tokens import terms

KEPT = 300
"""Candidates of an aspect that wait for the end: many times what is shown, as only the end tells what repeats."""
ADDRESS = re.compile(r"https?://\S+|\b[\w.-]+\.(?:com|org|net|cn|io)/\S*")
_TERMS = 12  # of a sentence, beyond which more words say no more


class Candidate(Struct, frozen=True):
    """`text` is the Subject's own words; `subject` what they are about, where the finder knows it better than the
    words tell. `about` are the terms it is compared by."""

    aspect: Aspect
    id: str
    text: str
    citations: tuple[Citation, ...]
    about: frozenset[str]
    cue: float
    support: frozenset[str] = frozenset()
    weaker: int = 0
    subject: str = ""
    asked: str = ""  # the words it shares with the question it answers
    by: By = "rules"
    measures: tuple[tuple[str, float], ...] = ()
    people: tuple[str, ...] = ()  # whom it names, besides those who are known
    whole: bool = False  # it counts repetition itself: never the same as another

    @property
    def promise(self) -> float:
        """What is known before the end: cue and support, and that there is something in it."""
        sure = self.cue * 0.7**self.weaker * (1 + 0.25 * len(self.support))
        return sure * (0.4 + 0.6 * min(len(self.about), _TERMS) / _TERMS)


class Best:
    """The KEPT most promising of each aspect, whatever the order they come in: ties are settled by id."""

    def __init__(self) -> None:
        self._heaps: defaultdict[Aspect, list[tuple[float, str, int, Candidate]]] = defaultdict(list)
        self._ids: set[str] = set()
        self._count = 0

    def put(self, candidate: Candidate) -> None:
        if candidate.id in self._ids:
            return
        heap = self._heaps[candidate.aspect]
        self._count += 1
        entry = (candidate.promise, candidate.id, self._count, candidate)
        self._ids.add(candidate.id)
        if len(heap) < KEPT:
            heapq.heappush(heap, entry)
        else:
            self._ids.discard(heapq.heappushpop(heap, entry)[1])

    def __iter__(self) -> Iterator[Candidate]:
        for aspect in sorted(self._heaps):
            yield from (candidate for *_, candidate in sorted(self._heaps[aspect], key=lambda e: (-e[0], e[1])))


def of_line(aspect: Aspect, line: Line, cue: float, *support: str, subject: str = "", weaker: int = 0) -> Candidate:
    """One sentence, with the one before it where it needs that."""
    weaker += line.hedged + line.alone
    return of_quote(aspect, line.passage, line.quote, cue, *support, weaker=weaker, subject=subject)


def of_quote(
    aspect: Aspect, passage: Passage, quote: str, cue: float, *support: str, subject: str = "", weaker: int = 0
) -> Candidate:
    return Candidate(
        aspect=aspect,
        id=facet_id(aspect, passage.id, quote),
        text=quote,
        citations=(cited(passage, quote),),
        about=content(quote),
        cue=cue,
        support=frozenset(support) | ({"written_down"} if written_down(passage) else frozenset()),
        weaker=weaker,
        subject=subject,
        by=told_by(passage),
    )


def content(text: str) -> frozenset[str]:
    """The terms of a text, without those of addresses: `https` and `com` say nothing."""
    return frozenset(terms(ADDRESS.sub(" ", text)))


def cited(passage: Passage, quote: str) -> Citation:
    return Citation(passage.id, quote, passage.at)


def written_down(passage: Passage) -> bool:
    return is_split(passage) and not passage.described


def told_by(passage: Passage) -> By:
    if passage.source == "correction":
        return "correction"
    if passage.described:
        return "description"
    return "interview" if passage.source == "interview" else "rules"
