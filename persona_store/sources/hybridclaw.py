"""What HybridClaw keeps of a coworker besides Markdown: claims about them, and the corpus they were drawn from.

A claim is somebody else's sentence about the subject, with the ids of the documents it rests on. The corpus says of
each document whether the subject wrote it, by a rule that takes a day file for theirs if one line is, and other
people's material too; so it is second-hand and described like the rest. Chats and mails in it have lost who could
read them: they are left out, and their originals can be imported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.sources.jsonsafe import loads
from persona_store.sources.skill_head import words

LONGEST_LINE = 1 << 20  # bytes
MOST_DOCUMENTS = 100_000

_HEADINGS = {
    "experience": "Experience",
    "expression": "Voice",
    "decision-making": "Decisions",
    "correction": "Corrections",
    "identity": "Identity",
    "interpersonal": "Working with others",
}
_WRITTEN = ("markdown", "text", "interview", "correction")
_ID = re.compile(r"doc_[0-9a-f]{6,64}")
_CODED = re.compile(r"\s*[A-Za-z0-9+/\r\n]{120,}={0,2}\s*")  # a mail part that was never decoded


def check_consent(consent: Any) -> None:
    """Raises Refused SKILL_REVOKED where the bundle itself says that the consent was taken back."""
    revoked = consent.get("revokedAt") if isinstance(consent, Mapping) else None
    if revoked:
        what = f"the consent in it was taken back: revokedAt {' '.join(str(revoked).split())[:40]!r}"
        raise Refused("SKILL_REVOKED", what, "nothing lifts that but the subject's own new yes, elsewhere and here")


def claims(data: Any) -> tuple[str, Counter[str]]:
    """(Markdown of the standing claims under a heading each, how many were not standing) of a state.json or an
    extraction.json; "" if there are none."""
    lines: dict[str, list[str]] = {heading: [] for heading in _HEADINGS.values()}
    left: Counter[str] = Counter()
    for claim in _items(data, "claims"):
        said, dimension = words(claim, "claim"), words(claim, "dimension")
        if not said or dimension not in _HEADINGS:
            left["malformed"] += 1
        elif words(claim, "status") not in ("", "standing"):
            left["old_version"] += 1
        else:
            lines[_HEADINGS[dimension]].append(f"- {said}{_cited(claim)}")
    return "\n\n".join(f"# {heading}\n\n" + "\n".join(said) for heading, said in lines.items() if said), left


def work(data: Any) -> str:
    """Markdown of an extraction's work module."""
    module = data.get("workModule") if isinstance(data, Mapping) else None
    parts: list[str] = []
    for scope in _texts(module, "scope"):
        parts.append(f"- {scope}")
    if parts:
        parts.insert(0, "# Scope\n")
    for flow in _items(module, "workflows"):
        parts += [f"\n# {words(flow, 'title') or 'Workflow'}\n"]
        parts += [f"{number}. {step}" for number, step in enumerate(_texts(flow, "steps"), 1)] + [_cited(flow)]
    for known in _items(module, "knowHow"):
        parts += [f"\n# {words(known, 'topic') or 'Know-how'}\n", f"{words(known, 'notes')}{_cited(known)}"]
    for example in _items(module, "workedExamples"):
        told = (words(example, key) for key in ("situation", "approach", "outcome"))
        parts += [f"\n# {words(example, 'title') or 'Example'}\n", " ".join(filter(None, told)) + _cited(example)]
    return "\n".join(parts)


class Told(Struct, frozen=True):
    """A document of the corpus that may be read."""

    id: str
    title: str
    text: str
    times: tuple[str, ...]  # when it was written, else taken in; as written


def corpus(chunks: Iterable[bytes], name: str, left: Counter[str]) -> Iterator[Told]:
    """Line by line, one in memory at a time; what cannot be read costs that line only."""
    seen: set[str] = set()
    for line in _lines(chunks, left):
        try:
            item = loads(line, name)
        except Refused as refused:
            left[refused.code] += 1
            continue
        if len(seen) >= MOST_DOCUMENTS:
            left["too_long"] += 1
            return
        reason, ident = _unfit(item), words(item, "id")
        if not reason and ident in seen:
            reason = "duplicate"
        if reason:
            left[reason] += 1
            continue
        seen.add(ident)
        yield Told(
            ident, words(item, "title"), item["content"], (words(item, "timestamp"), words(item, "ingestedAt"))
        )


def _unfit(item: Any) -> str:
    """Why a document is left out, "" if it is not."""
    text = item.get("content") if isinstance(item, dict) else None
    if not isinstance(text, str) or not _ID.fullmatch(words(item, "id")):
        return "malformed"
    if words(item, "source") not in _WRITTEN:
        return "raw_material"
    if item.get("authoredBySubject") is not True and words(item, "source") != "correction":
        return "other_author"
    if not text.strip():
        return "empty"
    if "\ufffd" in text:  # it was read in the wrong encoding, and what stood there is lost
        return "ENCODING"
    if text.lstrip()[:1] in ("{", "[") or _CODED.fullmatch(text):  # an export's own files, taken for writing
        return "malformed"
    return ""


def _lines(chunks: Iterable[bytes], left: Counter[str]) -> Iterator[bytes]:
    """Those of bearable length; of a longer one only its beginning is ever held."""
    rest, over = b"", False
    for chunk in chain(chunks, (b"\n",)):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if over or len(line) > LONGEST_LINE:
                left["too_long"] += 1
            elif line.strip():
                yield line
            over = False
        if over or len(rest) > LONGEST_LINE:
            rest, over = b"", True


def _items(data: Any, key: str) -> Iterator[Any]:
    found = data.get(key) if isinstance(data, Mapping) else None
    yield from found if isinstance(found, list) else ()


def _texts(data: Any, key: str) -> Iterator[str]:
    yield from (" ".join(item.split()) for item in _items(data, key) if isinstance(item, str) and item.strip())


def _cited(item: Any) -> str:
    ids = [ident for ident in _texts(item, "evidence") if _ID.fullmatch(ident)]
    return f" [{', '.join(ids[:20])}]" if ids else ""
