"""When which record is in force, and which months of it began: what a subscription owes and whose revenue is told.

A month counts once it has begun, whatever is asked in it and whether or not the bot runs: by the record that was
the first to be in force in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from persona_store.consent.record import Consent
from persona_store.licence.calendar import months


class Signed(Struct, frozen=True):
    """A record as it was signed, and when it was withdrawn."""

    consent: Consent
    withdrawn_at: datetime | None = None


class Period(Struct, frozen=True):
    """From its first instant to the first it no longer covers."""

    consent: Consent
    begins: datetime
    ends: datetime


def periods(records: Sequence[Signed], over_at: datetime | None = None) -> tuple[Period, ...]:
    """Of every record of a chain, oldest first, how long it was or will be in force; `over_at`: since when the
    persona is retired. One that never came to it is left out."""
    found = []
    next_begins = datetime.max.replace(tzinfo=records[-1].consent.term.start.tzinfo) if records else None
    for signed in reversed(records):
        assert next_begins is not None
        consent = signed.consent
        begins = max(consent.effective_at, consent.term.start)
        ends = min(filter(None, (consent.ends_at, signed.withdrawn_at, over_at, next_begins)))
        if begins < ends:
            found.append(Period(consent, begins, ends))
        next_begins = min(next_begins, begins)
    return tuple(reversed(found))


def begun(held: Iterable[Period], org: str, model: str, now: datetime) -> Iterator[tuple[str, Consent]]:
    """Each month that has begun under a licence of this model with this organisation, and the record it counts
    by."""
    seen: set[str] = set()
    for period in held:
        licence = period.consent.licence
        if licence.model != model or org not in licence.orgs or period.begins > now:
            continue
        last = min(period.ends - datetime.resolution, now)
        for month in months(period.begins.date(), last.date()):
            if month not in seen:
                seen.add(month)
                yield month, period.consent
