"""What of a passage goes to another organisation."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from persona_store.consent.record import SourceGrant
from persona_store.distill.colleagues import Colleagues
from persona_store.licensed.passages import CONTAINER, Moved
from persona_store.model import Passage
from tests.persona_store.passages import passage
from tests.persona_store.sources.exports import consent_for

OPEN = consent_for("doc")
CLOSED = structs.replace(
    OPEN,
    scope=structs.replace(
        OPEN.scope, sources=(SourceGrant("mail", "lin@acme.test", date(2026, 1, 1), date(2026, 9, 1)),)
    ),
)
LONG = passage(
    "plans/2026/acme.md#3",
    "Ask Bob Hart before you touch it.",
    source="doc",
    container="plans/2026",
    container_name="Plans",
    thread="plans/2026/acme.md",
    author="slack:U0LIN",
    author_name="Lin of Acme",
    title="acme › Refunds with Bob Hart",
    url="https://wiki.acme.test/1",
    readers=("slack:U0LIN", "slack:U0BOB"),
    question="What of Acme's refunds?",
)


def move(passage: Passage, *, consent: object = OPEN, key: bytes = b"k" * 32, tag: str = "0123456789") -> Passage:
    colleagues = Colleagues(b"p" * 32)
    colleagues.see([structs.replace(LONG, author_name="Bob Hart", by_subject=False)])
    return Moved(consent, colleagues, name="Lin", key=key, tag=tag).passage(passage)


def test_the_words_and_their_day_go_and_no_field_tells_where_they_stood() -> None:
    moved = move(LONG)
    told = str(structs.asdict(moved)).casefold()
    for of_acme in ("acme", "plans", "u0lin", "u0bob", "bob", "hart", "wiki"):
        assert of_acme not in told
    assert moved.text.startswith("Ask colleague-")
    assert moved.title.startswith("Refunds with colleague-")
    assert (moved.at, moved.by_subject, moved.readers, moved.author_name) == (LONG.at, True, None, "Lin")
    assert (moved.author, moved.url, moved.question, moved.container_name) == ("", "", "", "Lin")


@pytest.mark.parametrize("source", ["mail", "interview"])
def test_a_title_that_is_somebody_elses_stays(source: str) -> None:
    assert move(structs.replace(LONG, source=source)).title == ""


def test_a_container_goes_along_where_the_record_itself_names_it() -> None:
    mail = structs.replace(LONG, source="mail", container="lin@acme.test")
    assert move(mail, consent=CLOSED).container == "lin@acme.test"
    assert move(mail).container == CONTAINER
    assert move(structs.replace(mail, source="doc"), consent=CLOSED).container == CONTAINER


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_ids_stay_apart_and_pieces_stay_together(one: str, other: str) -> None:
    first, second = (move(structs.replace(LONG, id=id)).id for id in (one, other))
    assert (first == second) == (one == other)
    assert first.startswith("0123456789")
    piece = move(structs.replace(LONG, id=f"{one}#7")).id
    assert piece.endswith("#7")
    assert piece.removesuffix("#7") == move(structs.replace(LONG, id=f"{one}#8")).id.removesuffix("#8")


def test_two_organisations_cannot_put_side_by_side_what_they_were_given() -> None:
    assert move(LONG).id[10:] != move(LONG, key=b"o" * 32).id[10:]
