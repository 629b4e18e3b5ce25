"""What a Subject says of their licence, however it travelled; and nothing that anybody else says."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.consent import signing
from persona_store.errors import Refused
from persona_store.licensed import standing

KEY, OTHER = signing.generate_key(), signing.generate_key()
PUBLIC = signing.public_key(KEY)
RECORD, ELSE = "sha256:" + "1" * 64, "sha256:" + "2" * 64
NOW = datetime(2026, 6, 1, tzinfo=UTC)
REVOKED = standing.made(RECORD, "globex", "revoked", KEY, NOW, "It is over.")
STANDS = standing.made(RECORD, "globex", "stands", KEY, NOW + timedelta(days=1), "It stands.")


def says(text: str, since: datetime = NOW) -> str:
    return standing.read(text, PUBLIC, {RECORD: since}).standing


def test_what_was_signed_is_read() -> None:
    read = standing.read(REVOKED, PUBLIC, {RECORD: NOW})
    assert (read.standing, read.organisation, read.at) == ("revoked", "globex", NOW)
    assert says(STANDS) == "stands"


@pytest.mark.parametrize("mark", ["> ", ">> ", "\t", "    ", "> > "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_mail_program_may_quote_indent_and_break_it(mark: str, end: str) -> None:
    lines = [mark + line for line in REVOKED.splitlines()]
    assert says(end.join(["Hello,", "", *lines, "", "Lin"])) == "revoked"


@settings(deadline=None)
@given(st.lists(st.integers(0, 400), max_size=8))
def test_a_line_may_be_broken_anywhere_within_it(places: list[int]) -> None:
    head, mark, rest = REVOKED.partition(standing.BEGIN)
    body, end, tail = rest.partition(standing.END)
    for place in sorted(places, reverse=True):
        body = body[:place] + "\n" + body[place:]
    assert says(head + mark + body + end + tail) == "revoked"


def test_of_several_the_revocation_counts_whichever_came_first() -> None:
    later = standing.made(RECORD, "globex", "stands", KEY, NOW + timedelta(days=9), "")
    for order in permutations((STANDS, REVOKED, later)):
        assert says("".join(order)) == "revoked"


def test_what_was_said_before_the_record_was_amended_is_over() -> None:
    """Else whoever kept an old revocation could end what was licensed anew."""
    assert says(REVOKED, NOW) == "revoked"
    with pytest.raises(Refused, match="STANDING.*or over"):
        says(REVOKED, NOW + timedelta(seconds=1))
    assert says(REVOKED + STANDS, NOW + timedelta(seconds=1)) == "stands"


def test_another_record_another_key_and_another_purpose_say_nothing() -> None:
    with pytest.raises(Refused, match="STANDING.*another record"):
        says(standing.made(ELSE, "globex", "revoked", KEY, NOW, ""))
    with pytest.raises(Refused, match="signed nothing in it"):
        says(standing.made(RECORD, "globex", "revoked", OTHER, NOW, ""))


def test_what_the_key_signed_for_another_purpose_is_no_word_about_the_licence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as other:
        other.setattr(standing, "TYP", signing.TYP)
        signed = standing.made(RECORD, "globex", "revoked", KEY, NOW, "")
    with pytest.raises(Refused, match="signed nothing in it"):
        says(signed)


@settings(deadline=None)
@given(st.integers(0, len(REVOKED) - 1), st.characters(codec="ascii"))
def test_changed_in_one_character_it_says_the_same_or_nothing(place: int, char: str) -> None:
    changed = REVOKED[:place] + char + REVOKED[place + 1 :]
    with suppress(Refused):
        assert says(changed) == "revoked"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_whatever_stands_between_the_marks_is_one_refusal(text: str) -> None:
    with pytest.raises(Refused, match="STANDING"):
        says(f"{standing.BEGIN}\n{text}\n{standing.END}")


def test_it_is_read_in_bounded_time() -> None:
    with pytest.raises(Refused, match="too long"):
        says("x" * (standing.LARGEST + 1))
    for many in (standing.BEGIN * 1500, f"{standing.BEGIN}A{standing.END}" * 700):
        with pytest.raises(Refused, match="STANDING"):
            says(many)
    assert says(f"{standing.BEGIN}A{standing.END}" * 5 + REVOKED) == "revoked"
