"""The ledger of one persona for one organisation: a line for each thing that is charged, chained by hashes.

A line says nothing of what was asked or by whom. Its bytes are what is hashed and handed out: one JSON object, the
next one naming it by `prev_hash`, so that nobody can take one away, change one or slip one in without breaking what
follows. Where the chain ends only a statement proves (persona_store/licence/statement.py), which its holder keeps.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, structs

from persona_store.consent.record import Licence
from persona_store.licence import money
from persona_store.licence.calendar import day_of, month_of

GENESIS = "0" * 64
"""`prev_hash` of the first line."""
HASH = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
MONTH = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])\Z")]


class Line(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one thing costs. `call`: an answer that was posted; `month`: a month that began under a subscription;
    `share`: of a revenue that the organisation told. `of`: the month which a `month` or `share` is for."""

    n: Annotated[int, Meta(ge=1)]
    org: str
    persona: str
    record_id: str
    kind: Literal["call", "month", "share"]
    day: date  # UTC
    price_minor: Annotated[int, Meta(ge=0)]
    currency: str
    prev_hash: HASH
    of: str = ""
    revenue_minor: Annotated[int, Meta(ge=0)] = 0
    share_bp: Annotated[int, Meta(ge=0)] = 0


class Charge(Struct, frozen=True):
    """Something to be entered: what it costs under which record, and whom."""

    org: str
    persona: str
    record_id: str
    kind: Literal["call", "month", "share"]
    price_minor: int
    currency: str
    of: str = ""
    revenue_minor: int = 0
    share_bp: int = 0


class Month(Struct, frozen=True):
    """What a month came to. Its lines are `first` to `last`; `head` is the hash of the last."""

    first: int
    last: int
    head: str
    sums: dict[str, int]  # currency → minor units


class Payment(Struct, frozen=True):
    """The organisation says that it paid; `contested`: the Subject says that nothing arrived."""

    on: date
    contested: date | None = None


class Account(Struct, frozen=True):
    """Where a ledger stands. `open_from`: no line is dated before it, so that a month that was stated stays as it
    was stated, also when a clock goes back."""

    persona: str
    org: str
    n: int = 0
    head: str = GENESIS
    open_from: date = date.min
    months: dict[str, Month] = {}
    payments: dict[str, Payment] = {}
    begun: tuple[str, ...] = ()  # months that a subscription was charged for
    told: tuple[str, ...] = ()  # months whose revenue was told
    until: datetime | None = None  # when it may go: set once the persona is erased

    def entered(self, charge: Charge, today: date) -> tuple[Account, str, bytes]:
        """After one more line: the account, the month the line stands in, and its bytes."""
        day = max(today, self.open_from)
        line = Line(
            n=self.n + 1,
            org=self.org,
            persona=self.persona,
            record_id=charge.record_id,
            kind=charge.kind,
            day=day,
            price_minor=charge.price_minor,
            currency=charge.currency,
            prev_hash=self.head,
            of=charge.of,
            revenue_minor=charge.revenue_minor,
            share_bp=charge.share_bp,
        )
        raw = msgspec.json.encode(line)
        month, head = month_of(day), digest(raw)
        before = self.months.get(month, Month(line.n, line.n, head, {}))
        sums = {**before.sums, line.currency: before.sums.get(line.currency, 0) + line.price_minor}
        after = structs.replace(
            self,
            n=line.n,
            head=head,
            open_from=day,
            months={**self.months, month: Month(before.first, line.n, head, sums)},
            begun=(*self.begun, charge.of) if charge.kind == "month" else self.begun,
            told=(*self.told, charge.of) if charge.kind == "share" else self.told,
        )
        return after, month, raw

    def closed(self, month: str) -> Account:
        """Nothing is entered in this month, or before it, any more."""
        return structs.replace(self, open_from=max(self.open_from, day_of(month, 1)))


def digest(raw: bytes) -> str:
    """How a line is named by the next."""
    return hashlib.sha256(raw).hexdigest()


def of_call(licence: Licence, persona: str, org: str, record_id: str) -> Charge | None:
    """What an answer costs; None where answers are not what is paid for."""
    if licence.model != "per_call":
        return None
    return Charge(org, persona, record_id, "call", licence.amount_minor, licence.currency)


def of_month(licence: Licence, persona: str, org: str, record_id: str, month: str) -> Charge:
    """What a month costs that has begun under a subscription."""
    return Charge(org, persona, record_id, "month", licence.amount_minor, licence.currency, month)


def of_revenue(licence: Licence, persona: str, org: str, record_id: str, month: str, revenue: int) -> Charge:
    """The Subject's share of what the organisation took in a month."""
    price = money.share(revenue, licence.share_bp)
    return Charge(org, persona, record_id, "share", price, licence.currency, month, revenue, licence.share_bp)
