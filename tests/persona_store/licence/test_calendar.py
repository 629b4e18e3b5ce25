"""Months in UTC, as they are written."""

from __future__ import annotations

from datetime import date

import pytest

from persona_store.errors import Refused
from persona_store.licence import calendar


def test_months_go_over_the_end_of_a_year_and_back() -> None:
    assert calendar.day_of("2026-12", 1) == date(2027, 1, 1)
    assert calendar.day_of("2027-01", -1) == date(2026, 12, 1)
    assert calendar.day_of("2026-11") == date(2026, 11, 1)


def test_every_month_that_has_one_of_the_days() -> None:
    assert [*calendar.months(date(2026, 11, 30), date(2027, 1, 1))] == ["2026-11", "2026-12", "2027-01"]
    assert [*calendar.months(date(2026, 12, 1), date(2026, 11, 30))] == []


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-1", "26-01", "2026-00", "", "2026-11-01", "９999-01", "0001-01"]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(Refused, match="MONTH"):
        calendar.checked(month)
