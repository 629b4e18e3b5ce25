"""What is distilled, at rest: versions that hold; nothing that outlives its passages, or returns once struck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from persona_store.distill import book as books
from persona_store.distill.book import FacetBook
from persona_store.distill.model import Facet, Portrait, facet_id
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from tests.persona_store.distill.facets import facet
from tests.persona_store.passages import passage

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ONE, TWO = passage("m1", "never retry a refund"), passage("m2", "we retry three times", minutes=5)
NEVER, THREE = facet("pitfall", ONE), facet("standard", TWO)


def _by_id(*facets: Facet) -> dict[str, Facet]:
    return {facet.id: facet for facet in facets}


def _of(portrait: Portrait) -> dict[str, Facet]:
    return _by_id(*portrait.facets)


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.fixture
def file(tmp_path: Path) -> Iterator[EvidenceFile]:
    file = EvidenceFile.open(tmp_path / "lin.db", b"k" * 32)
    yield file
    file.close()


@pytest.fixture
async def book(file: EvidenceFile) -> FacetBook:
    await file.add([ONE, TWO])
    return FacetBook(file.sealed)


async def test_before_anything_is_distilled_there_is_an_empty_portrait(book: FacetBook) -> None:
    assert (await book.portrait()).version == 0
    assert await book.versions() == []
    with pytest.raises(Refused, match="VERSION_UNKNOWN"):
        await book.portrait(1)


async def test_versions_hold_what_they_held(book: FacetBook) -> None:
    surer = structs.replace(NEVER, confidence=0.9)
    assert (await book.keep([NEVER], NOW)).number == 1
    assert (await book.keep([surer, THREE], NOW, "model")).number == 2
    assert (await book.keep([THREE], NOW)).number == 3
    assert (await book.portrait(1)).facets == (NEVER,)
    assert _of(await book.portrait(2)) == _by_id(surer, THREE)
    assert (await book.portrait()).facets == (THREE,)
    assert [version.how for version in await book.versions()] == ["rules", "model", "rules"]


async def test_the_same_again_is_no_new_version(book: FacetBook) -> None:
    await book.keep([NEVER, THREE], NOW)
    assert (await book.keep([THREE, NEVER], NOW + timedelta(days=1))).number == 1


async def test_a_version_may_be_empty(book: FacetBook) -> None:
    assert (await book.keep([], NOW)).number == 1
    assert (await book.portrait()).version == 1


async def test_rolling_back_makes_a_new_version_equal_to_the_old(book: FacetBook) -> None:
    await book.keep([NEVER], NOW)
    await book.keep([THREE], NOW)
    version = await book.roll_back(1, NOW)
    assert (version.number, version.how, version.of) == (3, "rollback", 1)
    assert (await book.portrait()).facets == (NEVER,)
    assert (await book.portrait(2)).facets == (THREE,)


@pytest.mark.parametrize("how", ["removed", "edited"])
async def test_a_facet_goes_with_its_passage_out_of_every_version(
    book: FacetBook, file: EvidenceFile, how: str
) -> None:
    await book.keep([NEVER, THREE], NOW)
    await book.keep([NEVER], NOW)
    await book.keep_said("a question", b"an answer that quotes it")
    if how == "removed":
        assert await file.remove(["m1"]) == 1
    else:
        await file.add([structs.replace(ONE, text="edited")])
    assert (await book.portrait(1)).facets == (THREE,)
    assert (await book.portrait()).facets == ()
    assert await book.said("a question") is None
    await book.roll_back(1, NOW)
    assert (await book.portrait()).facets == (THREE,)


async def test_what_was_struck_is_gone_and_stays_gone(book: FacetBook) -> None:
    await book.keep([NEVER, THREE], NOW)
    await book.keep([NEVER], NOW)
    assert await book.strike([NEVER.id]) == (NEVER,)
    assert (await book.portrait(1)).facets == (THREE,)
    await book.keep([NEVER, THREE], NOW)
    await book.roll_back(1, NOW)
    assert (await book.portrait()).facets == (THREE,)


@pytest.mark.parametrize(("struck", "again"), [("rules", "model"), ("model", "model"), ("model", "rules")])
async def test_what_was_struck_does_not_come_back_in_other_words(book: FacetBook, struck: str, again: str) -> None:
    first = structs.replace(NEVER, by=struck)
    other = structs.replace(NEVER, by=again, id=facet_id("pitfall", "in other words"), text="refunds: no retries")
    await book.keep([first], NOW)
    await book.strike([first.id])
    await book.keep([other, THREE], NOW)
    assert (await book.portrait()).facets == (THREE,)


async def test_striking_one_rule_leaves_its_neighbour_in_the_same_passage(book: FacetBook) -> None:
    neighbour = structs.replace(NEVER, id=facet_id("pitfall", "m1", "another sentence"))
    await book.keep([NEVER, neighbour], NOW)
    await book.strike([NEVER.id])
    await book.keep([NEVER, neighbour], NOW)
    assert (await book.portrait()).facets == (neighbour,)


async def test_nothing_is_struck_if_one_of_them_is_unknown(book: FacetBook) -> None:
    await book.keep([NEVER, THREE], NOW)
    with pytest.raises(Refused, match="FACET_UNKNOWN"):
        await book.strike([NEVER.id, "nothing"])
    assert _of(await book.portrait()) == _by_id(NEVER, THREE)


async def test_old_versions_are_forgotten_with_their_words(
    book: FacetBook, file: EvidenceFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "KEPT", 2)
    for facets in ([NEVER], [THREE], [NEVER, THREE], [THREE]):
        await book.keep(facets, NOW)
    assert [version.number for version in await book.versions()] == [3, 4]
    with pytest.raises(Refused, match="there are 3 to 4"):
        await book.portrait(2)
    assert _of(await book.portrait(3)) == _by_id(NEVER, THREE)
    assert file.sealed.one("SELECT count(*) FROM facet") == 2
    assert file.sealed.one("SELECT count(*) FROM cited") == 2


async def test_nothing_of_it_can_be_read_on_disk(book: FacetBook, tmp_path: Path) -> None:
    canary = structs.replace(NEVER, topic="kanarienvogel-7361", text="kanarienvogel-7361")
    await book.keep([canary], NOW)
    await book.keep_said("kanarienvogel-7361", b"kanarienvogel-7361")
    raw = on_disk(tmp_path)
    assert len(raw) > 1000
    assert b"kanarienvogel" not in raw


async def test_what_a_model_said_is_asked_once(book: FacetBook) -> None:
    assert await book.said("q") is None
    await book.keep_said("q", b"a")
    await book.keep_said("q", b"b")
    assert await book.said("q") == b"b"


async def test_what_went_while_it_was_distilled_is_not_kept(book: FacetBook, file: EvidenceFile) -> None:
    """Distilling takes minutes, and the Subject withholds a passage or edits it meanwhile."""
    both = facet("decision", ONE, TWO, id="both")
    await file.remove([ONE.id])
    await file.add([structs.replace(TWO, text="we retry twice")])
    version = await book.keep([NEVER, THREE, both, facet("standard", structs.replace(TWO, text="twice"))], NOW)
    assert [each.text for each in (await book.portrait(version.number)).facets] == ["twice"]
