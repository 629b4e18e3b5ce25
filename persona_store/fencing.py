"""What strangers wrote, between marks in a prompt: data that cannot end its own fence. Pure."""

from __future__ import annotations

import re


def fence(name: str, text: str) -> str:
    """`<name>` round a text in which nothing reads like that mark any more."""
    return f"<{name}>\n{unmarked(name, text)}\n</{name}>"


def unmarked(name: str, text: str) -> str:
    return re.sub(rf"<(/?)\s*{name}", rf"‹\1{name}", text, flags=re.IGNORECASE)
