"""What holds now: an older rule gives way to the newer one that says it replaces it, and what an owner corrected to
the correction."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import structs

from bots.agent.language import language_of
from persona_store.episodes import episode_of
from persona_store.model import Evidence, Findings
from persona_store.tokens import terms

LOOKED_AT = 6  # episodes
CLOSE, ALIKE = 0.6, 0.4  # of the older one's score, and of its words: then it is about the same
NAMED = 0.2  # of its words, if it names the old number
DAY = 86_400

_CHANGE = re.compile(
    r"作废|不再|改成|改为|改到|调整为?|原来是|原先|以前是|之前是|从今天起|今天(?:起)?生效|"
    r"新的?(?:规则|流程|阈值|做法)|现在是|取代|更新为|"
    r"\b(?:from today|as of (?:today|now)|no longer|instead of|it was|used to be|was changed|we changed|"
    r"changed (?:to|from)|"
    r"new rule|replaces?|supersedes?|since \d+ \w+|now only|updated to|not .{1,30} any ?more|effective)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def newest(found: Findings, lang: str) -> Findings:
    """The findings with an outdated best passage taken out and what replaced it put in its place; in the language
    of the question where there is a choice."""
    tops = _tops(found.evidence) if not found.signals.get("taught") else []
    replaced = _correction(tops) or _replacement(tops, lang)
    if replaced is None:
        return found
    old, new = replaced
    first = structs.replace(new, score=old.score)
    rest = tuple(each for each in found.evidence if each.passage.id not in (old.passage.id, new.passage.id))
    ids = dict.fromkeys((new.passage.id, *found.ranked_ids))
    return structs.replace(found, evidence=(first, *rest), ranked_ids=tuple(ids)[: len(found.ranked_ids)])


def _tops(evidence: Sequence[Evidence]) -> list[Evidence]:
    """All passages of the first episodes."""
    episodes = list(dict.fromkeys(episode_of(each.passage) for each in evidence))[:LOOKED_AT]
    return [each for each in evidence if episode_of(each.passage) in episodes]


def _replacement(tops: list[Evidence], lang: str) -> tuple[Evidence, Evidence] | None:
    if not tops:
        return None
    old = tops[0]
    newer = [each for each in tops[1:] if _replaces(each, old)]
    if not newer:
        return None
    return old, max(newer, key=lambda each: (language_of(each.passage.text) == lang, each.score))


def _correction(tops: list[Evidence]) -> tuple[Evidence, Evidence] | None:
    """The newest of an owner's answers that says the best passage is wrong."""
    against = [each for each in tops[1:] if tops[0].passage.id in each.passage.corrects]
    return (tops[0], max(against, key=lambda each: each.passage.at)) if against else None


def _replaces(new: Evidence, old: Evidence) -> bool:
    """Later by a day, says that something changed, has another number, and is about the same. What others describe
    never takes the place of what was said."""
    if new.passage.described and not old.passage.described:
        return False
    if (new.passage.at - old.passage.at).total_seconds() < DAY or not _CHANGE.search(new.passage.text):
        return False
    before, after = numbers(old.passage.text), numbers(new.passage.text)
    if not before or not after - before:
        return False
    alike = _alike(old.passage.text, new.passage.text)
    return (bool(before & after) and alike >= NAMED) or (new.score >= CLOSE * old.score and alike >= ALIKE)


def _alike(one: str, other: str) -> float:
    """The share of the shorter one's words, numbers aside, that the other has."""
    a, b = ({term for term in terms(text) if not term[0].isdigit()} for text in (one, other))
    return len(a & b) / (min(len(a), len(b)) or 1)


def numbers(text: str) -> set[str]:
    """Without thousands separators: 5,000 is 5000."""
    return {re.sub(r",(?=\d{3}\b)", "", number) for number in _NUMBER.findall(text)}
