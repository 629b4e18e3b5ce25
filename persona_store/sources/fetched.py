"""Pages of an API as an Archive, so that what was fetched is read by the same reader as what was saved."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from persona_store.sources.members import Member

_NOTED = datetime(1970, 1, 1, tzinfo=UTC)  # nobody asks when a page was saved


class Fetched:
    """Pages in memory. Nothing is laid down on disk where consent could not reach it; they are packed, since pages
    of messages shrink to about a tenth."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.holds_archives = False
        self.skipped_links = 0
        self._packed: dict[str, bytes] = {}

    def add(self, name: str, page: Mapping[str, Any]) -> None:
        """`name` ends in .json and is new."""
        raw = msgspec.json.encode(page)
        self.members[name] = Member(name, len(raw), _NOTED)
        self._packed[name] = zlib.compress(raw, 1)

    def chunks(self, name: str) -> Iterator[bytes]:
        yield zlib.decompress(self._packed[name])

    def close(self) -> None:
        """It may be read again."""
