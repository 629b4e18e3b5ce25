"""Whether several sources tell the same, and whether what they tell can be an answer, in numbers.

In chat the runner-up is a rival; in news, minutes and anything that is told several times it is a witness. What
tells the two apart is what their best sentences say besides the question's own words: witnesses share it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from math import fsum

from msgspec import Struct

from bots.agent.sentences import fits, split
from persona_store.episodes import episode_of
from persona_store.model import Evidence, Findings
from persona_store.tokens import terms

EPISODES = 6  # that are compared; each by its best passage
SENTENCES = 12  # of a passage
SPEAKS = 0.7  # of the best sentence's share of the question: from here on a source speaks of it, too
SHORT = 160  # characters
SAME = 0.3  # of the shorter sentence's other words: from here on two say the same
_COUNTED = re.compile(
    r"\bhow (?:many|much)\b|\b(?:which|what) (?:year|date|time|version|number|percentage)\b|"
    r"\bwhen (?:did|was|were)\b|"
    r"哪一?[年天]|几[点号]|多少|(?:哪个|什么)版本",
    re.IGNORECASE,
)
"""Asks for what can be seen to be there or not. "When is a hotfix allowed?" does not: a condition may answer it."""


class Said(Struct, frozen=True):
    """What a source says: its sentence that has most of the question."""

    share: float  # of the question's weight
    other: frozenset[str]  # terms that are not the question's
    fits: bool  # the shape of an answer


def agreement(found: Findings, kind: str) -> dict[str, float]:
    """`echo`: the most of what the first source says that another says, too; `echoes`: the share of the others that
    do; `common`: the share of them that have the commonest word of the answer, whichever it is; `speak`: the share
    that speaks of the question as much as the best does; `sentence_2`, `sentence_3`: the second and third largest
    share of the question in one sentence; `shaped`, `shaped_three`: 1 if that sentence of the first source, of one
    of the first three, has the shape that is asked for, -1 if it has not, 0 if the question does not say."""
    said = [_said(each, found, kind) for each in islice(_each_first(found), EPISODES)]
    if not said:
        return {}
    shares = sorted((each.share for each in said), reverse=True) + [0.0, 0.0]
    speaking = [each for each in said if each.share >= SPEAKS * shares[0] > 0]
    others = [_alike(said[0], each) for each in said[1:] if each in speaking]
    words = Counter(word for each in speaking for word in each.other)
    return {
        "echo": max(others, default=0.0),
        "echoes": sum(alike >= SAME for alike in others) / (EPISODES - 1),
        "common": (max(words.values(), default=1) - 1) / (EPISODES - 1),
        "speak": (len(speaking) - 1) / (EPISODES - 1),
        "sentence_2": shares[1],
        "sentence_3": shares[2],
        "shaped": _shaped(kind, said[:1]),
        "shaped_three": _shaped(kind, said[:3]),
    }


def lacking(question: str, kind: str, quotes: Sequence[str]) -> bool:
    """Whether a number, a time or a version is asked for and nothing that is quoted has one: the topic is there and
    the asked fact is not. Only of short questions: in a long one it is seldom all that is asked."""
    if not _COUNTED.search(question) or len(question) > SHORT:
        return False
    return not any(fits(kind, each) for each in quotes)


def _shaped(kind: str, said: list[Said]) -> float:
    if not kind:
        return 0.0
    return 1.0 if any(each.fits for each in said) else -1.0


def _each_first(found: Findings) -> Iterator[Evidence]:
    """The best passage of each episode."""
    seen = set()
    for each in found.evidence:
        episode = episode_of(each.passage)
        if episode not in seen:
            seen.add(episode)
            yield each


def _said(each: Evidence, found: Findings, kind: str) -> Said:
    total = fsum(found.weights.values()) or 1.0
    share = (1 - found.signals.get("unseen", 0.0)) / total
    best, has = "", frozenset[str]()
    most = -1.0
    for sentence in split(each.passage.text)[:SENTENCES]:
        there = frozenset(terms(sentence.text))
        much = fsum(found.weights[term] for term in found.weights.keys() & there)
        if much > most:
            most, best, has = much, sentence.text, there
    return Said(max(0.0, most) * share, has - found.weights.keys(), fits(kind, best))


def _alike(one: Said, other: Said) -> float:
    """What two sentences share of the shorter one's other words; a few shared words of many are chance."""
    fewer = min(len(one.other), len(other.other))
    return len(one.other & other.other) / (fewer + 1)
