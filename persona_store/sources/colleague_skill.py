"""A skill that was made of somebody elsewhere (同事.skill, its siblings, HybridClaw, any AgentSkills folder), as
the Documents of a persona.

Whoever made it, a model or a colleague, it is what others say of the subject: described, quoted as that, and never
their own words, whatever "you" it is written in. Everybody in the team may read it, as a skill is handed round for
that, and no dialect says otherwise; consent must list `imported_skill`, and may name its slug as the container.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from persona_store import skill
from persona_store.distill.model import Facet
from persona_store.model import Document
from persona_store.sources.archive import Archive, open_archive
from persona_store.sources.documents import checked_encoding
from persona_store.sources.members import Limits
from persona_store.sources.pull import pulled
from persona_store.sources.single import SingleFile
from persona_store.sources.skill_reading import Skill


class ColleagueSkill:
    """Implements Source. Raises Refused SKILL_… where there is no one skill, or its owner forbids it."""

    kind = "imported_skill"

    def __init__(self, path: Path, *, encoding: str = "", limits: Limits | None = None) -> None:
        self._path = Path(path)
        self._encoding = checked_encoding(encoding)
        self._limits = limits
        self._skill: Skill | None = None
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        return (self._skill.done, self._skill.size) if self._skill else (0, 0)

    @property
    def facets(self) -> list[Facet]:
        """What was distilled before it was exported; known once all documents were read."""
        portrait = self._skill.portrait if self._skill else None
        return skill.facets(portrait) if portrait else []

    def documents(self) -> AsyncIterator[Document]:
        return pulled(self.read(), at_once=20)

    def read(self) -> Iterator[Document]:
        """The same, for callers without an event loop. One file is in memory at a time."""
        self.dropped.clear()
        self.problems.clear()
        archive = self._opened()
        try:
            self._skill = Skill(archive, self._path.name, self._encoding, self.dropped, self.problems)
            yield from self._skill.documents()
        finally:
            archive.close()
            self.dropped += Counter()  # leaves out what was counted zero times

    def _opened(self) -> Archive:
        if self._path.is_file() and self._path.name.lower().endswith((".md", ".markdown")):
            return SingleFile(self._path, self._limits or Limits())
        return open_archive(self._path, limits=self._limits, skip_links=True)
