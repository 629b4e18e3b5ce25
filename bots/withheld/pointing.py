"""What somebody points at when they want one thing kept back: a citation's link, a source's id, a file's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from persona_store.model import Passage

_LINK = re.compile(r"/archives/([^/\s]+)/p(\d{7,17})")  # how Slack, and our citations, point at a message


def pointed_at(wanted: Sequence[str]) -> Callable[[Passage], bool]:
    """Whether a passage is one of those."""

    def meant(passage: Passage) -> bool:
        return any(_meant(passage, each.strip().strip("<>")) for each in wanted)

    return meant


def _meant(passage: Passage, wanted: str) -> bool:
    if link := _LINK.search(wanted):
        ts = link[2]
        at = datetime.fromtimestamp(int(ts[:10]) + int(ts[10:].ljust(6, "0")) / 1e6, UTC)
        return passage.container == link[1] and abs((passage.at - at).total_seconds()) < 0.001
    return wanted in (passage.id, passage.id.partition("#")[0])
