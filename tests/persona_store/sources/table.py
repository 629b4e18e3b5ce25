"""The table in docs/sources.md, from the shapes the tests read: `python -m tests.persona_store.sources.table`.

Counts are of what is read there and then; a row says what must come of that material, and a test compares.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.persona_store.sources import (
    dingtalk_shapes,
    document_shapes,
    feishu_shapes,
    fetch_shapes,
    mail_shapes,
    qq_shapes,
    screenshot_shapes,
    skill_shapes,
    telegram_shapes,
    wechat_shapes,
    wecom_shapes,
)
from tests.persona_store.sources.shapes import Shape, write

SHAPES: tuple[Shape, ...] = (
    *feishu_shapes.SHAPES,
    *dingtalk_shapes.SHAPES,
    *fetch_shapes.SHAPES,
    *wechat_shapes.SHAPES,
    *wecom_shapes.SHAPES,
    *qq_shapes.SHAPES,
    *telegram_shapes.SHAPES,
    *mail_shapes.SHAPES,
    *document_shapes.SHAPES,
    *screenshot_shapes.SHAPES,
    *skill_shapes.SHAPES,
)

PAGE = Path(__file__).parents[3] / "docs" / "sources.md"
BEGIN = "<!-- from here on written by `python -m tests.persona_store.sources.table` -->"
END = "<!-- until here -->"


def table() -> str:
    rows = [
        "| source | shape | own | context | left out | author by | thread by | readers |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*rows, *map(row, SHAPES)])


def row(shape: Shape) -> str:
    with tempfile.TemporaryDirectory() as folder:
        source = shape.open(write(shape, Path(folder)))
        documents = list(source.read())
    own = sum(document.by_subject for document in documents)
    described = sum(document.described for document in documents)
    left_out = ", ".join(f"`{reason}` {count}" for reason, count in sorted(source.dropped.items())) or "–"
    cells = (
        shape.source,
        shape.form,
        own,
        f"{described} described" if described else len(documents) - own,
        left_out,
        shape.author,
        shape.thread,
        shape.readers,
    )
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def renewed(page: str) -> str:
    """The page with the table in its place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
