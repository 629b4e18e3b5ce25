"""A zip file or a folder, read as named members and never extracted.

Names that climb out, links, lies about sizes and bombs are refused when it is opened, before any content is read
(rights.md T28, T29); what only shows while reading is caught by a counting reader. An archive inside the archive is
never opened.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from persona_store.errors import Refused
from persona_store.sources.folder import FolderArchive
from persona_store.sources.members import Limits, Member
from persona_store.sources.zipped import ZipArchive


class Archive(Protocol):
    """The members by name. `chunks` raises Refused when the content is not what was announced."""

    members: dict[str, Member]
    holds_archives: bool
    skipped_links: int

    def chunks(self, name: str) -> Iterator[bytes]: ...

    def close(self) -> None: ...


@runtime_checkable
class Seekable(Protocol):
    """An archive whose members are files on disk, which can be read from anywhere."""

    def open(self, name: str) -> BinaryIO: ...


def opened(archive: Archive, name: str) -> AbstractContextManager[BinaryIO]:
    """A member as a file that can be read from anywhere, for formats that are no stream. Out of a zip file it is
    held in memory, so it must be small there."""
    return (
        archive.open(name) if isinstance(archive, Seekable) else io.BytesIO(read(archive, name, at_most=256 << 20))
    )


def open_archive(path: Path, *, limits: Limits | None = None, skip_links: bool = False) -> Archive:
    """Open a folder or a zip file. With `skip_links` a folder's symbolic links are left out instead of refused."""
    limits = limits or Limits()
    try:
        if path.is_dir():
            return FolderArchive(path, limits, skip_links=skip_links)
        return ZipArchive(path, limits)
    except FileNotFoundError:
        raise Refused("NOT_FOUND", f"{str(path)!r} does not exist", "give a zip file or a folder") from None
    except OSError as error:
        what = f"{str(error.filename or path)!r} cannot be read: {error.strerror}"
        raise Refused("NOT_READABLE", what, "check its permissions") from None


def read(archive: Archive, name: str, *, at_most: int = 64 << 20) -> bytes:
    """A whole member, for formats that cannot be read piece by piece."""
    size = archive.members[name].size
    if size > at_most:
        raise Refused("MEMBER_SIZE", f"{name!r} has {size:,} bytes", f"at most {at_most:,} are read")
    return b"".join(archive.chunks(name))


def verify(archive: Archive, names: Iterable[str]) -> None:
    """Read members to their end and forget them, so that a lie is found before anything is kept."""
    for name in names:
        for _ in archive.chunks(name):
            pass
