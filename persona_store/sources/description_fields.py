"""What somebody wrote about a colleague, field by field: front matter and sections, or the meta.json of 同事.skill.

The fields are those 同事.skill asks for (its schema 3), under their English or Chinese names. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from persona_store.sources.skill_head import listed, words

NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "display_name", "姓名", "名字", "花名", "代号"),
    "company": ("company", "公司"),
    "level": ("level", "职级", "级别"),
    "role": ("role", "职位", "岗位"),
    "gender": ("gender", "性别"),
    "mbti": ("mbti",),
    "personality": ("personality", "个性标签", "性格标签", "个性", "性格"),
    "culture": ("culture", "文化标签", "企业文化", "文化"),
    "impression": ("impression", "主观印象", "印象"),
    "date": ("date", "updated", "updated_at", "日期"),
    "work": ("work", "工作"),
    "decisions": ("decisions", "决策"),
    "style": ("style", "风格", "表达"),
}
_FIELD = {spelling: name for name, spellings in NAMES.items() for spelling in spellings}
MOST_LINES = 300
LONGEST = 4_000  # characters of one value
MOST = 100  # values of one field


class Fields(Struct, frozen=True):
    """Each field's values, how it was called there, and the Markdown that stood below them."""

    values: dict[str, list[str]] = field(default_factory=dict)
    body: str = ""
    called: dict[str, str] = field(default_factory=dict)

    def one(self, name: str) -> str:
        return "\n".join(self.values.get(name, ()))

    def line(self, name: str) -> str:
        """A value that says nothing without its field: `role: backend engineer`."""
        value = " ".join(self.one(name).split())
        return f"{self.called.get(name, name)}{': ' if value.isascii() else '：'}{value}" if value else ""

    def all(self, *names: str) -> Iterator[str]:
        """Every value of these, each label of a list on its own."""
        for name in names:
            for value in self.values.get(name, ()):
                yield from filter(None, map(str.strip, re.split(r"[,，、;；]", value)))


def of_markdown(text: str) -> Fields:
    lines = text.lstrip("\ufeff \t\n").split("\n")
    if lines[0].rstrip() != "---":
        return Fields(body=text)
    marks = (place for place, line in enumerate(lines[1 : MOST_LINES + 2], 1) if line.rstrip() in ("---", "..."))
    end = next(marks, 0)
    if not end:
        return Fields(body=text)
    called: dict[str, str] = {}
    return Fields(_values(lines[1:end], called), "\n".join(lines[end + 1 :]), called)


def _values(lines: list[str], called: dict[str, str]) -> dict[str, list[str]]:
    """Read line by line, without a YAML library: keys below `tags:` or `profile:` count as they are, a list is
    [a, b] or lines that begin with a dash, and lines further in belong to what is above them."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        said = line.strip()
        key, colon, value = said.replace("：", ":", 1).partition(":")
        known = _FIELD.get(key.strip().strip("\"'").lower().rpartition(".")[2]) if colon else None
        if said.startswith("- ") and name:
            _add(found, name, said[2:])
        elif known:
            name = known
            called.setdefault(name, key.strip().strip("\"'"))
            _add(found, name, value)
        elif line[:1].isspace() and name:
            _add(found, name, said)
        elif colon:
            name = ""  # a key nobody asked for, and whatever is below it
    return found


def _add(found: dict[str, list[str]], name: str, value: str) -> None:
    value = value.strip()
    if value[:1] == "[" and value[-1:] == "]":
        value = value[1:-1]
    value = value.strip("\"'").strip()[:LONGEST]
    values = found.setdefault(name, [])
    if value and value not in ("|", ">", "|-", ">-") and len(values) < MOST:
        values.append(value)


_PATHS: Mapping[str, tuple[str, ...]] = {
    "name": ("display_name", "name"),
    "company": ("profile.company", "company"),
    "level": ("profile.level", "level"),
    "role": ("profile.role", "role"),
    "gender": ("profile.gender", "gender"),
    "mbti": ("profile.mbti", "mbti"),
    "personality": ("tags.personality", "personality", "tags"),
    "culture": ("tags.culture", "culture"),
    "date": ("lifecycle.updated_at", "updated_at", "lifecycle.created_at", "created_at"),
}


def of_meta(meta: Any) -> Fields:
    found = {name: [value] for name, paths in _PATHS.items() if (value := words(meta, *paths))}
    found |= {name: list(listed(meta, *_PATHS[name])) for name in ("personality", "culture")}
    impression = meta.get("impression") if isinstance(meta, Mapping) else None
    if isinstance(impression, str):
        found["impression"] = [impression[:LONGEST]]
    return Fields(found)
