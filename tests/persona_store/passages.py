"""Passages for tests: only what a test is about needs to be said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from persona_store.model import Passage

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def passage(id: str, text: str, *, own: bool = True, minutes: int = 0, thread: str = "", **more: Any) -> Passage:
    fields: dict[str, Any] = {
        "source": "slack_export",
        "container": "C1",
        "container_name": "pay",
        "thread": thread or id,
        "author": "slack:U1" if own else "slack:U2",
        "author_name": "Lin" if own else "Bo",
        "by_subject": own,
        "at": START + timedelta(minutes=minutes),
    }
    return Passage(id=id, text=text, **(fields | more))


def correction(id: str, question: str, text: str, *, days: int = 1, **more: Any) -> Passage:
    return passage(id, text, own=False, source="correction", question=question, minutes=days * 1440, **more)
