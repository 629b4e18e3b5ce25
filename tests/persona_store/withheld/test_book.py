"""What is remembered, in a real sealed file: under the key, released by kind, and without a word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from persona_store.distill.book import FacetBook
from persona_store.evidence import EvidenceFile
from persona_store.withheld.book import Note, WithheldBook
from persona_store.withheld.cutting import ITEM, Held, Knife
from persona_store.withheld.hints import hint
from persona_store.withheld.levels import Rule
from tests.persona_store.distill.facets import facet
from tests.persona_store.passages import passage

TEXT = "Never retry a refund by hand, otherwise the bank pays it twice."
KEY = bytes(range(32))


@pytest.fixture
def file(tmp_path: Path) -> Iterator[EvidenceFile]:
    opened = EvidenceFile.open(tmp_path / "lin.db", KEY)
    yield opened
    opened.close()


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def note(file: EvidenceFile, text: str = TEXT, kind: str = "pitfall") -> Note:
    mac = file.sealed.mac
    return Note(kind, Knife(Rule(), {}, mac).mark(text), hint(passage("p", text), Held(text, kind, ""), None, mac))


async def test_the_rule_is_what_was_chosen_last(file: EvidenceFile) -> None:
    book = WithheldBook(file.sealed)
    assert await book.rule() == Rule()
    for level in ("medium", "heavy"):
        await book.choose(Rule({"people": level}, told=True))
    assert await book.rule() == Rule({"people": "heavy"}, told=True)


async def test_marks_and_hints_are_by_kind_and_go_by_kind(file: EvidenceFile) -> None:
    book = WithheldBook(file.sealed)
    await book.note([note(file), note(file, "Ask Mei about the vendor contract.", "people")])
    assert await book.counts() == {"pitfall": 1, "people": 1}
    assert set((await book.marks()).values()) == {"pitfall", "people"}
    await book.release(["people"])
    assert set((await book.marks()).values()) == {"pitfall"}
    assert [each.kind for each in (await book.hints()).all] == ["pitfall"]


async def test_what_was_pointed_at_is_not_released_with_a_category(file: EvidenceFile) -> None:
    """L11: a sentence was a pitfall first, then the subject pointed at it. Narrowing pitfalls leaves it out."""
    book = WithheldBook(file.sealed)
    await book.note([note(file)])
    await book.note([note(file, kind=ITEM)])
    await book.note([note(file)])
    await book.release(["pitfall"])
    assert set((await book.marks()).values()) == {ITEM}


async def test_noting_twice_counts_once(file: EvidenceFile) -> None:
    book = WithheldBook(file.sealed)
    await book.note([note(file)])
    await book.note([note(file)])
    assert await book.counts() == {"pitfall": 1}


async def test_every_change_of_what_is_known_changes_the_version(file: EvidenceFile) -> None:
    book = WithheldBook(file.sealed)
    seen = [await book.version()]
    await book.note([note(file)])
    seen.append(await book.version())
    await book.choose(Rule(told=True))
    seen.append(await book.version())
    await book.release(["pitfall"])
    seen.append(await book.version())
    assert len(set(seen)) == 4


async def test_t04_neither_words_nor_kinds_stand_in_the_file(file: EvidenceFile, tmp_path: Path) -> None:
    book = WithheldBook(file.sealed)
    await book.note([note(file)])
    await book.choose(Rule({"pitfall": "medium"}))
    file.sealed.scrub()
    raw = on_disk(tmp_path)
    assert raw
    assert not any(word in raw for word in (b"refund", b"pitfall", b"medium", b"bank pays"))


async def test_facets_of_an_aspect_go_out_of_every_version(file: EvidenceFile) -> None:
    book, one = FacetBook(file.sealed), passage("p", TEXT)
    await file.add([one])
    kept, gone = facet("answer", one), facet("pitfall", one)
    await book.keep([kept, gone], kept.first)
    await book.keep([gone], kept.first)
    assert await book.keep_back(["pitfall"]) == 1
    assert (await book.portrait(1)).facets == (kept,)
    assert (await book.portrait(2)).facets == ()
