"""What a reader of one kind of file makes of it: the text, and what the file says of who wrote it and when."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

LONGEST_TEXT = 4 << 20
"""Characters of one file that are read; what is longer is no document but data."""


class Note(Struct, frozen=True):
    """A comment beside the text, which has an author and a day of its own."""

    author: str
    text: str
    at: datetime | None = None


class Paper(Struct, frozen=True):
    """`text` marks places in Markdown's way (`# p. 3`), so that each piece is titled by where it stands.
    `authors` is everybody the file names; () if it says nothing. `left` counts what was left out, by reason."""

    text: str
    title: str = ""
    authors: tuple[str, ...] = ()
    date: datetime | None = None
    hidden: bool = False
    notes: tuple[Note, ...] = ()
    left: dict[str, int] = {}


class Handed(Struct, frozen=True):
    """A file as it is handed to its reader."""

    raw: bytes
    name: str
    modified: datetime
    encoding: str  # what the operator declared, "" if nothing
    theirs: Callable[[str], bool]  # whether somebody of this name is the subject


Reader = Callable[[Handed], Paper]

# What programs write where an author would stand, and names that are everybody's.
_NOBODY = frozenset(
    [
        *("python-docx", "openpyxl", "xlsxwriter", "apache poi", "docx4j", "libreoffice", "microsoft office user"),
        *(
            "windows user",
            "user",
            "admin",
            "administrator",
            "microsoft account",
            "unknown",
            "anonymous",
            "un-named",
        ),
        *("(anonymous)", "unspecified", "(unspecified)", "微软用户", "用户"),
        "steve canny",  # the maker of python-pptx, whose template carries his name
    ]
)


def named(*fields: str) -> tuple[str, ...]:
    """Those who are named as authors, without programs and placeholders."""
    people = [" ".join(field.split())[:200] for field in fields]
    return tuple(dict.fromkeys(name for name in people if name and name.casefold() not in _NOBODY))


def people_in(name: str) -> list[str]:
    """`Lin Wei; Bob Hart` is two."""
    parts = re.split(r"[;；、,，&]|\band\b|和", name)
    return [part.strip() for part in parts if part.strip()]


_HEADING = re.compile(r"(?m)^(?=#{1,6}[ \t])")
_FENCE = re.compile(r"(?m)^([ \t]*)(?:```|~~~)")


def plain(text: str) -> str:
    """Text of a file that is no Markdown: what looks like its marks is not one (persona_store/splitting.py)."""
    return _FENCE.sub(r"\1`", _HEADING.sub(" ", text))


def place(name: str, level: int = 1) -> str:
    """The line that says where what follows stands."""
    return f"{'#' * level} {' '.join(name.split())[:120] or '–'}"
