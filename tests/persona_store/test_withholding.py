"""The shelf an importer writes to: what is kept back does not come in, in whatever form it comes again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from persona_store.backends import open_store
from persona_store.clock import ManualClock
from persona_store.evidence import EvidenceFile
from persona_store.protocols import Batch
from persona_store.withheld.book import WithheldBook
from persona_store.withheld.levels import Rule
from persona_store.withholding import hashes, kept_back, shelf_of
from tests.persona_store.passages import START, passage

PITFALL = "Never retry a refund by hand, otherwise the bank pays it twice."
QUEUE = "Refunds go to the refund-slow queue."


@pytest.fixture
def file(tmp_path: Path) -> Iterator[EvidenceFile]:
    opened = EvidenceFile.open(tmp_path / "lin.db", bytes(32))
    yield opened
    opened.close()


async def brought(file: EvidenceFile, tmp_path: Path, *passages: object, ids: tuple[str, ...] = ()) -> int:
    """Imported through the shelf; how many passages were left out or shortened."""
    store = await open_store(f"sqlite:///{tmp_path / 'store.db'}", clock=ManualClock(START))
    try:
        await store.commit(Batch(puts=kept_back("lin", ids)))
        assert len(await hashes(store, "lin")) == len(set(ids))
        shelf = await shelf_of(store, "lin", file)
        await shelf.add(passages)
        return shelf.held
    finally:
        await store.close()


async def ruled(file: EvidenceFile) -> None:
    await WithheldBook(file.sealed).choose(Rule({"pitfall": "medium"}))


async def test_without_a_rule_everything_comes_in(file: EvidenceFile, tmp_path: Path) -> None:
    one = passage("a", PITFALL)
    assert await brought(file, tmp_path, one) == 0
    assert await file.all() == [one]


async def test_l11_an_id_that_was_kept_back_stays_out(file: EvidenceFile, tmp_path: Path) -> None:
    assert await brought(file, tmp_path, passage("a", QUEUE), passage("b", QUEUE), ids=("a",)) == 1
    assert [each.id for each in await file.all()] == ["b"]


async def test_t04_new_material_is_held_to_the_standing_rule(file: EvidenceFile, tmp_path: Path) -> None:
    await ruled(file)
    whole, part, other = passage("a", PITFALL), passage("b", f"{QUEUE} {PITFALL}"), passage("c", QUEUE)
    assert await brought(file, tmp_path, whole, part, other) == 2
    assert {each.id: each.text for each in await file.all()} == {"b": f"{QUEUE} […]", "c": QUEUE}
    assert await WithheldBook(file.sealed).counts() == {"pitfall": 2}


async def test_l11_the_same_import_three_times_is_the_same(file: EvidenceFile, tmp_path: Path) -> None:
    await ruled(file)
    there = [passage("a", f"{QUEUE} {PITFALL}"), passage("b", PITFALL)]
    for _ in range(3):
        await brought(file, tmp_path, *there)
    assert [each.text for each in await file.all()] == [f"{QUEUE} […]"]
    assert await WithheldBook(file.sealed).counts() == {"pitfall": 2}


async def test_an_edited_message_that_now_says_it_goes(file: EvidenceFile, tmp_path: Path) -> None:
    """The earlier wording stood there before; it must not stay behind as if it were what is said now."""
    await brought(file, tmp_path, passage("a", QUEUE))
    await ruled(file)
    await brought(file, tmp_path, passage("a", PITFALL))
    assert await file.all() == []


async def test_what_was_kept_back_by_an_older_rule_stays_out_by_its_words(
    file: EvidenceFile, tmp_path: Path
) -> None:
    """Cues change between versions of the program; what the subject kept back does not come back by that. Only
    releasing does it."""
    await ruled(file)
    await brought(file, tmp_path, passage("a", PITFALL))
    book = WithheldBook(file.sealed)
    await book.choose(Rule())
    await brought(file, tmp_path, passage("z", f"{QUEUE} {PITFALL}"))
    assert PITFALL not in str(await file.all())
    await book.release(["pitfall"])
    await brought(file, tmp_path, passage("z", f"{QUEUE} {PITFALL}"))
    assert PITFALL in str(await file.all())


async def test_a_quotation_that_comes_in_with_it_is_taken_out_of_others_words(
    file: EvidenceFile, tmp_path: Path
) -> None:
    await ruled(file)
    quoting = passage("q", f"> {PITFALL}\nis that still so for Lisbon?", own=False, minutes=9)
    await brought(file, tmp_path, passage("a", PITFALL), quoting)
    [left] = await file.all()
    assert (left.id, PITFALL in left.text) == ("q", False)
