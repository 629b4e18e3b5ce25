"""Where in a folder the skill is, and what each of its files is for. Pure: names in, roles out.

Whoever shares a skill shares what grew around it: former versions, the raw material, the generator's prompts, the
same person washed (`_cleaned`) beside the original. One persona is one person, so a folder of several people's
skills is refused with their names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.sources.skill_titles import Mode

Dialect = Literal["colleague", "hybridclaw", "skill"]

_PERSON = frozenset(
    ["work.md", "persona.md", "self.md", "procedure.md", "persona_examples.md", "work_skill.md", "persona_skill.md"]
)
_PARTS = re.compile(r"(?m)^#{1,3}\s*part\s*[ab]\b", re.IGNORECASE)
_CLEANED = re.compile(r"[._-](?:cleaned|sanitized)$", re.IGNORECASE)
_WASHED = tuple(f"{join}{word}" for join in "._-" for word in ("cleaned", "sanitized"))
_CLEANED_FILE = re.compile(r"[._-](?:cleaned|sanitized)\.md$")
_INSIDE = frozenset(
    ["versions", "knowledge", "memories", "corpus", "references", "prompts", "private", "runtime", "reviews"]
)
"""Folders of a skill in which no skill of its own begins."""
SHOWN = 8  # names in the refusal of several


class Found(Struct, frozen=True):
    """A skill: the folder it stands in ("" or ending in "/"), and its dialect. `set_aside` is the folder of the
    same person before it was cleaned."""

    root: str
    dialect: Dialect
    set_aside: str = ""


class Role(Struct, frozen=True):
    """What a file of a skill is: to be read as text of some mode, as data, or left out for a reason."""

    mode: Mode | None = None
    left: str = ""  # a reason; "" with no mode = looked at by somebody else (metadata)


def find(names: Iterable[str], text: Callable[[str], str]) -> Found:
    """`text` gives the beginning of a file. Raises Refused SKILL_NONE, or SKILL_SEVERAL with the names."""
    folders: dict[str, dict[str, str]] = {}
    for name in names:
        folder, slash, base = name.rpartition("/")
        folders.setdefault(folder + slash, {})[base.lower()] = name
    ours: dict[str, Dialect] = {}
    for root, files in folders.items():
        dialect = _dialect(root, files, text)
        if dialect:
            ours[root] = dialect
    roots = _outermost(root for root, dialect in ours.items() if dialect != "skill") or _outermost(ours)
    washed = {root: original for root in roots if (original := _original(root)) in roots}
    roots = [root for root in roots if root not in washed.values()]
    if not roots:
        what = "there is no skill in it: no SKILL.md, work.md, persona.md or subject.json"
        raise Refused("SKILL_NONE", what, "give the folder of one skill, or a zip of it")
    if len(roots) > 1:
        shown = ", ".join(root.rstrip("/")[-60:] or "." for root in roots[:SHOWN])
        what = f"it holds {len(roots)} skills: {shown}{' …' if len(roots) > SHOWN else ''}"
        raise Refused("SKILL_SEVERAL", what, "a persona is one person: give the folder of one of them")
    return Found(roots[0], ours[roots[0]], washed.get(roots[0], ""))


def _dialect(root: str, files: Mapping[str, str], text: Callable[[str], str]) -> Dialect | None:
    if _INSIDE.intersection(root.lower().split("/")):
        return None
    if "subject.json" in files or {"identity.md", "soul.md"} <= files.keys():
        return "hybridclaw"
    if _PERSON & files.keys():
        return "colleague"
    if "skill.md" in files:
        return "colleague" if has_parts(text(files["skill.md"])) else "skill"
    return None


def has_parts(markdown: str) -> bool:
    """Whether a SKILL.md is put together from PART A and PART B (colleague-skill and its siblings)."""
    return _PARTS.search(markdown) is not None


def _outermost(roots: Iterable[str]) -> list[str]:
    """Without those that stand inside another: HybridClaw's playbook is part of its bundle."""
    found: list[str] = []
    for root in sorted(roots):
        if not any(root.startswith(other) for other in found):
            found.append(root)
    return found


def _original(root: str) -> str:
    """`li_cleaned/` → `li/`."""
    name = root.rstrip("/")
    return f"{_CLEANED.sub('', name)}/" if _CLEANED.search(name) else "-"


