"""Who a skill is about, who made it and when: from meta.json, subject.json, manifest.json and front matter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from persona_store.sources.judgements import JUDGEMENT, tag
from persona_store.sources.skill_head import dated, listed, words
from persona_store.sources.skill_titles import Mode

_TAGS = ("tags.personality", "tags.culture", "tags", "personalityTags", "profile.personality")
_JUDGED = ("impression", "profile.mbti", "profile.gender", "mbti", "gender")


class About(Struct, frozen=True):
    """`slug` names the container, `author` who made it ("" if it is not told), `at` when it was last worked on;
    `modes` are the files that are called otherwise than usual (meta.json's `artifacts`)."""

    slug: str
    name: str
    author: str
    at: datetime | None
    modes: dict[str, Mode] = {}


class Metadata(Struct, frozen=True):
    """The values of a skill's JSON files, None where there is none; and of its SKILL.md's front matter."""

    meta: Any = None
    subject: Any = None  # HybridClaw
    manifest: Any = None
    head: Mapping[str, str] = {}


def about(said: Metadata, folder: str) -> About:
    meta, subject, head = said.meta, said.subject, said.head
    slug = words(meta, "slug") or words(subject, "alias") or folder or head.get("name", "")
    files: tuple[tuple[str, Mode], ...] = (("artifacts.work_doc", "work"), ("artifacts.persona_doc", "portrait"))
    return About(
        slug=_id(slug),
        name=words(meta, "display_name", "name") or words(subject, "displayName") or slug or "skill",
        author=words(meta, "author", "created_by", "creator.name") or author(head),
        at=dated(
            words(meta, "lifecycle.updated_at", "updated_at"),
            words(meta, "lifecycle.created_at", "created_at"),
            *(head.get(key, "") for key in ("updated", "date", "metadata.updated", "metadata.updated_at")),
            words(said.manifest, "exportedAt"),
            words(subject, "createdAt"),
        ),
        modes={name.lower(): mode for path, mode in files if (name := words(meta, path))},
    )


def author(head: Mapping[str, str]) -> str:
    return (head.get("author") or head.get("metadata.author") or "")[:200]


def labels(said: Metadata) -> Counter[str]:
    """Why the labels for the person are left out; all of them are."""
    left = Counter(tag(label) for data in (said.meta, said.subject) for label in listed(data, *_TAGS))
    left[JUDGEMENT] += sum(1 for _ in listed(said.meta, *_JUDGED))
    return left


def _id(slug: str) -> str:
    """Of a container: one word of at most 80 characters, and no path."""
    return re.sub(r"[\s/\\:#*]+", "-", slug)[:80].strip("-.") or "skill"
