"""Pieces of words: what still meets when two people spell, inflect or segment differently.

Pairs of neighbouring Chinese characters, and runs of four letters with the word's edges. They cost precision when a
whole corpus is searched by them, so they are only compared among the few candidates that words have found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import fsum, log

from persona_store.tokens import fold

LONGEST = 4000  # characters of a text that are looked at
_WORD = re.compile(r"[a-z0-9_]+")
_STRETCH = re.compile(r"[a-z0-9_]+|[\u3400-\u9fff]+")


def grams(text: str) -> frozenset[str]:
    found: set[str] = set()
    for stretch in _STRETCH.findall(fold(text[:LONGEST]).lower()):
        if stretch[0] > "\u33ff":
            found.update(stretch[n : n + 2] for n in range(len(stretch) - 1))
        elif len(stretch) > 2:
            edged = f"^{stretch}$"
            found.update(edged[n : n + 4] for n in range(len(edged) - 3))
    return frozenset(found)


def shares(asked: str, texts: Sequence[str]) -> list[float]:
    """For each text the share of the question's pieces it has; pieces that few of the texts have weigh more."""
    wanted = grams(asked)
    there = [_among(wanted, text) for text in texts]
    counts = Counter(gram for each in there for gram in each)
    weights = {gram: log(1 + (len(texts) + 1) / (counts[gram] + 0.5)) for gram in wanted}
    total = fsum(weights.values()) or 1.0
    return [fsum(weights[gram] for gram in each) / total for each in there]


def _among(wanted: frozenset[str], text: str) -> list[str]:
    """Those that a text has: as `wanted & grams(text)`, without making all of the text's."""
    edged = _WORD.sub(r"^\g<0>$", fold(text[:LONGEST]).lower())
    return [gram for gram in wanted if gram in edged]
