"""Money without floating point: read in the currency's own decimals, shared with half and more going up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.licence import money

CURRENCY = st.sampled_from(sorted(money.CODES))
SMALLEST = {0: "1", 2: "0.01", 3: "0.001"}


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("0.50", "CNY", 50),
        ("0.5", "CNY", 50),
        ("500", "JPY", 500),
        ("1.005", "KWD", 1005),
        (" 12 ", "EUR", 1200),
        ("0", "CNY", 0),
    ],
)
def test_an_amount_is_read_in_the_decimals_of_its_currency(amount: str, currency: str, minor: int) -> None:
    assert money.minor(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        *(("0.505", "CNY"), ("0.5", "JPY"), ("-1", "CNY"), ("1e3", "CNY"), ("1,50", "CNY"), ("", "CNY")),
        *(("٣", "CNY"), ("NaN", "CNY"), (".5", "CNY"), ("5.", "CNY"), ("9" * 15, "CNY"), ("1" * 500, "CNY")),
    ],
)
def test_what_is_no_amount_of_it_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(Refused, match="AMOUNT"):
        money.minor(amount, currency)


@pytest.mark.parametrize("code", ["cny", "XXX", "RMB", "", "US", "XTS", "HRK"])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(Refused, match="CURRENCY"):
        money.minor("1", code)


@given(CURRENCY, st.integers(0, money.MOST))
def test_what_is_shown_is_what_is_read(currency: str, minor: int) -> None:
    assert money.minor(money.shown(minor, currency).removesuffix(f" {currency}"), currency) == minor


@pytest.mark.parametrize("currency", ["JPY", "CNY", "BHD"])
def test_the_smallest_unit_is_one(currency: str) -> None:
    assert money.minor(SMALLEST[money.decimals(currency)], currency) == 1


@pytest.mark.parametrize(
    ("percent", "points"), [("12.5", 1250), ("12.5%", 1250), ("100", 10_000), ("0.01", 1), ("0", 0)]
)
def test_a_share_is_read_in_basis_points(percent: str, points: int) -> None:
    assert money.basis_points(percent) == points


@pytest.mark.parametrize("percent", ["100.01", "12.505", "-1", "half", "", "1e1"])
def test_what_is_no_share_is_refused(percent: str) -> None:
    with pytest.raises(Refused, match="SHARE"):
        money.basis_points(percent)


@given(st.integers(0, money.MOST), st.integers(0, money.WHOLE))
def test_a_share_is_the_nearest_whole_and_half_goes_to_the_subject(revenue: int, points: int) -> None:
    exact = Fraction(revenue * points, money.WHOLE)
    got = money.share(revenue, points)
    assert -Fraction(1, 2) < got - exact <= Fraction(1, 2)


def test_half_a_unit_goes_up() -> None:
    assert (money.share(1, 5000), money.share(3, 5000), money.share(1, 4999)) == (1, 2, 0)


@pytest.mark.parametrize(("points", "shown"), [(1250, "12.5%"), (10_000, "100%"), (1, "0.01%"), (0, "0%")])
def test_a_share_is_told_as_a_percentage(points: int, shown: str) -> None:
    assert money.percent(points) == shown
