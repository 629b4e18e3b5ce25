"""A month's statement: what its lines say, signed, with where the ledger ended."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from persona_store import jws
from persona_store.errors import Refused
from persona_store.licence import statement
from persona_store.licence.debts import contested, paid
from tests.persona_store.licence.books import filled, stated

KEY = Ed25519PrivateKey.generate()
PUBLIC = jws.public_bytes(KEY)


def test_it_says_each_day_its_price_and_the_total() -> None:
    account, lines = filled([2, 0, 1, 3])  # 28, 30 November; 1 December
    said = stated(account, lines, "2026-11")
    assert [(day.day, day.count, day.price_minor) for day in said.days] == [
        (date(2026, 11, 28), 2, 50),
        (date(2026, 11, 30), 1, 50),
    ]
    assert (said.totals[0].total_minor, said.first, said.last) == (150, 1, 3)
    assert said.head == account.months["2026-11"].head
    assert stated(account, lines, "2026-12").first == 4


def test_an_empty_month_still_says_where_the_ledger_stands() -> None:
    account, lines = filled([2])
    said = stated(account, lines, "2026-12")
    assert (said.days, said.totals, said.first, said.last, said.head) == ((), (), 3, 2, account.head)
    before = stated(account, lines, "2026-10")
    assert (before.first, before.last, before.head) == (1, 0, "0" * 64)


def test_it_says_what_is_unpaid_since_when() -> None:
    account, lines = filled([1, 1, 1, 1])
    account = contested(paid(account, "2026-11", date(2026, 12, 3)), "2026-11", date(2026, 12, 9))
    said = stated(account, lines, "2026-12")
    assert [(each.month, each.since, each.why) for each in said.owed] == [
        ("2026-11", date(2026, 12, 1), "contested"),
        ("2026-12", date(2027, 1, 1), "unpaid"),
    ]
    assert said.owed[0].totals[0].total_minor == 150


def test_how_a_month_stands_now() -> None:
    account, _ = filled([1])
    assert statement.state(account, "2026-10") == "free"
    assert statement.state(filled([1], price=0)[0], "2026-11") == "free", (
        "a revenue of nothing has a share of nothing"
    )
    assert statement.state(account, "2026-11") == "unpaid"
    account = paid(account, "2026-11", date(2026, 12, 3))
    assert statement.state(account, "2026-11") == "paid"
    assert statement.state(contested(account, "2026-11", date(2026, 12, 9)), "2026-11") == "contested"


def test_what_was_signed_is_accepted_and_nothing_else() -> None:
    account, lines = filled([3])
    signed = statement.sign(stated(account, lines, "2026-11"), KEY)
    assert statement.check(signed.raw, signed.signature, PUBLIC) == signed.statement
    for raw, signature, key in (
        (signed.raw.replace(b'"count": 3', b'"count": 2'), signed.signature, PUBLIC),
        (signed.raw, signed.signature, jws.public_bytes(Ed25519PrivateKey.generate())),
        (signed.raw, jws.sign(signed.raw, KEY, "understudy-receipt+jws"), PUBLIC),
        (signed.raw, "", PUBLIC),
    ):
        with pytest.raises(Refused, match="STATEMENT_INVALID"):
            statement.check(raw, signature, key)


def test_days_that_do_not_come_to_the_total_are_refused_whoever_signed() -> None:
    account, lines = filled([3])
    wrong = msgspec.structs.replace(stated(account, lines, "2026-11"), totals=(statement.Total("CNY", 100),))
    signed = statement.sign(wrong, KEY)
    with pytest.raises(Refused, match="do not come to its total"):
        statement.check(signed.raw, signed.signature, PUBLIC)


@pytest.mark.parametrize("form", [b"{}", b"[]", b"\xff", b'{"form":"x"}', b"[" * 100_000])
def test_what_is_no_statement_is_one_line(form: bytes) -> None:
    with pytest.raises(Refused, match="STATEMENT_INVALID"):
        statement.check(form, jws.sign(form, KEY, statement.TYP), PUBLIC)
