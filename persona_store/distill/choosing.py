"""The few that are shown of the many that were found: same ones joined, the most telling first, and none unsure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from msgspec import Struct, structs

from persona_store.distill.candidates import Candidate
from persona_store.distill.colleagues import PSEUDONYM
from persona_store.distill.confidence import FLOOR, confidence
from persona_store.distill.model import Aspect, Citation
from persona_store.distill.status import NEGATION, times_said
from persona_store.distill.things import no_topics
from persona_store.distill.vocabulary import Vocabulary

SAME = 0.6
"""Jaccard of their terms: then two statements are one, said twice."""
WITHIN, WITHIN_FEWEST = 0.75, 5
"""The same of the shorter one's terms alone: what is said at length and in short is said twice."""
ALIKE, ALIKE_FEWEST = 0.6, 3
"""Of the things the shorter one speaks of: two of one aspect about these are one too many for a page."""
CAPS: Mapping[Aspect, int] = {"answer": 10, "system": 8, "pitfall": 8, "standard": 8, "decision": 8}
CAP = 6
"""What is shown of one aspect: a page is for reading, and the ones left out are less sure or less telling."""
SURE: Mapping[Aspect, float] = {
    **{"answer": 0.5, "condition": 0.6, "trade_off": 0.6},
    **{"decision": 0.75, "priority": 0.75},  # a strong cue alone was seldom right: with a reason, or said again
}
SURE_OF_ALL = 0.45
"""How sure it has to be, whatever its age. A plain cue is enough, and one that is hedged or leans on something
unsaid is not; of answers those that take up words of the question, or of which the asker said that they helped."""
OVERLAP = 0.7
BRIEF = 240  # characters: of two that tell as much, the shorter one is read
TELLING = 0.15
"""A statement that speaks of nothing the Subject speaks of elsewhere is talk, whatever cue it has."""
CITATIONS, COUNTED = 4, 3
"""What is cited: of a statement all that say it, of a count a few examples."""

Names = Callable[[str], bool]
"""Whether a word is somebody's name: nobody is the thing a statement is about."""


class Chosen(Struct, frozen=True):
    candidate: Candidate
    confidence: float
    worth: float
    things: frozenset[str] = frozenset()


def chosen(
    found: Iterable[Candidate], vocabulary: Vocabulary, now: datetime, names: Names = str.isspace
) -> list[Chosen]:
    """By aspect, the best first. The order of `found` says nothing."""
    by_aspect: dict[Aspect, list[Candidate]] = {}
    for candidate in found:
        by_aspect.setdefault(candidate.aspect, []).append(candidate)
    shown: list[Chosen] = []
    told = Told()
    for aspect in sorted(by_aspect, key=_order):
        judged = [_judged(each, vocabulary, now, names) for each in joined(by_aspect[aspect])]
        sure = [each for each in judged if each.confidence >= FLOOR and each.worth > 0]
        best = sorted(sure, key=lambda each: (-each.worth, each.candidate.id))
        shown += _first(best, told, CAPS.get(aspect, CAP))
    return shown


def _order(aspect: Aspect) -> tuple[int, Aspect]:
    """Answers after what says more closely what it is; counts last, as they can be shown by other words."""
    return (1 if aspect == "answer" else 2 if aspect in ("system", "asks_first") else 0, aspect)


def _first(best: list[Chosen], told: Told, most: int) -> list[Chosen]:
    shown: list[Chosen] = []
    for each in best:
        if len(shown) == most:
            break
        if each.candidate.whole:
            shown.append(structs.replace(each, candidate=told.otherwise(each.candidate)))
        elif not any(_alike(each, other) for other in shown) and told.new(each.candidate):
            shown.append(each)
    return shown


def _alike(one: Chosen, other: Chosen) -> bool:
    """What a word means is told once; of what else is about the same things, with the same numbers and the same
    sign, the better one. What contradicts it stays."""
    a, b = one.candidate, other.candidate
    if a.aspect == "term":
        return a.subject.casefold() == b.subject.casefold()
    common = one.things & other.things
    return (
        len(common) >= ALIKE_FEWEST
        and len(common) >= ALIKE * min(len(one.things), len(other.things))
        and _agree(a.text, b.text)
    )


class Told:
    """What the page says already: the same words are not shown as two things."""

    def __init__(self) -> None:
        self._quotes: dict[str, list[str]] = {}

    def otherwise(self, candidate: Candidate) -> Candidate:
        """What is counted, told by the first of its quotes that is not on the page yet, if there is one."""
        fresh = [each for each in candidate.citations if not self._has(each)]
        first = fresh[0] if fresh else candidate.citations[0]
        self._quotes.setdefault(first.passage, []).append(first.quote)
        rest = [each for each in candidate.citations if each is not first]
        return structs.replace(candidate, text=first.quote, citations=(first, *rest)[:COUNTED])

    def _has(self, citation: Citation) -> bool:
        quotes = self._quotes.get(citation.passage, ())
        return any(citation.quote in other or other in citation.quote for other in quotes)

    def new(self, candidate: Candidate) -> bool:
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


def _judged(candidate: Candidate, vocabulary: Vocabulary, now: datetime, names: Names) -> Chosen:
    last = max(each.at for each in candidate.citations)
    sure, fresh = (
        confidence(
            candidate.cue,
            candidate.support,
            times=1 if candidate.whole else times_said(candidate.citations),
            last=at,
            now=now,
            weaker=candidate.weaker,
            described=candidate.by == "description",
        )
        for at in (last, now)
    )
    if candidate.whole:
        return Chosen(candidate, sure, sure)
    things = frozenset(
        term for term, word in vocabulary.things(PSEUDONYM.sub(" ", candidate.text)).items() if not names(word)
    )
    telling = vocabulary.telling(candidate.about - no_topics())
    trusted = candidate.by != "rules" or "written_down" in candidate.support
    speaks = telling >= TELLING and bool(things or candidate.people or candidate.subject)
    enough = trusted or speaks and fresh >= SURE.get(candidate.aspect, SURE_OF_ALL)
    brief = min(1.0, BRIEF / len(candidate.text)) ** 0.5
    return Chosen(candidate, sure, sure * (0.4 + 0.6 * telling) * brief if enough else 0.0, things)


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
    shorter = min(len(a), len(b))
    within = shorter >= WITHIN_FEWEST and len(a & b) >= WITHIN * shorter
    return (within or len(a & b) >= SAME * len(a | b) > 0) and _agree(one.text, other.text)


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


def _agree(one: str, other: str) -> bool:
    """Another number or another sign is another statement, and perhaps a contradiction: that is for `status`."""
    return _digits(one) == _digits(other) and bool(NEGATION.search(one)) == bool(NEGATION.search(other))


def _digits(text: str) -> frozenset[str]:
    return frozenset("".join(c if c.isdigit() else " " for c in text).split())
