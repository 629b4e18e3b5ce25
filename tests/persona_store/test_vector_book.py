"""Vectors at rest: sealed, and gone with their passage whoever removes it and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.vector_book import VectorBook
from tests.persona_store.passages import passage

KEY = bytes(range(32))
ONE, TWO = passage("a", "one"), passage("b", "two")
PACKED = b"kanarienvogel" * 10


@pytest.fixture
def file(tmp_path: Path) -> EvidenceFile:
    return EvidenceFile.open(tmp_path / "lin.db", KEY)


async def kept(book: VectorBook) -> list[bytes]:
    return [packed for _, _, packed in await book.since(0)]


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_a_vector_goes_with_its_passage(file: EvidenceFile) -> None:
    book = VectorBook(file.sealed, "m 384")
    await file.add([ONE, TWO])
    assert await book.keep([(ONE, b"1" * 20), (TWO, b"2" * 20)]) == 2
    await file.remove(["a"])
    assert await kept(book) == [b"2" * 20]


async def test_and_when_its_words_change(file: EvidenceFile) -> None:
    book = VectorBook(file.sealed, "m 384")
    await file.add([ONE])
    await book.keep([(ONE, PACKED)])
    await file.add([passage("a", "other words")])
    assert await kept(book) == []


async def test_one_made_of_words_that_changed_meanwhile_is_not_kept(file: EvidenceFile) -> None:
    """Making one takes seconds, and erasures do not wait."""
    book = VectorBook(file.sealed, "m 384")
    await file.add([ONE, TWO])
    await file.add([passage("a", "other words")])
    await file.remove(["b"])
    assert await book.keep([(ONE, PACKED), (TWO, PACKED)]) == 0
    assert await kept(book) == []


async def test_nothing_of_it_can_be_read_without_the_key(file: EvidenceFile, tmp_path: Path) -> None:
    book = VectorBook(file.sealed, "the model's name")
    await file.add([ONE])
    await book.keep([(ONE, PACKED)])
    raw = on_disk(tmp_path)
    assert b"kanarienvogel" not in raw
    assert b"model's name" not in raw
    file.close()
    with pytest.raises(Refused, match="KEY_WRONG"):
        EvidenceFile.open(tmp_path / "lin.db", bytes(32))


async def test_a_vector_does_not_open_in_anothers_place(file: EvidenceFile) -> None:
    book = VectorBook(file.sealed, "m 384")
    await file.add([ONE, TWO])
    await book.keep([(ONE, b"1" * 20), (TWO, b"2" * 20)])
    rows = {id: file.sealed.row(id) for id in "ab"}
    sealed = file.sealed.one("SELECT sealed FROM vector WHERE row=?", rows["a"])
    file.sealed.rows("UPDATE vector SET sealed=? WHERE row=?", sealed, rows["b"])
    with pytest.raises(Refused, match="KEY_WRONG"):
        await book.since(0)


async def test_vectors_of_another_model_are_not_seen_and_then_removed(file: EvidenceFile) -> None:
    old, new = VectorBook(file.sealed, "m 384"), VectorBook(file.sealed, "m 512")
    await file.add([ONE, TWO])
    await old.keep([(ONE, PACKED)])
    await new.keep([(TWO, b"2" * 20)])
    assert await kept(new) == [b"2" * 20]
    assert await new.only_ours() == 1
    assert await kept(old) == []
    assert await kept(new) == [b"2" * 20]
    assert await new.only_ours() == 0


async def test_it_is_behind_after_every_change_and_under_another_consent(file: EvidenceFile) -> None:
    book = VectorBook(file.sealed, "m 384")
    await file.add([ONE])
    assert await book.behind("r1")
    await book.caught_up("r1")
    assert not await book.behind("r1")
    assert await book.behind("r2")
    assert await VectorBook(file.sealed, "m 512").behind("r1")
    await file.add([passage("a", "other words")])
    assert await book.behind("r1")
