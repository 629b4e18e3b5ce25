"""When a record is in force, and which months of it began."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from persona_store.consent import draft, parsing
from persona_store.consent.record import Consent
from persona_store.licence import terms
from persona_store.licence.periods import Signed, begun, periods

AT = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
MONTHLY = terms.terms("subscription", price="10", orgs=("acme",))


def record(*, at: datetime = AT, days: int = 90, cooling: int = 0, price: int = 1000) -> Consent:
    choices = draft.Choices(
        owner="chat:U0OWN",
        sources=("slack_export",),
        audiences=("chat:*",),
        days=days,
        cooling_off_days=cooling,
        licence=replace(MONTHLY, amount_minor=price),
    )
    return parsing.parse(draft.draft(choices, at))


def told(*records: Signed, now: datetime, over_at: datetime | None = None, org: str = "acme") -> list[str]:
    return [month for month, _ in begun(periods(records, over_at), org, "subscription", now)]


def test_every_month_that_began_counts_and_the_running_one_too() -> None:
    assert told(Signed(record()), now=AT) == ["2026-10"]
    assert told(Signed(record()), now=datetime(2026, 11, 1, tzinfo=UTC)) == ["2026-10", "2026-11"]
    assert told(Signed(record()), now=AT - timedelta(seconds=1)) == []


def test_the_cooling_off_costs_nothing() -> None:
    assert told(Signed(record(cooling=20)), now=datetime(2026, 11, 20, tzinfo=UTC)) == ["2026-11"]


def test_no_month_begins_after_its_end_its_withdrawal_or_the_end_of_the_persona() -> None:
    later = datetime(2027, 6, 1, tzinfo=UTC)
    assert told(Signed(record(days=20)), now=later) == ["2026-10", "2026-11"]
    assert record(days=11).ends_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert told(Signed(record(days=11)), now=later) == ["2026-10"], "it ended with October"
    assert told(Signed(record(), datetime(2026, 11, 1, tzinfo=UTC)), now=later) == ["2026-10"]
    assert told(Signed(record(), datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC)), now=later) == ["2026-10", "2026-11"]
    assert told(Signed(record()), now=later, over_at=AT + timedelta(days=1)) == ["2026-10"]
    assert told(Signed(record(cooling=7), AT + timedelta(days=1)), now=later) == [], "it never came into force"


def test_a_month_counts_by_the_record_that_was_first_in_force_in_it() -> None:
    before, after = record(), record(at=AT + timedelta(days=20), price=3000)
    held, now = periods([Signed(before), Signed(after)]), datetime(2026, 12, 1, tzinfo=UTC)
    found = begun(held, "acme", "subscription", now)
    prices = {month: consent.licence.amount_minor for month, consent in found}
    assert prices == {"2026-10": 1000, "2026-11": 1000, "2026-12": 3000}


def test_a_record_ends_where_the_next_begins_also_one_that_cools_off() -> None:
    before, after = record(), record(at=AT, cooling=10)
    [one, two] = periods([Signed(before), Signed(after)])
    assert (one.ends, two.begins) == (AT + timedelta(days=10), AT + timedelta(days=10))


@pytest.mark.parametrize(("org", "model"), [("globex", "subscription"), ("acme", "per_call")])
def test_only_who_agreed_on_it(org: str, model: str) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert list(begun(periods([Signed(record())]), org, model, now)) == []


def test_there_may_be_no_record_at_all() -> None:
    assert periods([]) == ()
    assert date(2026, 10, 20) == record().term.start.date()
