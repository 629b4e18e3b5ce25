"""The few lines of metadata that may stand at the top of a Markdown file, between two `---`.

Read without a YAML library: only `key: value` and lists of plain words mean anything here, so nothing else is
parsed and nothing can be built from it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec import Struct


class FrontMatter(Struct, frozen=True):
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""  # as written; "" if it says nothing


def split(text: str) -> tuple[FrontMatter, str]:
    """(what it says, the text below it). A file without front matter is all text."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return FrontMatter(), text
    end = next((place for place, line in enumerate(lines[1:100], start=1) if line.rstrip() in ("---", "...")), 0)
    if not end:
        return FrontMatter(), text
    values = _values(lines[1:end])
    authors = values.get("author", []) + values.get("authors", [])
    first = {key: found[0] for key, found in values.items() if found}
    said = FrontMatter(first.get("title", ""), tuple(author for author in authors if author), first.get("date", ""))
    return said, "\n".join(lines[end + 1 :])


def _values(lines: list[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        if line.startswith(("- ", "  - ", "\t- ")) and key:
            values[key].append(_bare(line.strip()[2:]))
            continue
        name, colon, value = line.partition(":")
        if not colon or line[:1].isspace():
            continue
        key, value = name.strip().lower(), value.strip()
        listed = value[1:-1].split(",") if value.startswith("[") and value.endswith("]") else [value]
        values[key] = [_bare(item) for item in listed if item.strip()]
    return values


def _bare(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def moment(written: str) -> datetime | None:
    """ISO 8601, a day or a time; without a zone it is UTC. None if it is neither."""
    try:
        if len(written) == 10:
            day = date.fromisoformat(written)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        at = datetime.fromisoformat(written)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
