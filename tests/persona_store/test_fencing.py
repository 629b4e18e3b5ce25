"""A fence: what is inside cannot end it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from persona_store.fencing import fence, unmarked


@given(st.text(alphabet="<>/ materilMATERIL\n", max_size=60))
def test_what_is_inside_cannot_end_its_fence(text: str) -> None:
    fenced = fence("material", text)
    assert len(re.findall(r"<\s*/?\s*material", fenced, re.IGNORECASE)) == 2


def test_other_marks_stay_as_they_are() -> None:
    assert unmarked("material", "<b> a < b </ Material>") == "<b> a < b ‹/material>"
