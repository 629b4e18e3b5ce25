"""Whether what is shown was really said: each stretch between gaps must stand in the passage, in that order."""

from __future__ import annotations

import re

from persona_store.model import Passage

_BLANK = re.compile(r"\s+")
GAP = "…"


def grounded(quote: str, passage: Passage) -> bool:
    """Blanks do not count. A quote of nothing is not grounded, nor is one from somebody who may not be quoted."""
    if not passage.quotable:
        return False
    said = _BLANK.sub("", passage.text)
    stretches = [_BLANK.sub("", part) for part in quote.split(GAP)]
    place = 0
    for stretch in filter(None, stretches):
        place = said.find(stretch, place)
        if place < 0:
            return _BLANK.sub("", quote) in said  # a … that the passage itself has
        place += len(stretch)
    return any(stretches)
