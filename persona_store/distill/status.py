"""Whether a facet stands: said once or again, of long ago, contradicted, or replaced by a newer word. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import structs

from persona_store.distill.model import STALE_DAYS, Citation, Facet, Status
from persona_store.tokens import fold, terms

ALIKE = 0.6
"""Jaccard of the words besides numbers and negations, from which two statements are about the same."""
REPLACED = 0.4
"""The same, where the newer one announces a change and names the old number."""
DAY = timedelta(days=1)
APART = timedelta(hours=1)
"""Passages closer than this are one breath: several messages of one answer say it once."""

_NUMBER = re.compile(r"(?<![A-Za-z0-9_.-])\d+(?:[.,:]\d+)*")
"""The digits of a name are none: of pay-job-01 every setting would else have one number in common."""
NEGATION = re.compile(
    r"\b(?:not|never|no longer|cannot|without)\b|n't\b|不[要能会再是用可建支]|别|没有?|无法|禁止|勿", re.IGNORECASE
)
_CHANGE = re.compile(
    r"作废|不再|改成|改为|改到|调整为?|原来是|原先|以前是|之前是|今天起|生效|新的?(?:规则|流程|阈值|做法)|现在是|取代|更新为"
    r"|\b(?:from today|as of|no longer|it was|used to be|was changed|we changed|changed (?:to|from)|new rule"
    r"|replaces?|supersedes?|now only|updated to|any ?more|effective)\b",
    re.IGNORECASE,
)
_COUNTED = ("system", "asks_first")
"""Measures, not statements: they cannot contradict each other."""


def settled(facets: Sequence[Facet], now: datetime) -> list[Facet]:
    """The same facets in the same order, each with its status and the ids of those it does not agree with."""
    against: defaultdict[str, set[str]] = defaultdict(set)
    replaced: set[str] = set()
    read = [(facet, _words(facet.text)) for facet in facets if facet.aspect not in _COUNTED and facet.text]
    for place, (one, words) in enumerate(read):
        for other, also in read[place + 1 :]:
            if one.kind == other.kind and not _same_place(one, other) and contradicts(one, other, words, also):
                against[one.id].add(other.id)
                against[other.id].add(one.id)
                older = outdated(one, other)
                if older is not None:
                    replaced.add(older.id)
    return [
        structs.replace(
            facet,
            status=_status(facet, facet.id in replaced, against, now),
            conflicts=tuple(sorted(against[facet.id])),
        )
        for facet in facets
    ]


def _status(facet: Facet, replaced: bool, against: dict[str, set[str]], now: datetime) -> Status:
    if replaced:
        return "superseded"
    if against.get(facet.id):
        return "conflicting"
    if now - facet.last > timedelta(days=STALE_DAYS):
        return "stale"
    return "standing" if times_said(facet.citations) > 1 else "single"


def times_said(citations: Sequence[Citation]) -> int:
    """How many times it was said: passages that lie apart."""
    said, before = 0, None
    for at in sorted(each.at for each in citations):
        if before is None or at - before >= APART:
            said += 1
        before = at
    return said


def contradicts(one: Facet, other: Facet, words: frozenset[str], also: frozenset[str]) -> bool:
    """About the same, with another number or the other sign; or the newer one says that the older one's number
    changed."""
    if not words or not also:
        return False
    alike = len(words & also) / len(words | also)
    numbers, others = _numbers(one.text), _numbers(other.text)
    if alike >= ALIKE:
        if numbers and others and not numbers & others:
            return True
        if bool(NEGATION.search(one.text)) != bool(NEGATION.search(other.text)) and numbers == others:
            return True
    newer, older = (other, one) if other.last >= one.last else (one, other)
    overlap = len(words & also) / min(len(words), len(also))
    if overlap < REPLACED or not _CHANGE.search(newer.text):
        return False
    before, after = _numbers(older.text), _numbers(newer.text)
    return bool(before & after) and bool(after - before)


def outdated(one: Facet, other: Facet) -> Facet | None:
    """Of two that contradict each other the one that gives way: to a correction, else to what is newer by a day."""
    if (one.by == "correction") != (other.by == "correction"):
        return other if one.by == "correction" else one
    if abs(one.last - other.last) < DAY:
        return None
    return one if one.last < other.last else other


def _same_place(one: Facet, other: Facet) -> bool:
    """Two sentences of one passage are one thought, and so is one sentence under two aspects."""
    return not {each.passage for each in one.citations}.isdisjoint(each.passage for each in other.citations)


def _words(text: str) -> frozenset[str]:
    """Content words, without numbers, negations and what only announces a change."""
    bare = NEGATION.sub(" ", _CHANGE.sub(" ", fold(text)))
    return frozenset(term for term in terms(bare) if not term[0].isdigit())


def _numbers(text: str) -> set[str]:
    """Without thousands separators: 5,000 is 5000."""
    return {re.sub(r",(?=\d{3}\b)", "", number) for number in _NUMBER.findall(text)}
