"""The single-file side of `archive`: one file, handed in as it is, read as if it stood in a folder alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from persona_store.errors import Refused
from persona_store.sources.archive import Archive, open_archive
from persona_store.sources.folder import regular
from persona_store.sources.members import Limits, Member, check_total, link_refused


class SingleFile:
    """The file's own name is its name inside. A link is followed: whoever imports named it themselves."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise link_refused(path.name)
        check_total(found.st_size, limits)
        modified = datetime.fromtimestamp(found.st_mtime, UTC)
        self.members = {path.name: Member(path.name, found.st_size, modified)}
        self.holds_archives = False
        self.skipped_links = 0

    def chunks(self, name: str) -> Iterator[bytes]:
        left = self.members[name].size
        with self.open(name) as file:
            while left > 0 and (block := file.read(min(1 << 20, left))):
                left -= len(block)
                yield block

    def open(self, name: str) -> BinaryIO:
        handle = os.open(self._path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # it may have become a pipe since
        return regular(handle, name)

    def close(self) -> None: ...


def open_material(path: Path, endings: tuple[str, ...], *, limits: Limits | None = None) -> Archive:
    """A folder, a zip file, or a single file with one of these endings."""
    try:
        if path.name.lower().endswith(endings) and not path.is_dir():
            return SingleFile(path, limits or Limits())
    except FileNotFoundError:
        raise Refused("NOT_FOUND", f"{str(path)!r} does not exist", "give a file, a zip file or a folder") from None
    except OSError as error:
        what = f"{str(path)!r} cannot be read: {error.strerror}"
        raise Refused("NOT_READABLE", what, "check its permissions") from None
    return open_archive(path, limits=limits)
