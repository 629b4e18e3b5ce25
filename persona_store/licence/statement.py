"""The statement of a month: what was charged day by day and what is owed, signed by the installation.

It is JSON with a detached signature (persona_store/jws.py), and it pins the ledger: how many lines there are up to
the end of its month, and the hash of the last. Whoever keeps it can prove that a ledger was shortened afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta, Struct

from persona_store import jws, strictjson
from persona_store.errors import Refused
from persona_store.licence.debts import Debt, is_paid
from persona_store.licence.ledger import GENESIS, HASH, MONTH, Account, Line

TYP = "understudy-licence-statement+jws"
Count = Annotated[int, Meta(ge=0)]


class Day(Struct, frozen=True, forbid_unknown_fields=True):
    """Lines of one day that cost the same: how many of what kind, at which price each, under which record."""

    day: date
    kind: Literal["call", "month", "share"]
    of: str
    record_id: str
    count: Count
    price_minor: Count
    currency: str


class Total(Struct, frozen=True, forbid_unknown_fields=True):
    currency: str
    total_minor: Count


class Owed(Struct, frozen=True, forbid_unknown_fields=True):
    """A month that was not paid when the statement was made, this one among them. `why`: unpaid, contested (the
    organisation said that it paid, the Subject that nothing arrived) or untold (its revenue was not)."""

    month: MONTH
    since: date
    why: Literal["unpaid", "contested", "untold"]
    totals: tuple[Total, ...]


class Statement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`first` to `last` are its lines in the ledger; none where `last` is less. `head` is the hash of line `last`,
    and thereby of every line before it."""

    form: Literal["understudy.licence-statement/1"] = "understudy.licence-statement/1"
    persona: str
    org: str
    month: MONTH
    days: tuple[Day, ...]
    totals: tuple[Total, ...]
    first: Count
    last: Count
    head: HASH
    owed: tuple[Owed, ...]
    made_at: datetime


class SignedStatement(Struct, frozen=True):
    """The bytes that were signed, and what is needed to check them without us."""

    raw: bytes
    signature: str
    public_key: bytes

    @property
    def statement(self) -> Statement:
        return msgspec.json.decode(self.raw, type=Statement)


def days(lines: Iterable[Line]) -> tuple[Day, ...]:
    """Lines that differ in nothing but their number are one entry."""
    found: dict[tuple[date, str, str, str, int, str], Day] = {}
    for line in lines:
        key = (line.day, line.kind, line.of, line.record_id, line.price_minor, line.currency)
        count = found[key].count + 1 if key in found else 1
        found[key] = Day(line.day, line.kind, line.of, line.record_id, count, line.price_minor, line.currency)
    return tuple(found[key] for key in sorted(found))


def totals(sums: dict[str, int]) -> tuple[Total, ...]:
    return tuple(Total(currency, sums[currency]) for currency in sorted(sums))


def summed(entries: Iterable[Day]) -> tuple[Total, ...]:
    """What the days come to."""
    sums: dict[str, int] = {}
    for each in entries:
        sums[each.currency] = sums.get(each.currency, 0) + each.count * each.price_minor
    return totals(sums)


def make(account: Account, month: str, lines: Iterable[Line], owed: Iterable[Debt], now: datetime) -> Statement:
    """Of a month in which nothing is entered any more; `lines` are those of the month."""
    of = account.months.get(month)
    earlier = ((each.last, each.head) for name, each in account.months.items() if name < month)
    last, head = (of.last, of.head) if of else max(earlier, default=(0, GENESIS))
    entries = days(lines)
    return Statement(
        persona=account.persona,
        org=account.org,
        month=month,
        days=entries,
        totals=summed(entries),
        first=of.first if of else last + 1,
        last=last,
        head=head,
        owed=tuple(Owed(each.month, each.since, each.why, totals(each.sums)) for each in owed),
        made_at=now.replace(microsecond=0),
    )


def sign(statement: Statement, private: Ed25519PrivateKey) -> SignedStatement:
    raw = msgspec.json.format(msgspec.json.encode(statement), indent=2) + b"\n"
    return SignedStatement(raw, jws.sign(raw, private, TYP), jws.public_bytes(private))


def check(raw: bytes, signature: str, public_key: bytes) -> Statement:
    """What it says. Raises Refused STATEMENT_INVALID unless this key signed exactly these bytes, and they add
    up."""
    try:
        jws.verify(raw, signature, public_key, TYP)
        statement = msgspec.convert(strictjson.loads(raw), Statement)
    except (jws.BadSignature, strictjson.NotStrict, msgspec.ValidationError) as error:
        raise _invalid(str(error)) from None
    if summed(statement.days) != statement.totals:
        raise _invalid("its days do not come to its total")
    return statement


def state(account: Account, month: str) -> Literal["free", "paid", "contested", "unpaid"]:
    """How a month stands now, which a statement made earlier does not know. `free`: it came to nothing."""
    of = account.months.get(month)
    if of is None or not any(of.sums.values()):
        return "free"
    if is_paid(account, month):
        return "paid"
    return "contested" if month in account.payments else "unpaid"


def _invalid(problem: str) -> Refused:
    return Refused("STATEMENT_INVALID", f"the statement was not accepted: {problem}", "ask for it again")
