"""Each row of what has to be enforced has a test named after it, or says why not; and the tables are current."""

from __future__ import annotations

import pytest

from bots.assessment import risks
from tests.rights_rows import DESIGNS, OBLIGATIONS, TERMS, THREATS, Row
from tests.rights_tables import PAGES, ROOT, by_row, ids_in, page, table

ROWS = (*OBLIGATIONS, *TERMS, *DESIGNS, *THREATS)
FOUND = by_row()


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_are_current(name: str) -> None:
    """`python -m tests.rights_tables` writes them anew."""
    assert (ROOT / name).read_text(encoding="utf-8") == page(name, FOUND)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_has_a_test_or_says_why_not(row: Row) -> None:
    assert bool(FOUND.get(row.id)) or row.untested
    assert not (FOUND.get(row.id) and row.untested), "there is a test now: the reason is over"


def test_no_row_is_forgotten() -> None:
    numbers = [*range(1, 27), *range(30, 39)]
    assert [row.id for row in OBLIGATIONS] == [f"L{n:02}" for n in numbers]
    assert [row.id for row in TERMS] == [f"P{n}" for n in range(1, 9)]
    assert [row.id for row in DESIGNS] == [f"§2{letter}" for letter in "ABCD"]
    assert [row.id for row in THREATS] == [f"T{n:02}" for n in range(1, 43)]


def test_no_test_is_named_after_a_row_that_does_not_exist() -> None:
    known = {row.id for row in ROWS} | {"L27", "L28", "L29"}  # the numbers between two chapters
    assert set(FOUND) - known == set()


def test_every_row_that_an_assessment_puts_beside_a_measure_has_a_test() -> None:
    """A measure that nothing holds would be a promise (L14)."""
    assert set(risks.rows()) <= {row.id for row in ROWS if FOUND.get(row.id)}


def test_rows_are_read_off_names_and_words() -> None:
    assert ids_in("rights.md L17–L19, T05 and §2C; WHK-01, TL;DR") == {"L17", "L18", "L19", "T05", "§2C"}
    assert "**none yet**" in table((Row("L99", "x"),), {})
    assert "none is named after it: because" in table((Row("L99", "x", "", "because"),), {})
