"""What is owed and since when, and whether that is long enough to stop: pure, from an account and a day.

A month is due on the first day of the next, paid once the organisation says so, and owed again once the Subject
says that nothing arrived. A revenue that was not told in time counts as not paid: else who tells nothing owes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct, structs

from persona_store.errors import Refused
from persona_store.licence.calendar import day_of
from persona_store.licence.ledger import Account, Payment


class Debt(Struct, frozen=True):
    """`since`: the day it was due. `sums` is empty where the revenue is not known."""

    month: str
    since: date
    why: Literal["unpaid", "contested", "untold"]
    sums: dict[str, int] = {}


def debts(account: Account, today: date, shares: Iterable[str] = ()) -> tuple[Debt, ...]:
    """Oldest first. `shares`: the months of which a revenue has to be told."""
    owed = [
        Debt(month, day_of(month, 1), "contested" if month in account.payments else "unpaid", of.sums)
        for month, of in account.months.items()
        if day_of(month, 1) <= today and any(of.sums.values()) and not is_paid(account, month)
    ]
    owed += [
        Debt(month, day_of(month, 1), "untold")
        for month in shares
        if day_of(month, 1) <= today and month not in account.told
    ]
    return tuple(sorted(owed, key=lambda debt: (debt.month, debt.why)))


def is_paid(account: Account, month: str) -> bool:
    payment = account.payments.get(month)
    return payment is not None and payment.contested is None


def stopping(owed: Iterable[Debt], days: int, today: date) -> Debt | None:
    """The debt for which no answer is given any more, or None: the oldest that was due so many days ago."""
    return next((debt for debt in owed if today >= debt.since + timedelta(days=days)), None)


def paid(account: Account, month: str, today: date) -> Account:
    """After the organisation said that it paid a month, again if that was contested. Raises Refused."""
    of = account.months.get(month)
    if of is None or not any(of.sums.values()):
        what = f"nothing was charged to {account.org!r} in {month}"
        raise Refused("LICENCE_NOT_DUE", what, f"see `understudy licence show {account.persona}`")
    if day_of(month, 1) > today:
        what = f"{month} is not over; what it comes to is not known yet"
        raise Refused("LICENCE_NOT_DUE", what, f"pay it from {day_of(month, 1)} on")
    if is_paid(account, month):
        what = f"{month} is recorded as paid by {account.org!r} already"
        raise Refused("LICENCE_PAID", what, "there is nothing to do")
    return structs.replace(account, payments={**account.payments, month: Payment(today)})


def contested(account: Account, month: str, today: date) -> Account:
    """After the Subject said that nothing arrived. Raises Refused LICENCE_NOT_PAID where no payment stands."""
    if not is_paid(account, month):
        what = f"no payment for {month} is recorded, so it counts as owed already"
        raise Refused("LICENCE_NOT_PAID", what, "there is nothing to do")
    payment = structs.replace(account.payments[month], contested=today)
    return structs.replace(account, payments={**account.payments, month: payment})
