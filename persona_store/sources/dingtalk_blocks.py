"""A DingTalk document's blocks as text in Markdown's way: pure functions.

`GET /v1.0/doc/suites/documents/{docKey}/blocks` lists paragraphs, headings, lists, quotations and tables in order.
Of what it calls unknown (pictures, code, embedded sheets) it tells nothing, and of some lists and tables neither.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.paper import LONGEST_TEXT, place, plain
from persona_store.sources.sheets import lines

_LEVEL = re.compile(r"heading-?([1-6])")
_DEEPEST = 8


def blocks_text(blocks: Iterable[Json]) -> tuple[str, Counter[str]]:
    """(text, what was left out by reason)."""
    said: list[str] = []
    left: Counter[str] = Counter()
    length = 0
    for block in blocks:
        kind = string(block, "blockType")
        inner = block.get(kind)
        words = _written(kind, inner) if isinstance(inner, dict) else ""
        if not words and (kind not in ("paragraph", "heading") or not isinstance(inner, dict)):
            left["embedded"] += 1
        if words:
            said.append(words)
            length += len(words)
        if length > LONGEST_TEXT:
            left["too_long"] += 1
            break
    return "\n\n".join(said), left


def _written(kind: str, inner: Json) -> str:
    if kind == "table":
        return _table(inner)
    words = "".join(_texts(inner, 0)).strip()
    if not words:
        return ""
    if kind == "heading":
        level = _LEVEL.fullmatch(str(inner.get("level", "")))
        return place(words, int(level[1]) if level else 1)
    if kind == "blockquote":
        return "\n".join(f"> {line}" for line in words.split("\n"))
    return {"unorderedList": "- ", "orderedList": "1. "}.get(kind, "") + plain(words)


def _texts(value: Any, depth: int) -> Iterator[str]:
    """What stands in it, its own words first."""
    if isinstance(value, dict) and depth < _DEEPEST:
        text = value.get("text")
        if isinstance(text, str) and text:
            yield text
            return
        for key in ("elements", "children"):
            for each in dicts(value.get(key)):
                yield from _texts(each, depth + 1)


def _table(inner: Json) -> str:
    cells = inner.get("cells")
    rows = [row for row in cells if isinstance(row, list)] if isinstance(cells, list) else []
    return "\n".join(lines([[_cell(cell) for cell in row] for row in rows]))


def _cell(cell: Any) -> str:
    return cell if isinstance(cell, str) else "".join(_texts(cell, 0))
