"""A ledger that was tampered with does not hold, and the line is named."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.licence.ledger import Account, Charge, Line, digest
from persona_store.licence.statement import Total
from persona_store.licence.verifying import Report, verify
from tests.persona_store.licence.books import START, call, filled, stated

ACCOUNT, LINES = filled([3, 2, 2, 3, 1])  # seven in November, four in December
NOVEMBER, DECEMBER = (stated(ACCOUNT, LINES, month) for month in ("2026-11", "2026-12"))
BOTH = (NOVEMBER, DECEMBER)


def changed(raw: bytes, **fields: object) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(msgspec.json.decode(raw, type=Line), **fields))


def rechained(lines: list[bytes]) -> list[bytes]:
    """Whoever has the file can make the chain fit anew."""
    account, made = Account("lin", "acme"), []
    for raw in lines:
        line = msgspec.json.decode(raw, type=Line)
        charge = Charge(line.org, line.persona, line.record_id, line.kind, line.price_minor, line.currency)
        account, _, again = account.entered(charge, line.day)
        made.append(again)
    return made


def found(report: Report) -> tuple[str, int]:
    return report.problem, report.bad


def test_what_was_written_holds_with_and_without_statements() -> None:
    assert verify(LINES) == Report(True, 11, (Total("CNY", 550),), 0)
    assert verify(LINES, BOTH) == Report(True, 11, (Total("CNY", 550),), 11)
    assert verify(LINES, [NOVEMBER]).proven == 7
    assert verify([]) == Report(True, 0, (), 0)


@pytest.mark.parametrize("at", range(11))
def test_a_missing_line_is_named(at: int) -> None:
    report = verify([*LINES[:at], *LINES[at + 1 :]], BOTH)
    assert found(report) == (("TRUNCATED" if at == 10 else "MISSING"), at + 1)


@pytest.mark.parametrize("at", range(11))
def test_a_changed_line_is_named(at: int) -> None:
    """Also the last one, which no line follows: the statement knows its hash and what its day came to."""
    report = verify([*LINES[:at], changed(LINES[at], price_minor=5), *LINES[at + 1 :]], BOTH)
    assert found(report) == ("REWRITTEN" if at == 10 else "CHANGED", at + 1)


@pytest.mark.parametrize("at", range(11))
def test_a_changed_link_is_named_itself(at: int) -> None:
    report = verify([*LINES[:at], changed(LINES[at], prev_hash="f" * 64), *LINES[at + 1 :]], BOTH)
    assert found(report) == ("CHANGED", at + 1)


@pytest.mark.parametrize("at", range(10))
def test_two_lines_that_changed_places_are_named(at: int) -> None:
    swapped = [*LINES[:at], LINES[at + 1], LINES[at], *LINES[at + 2 :]]
    assert found(verify(swapped, BOTH)) == ("MISSING", at + 1)


@pytest.mark.parametrize("at", range(1, 11))
def test_a_line_that_was_put_in_is_named(at: int) -> None:
    assert found(verify([*LINES[:at], LINES[at - 1], *LINES[at:]], BOTH)) == ("ADDED", at + 1)


@pytest.mark.parametrize("kept", range(11))
def test_a_shortened_ledger_is_known_by_the_statement_that_was_kept(kept: int) -> None:
    assert verify(LINES[:kept]).ok, "without a statement nobody can tell"
    assert found(verify(LINES[:kept], BOTH)) == ("TRUNCATED", kept + 1)


@given(st.integers(0, 10), st.sampled_from(["drop", "change", "double"]))
@settings(max_examples=60)
def test_a_ledger_that_was_written_anew_with_a_chain_that_fits_is_known_too(at: int, how: str) -> None:
    if how == "drop":
        lines = [*LINES[:at], *LINES[at + 1 :]]
    elif how == "change":
        lines = [*LINES[:at], changed(LINES[at], price_minor=5), *LINES[at + 1 :]]
    else:
        lines = [*LINES[: at + 1], LINES[at], *LINES[at + 1 :]]
    made = rechained(lines)
    assert verify(made).ok
    report = verify(made, BOTH)
    assert not report.ok
    assert report.bad > report.proven


def test_lines_dated_back_into_a_month_that_was_stated_are_named() -> None:
    account, lines = filled([3])
    november = stated(account, lines, "2026-11")
    account, _, late = account.entered(call(), START)
    assert found(verify([*lines, late], [november])) == ("ADDED", 4)


def test_a_statement_that_does_not_say_what_its_lines_say_is_refused() -> None:
    other = msgspec.structs.replace(NOVEMBER, days=NOVEMBER.days[:1])
    assert found(verify(LINES, [other])) == ("TOTAL", 0)


def test_another_ledger_is_no_part_of_this_one() -> None:
    globex, theirs = filled([1], org="globex")
    assert found(verify(LINES, [stated(globex, theirs, "2026-11")]))[0] in ("OTHER", "REWRITTEN")
    mixed = changed(LINES[1], org="globex")
    assert verify([LINES[0], mixed]).problem == "OTHER"


def test_an_empty_month_of_another_ledger_is_no_part_of_this_one_either() -> None:
    empty = stated(Account("lin", "globex"), [], "2026-10")
    assert found(verify(LINES, [empty])) == ("OTHER", 1)


def test_a_share_that_was_not_reckoned_right_is_named() -> None:
    account = Account("lin", "acme")
    due = Charge("acme", "lin", "r", "share", 100, "CNY", "2026-11", 1005, 1000)
    _, _, raw = account.entered(due, START)
    assert found(verify([raw])) == ("SHARE", 1)


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"{}", b"[" * 1900, b"x" * 5000, b"\xff\xfe", b"NaN"),
        LINES[0] + b" ",
        LINES[0].replace(b":", b": ", 1),
        LINES[0].replace(b'"n":1', b'"n":1,"n":1'),
        LINES[0].replace(b'"n":1', b'"n":1.0'),
        LINES[0].replace(b'"n":1', b'"n":1,"who":"Mei"'),
    ],
)
def test_what_is_not_a_line_as_we_write_it_is_named(raw: bytes) -> None:
    assert found(verify([raw, *LINES[1:]])) == ("FORM", 1)


@given(st.lists(st.integers(0, 3), max_size=50))
@settings(max_examples=40)
def test_whatever_was_entered_and_stated_holds(days: list[int]) -> None:
    account, lines = filled(days)
    statements = [stated(account, lines, month) for month in ("2026-10", "2026-11", "2026-12", "2027-01")]
    report = verify(lines, statements)
    assert report.ok, report.detail
    assert report.proven == len(lines)
    assert report.lines == account.n
    if lines:
        assert digest(lines[-1]) == account.head
