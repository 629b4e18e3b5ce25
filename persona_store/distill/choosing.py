"""The few that are shown of the many that were found: same ones joined, the most telling first, and none unsure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct, structs

from persona_store.distill.candidates import Candidate
from persona_store.distill.confidence import FLOOR, confidence
from persona_store.distill.model import Aspect
from persona_store.distill.status import times_said
from persona_store.distill.vocabulary import Vocabulary

SAME = 0.6
"""Jaccard of their terms: then two statements are one, said twice."""
CAPS: Mapping[Aspect, int] = {"answer": 12, "system": 10, "pitfall": 8, "standard": 8, "decision": 8}
CAP = 6
"""What is shown of one aspect: a page is for reading, and the ones left out are less sure or less telling."""
OVERLAP = 0.7
BRIEF = 240  # characters: of two that tell as much, the shorter one is read
TELLING = 0.15
"""A statement that speaks of nothing the Subject speaks of elsewhere is talk, whatever cue it has."""
CITATIONS = 4


class Chosen(Struct, frozen=True):
    candidate: Candidate
    confidence: float
    worth: float


def chosen(found: Iterable[Candidate], vocabulary: Vocabulary, now: datetime) -> list[Chosen]:
    """By aspect, the best first. The order of `found` says nothing."""
    by_aspect: dict[Aspect, list[Candidate]] = {}
    for candidate in found:
        by_aspect.setdefault(candidate.aspect, []).append(candidate)
    shown: list[Chosen] = []
    told = Told()
    for aspect in sorted(by_aspect, key=_order):
        judged = [_judged(each, vocabulary, now) for each in joined(by_aspect[aspect])]
        sure = [each for each in judged if each.confidence >= FLOOR and each.worth > 0]
        best = sorted(sure, key=lambda each: (-each.worth, each.candidate.id))
        shown += [each for each in best if told.new(each.candidate)][: CAPS.get(aspect, CAP)]
    return shown


def _order(aspect: Aspect) -> tuple[int, Aspect]:
    """Answers after what says more closely what it is; counts take nothing from anybody."""
    return (1 if aspect == "answer" else 0, aspect)


class Told:
    """What the page says already: the same words are not shown as two things."""

    def __init__(self) -> None:
        self._quotes: dict[str, list[str]] = {}

    def new(self, candidate: Candidate) -> bool:
        if candidate.whole:
            return True
        for passage, quote in ((each.passage, each.quote) for each in candidate.citations):
            if any(_overlap(quote, other) for other in self._quotes.get(passage, ())):
                return False
        for each in candidate.citations:
            self._quotes.setdefault(each.passage, []).append(each.quote)
        return True


def _overlap(one: str, other: str) -> bool:
    """One of them is most of the other."""
    short, long = sorted((one, other), key=len)
    return short in long and len(short) >= OVERLAP * len(long)


def _judged(candidate: Candidate, vocabulary: Vocabulary, now: datetime) -> Chosen:
    sure = confidence(
        candidate.cue,
        candidate.support,
        times=1 if candidate.whole else times_said(candidate.citations),
        last=max(each.at for each in candidate.citations),
        now=now,
        weaker=candidate.weaker,
        described=candidate.by == "description",
    )
    telling = 1.0 if candidate.whole else vocabulary.telling(candidate.about)
    enough = telling >= TELLING or candidate.by != "rules" or "written_down" in candidate.support
    brief = min(1.0, BRIEF / len(candidate.text)) ** 0.5
    return Chosen(candidate, sure, sure * (0.4 + 0.6 * telling) * brief if enough else 0.0)


def joined(candidates: list[Candidate]) -> list[Candidate]:
    """Those that say the same as one: the most promising speaks, and all of them are cited."""
    made: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda each: (-each.promise, each.id)):
        place = next((n for n, each in enumerate(made) if same(each, candidate)), None)
        if place is None:
            made.append(candidate)
        else:
            made[place] = _with(made[place], candidate)
    return made


def same(one: Candidate, other: Candidate) -> bool:
    if one.whole or other.whole:
        return False
    a, b = one.about, other.about
    return len(a & b) >= SAME * len(a | b) > 0 and _digits(one.text) == _digits(other.text)


def _with(one: Candidate, other: Candidate) -> Candidate:
    """Words that were said again in a later passage; copies of one message, reposted the same day, count once."""
    known = {(each.quote, each.at.date()) for each in one.citations}
    more = [each for each in other.citations if (each.quote, each.at.date()) not in known]
    return structs.replace(
        one,
        citations=(*one.citations, *more)[:CITATIONS],
        support=one.support | other.support,
        weaker=min(one.weaker, other.weaker),
    )


def _digits(text: str) -> frozenset[str]:
    """Another number is another statement, and perhaps a contradiction: that is for `status` to see."""
    return frozenset("".join(c if c.isdigit() else " " for c in text).split())
