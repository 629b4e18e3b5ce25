"""Terms that make sense together, whether they are typed or stand in a record."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from persona_store.consent.record import Licence
from persona_store.errors import Refused
from persona_store.licence import terms

CALL = terms.terms("per_call", price="0.50", orgs=("acme",))
SHARE = terms.terms("revenue_share", share="12.5", currency="eur", orgs=("acme.example",))


def test_terms_are_what_was_typed() -> None:
    assert (CALL.amount_minor, CALL.currency, CALL.orgs, CALL.share_bp) == (50, "CNY", ("acme",), 0)
    assert (SHARE.share_bp, SHARE.currency, SHARE.amount_minor) == (1250, "EUR", 0)
    assert CALL.payee_ref == terms.PAYEE
    assert terms.NONE.payee_ref is None
    assert terms.NONE.model == "none"


@pytest.mark.parametrize(
    "typed",
    [
        {"model": "per_call", "orgs": ("acme",)},
        {"model": "per_call", "price": "0", "orgs": ("acme",)},
        {"model": "per_call", "price": "1"},
        {"model": "per_call", "price": "1", "share": "5", "orgs": ("acme",)},
        {"model": "subscription", "orgs": ("acme",)},
        {"model": "revenue_share", "orgs": ("acme",)},
        {"model": "revenue_share", "share": "5", "price": "1", "orgs": ("acme",)},
        {"model": "none", "price": "1"},
        {"model": "none", "share": "5"},
        {"model": "per_call", "price": "1", "orgs": ("acme", "acme")},
        {"model": "per_call", "price": "1", "orgs": ("Acme Ltd",)},
        {"model": "per_call", "price": "1", "orgs": ("../acme",)},
        {"model": "per_call", "price": "1", "orgs": ("acme/x",)},
        {"model": "per_call", "price": "1", "orgs": ("acme",), "stop_after": 181},
        {"model": "for_ever", "price": "1", "orgs": ("acme",)},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(typed: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="LICENCE_TERMS"):
        terms.terms(**typed)


@pytest.mark.parametrize(
    ("licence", "change"),
    [
        (CALL, {"amount_minor": 0}),
        (CALL, {"share_bp": 1}),
        (CALL, {"orgs": ()}),
        (CALL, {"currency": "XXX"}),
        (CALL, {"sublicense": True}),
        (CALL, {"audit_right": False}),
        (CALL, {"amount_minor": 10**12 + 1}),
        (CALL, {"stop_on_unpaid_days": 181}),
        (SHARE, {"share_bp": 0}),
        (SHARE, {"amount_minor": 1}),
        (terms.NONE, {"amount_minor": 1}),
        (terms.NONE, {"share_bp": 1}),
    ],
    ids=str,
)
def test_a_record_cannot_say_it_either(licence: Licence, change: dict[str, Any]) -> None:
    assert list(terms.problems(licence)) == []
    assert len(list(terms.problems(replace(licence, **change)))) == 1


def test_nobody_needs_to_be_paid_by_an_organisation_that_is_named() -> None:
    """A licence that costs nothing still says whom it is for."""
    assert list(terms.problems(replace(terms.NONE, orgs=("globex",)))) == []