_MODES: dict[str, Mode] = {
    "work.md": "work",
    "work_skill.md": "work",
    "procedure.md": "work",  # immortal-skill
    "persona.md": "portrait",
    "persona_skill.md": "portrait",
    "personality.md": "portrait",
    "interaction.md": "portrait",
    "persona_examples.md": "portrait",  # WeClone-Skills
    "self.md": "memory",  # yourself-skill
    "memory.md": "memory",  # ex-skill, immortal-skill, HybridClaw
    "profile.md": "memory",
    "soul.md": "portrait",
    "cv.md": "memory",
}
FROM_CLAIMS = frozenset(["soul.md", "memory.md", "cv.md"])
"""What HybridClaw renders anew from its claims, where those are there."""
_RENDERED = {"work_skill.md": "work.md", "persona_skill.md": "persona.md"}  # the same again, as a skill of its own
_ORDERS = frozenset(["guardrails.md", "agents.md", "claude.md", "soul_prompt.md"])
_ABOUT_OTHERS = frozenset(["user.md", "identity.md", "state.md", "conflicts.md"])  # nobody's work
_PACKAGING = frozenset(
    ["readme.md", "readme_en.md", "install.md", "changelog.md", "license.md", "license-distill.md"]
)
_DATA = frozenset(["meta.json", "manifest.json", "subject.json", "consent.json", "state.json", "extraction.json"])
_RAW = frozenset(["knowledge", "memories", "chats", "messages", "emails", "photos", "raw", "sources"])
_OLD = frozenset(["versions", "archive", "backups", "snapshots"])
_OUR_EVIDENCE = re.compile(r"references/(?:evidence-\d+\.md|portrait\.json)")  # what work.md says, with its quotes
_PRIVATE = re.compile(
    r"(?:[._-]private[._-]?backup|[._-]backup|[._-]original)\.(?:md|txt)$|^private/", re.IGNORECASE
)


def role(name: str, beside: frozenset[str], dialect: Dialect) -> Role:
    """`name` is the path within the skill, `beside` the paths of all its files in lower case."""
    path = name.lower()
    *folders, base = path.split("/")
    above = set(folders)
    if is_private(path):
        return Role(left="private_backup")
    if above & _OLD:
        return Role(left="old_version")
    if above & _RAW:
        return Role(left="raw_material")
    if above & {"prompts", "tools", "hooks", "agents", "commands"} or base in _ORDERS:
        return Role(left="instruction")
    if _OUR_EVIDENCE.fullmatch(path):
        return Role(left="rendered")
    if base in _DATA or base.endswith(".jsonl"):
        return Role()
    if not base.endswith((".md", ".markdown")) or base in _PACKAGING or above & {"evidence", "views", "assets"}:
        return Role(left="unsupported_type")
    if base in _ABOUT_OTHERS:
        return Role(left="no_facet")
    if any(f"{path.removesuffix('.md')}{mark}.md" in beside for mark in _WASHED):
        return Role(left="set_aside")
    base = _CLEANED_FILE.sub(".md", base)
    if base in _RENDERED:
        original = "/".join((*folders, _RENDERED[base]))
        return Role(left="rendered") if original in beside else Role(_MODES[base])
    return Role(_MODES.get(base, "whole" if base == "skill.md" or folders or dialect == "skill" else "memory"))


def importers(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(folder, the `understudy import …` that reads such material right) of raw material that was left out."""
    told: dict[str, str] = {}
    for name in names:
        kind = next((kind for mark, kind in _IMPORTERS if mark.search(name.lower())), "documents")
        told.setdefault(name.rpartition("/")[0], kind)
    yield from sorted(told.items())


def is_private(path: str) -> bool:
    """What somebody kept for themselves when they washed a skill before handing it in (anti-distill)."""
    return _PRIVATE.search(path.lower()) is not None


_IMPORTERS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"\.(?:eml|mbox)$|e?mails?/", "mail"),
        (r"slack", "slack-export"),
        (r"dingtalk|钉钉", "dingtalk"),
        (r"feishu|lark|飞书|messages?/|chats?/", "feishu"),
    )
)
