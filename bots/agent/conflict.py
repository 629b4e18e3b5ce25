"""Whether two quotes contradict each other: nearly the same sentence, with another number or the other sign."""

from __future__ import annotations

import re
from collections.abc import Sequence

from persona_store.model import Passage
from persona_store.tokens import terms

ALIKE = 0.6  # Jaccard of the words besides numbers
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def contradicts(quotes: Sequence[tuple[Passage, str]]) -> bool:
    """Two passages say the same with different numbers, and nothing tells which is valid: an owner's correction
    settles it, and so does one being newer by a day or more (the newer one is what holds)."""
    for place, (one, shown) in enumerate(quotes):
        for other, also in quotes[place + 1 :]:
            settled = "correction" in (one.source, other.source) or abs((one.at - other.at).days) >= 1
            if not settled and _differ(shown, also):
                return True
    return False


def _differ(one: str, other: str) -> bool:
    numbers, also = set(_NUMBER.findall(one)), set(_NUMBER.findall(other))
    if not numbers or not also or numbers & also:
        return False
    a, b = ({term for term in terms(text) if not term[0].isdigit()} for text in (one, other))
    return len(a & b) >= ALIKE * len(a | b) > 0
