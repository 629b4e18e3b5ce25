"""How sure a facet found by rules is: that the words mean what it says they do.

    confidence = (1 − (1 − cue) · Π (1 − support)) × age

`cue` is how often a sentence with such a cue was right when labelled by hand (cues.STRENGTHS), one step lower if
the author hedged it or it leans on something unsaid. Each support is independent evidence for the same reading: it
takes a part of the doubt that is left. `age` takes a fifth off what nothing newer than STALE_DAYS says. What others
say about the Subject never reaches what the Subject says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from persona_store.distill.model import STALE_DAYS

SUPPORT: Mapping[str, float] = {
    "confirmed": 0.5,  # who asked said that it worked
    "reason": 0.25,  # the sentence says why
    "written_down": 0.3,  # in a document or an interview, not in passing
    "headed": 0.3,  # under a heading that says what it is
    "adjacent": 0.2,  # right below the question
    "addressed": 0.2,  # said to who asked, by name
}
REPEATED, REPEATS = 0.3, 3
"""What each further time it was said takes of the doubt, and how many count."""
WEAKER = 0.7
"""Hedged, or leaning on what is not there: each is one step down."""
STALE = 0.8
DESCRIBED_MOST = 0.4
FLOOR = 0.35
"""Less sure than this is not shown to anybody."""


def confidence(
    cue: float,
    support: Collection[str],
    *,
    times: int,
    last: datetime,
    now: datetime,
    weaker: int = 0,
    described: bool = False,
) -> float:
    """0 to 1, rounded to hundredths: finer would pretend to know more."""
    doubt = 1 - cue * WEAKER**weaker
    for name in set(support):
        doubt *= 1 - SUPPORT[name]
    doubt *= (1 - REPEATED) ** min(REPEATS, times - 1)
    sure = (1 - doubt) * (STALE if now - last > timedelta(days=STALE_DAYS) else 1)
    return round(min(sure, DESCRIBED_MOST) if described else sure, 2)
