"""Which law a place belongs to: where the GDPR holds, and what counts as leaving the region.

A region is what a record says of a recipient: a country (ISO 3166-1, `CN`), a part of one (`CN-SH`), `EU` for any
place in the European Economic Area, or `local` for this installation's own machines.
"""

from __future__ import annotations

from collections.abc import Iterable

EEA = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
    "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "EU",
))  # fmt: skip
"""The 27 members, and Iceland, Liechtenstein and Norway, where the GDPR holds by the EEA Agreement (Joint Committee
Decision 154/2018). `EU` is no country of ISO 3166-1, but reserved there for the Union."""

LOCAL = "LOCAL"
"""Nothing leaves the machines of whoever runs the installation."""


def in_eea(jurisdiction: Iterable[str]) -> bool:
    return any(place in EEA for place in jurisdiction)


def outside(region: str, jurisdiction: Iterable[str]) -> bool:
    """Whether content that is sent to `region` leaves every place whose law the record was written for (PIPL 38;
    GDPR 44). A region that is not known is outside."""
    where = region.upper().partition("-")[0]
    if where == LOCAL:
        return False
    places = frozenset(jurisdiction)
    return where not in places and not (where in EEA and in_eea(places))
