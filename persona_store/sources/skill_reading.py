"""One skill in an opened archive, read file by file: what it says of itself first, then its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from persona_store import skill
from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.skill import SkillPortrait
from persona_store.sources import hybridclaw, skill_folder, skill_licence
from persona_store.sources.archive import Archive, read
from persona_store.sources.jsonsafe import loads
from persona_store.sources.judgements import judged
from persona_store.sources.paper import Handed
from persona_store.sources.skill_about import Metadata, about, author, labels
from persona_store.sources.skill_folder import Role
from persona_store.sources.skill_head import dated, split
from persona_store.sources.skill_parts import sort
from persona_store.sources.skill_titles import WORK, Mode
from persona_store.sources.texts import decoded

LONGEST = 2 << 20  # bytes of a Markdown file
LONGEST_DATA = 8 << 20  # bytes of a JSON file
LOOKED_AT = 1 << 16  # bytes of a SKILL.md that tell its dialect

_PART_A = frozenset(["work.md", "self.md", "memory.md"])
_PART_B = frozenset(["persona.md"])


class Skill:
    """Found and looked at when it is made, which raises Refused SKILL_…; `left` and `problems` are told what is
    left out. `done` of `size` bytes are read."""

    def __init__(
        self, archive: Archive, called: str, encoding: str, left: Counter[str], problems: list[str]
    ) -> None:
        self._archive, self._encoding = archive, encoding
        self._left, self._problems = left, problems
        found = skill_folder.find(archive.members, self._beginning)
        self._root, self._dialect = found.root, found.dialect
        self._check_leave()
        self._files = sorted(name for name in archive.members if name.startswith(self._root))
        self._beside = frozenset(self._path(name).lower() for name in self._files)
        metadata = self._metadata()
        folder = self._root.rstrip("/").rpartition("/")[2] or called.removesuffix(".zip")
        self._about = about(metadata, folder)
        left.update(labels(metadata))
        for name in archive.members:
            if not name.startswith(self._root):
                left[_outside(name, found.set_aside)] += 1
        left["ARCHIVE_LINK"] += archive.skipped_links
        self.portrait: SkillPortrait | None = None
        self.done, self.size = 0, sum(archive.members[name].size for name in self._files)

    def _path(self, name: str) -> str:
        return name.removeprefix(self._root)

    # -------------------------------------------------------------- what it says of itself

    def _check_leave(self) -> None:
        """A declaration in the skill's folder, in one around it or in one inside counts for all of it."""
        for name in self._archive.members:
            folder = name[: name.rfind("/") + 1]
            if not folder.startswith(self._root) and not self._root.startswith(folder):
                continue
            base = name.removeprefix(folder).lower()
            if base == skill_licence.NAME:
                manifest = self._data(f"{folder}manifest.json")
                skill_licence.check_text(self._beginning(name), manifest, name)
            elif base == "manifest.json":
                manifest = self._data(name)
                if manifest is None and skill_licence.SCHEMA in self._beginning(name):
                    manifest = {"schema": skill_licence.SCHEMA}  # it declares something, and that cannot be read
                skill_licence.check_manifest(manifest, name)
            elif base == "consent.json":
                hybridclaw.check_consent(self._data(name))

    def _metadata(self) -> Metadata:
        named = {self._path(name).lower(): name for name in self._files}
        files = ("meta.json", "subject.json", "manifest.json")
        meta, subject, manifest = (self._data(named.get(name, "")) for name in files)
        head = split(self._beginning(named["skill.md"]))[0] if "skill.md" in named else {}
        return Metadata(meta, subject, manifest, head)

    def _data(self, name: str) -> Any:
        """The JSON in a file; None without it, and where it cannot be read."""
        if name not in self._archive.members:
            return None
        try:
            return loads(read(self._archive, name, at_most=LONGEST_DATA), name)
        except Refused as refused:
            self._tell(refused)
            return None

    def _beginning(self, name: str) -> str:
        """For a look at what it is; what cannot be decoded is not looked at."""
        raw = b""
        for chunk in self._archive.chunks(name):
            raw += chunk
            if len(raw) >= LOOKED_AT:
                break
        return raw[:LOOKED_AT].decode("utf-8", "ignore").replace("\r\n", "\n").replace("\r", "\n")

    def _tell(self, refused: Refused) -> None:
        if str(refused) not in self._problems:  # a file that is looked at twice is still one file
            self._left[refused.code] += 1
            self._problems.append(str(refused))

    # -------------------------------------------------------------- its texts

    def documents(self) -> Iterator[Document]:
        """Our own export says the same to machines, exactly; what it was rendered to is then not read again."""
        self.portrait = self._portrait()
        if self.portrait is None:
            yield from self._texts()
            return
        told = 0
        for document in skill.documents(self.portrait):
            told += 1
            yield document
        self._left["empty"] += not told
        self._left["rendered"] += sum(not name.lower().endswith(".json") for name in self._files)
        self.done = self.size

    def _portrait(self) -> SkillPortrait | None:
        name = self._root + skill.PLACE
        if name not in self._archive.members:
            return None
        try:
            return skill.decode(read(self._archive, name, at_most=skill.LARGEST))
        except Refused as refused:
            self._tell(refused)
            return None

    def _texts(self) -> Iterator[Document]:
        claimed = False
        if self._dialect == "hybridclaw":
            for document in self._claims():
                claimed = True
                yield document
        raw: list[str] = []
        for name in self._files:
            path = self._path(name)
            role = self._role(path, claimed=claimed)
            try:
                if role.mode:
                    yield from self._markdown(name, role.mode)
                elif path.lower().endswith("corpus/documents.jsonl"):
                    yield from self._corpus(name)
                elif role.left:
                    self._left[role.left] += 1
                    raw += [path] if role.left == "raw_material" else []
            except Refused as refused:  # one bad file must not cost the others
                self._tell(refused)
            finally:
                self.done += self._archive.members[name].size
        for folder, kind in skill_folder.importers(raw):
            what = f"{folder[-80:] or '.'!r} is raw material, whose authors and readers a skill does not tell"
            self._problems.append(f"{what} · `understudy import {kind}` reads it right")

    def _role(self, path: str, *, claimed: bool) -> Role:
        if claimed and _base(path) in skill_folder.FROM_CLAIMS:
            return Role(left="rendered")
        mode = self._about.modes.get(path.lower())
        return Role(mode) if mode else skill_folder.role(path, self._beside, self._dialect)

    def _markdown(self, name: str, mode: Mode) -> Iterator[Document]:
        modified = self._archive.members[name].modified
        raw = read(self._archive, name, at_most=LONGEST)
        head, body = split(decoded(Handed(raw, name, modified, self._encoding, lambda _: False)))
        without = ""
        if self._dialect == "colleague" and self._path(name).lower() == "skill.md":
            mode = "portrait" if skill_folder.has_parts(body) else "whole"
            without = "a" * bool(self._beside & _PART_A) + "b" * bool(self._beside & _PART_B)
        at = self._about.at or dated(head.get("updated", ""), head.get("date", "")) or modified
        for document in self._sorted(body, mode, self._path(name), at, without):
            yield replace(document, author_name=document.author_name or author(head))

    def _sorted(
        self, body: str, mode: Mode, path: str, at: datetime, without: str = "", title: str = ""
    ) -> Iterator[Document]:
        """One Document for each facet. An id begins with the skill's, so that it is never that of a `work.md` which
        was imported as the subject's own."""
        found = sort(body, mode, without=without)
        self._left.update(found.left)
        self._left["hidden_text"] += found.hidden
        if not found.texts and not found.left:
            self._left["empty"] += 1
        for facet, text in sorted(found.texts.items()):
            ident = f"skill:{self._about.slug}/{path}" + ("" if facet == WORK else f"/{facet}")
            yield Document(
                id=ident,
                source="imported_skill",
                container=self._about.slug,
                container_name=self._about.name,
                thread=ident,
                author="",
                author_name=self._about.author,
                by_subject=False,
                at=at,
                text=text,
                title=title,
                facet=facet,
            )

    # -------------------------------------------------------------- HybridClaw

    def _claims(self) -> Iterator[Document]:
        """Those of the newest state, or of an extraction where there is no state; and the work module, where it was
        not rendered as a skill."""
        told, rendered = False, any(self._path(name).lower().endswith("skill.md") for name in self._files)
        for base in ("state.json", "extraction.json"):
            name = next((name for name in reversed(self._files) if _base(name) == base), "")
            data = self._data(name)
            if data is None:
                continue
            at = self._about.at or self._modified(name)
            markdown, left = hybridclaw.claims(data)
            if markdown and not told:
                told = True
                self._left.update(left)
                yield from self._sorted(markdown, "memory", self._path(name), at)
            module = hybridclaw.work(data)
            if module and not rendered:
                rendered = True
                yield from self._sorted(module, "work", f"{self._path(name)}/work", at)

    def _corpus(self, name: str) -> Iterator[Document]:
        folder = self._path(name).rpartition("/")[0]
        for told in hybridclaw.corpus(self._archive.chunks(name), name, self._left):
            at = dated(*told.times) or self._about.at or self._modified(name)
            title = "" if judged(told.title, portrait=True) else told.title
            yield from self._sorted(told.text, "whole", f"{folder}/{told.id}", at, title=title)

    def _modified(self, name: str) -> datetime:
        return self._archive.members[name].modified


def _outside(name: str, set_aside: str) -> str:
    """Why a file that is no part of the skill is left out."""
    if skill_folder.is_private(name):
        return "private_backup"
    return "set_aside" if set_aside and name.startswith(set_aside) else "outside_skill"


def _base(name: str) -> str:
    return name.lower().rpartition("/")[2]
