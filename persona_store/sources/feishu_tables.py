"""Values of Feishu's sheets and bases as rows of words: pure functions.

Cells of sheets: https://open.feishu.cn/document/server-docs/docs/sheets-v3/data-operation/reading-a-single-range
Fields of bases: https://open.feishu.cn/document/server-docs/docs/bitable-v1/app-table-record/bitable-record-data-
structure-overview
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from persona_store.sources.chat_json import Json, string
from persona_store.sources.chat_times import CHINA

DATES = frozenset({5, 1001, 1002})  # a day, when a record was made, when it was last changed
_WORDS = ("name", "full_address", "link")
_DEEPEST = 4


def words(value: Any, depth: int = 0) -> str:
    """A cell: a word, a number, parts of rich text, people, options, files by their names."""
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, int | float):
        return f"{value:.15g}"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and depth < _DEEPEST:
        parts = [words(each, depth + 1) for each in value]
        apart = any(isinstance(each, str) or (isinstance(each, dict) and "text" not in each) for each in value)
        return (", " if apart else "").join(filter(None, parts))
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return str(value["text"])  # with the blanks between it and the next part
    if isinstance(value, dict):
        inner = value.get("value")
        return string(value, *_WORDS) or (words(inner, depth + 1) if depth < _DEEPEST else "")
    return ""


def row(values: Any) -> list[str]:
    return [words(value) for value in values] if isinstance(values, list) else []


def record(fields: Json, columns: Sequence[tuple[str, int]]) -> list[str]:
    """The values of a record in the order of the columns: (name, type)."""
    return [_dated(fields.get(name)) if kind in DATES else words(fields.get(name)) for name, kind in columns]


def _dated(value: Any) -> str:
    """Bases count milliseconds; people wrote a day, mostly."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2.5e14:
        return words(value)
    at = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)).astimezone(CHINA)
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute) == (0, 0) else f"{at:%Y-%m-%d %H:%M}"
