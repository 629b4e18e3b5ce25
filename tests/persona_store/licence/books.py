"""Ledgers for tests: filled day by day, stated month by month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec

from persona_store.licence.calendar import month_of
from persona_store.licence.debts import debts
from persona_store.licence.ledger import Account, Charge, Line
from persona_store.licence.statement import Statement, make

START = date(2026, 11, 28)
RECORD = "urn:uuid:00000000-0000-4000-8000-000000000001"


def call(price: int = 50, *, org: str = "acme") -> Charge:
    return Charge(org, "lin", RECORD, "call", price, "CNY")


def filled(days: list[int], *, org: str = "acme", price: int = 50) -> tuple[Account, list[bytes]]:
    """So many calls on each day from START on."""
    account, lines = Account("lin", org), []
    for number, calls in enumerate(days):
        for _ in range(calls):
            account, _, raw = account.entered(call(price, org=org), START + timedelta(number))
            lines.append(raw)
    return account, lines


def stated(account: Account, lines: list[bytes], month: str, today: date = date(2027, 2, 1)) -> Statement:
    read = [msgspec.json.decode(raw, type=Line) for raw in lines]
    of = [line for line in read if month_of(line.day) == month]
    return make(account, month, of, debts(account, today), datetime.combine(today, datetime.min.time(), UTC))
