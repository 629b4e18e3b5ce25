"""Every shape of every source, message by message: text, author, whose words, time, thread, readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.persona_store.sources.shapes import Shape, seen, write
from tests.persona_store.sources.table import BEGIN, END, PAGE, SHAPES, renewed


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_every_message_of_a_shape_is_recovered_and_attributed(shape: Shape, tmp_path: Path) -> None:
    source = shape.open(write(shape, tmp_path))
    assert tuple(map(seen, source.read())) == shape.items
    assert dict(source.dropped) == dict(shape.left_out)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_reading_a_shape_again_gives_the_same(shape: Shape, tmp_path: Path) -> None:
    """Ids that a message does not bring are made, and made the same each time: an import can be repeated."""
    path = write(shape, tmp_path)
    source = shape.open(path)
    first, left_out = list(source.read()), dict(source.dropped)
    assert (list(source.read()), dict(source.dropped)) == (first, left_out)
    assert list(shape.open(path).read()) == first
    assert len({document.id for document in first}) == len(first)


def test_the_table_in_the_docs_is_what_the_tests_read() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    assert renewed(page) == page, "run `python -m tests.persona_store.sources.table`"
