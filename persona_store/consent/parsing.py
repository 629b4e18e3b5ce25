"""Bytes → Consent, or one line that says what is wrong with the record."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import get_args

import msgspec
from msgspec import Struct

from persona_store import strictjson
from persona_store.consent.record import EVERY, Consent, Prohibition
from persona_store.errors import Refused
from persona_store.licence import terms

EARLIEST, LATEST = 1970, 2199  # "9999" is how an endless term is spelt when it may not be called endless
LONGEST = timedelta(days=3 * 365 + 1)

# "for any purpose" is no purpose (Cal. Labor Code 927, PIPL 14); compared after NFKC, without case and spaces.
BLANKET = (
    "anypurpose", "allpurposes", "anylawfulpurpose", "alllawfulpurposes", "anyuse", "alluses", "everypurpose",
    "任何目的", "任何用途", "一切目的", "一切用途", "所有目的", "所有用途", "任意用途", "一切合法",
)  # fmt: skip


def parse(raw: bytes) -> Consent:
    """Read a record strictly. Raises Refused CONSENT_SCHEMA (what it says is impossible or unclear)."""
    try:
        consent = msgspec.convert(strictjson.loads(raw), Consent, strict=True)
    except strictjson.NotStrict as error:
        raise _refused(str(error)) from None
    except msgspec.ValidationError as error:
        raise _refused(_plain(error)) from None
    for problem in _problems(consent):
        raise _refused(problem)
    return consent


def _problems(consent: Consent) -> Iterator[str]:
    """Everything the field types cannot say."""
    yield from _blanket(consent)
    yield from _obligatory(consent)
    yield from _times(consent)
    yield from terms.problems(consent.licence)


def _blanket(consent: Consent) -> Iterator[str]:
    for name, grants in (
        ("scope.sources", consent.scope.sources),
        ("purposes", consent.purposes),
        ("audiences", consent.audiences),
        ("uses", consent.uses),
        ("pii_controllers", consent.pii_controllers),
        ("lawful_basis", consent.lawful_basis),
        ("jurisdiction", consent.jurisdiction),
        ("withdrawal.methods", consent.withdrawal.methods),
    ):
        if not grants:
            yield f"`{name}` is empty; what is granted is listed one by one"
    for use in consent.uses:
        spoken = "".join(unicodedata.normalize("NFKC", use).casefold().split())
        if EVERY in spoken or any(phrase in spoken for phrase in BLANKET):
            yield "`uses` has a blanket grant; name each use, such as the service or process it is about"


def _obligatory(consent: Consent) -> Iterator[str]:
    for ban in get_args(Prohibition):
        if ban not in consent.prohibited:
            yield f"`prohibited` leaves out {ban!r}, which nobody can permit"
    if not consent.scope.authored_by_subject_only:
        yield "`scope.authored_by_subject_only` is false; words of others are never the persona's"
    if any(recipient.trains for recipient in consent.recipients):
        yield "a recipient `trains`; content is never given to one that trains on it"
    if not consent.voluntariness.no_detriment or consent.voluntariness.tied_to_severance:
        yield "`voluntariness` says that refusing has a price; such a consent is void (PIPL 16)"
    if all(basis.type != "consent" for basis in consent.lawful_basis):
        yield "`lawful_basis` does not name consent"


def _times(consent: Consent) -> Iterator[str]:
    for name, value in _days_and_instants(consent, ""):
        if not EARLIEST <= value.year <= LATEST:
            yield f"`{name}` is not in the years {EARLIEST} to {LATEST}"
        if isinstance(value, datetime) and (value.utcoffset() != timedelta(0) or value.microsecond):
            yield f"`{name}` is not a time in UTC and whole seconds, like 2026-01-31T08:00:00Z"
    for source in consent.scope.sources:
        if source.first > source.last:
            yield "a source's `from` is after its `to`"
    if consent.term.end < consent.term.start.date():
        yield "`term.end` is before `term.start`"
    if consent.term.end - consent.term.start.date() > LONGEST:
        yield "`term.end` is more than three years after `term.start`; a term ends and can be renewed"


def _days_and_instants(part: object, path: str) -> Iterator[tuple[str, date]]:
    """Every date in the record with the name of its field; a datetime is a date too."""
    if isinstance(part, date):
        yield path, part
    elif isinstance(part, tuple):
        for item in part:
            yield from _days_and_instants(item, path)
    elif isinstance(part, Struct):
        for attribute, name in zip(part.__struct_fields__, part.__struct_encode_fields__, strict=True):
            yield from _days_and_instants(getattr(part, attribute), f"{path}.{name}" if path else name)


def _plain(error: msgspec.ValidationError) -> str:
    """msgspec names the field and the kind of trouble, and quotes no more than the name of an unknown field."""
    return str(error).replace(" - at `$.", " in `").replace(" - at `$", " in `")


def _refused(problem: str) -> Refused:
    fix = "`understudy consent sign` makes a record that can be read"
    return Refused("CONSENT_SCHEMA", f"not a consent record: {problem}", fix)
