"""Which files of a folder may be distilled: a distill-protocol declaration holds for its folder and below."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from persona_store.errors import Refused
from persona_store.sources import skill_licence
from persona_store.sources.archive import Archive
from persona_store.sources.jsonsafe import loads

MANIFEST = "manifest.json"
_LOOKED_AT = 1 << 16  # bytes of a declaration


class Leave:
    """`declared` are the files that declare something, which are nobody's documents. Raises Refused SKILL_LICENCE
    if what lies at the top forbids all of it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._forbidden: dict[str, Refused] = {}
        self.declared: set[str] = set()
        for name in archive.members:
            folder, base = name[: name.rfind("/") + 1], name[name.rfind("/") + 1 :].lower()
            if base in (skill_licence.NAME, MANIFEST):
                self._look(folder, base, name)
        if "" in self._forbidden:
            raise self._forbidden[""]

    @property
    def problems(self) -> list[str]:
        """One line for each folder that is left out."""
        return [str(refused) for _, refused in sorted(self._forbidden.items())]

    def forbids(self, name: str) -> bool:
        """Whether a declaration beside it, or in a folder around it, says no."""
        folder = name[: name.rfind("/") + 1]
        return any(folder.startswith(each) for each in self._forbidden)

    def _look(self, folder: str, base: str, name: str) -> None:
        try:
            if base == skill_licence.NAME:
                self.declared.add(name)
                text = self._beginning(name).decode("utf-8", "ignore")
                skill_licence.check_text(text, self._manifest(folder), name)
            else:
                skill_licence.check_manifest(self._manifest(folder), name)
        except Refused as refused:
            self._forbidden[folder] = refused

    def _manifest(self, folder: str) -> Any:
        """None without one. One of this protocol that cannot be read declares all the same, and allows nothing."""
        wanted = next((n for n in self._archive.members if n.lower() == f"{folder}{MANIFEST}".lower()), "")
        if not wanted:
            return None
        beginning = self._beginning(wanted)
        with suppress(Refused):
            if self._archive.members[wanted].size <= _LOOKED_AT:
                return loads(beginning, wanted)
        return {"schema": skill_licence.SCHEMA} if skill_licence.SCHEMA.encode() in beginning else None

    def _beginning(self, name: str) -> bytes:
        raw = b""
        for chunk in self._archive.chunks(name):
            raw += chunk
            if len(raw) >= _LOOKED_AT:
                break
        return raw[:_LOOKED_AT]
