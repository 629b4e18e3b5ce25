"""JSON that somebody else wrote → a plain object. Pure, and never an accident."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def read(raw: bytes | str) -> Json | None:
    """None for what is no object. Half characters (`\\ud800`), which JSON can write and no store can keep, become
    question marks."""
    try:
        given = json.loads(raw)
        if isinstance(given, dict) and "\\ud" in (raw if isinstance(raw, str) else raw.decode()).lower():
            given = json.loads(json.dumps(given, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None
