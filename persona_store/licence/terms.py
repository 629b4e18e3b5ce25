"""Which terms make sense: what a record may say about money, whether it is typed or signed already.

One model, and the one figure that goes with it; a price without an organisation that pays it is nobody's promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from msgspec.structs import fields

from persona_store.consent.record import Licence
from persona_store.errors import Refused
from persona_store.licence import money

MODELS: tuple[str, ...] = get_args(next(field.type for field in fields(Licence) if field.name == "model"))
ORG = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}", re.ASCII)
"""How an organisation is called in a licence: a short name or a domain. It becomes part of keys and file names."""
PAYEE = "vault:payee"
"""What a record says of to whom is paid: that the Subject tells it elsewhere. An account number stays out of what
is signed, which is kept for years and read by others."""
STOP_AFTER = 30  # days past due, unless the record says otherwise
LONGEST_STOP = 180  # who may owe for longer than half a year has no reason to pay

NONE = Licence("none", "CNY", 0, 0, (), False, None, audit_right=True, stop_on_unpaid_days=STOP_AFTER)
"""Costs nothing."""


def terms(
    model: str,
    *,
    price: str = "",
    share: str = "",
    currency: str = "CNY",
    orgs: tuple[str, ...] = (),
    stop_after: int = STOP_AFTER,
) -> Licence:
    """From words as they are typed. Raises Refused LICENCE_TERMS for what makes no sense together, and what
    money.py refuses."""
    if model not in MODELS:
        raise Refused("LICENCE_TERMS", f"there is no licence {model[:40]!r}", "choose from " + ", ".join(MODELS))
    currency = currency.upper()
    made = Licence(
        model=model,  # type: ignore[arg-type]  # one of MODELS
        currency=currency,
        amount_minor=money.minor(price, currency) if price else 0,
        share_bp=money.basis_points(share) if share else 0,
        orgs=orgs,
        sublicense=False,
        payee_ref=None if model == "none" else PAYEE,
        audit_right=True,
        stop_on_unpaid_days=stop_after,
    )
    if problem := next(problems(made), ""):
        raise Refused("LICENCE_TERMS", problem, "see `understudy consent sign --help`")
    return made


def problems(licence: Licence) -> Iterator[str]:
    """What is senseless about terms; nothing for good ones."""
    if licence.currency not in money.CODES:
        yield f"`licence.currency` {licence.currency!r} is no ISO 4217 code"
    for field, needed in (("amount_minor", ("per_call", "subscription")), ("share_bp", ("revenue_share",))):
        given = bool(getattr(licence, field))
        if given and licence.model not in needed:
            yield f"`licence.{field}` has no meaning where the model is {licence.model!r}"
        if not given and licence.model in needed:
            yield f"`licence.{field}` is missing, and the model is {licence.model!r}"
    if licence.amount_minor > money.MOST:
        yield "`licence.amount_minor` is too much to be meant"
    if licence.model != "none" and not licence.orgs:
        yield "`licence.orgs` is empty: nobody is named who pays"
    if len(set(licence.orgs)) != len(licence.orgs):
        yield "`licence.orgs` names an organisation twice"
    if any(ORG.fullmatch(org) is None for org in licence.orgs):
        yield "`licence.orgs` has a name that is not of a-z, 0-9, '.' and '-', such as acme or acme.example"
    if licence.sublicense:
        yield "`licence.sublicense` is true: what others pass on cannot be counted here"
    if licence.model != "none" and not licence.audit_right:
        yield "`licence.audit_right` is false: whoever is paid by use may recompute it"
    if licence.stop_on_unpaid_days > LONGEST_STOP:
        yield f"`licence.stop_on_unpaid_days` is more than {LONGEST_STOP}"
