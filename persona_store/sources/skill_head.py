"""What a skill says of itself: the front matter of its Markdown files, and JSON beside them.

Front matter calls itself YAML and seldom is: names with underscores, descriptions with unquoted colons, keys of
every host. It is read line by line without a YAML library, so that nothing can be built from it: an anchor, a tag
or an alias is text like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from persona_store.sources.front_matter import moment

MOST_LINES = 200
LONGEST = 2_000  # characters of one value

_BLOCK = ("|", ">", "|-", ">-", "|+", ">+")


def split(text: str) -> tuple[dict[str, str], str]:
    """(its values, the Markdown below). A key below another is `metadata.author`; the first of two equal keys
    counts. Without an end there is no front matter."""
    lines = text.lstrip("\ufeff \t\n").split("\n")
    if lines[0].rstrip() != "---":
        return {}, text
    marks = (place for place, line in enumerate(lines[1 : MOST_LINES + 2], 1) if line.rstrip() in ("---", "..."))
    end = next(marks, 0)
    return (_values(lines[1:end]), "\n".join(lines[end + 1 :])) if end else ({}, text)


def _values(lines: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    above: list[tuple[int, str]] = []  # (indent, key) of the maps and blocks that are open
    block = ""
    for line in lines:
        indent = len(line) - len(line.lstrip(" \t"))
        if block and (indent > above[-1][0] or not line.strip()):
            values[block] = f"{values[block]} {line.strip()}".strip()[:LONGEST]
            continue
        block = ""
        key, colon, value = line.strip().partition(":")
        if not colon or key.startswith(("#", "- ")):
            continue
        above = [(depth, name) for depth, name in above if depth < indent]
        above.append((indent, _bare(key).lower()[:100]))
        path = ".".join(name for _, name in above)
        if value.strip() in _BLOCK:
            block = path
        values.setdefault(path, "" if block else _bare(value)[:LONGEST])
    return values


def _bare(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def words(data: Any, *paths: str) -> str:
    """The first of these values that is text, on one line: `lifecycle.updated_at`. Anything else there is none."""
    for path in paths:
        value = data
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:200]
    return ""


def listed(data: Any, *paths: str) -> Iterator[str]:
    """The texts in these lists, or the text itself where somebody wrote one instead of a list."""
    for path in paths:
        value = data
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and item.strip():
                yield " ".join(item.split())[:200]


def dated(*written: str) -> datetime | None:
    """The first of these that is a time."""
    return next((at for at in map(moment, written) if at), None)
