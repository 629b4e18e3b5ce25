"""Times as chats show them, read off a picture of Thursday, 5 March 2026."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.sources.picture_times import Spoken, spoken, trailing

TAKEN = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("14:03", None, (14, 3)),
        ("昨天 14:03", (2026, 3, 4), (14, 3)),
        ("昨天14:03", (2026, 3, 4), (14, 3)),  # blanks are often not seen
        ("前天 晚上11:20", (2026, 3, 3), (23, 20)),
        ("中午12:05", None, (12, 5)),
        ("星期二 09:12", (2026, 3, 3), (9, 12)),
        ("周四 9:00", (2026, 2, 26), (9, 0)),  # the day itself would be called today
        ("2026年3月2日 下午2:03", (2026, 3, 2), (14, 3)),
        ("12月30日", (2025, 12, 30), None),
        ("2026-03-02 14:03:09", (2026, 3, 2), (14, 3)),
        ("Today at 2:03 PM", (2026, 3, 5), (14, 3)),
        ("Yesterday 12:41 AM", (2026, 3, 4), (0, 41)),
        ("Monday, March 2nd", (2026, 3, 2), None),
        ("Mar 2, 2026, 2:03 PM", (2026, 3, 2), (14, 3)),
        ("2 March", (2026, 3, 2), None),
        ("February 29", (2024, 2, 29), None),
    ],
)
def test_a_time_is_understood(text: str, day: tuple[int, int, int] | None, clock: tuple[int, int] | None) -> None:
    assert spoken(text, TAKEN) == Spoken(date(*day) if day else None, time(*clock) if clock else None)


@pytest.mark.parametrize("text", ["支付", "13 people", "25:10", "13:00 PM", "we meet at 14:03", "2月30日", "", "1"])
def test_anything_else_is_no_time(text: str) -> None:
    assert spoken(text, TAKEN) is None


@pytest.mark.parametrize(
    ("text", "name", "beside"),
    [
        ("Bob Hart2:03 PM", "Bob Hart", "2:03 PM"),
        ("林薇 昨天 14:03", "林薇", "昨天 14:03"),
        ("赵敏3月2日14:03", "赵敏", "3月2日14:03"),
        ("林薇", "林薇", ""),
    ],
)
def test_a_name_is_told_from_the_time_beside_it(text: str, name: str, beside: str) -> None:
    assert trailing(text) == (name, beside)


@given(st.text(max_size=50) | st.sampled_from(["昨天", "周一 9:00"]), st.dates() | st.just(date.min))
def test_no_text_and_no_day_is_too_odd(text: str, taken: date) -> None:
    spoken(text, taken)
    trailing(text)
