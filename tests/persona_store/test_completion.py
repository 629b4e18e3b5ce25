"""What an answer costs, and when two questions to a model are the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec import Struct, structs

from persona_store.completion import Prices, Prompt, Usage, fingerprint

PRICES = Prices(Decimal("0.28"), Decimal("0.42"), "USD")
PROMPT = Prompt("system", "user")


class One(Struct, frozen=True):
    a: int


class Two(Struct, frozen=True):
    a: int
    b: int


@pytest.mark.parametrize(("usage", "words"), [
    (Usage(1_000_000, 1_000_000), "0.70 USD"), (Usage(3_000_000, 0), "0.84 USD"),
    (Usage(10_000, 2_000), "0.0037 USD"),
    (Usage(1, 0), "0.00000028 USD"), (Usage(), "0.00 USD"), (Usage(10**9, 0), "280.00 USD"),
])  # fmt: skip
def test_a_cost_is_told_rounded_up(usage: Usage, words: str) -> None:
    assert PRICES.words(usage) == words


def test_without_a_price_nothing_is_told() -> None:
    assert Prices(currency="CNY").words(Usage(10**6, 10**6)) == ""


def test_usage_adds_up_and_one_estimate_makes_the_sum_one() -> None:
    assert Usage(1, 2) + Usage(3, 4) == Usage(4, 6)
    assert (Usage(1, 2) + Usage(3, 4, estimated=True)).estimated
    assert Usage(4, 6).total == 10


def test_the_same_question_has_the_same_fingerprint_and_every_difference_another() -> None:
    """Also one of the schema's fields: an answer kept for the old form would not fit the new one."""
    same = fingerprint("m", PROMPT, One)
    assert same == fingerprint("m", Prompt("system", "user"), One)
    others = {
        fingerprint("n", PROMPT, One),
        fingerprint("m", PROMPT, Two),
        fingerprint("m", PROMPT, str),
        *(fingerprint("m", structs.replace(PROMPT, **change), One) for change in (
            {"system": "x"}, {"user": "x"}, {"max_tokens": 1}, {"temperature": 0.5},
            {"system": "systemuser", "user": ""},
        )),
    }  # fmt: skip
    assert same not in others
    assert len(others) == 8
