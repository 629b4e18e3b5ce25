"""What finds facets: shown one episode after the other, asked for the best of it at the end."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from persona_store.distill.model import Facet
from persona_store.distill.reading import Episode


class Finder(Protocol):
    """Memory is bounded whatever it is shown: it keeps the best, and counts."""

    def see(self, episode: Episode) -> None: ...

    def facets(self, now: datetime) -> list[Facet]: ...
