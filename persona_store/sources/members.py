"""What a member of an archive may be called, and how much of it there may be.

Whoever made the archive is not trusted (rights.md T28, T29): the same rules hold for folders and for zip files.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from msgspec import Struct

from persona_store.errors import Refused


class Limits(Struct, frozen=True):
    """How much an archive may claim. A real export stays far below: text deflates about ten to one."""

    members: int = 20_000
    total: int = 2 << 30
    ratio: int = 100
    ratio_floor: int = 1 << 20  # a tiny file of blanks may deflate better than that and harms nobody


class Member(Struct, frozen=True):
    """One file of an archive: its path inside, what it says of its size, and when it was last changed."""

    name: str
    size: int
    modified: datetime


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHORTER = "export a shorter span of time"
_LITTER = ("__MACOSX", "Thumbs.db", "desktop.ini")


def safe_name(name: str) -> str:
    """The member's path with `.` and empty parts taken out, or Refused ARCHIVE_PATH.

    Python's zipfile hands out `../../evil` and `C:\\x` as they stand, and a backslash is a separator to whoever
    looks at the name on Windows; so none of them is let in, although nothing here is ever written to a path.
    """
    climbs = ".." in name.split("/") or name.startswith("/") or "\\" in name or re.match("[A-Za-z]:", name)
    if climbs or _CONTROL.search(name):
        raise Refused("ARCHIVE_PATH", f"the member {name[:120]!r} points outside", "it was made to do harm")
    return unicodedata.normalize("NFC", "/".join(part for part in name.split("/") if part not in ("", ".")))


def is_litter(name: str) -> bool:
    """What Finder, Explorer and version control leave in folders and zips, which nobody wrote."""
    return any(part.startswith(".") or part in _LITTER for part in name.split("/"))


def check_count(count: int, limits: Limits) -> None:
    if count > limits.members:
        raise Refused("ARCHIVE_COUNT", f"it holds more than {limits.members:,} files", _SHORTER)


def check_total(total: int, limits: Limits) -> None:
    if total > limits.total:
        what = f"unpacked it is larger than {limits.total:,} bytes"
        raise Refused("ARCHIVE_SIZE", what, _SHORTER)


def link_refused(name: str) -> Refused:
    return Refused("ARCHIVE_LINK", f"{name!r} is a link or a device, not a file", "put the file itself there")
