"""Looking into JSON of which nothing is sure: pure functions that never raise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from persona_store.errors import Refused
from persona_store.sources.jsonsafe import loads

Json = dict[str, Any]


def string(item: Any, *keys: str) -> str:
    """The first of these that is a string with something in it, trimmed; else ""."""
    if isinstance(item, dict):
        for key in keys:
            value = item.get(key)
            if isinstance(value, str) and (value := value.strip()):
                return value
    return ""


def word(item: Any, *keys: str) -> str:
    """The same, for what some write as a number: ids and flags. `true` is "1"."""
    if isinstance(item, dict):
        for key in keys:
            value = item.get(key)
            if isinstance(value, bool):
                return "1" if value else "0"
            if isinstance(value, int):
                return str(value)
            if isinstance(value, str) and (value := value.strip()):
                return value
    return ""


def dicts(value: Any) -> Iterator[Json]:
    """The objects of a list; nothing of anything else."""
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def decoded(content: Any) -> Any:
    """A string that is JSON is taken for what it says: platforms put contents into strings."""
    if not isinstance(content, str) or content[:1] not in ("{", "["):
        return content
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        pass
    try:
        return loads(content.encode(errors="replace"), "content")  # half a surrogate is replaced there
    except Refused:
        return content
