"""Judged questions, made in one line, and by chance."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bots.evaluation.model import UNSURE, Judged


def row(confidence: float, right: bool = True, **more: Any) -> Judged:
    """Answered, answerable and right, unless said otherwise."""
    answerable = more.pop("answerable", True)
    given = {"id": 0, "kind": "k", "answered": True, "rank": 1 if right else 0, **more}
    return Judged(answerable=answerable, confidence=confidence, right=right, **given)


@st.composite
def judged(draw: st.DrawFn) -> Judged:
    """Few confidences, so that ties are the rule."""
    answerable = draw(st.booleans())
    rank = draw(st.integers(0, 22)) if answerable else 0
    return Judged(
        id=0,
        kind=draw(st.sampled_from(["reply", "removed", "other"])),
        answerable=answerable,
        answered=draw(st.booleans()),
        confidence=draw(st.sampled_from([UNSURE, 0.0, 0.1, 0.5, 0.52, 0.9, 1.0]) | st.floats(0, 1)),
        rank=rank,
        right=0 < rank <= 3,
    )


many = st.lists(judged(), min_size=1, max_size=40)
