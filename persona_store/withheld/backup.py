"""The subject's own copy of what is kept back: Markdown to read and JSON for machines, encrypted to a key that only
they have. Whoever runs the installation cannot open it again.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from persona_store import envelope
from persona_store.withheld.book import KINDS
from persona_store.withheld.sweep import Change

FORMAT = "understudy.withheld/1"
READ, MACHINE = "kept-back.md", "kept-back.json"

_DAY = (1980, 1, 1, 0, 0, 0)  # of the files inside: when it was made stands in them
_LINES = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")


class Words(Struct, frozen=True):
    """One stretch that is kept back, with where it stood."""

    passage: str
    at: datetime
    place: str
    title: str
    url: str
    text: str
    reason: str


class Backup(Struct, frozen=True):
    format: str
    persona: str
    made_at: datetime
    kept_back: Mapping[str, tuple[Words, ...]]  # by kind


def backup(persona: str, changes: Sequence[Change], made_at: datetime) -> Backup:
    """By kind, in order of time, sentence by sentence."""
    found: defaultdict[str, list[Words]] = defaultdict(list)
    for change in sorted(changes, key=lambda each: (each.passage.at, each.passage.id)):
        passage = change.passage
        if not passage.quotable:
            continue  # somebody else's words, who repeated them
        for held in change.cut.held:
            words = Words(
                passage.id, passage.at, passage.container_name, passage.title, passage.url, held.text, held.reason
            )
            found[held.kind].append(words)
    return Backup(FORMAT, persona, made_at, {kind: tuple(found[kind]) for kind in KINDS})


def markdown(kept: Backup, titles: Mapping[str, str], lead: str, nothing: str) -> str:
    """`titles` says what each kind is called; a kind of which nothing is kept back says so."""
    parts = [f"# {titles['']}", lead]
    for kind, words in kept.kept_back.items():
        parts.append(f"## {titles[kind]}")
        parts += [_entry(each) for each in words] or [nothing]
    return "\n\n".join(parts) + "\n"


def sealed(kept: Backup, read: str, address: str) -> bytes:
    """An age file that holds a zip of both. Raises Refused ADDRESS for what is no age address."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((READ, read.encode()), (MACHINE, msgspec.json.format(msgspec.json.encode(kept)))):
            archive.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
    return envelope.seal(packed.getvalue(), address)


def _entry(words: Words) -> str:
    quoted = "\n".join(f"> {line}" for line in _LINES.sub("\n", words.text).split("\n"))
    where = " · ".join(filter(None, (f"{words.at:%Y-%m-%d}", words.title or words.place, words.passage)))
    return f"{quoted}\n\n— {' '.join(where.split())}"
