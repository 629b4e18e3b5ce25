"""Lines that name each other, and an account that says where they stand."""

from __future__ import annotations

import hashlib
from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from persona_store.licence import terms
from persona_store.licence.ledger import GENESIS, Account, Line, of_call, of_month, of_revenue
from tests.persona_store.licence.books import START, call, filled


def test_a_line_names_the_one_before_by_the_hash_of_its_bytes() -> None:
    _, lines = filled([2, 1])
    previous = GENESIS
    for number, raw in enumerate(lines, 1):
        line = msgspec.json.decode(raw, type=Line)
        assert (line.n, line.prev_hash) == (number, previous)
        previous = hashlib.sha256(raw).hexdigest()


def test_a_line_holds_what_is_charged_and_no_word_more() -> None:
    _, [raw] = filled([1])
    assert set(msgspec.json.decode(raw)) == {
        *("n", "org", "persona", "record_id", "kind", "day", "price_minor", "currency", "prev_hash"),
    }


@given(st.lists(st.integers(0, 3), max_size=40))
def test_an_account_adds_up_its_lines_month_by_month(days: list[int]) -> None:
    account, lines = filled(days)
    assert account.n == len(lines) == sum(days)
    assert sum(of.sums["CNY"] for of in account.months.values()) == 50 * len(lines)
    counted = 0
    for month in sorted(account.months):
        of = account.months[month]
        assert of.first == counted + 1
        counted = of.last
        assert of.head == hashlib.sha256(lines[of.last - 1]).hexdigest()
    assert counted == len(lines)


def test_nothing_is_entered_in_a_month_that_was_stated_whatever_the_clock_says() -> None:
    account, _ = filled([1])
    after, month, raw = account.closed("2026-11").entered(call(), START)
    assert month == "2026-12"
    assert msgspec.json.decode(raw, type=Line).day == date(2026, 12, 1)
    back, _, raw = after.entered(call(), date(2020, 1, 1))
    assert msgspec.json.decode(raw, type=Line).day == date(2026, 12, 1), "days never go back"
    assert back.n == 3


def test_only_who_pays_by_the_answer_is_charged_for_one() -> None:
    one = terms.terms("per_call", price="0.50", orgs=("acme",))
    month = terms.terms("subscription", price="99", orgs=("acme",))
    share = terms.terms("revenue_share", share="10", orgs=("acme",))
    due = of_call(one, "lin", "acme", "r")
    assert due is not None
    assert (due.kind, due.price_minor) == ("call", 50)
    assert of_call(month, "lin", "acme", "r") is None
    assert of_call(share, "lin", "acme", "r") is None
    assert of_call(terms.NONE, "lin", "acme", "r") is None
    assert of_month(month, "lin", "acme", "r", "2026-11").price_minor == 9900
    told = of_revenue(share, "lin", "acme", "r", "2026-11", 1005)
    assert (told.price_minor, told.revenue_minor, told.share_bp) == (101, 1005, 1000)


def test_an_account_remembers_which_months_were_begun_and_told() -> None:
    share = terms.terms("revenue_share", share="10", orgs=("acme",))
    month = terms.terms("subscription", price="99", orgs=("acme",))
    account, _, _ = Account("lin", "acme").entered(of_revenue(share, "lin", "acme", "r", "2026-10", 0), START)
    account, _, _ = account.entered(of_month(month, "lin", "acme", "r", "2026-11"), START)
    assert (account.told, account.begun) == (("2026-10",), ("2026-11",))
