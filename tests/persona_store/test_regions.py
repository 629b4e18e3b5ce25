"""A place is inside where the record's law holds, and what is not known is outside."""

from __future__ import annotations

import pytest

from persona_store.regions import EEA, in_eea, outside


@pytest.mark.parametrize(
    ("region", "jurisdiction", "expected"),
    [
        ("CN", ("CN",), False),
        ("CN-SH", ("CN",), False),
        ("cn", ("CN",), False),
        ("US", ("CN",), True),
        ("HK", ("CN",), True),
        ("DE", ("FR",), False),
        ("EU", ("FR",), False),
        ("NO", ("EU",), False),
        ("CH", ("DE",), True),
        ("GB", ("IE",), True),
        ("DE", ("CN",), True),
        ("CN", ("CN", "DE"), False),
        ("local", ("CN",), False),
        ("somewhere", ("CN",), True),
        ("CNX", ("CN",), True),
    ],
)
def test_what_leaves_the_region(region: str, jurisdiction: tuple[str, ...], expected: bool) -> None:
    assert outside(region, jurisdiction) is expected


def test_the_gdpr_holds_in_thirty_countries_and_in_no_other() -> None:
    assert len(EEA - {"EU"}) == 30
    assert in_eea(("CN", "DE"))
    assert in_eea(("EU",))
    assert not in_eea(("CN", "GB", "CH", "US"))
