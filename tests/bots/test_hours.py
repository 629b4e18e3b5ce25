from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.hours import Hours, hours_of
from persona_store.model import PersonaRules

NIGHT = hours_of(PersonaRules(timezone="Asia/Shanghai"))


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(("hour", "quiet"), [(0, True), (1, False), (10, False), (11, True), (23, True)])
def test_quiet_is_the_owners_night_not_ours(hour: int, quiet: bool) -> None:
    """19:00 to 09:00 in Shanghai is 11:00 to 01:00 UTC."""
    assert NIGHT.quiet(at(hour)) is quiet


def test_whoever_is_awake_is_not_made_to_wait() -> None:
    assert NIGHT.next_waking(at(5)) == at(5)


def test_the_night_ends_in_the_morning() -> None:
    assert NIGHT.next_waking(at(12)) == at(1, day=3)


def test_a_deadline_counts_waking_hours() -> None:
    """Two hours from 18:00 there: one before the night, one after."""
    assert NIGHT.after(at(10), 2) == at(2, day=3)


def test_equal_times_are_never_quiet() -> None:
    always = hours_of(PersonaRules(quiet_from="00:00", quiet_to="00:00"))
    assert not any(always.quiet(at(h)) for h in range(24))


def test_an_unknown_time_zone_is_utc() -> None:
    assert Hours(NIGHT.start, NIGHT.end, "Mars/Base").quiet(at(20))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), st.floats(0.25, 30))
def test_a_deadline_is_later_and_never_at_night(naive: datetime, hours: float) -> None:
    now = naive.replace(tzinfo=UTC)
    due = NIGHT.after(now, hours)
    assert due >= now
    assert not NIGHT.quiet(due)
