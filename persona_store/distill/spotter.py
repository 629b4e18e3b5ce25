"""One of the parts of `ByRules`: it looks at episodes that were cut to sentences once, for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from persona_store.distill.candidates import Best, Candidate
from persona_store.distill.colleagues import Colleagues
from persona_store.distill.scene import Scene
from persona_store.distill.vocabulary import Vocabulary


class Known(Protocol):
    """What is known at the end, when everything was seen."""

    @property
    def vocabulary(self) -> Vocabulary: ...
    @property
    def colleagues(self) -> Colleagues: ...


class Spotter(Protocol):
    def see(self, scene: Scene, best: Best) -> None:
        """Put what the scene shows into `best`."""

    def ended(self, known: Known) -> Iterable[Candidate]:
        """What only the whole shows: counts over episodes."""
