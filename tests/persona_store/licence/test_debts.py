"""What is owed, since when, and when that is too long."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from persona_store.errors import Refused
from persona_store.licence.debts import contested, debts, paid, stopping
from persona_store.licence.ledger import Account
from tests.persona_store.licence.books import call, filled

NOVEMBER, DECEMBER = "2026-11", "2026-12"
FIRST = date(2026, 12, 1)


def november() -> Account:
    return filled([2])[0]


def test_a_month_is_due_on_the_first_day_of_the_next_and_not_before() -> None:
    assert debts(november(), FIRST - timedelta(1)) == ()
    [debt] = debts(november(), FIRST)
    assert (debt.month, debt.since, debt.why, debt.sums) == (NOVEMBER, FIRST, "unpaid", {"CNY": 100})


def test_it_stops_so_many_days_after_it_was_due_to_the_day() -> None:
    owed = debts(november(), FIRST)
    assert stopping(owed, 30, FIRST + timedelta(29)) is None
    assert stopping(owed, 30, FIRST + timedelta(30)) == owed[0]
    assert stopping(owed, 0, FIRST) == owed[0]


def test_paying_settles_it_and_a_contest_brings_it_back_as_old_as_it_was() -> None:
    account = paid(november(), NOVEMBER, FIRST)
    assert debts(account, FIRST) == ()
    account = contested(account, NOVEMBER, FIRST + timedelta(40))
    [debt] = debts(account, FIRST + timedelta(40))
    assert (debt.why, debt.since) == ("contested", FIRST)
    assert stopping([debt], 30, FIRST + timedelta(40)) == debt
    account = paid(account, NOVEMBER, FIRST + timedelta(41))
    assert debts(account, FIRST + timedelta(41)) == ()


def test_the_oldest_debt_is_the_one_that_stops() -> None:
    account, _ = filled([1] * 10)
    owed = debts(account, date(2027, 1, 1))
    assert [debt.month for debt in owed] == [NOVEMBER, DECEMBER]
    assert stopping(owed, 31, date(2027, 1, 1)) == owed[0]
    later = debts(paid(account, NOVEMBER, FIRST), date(2027, 1, 1))
    assert stopping(later, 31, date(2027, 1, 1)) is None


def test_a_month_that_came_to_nothing_is_no_debt() -> None:
    account, _, _ = Account("lin", "acme").entered(call(0), date(2026, 11, 1))
    assert debts(account, FIRST) == ()


def test_a_revenue_that_was_not_told_is_a_debt_nobody_knows_the_sum_of() -> None:
    owed = debts(Account("lin", "acme", told=("2026-10",)), FIRST, ("2026-10", NOVEMBER, DECEMBER))
    assert [(debt.month, debt.why, debt.sums) for debt in owed] == [(NOVEMBER, "untold", {})]


@pytest.mark.parametrize(
    ("month", "today", "code"),
    [
        ("2026-10", FIRST, "LICENCE_NOT_DUE"),
        (NOVEMBER, FIRST - timedelta(1), "LICENCE_NOT_DUE"),
    ],
)
def test_only_what_is_due_can_be_paid(month: str, today: date, code: str) -> None:
    with pytest.raises(Refused, match=code):
        paid(november(), month, today)


def test_what_is_paid_is_paid_once_and_only_that_can_be_contested() -> None:
    account = paid(november(), NOVEMBER, FIRST)
    with pytest.raises(Refused, match="LICENCE_PAID"):
        paid(account, NOVEMBER, FIRST)
    with pytest.raises(Refused, match="LICENCE_NOT_PAID"):
        contested(november(), NOVEMBER, FIRST)
    with pytest.raises(Refused, match="LICENCE_NOT_PAID"):
        contested(contested(account, NOVEMBER, FIRST), NOVEMBER, FIRST)
