"""What Word, Excel and PowerPoint files have in common: a zip of XML, read without unpacking, macros or links."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from datetime import datetime

from persona_store.errors import Refused
from persona_store.sources.front_matter import moment
from persona_store.sources.members import Limits
from persona_store.sources.paper import Handed, named
from persona_store.sources.xml_events import Event, events
from persona_store.sources.zipped import ZipArchive

LIMITS = Limits(members=5_000, total=256 << 20, ratio=200, ratio_floor=4 << 20)


class Office:
    """An office file in memory. Raises Refused as the archive and its XML do."""

    def __init__(self, handed: Handed) -> None:
        self.name = handed.name
        if handed.raw.startswith(
            b"\xd0\xcf\x11\xe0"
        ):  # the container of a password, and of the formats before 2007
            what = f"{handed.name!r} is locked by a password, or of before 2007"
            raise Refused("OFFICE_LOCKED", what, "save it anew without a password")
        self._zip = ZipArchive(handed.name, LIMITS, file=io.BytesIO(handed.raw))

    @property
    def parts(self) -> list[str]:
        return sorted(self._zip.members)

    def has(self, part: str) -> bool:
        return part in self._zip.members

    def events(self, part: str) -> Iterator[Event]:
        """Nothing for a part that is not there."""
        if part in self._zip.members:
            yield from events(self._zip.chunks(part), f"{self.name}: {part}")

    def targets(self, part: str) -> dict[str, str]:
        """What a part refers to inside the file, by its relation's id; what lies elsewhere is not looked at."""
        folder, _, base = part.rpartition("/")
        found = {}
        for kind, tag, said in self.events(f"{folder}/_rels/{base}.rels".lstrip("/")):
            if kind == "start" and tag == "Relationship" and said.get("TargetMode") != "External":
                target = said.get("Target", "")
                whole = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[said.get("Id", "")] = posixpath.normpath(whole)
        return found

    def said(self) -> tuple[tuple[str, ...], str, datetime | None]:
        """(authors, title, when it was last changed). Who changed it last is one of the authors."""
        values: dict[str, str] = {}
        tag = ""
        for kind, name, _ in self.events("docProps/core.xml"):
            if kind == "text":
                values[tag] = values.get(tag, "") + name
            else:
                tag = name if kind == "start" else ""
        date = moment(values.get("modified", "").strip()) or moment(values.get("created", "").strip())
        creators = values.get("creator", "").split(";")
        return named(*creators, values.get("lastModifiedBy", "")), values.get("title", "").strip()[:200], date
