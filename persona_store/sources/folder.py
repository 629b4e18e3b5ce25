"""The folder side of `archive`: links are never followed, so that nothing outside of the folder is read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from persona_store.errors import Refused
from persona_store.sources.members import (
    Limits,
    Member,
    check_count,
    check_total,
    is_litter,
    link_refused,
    safe_name,
)


class FolderArchive:
    """A folder on disk, listed once. With `skip_links` links are left out and counted, else they are refused."""

    def __init__(self, root: Path, limits: Limits, *, skip_links: bool = False) -> None:
        self._root = root.resolve()
        self._limits = limits
        self._skip_links = skip_links
        self.skipped_links = 0
        self.holds_archives = False
        self.members: dict[str, Member] = {}
        self._walk()

    def _walk(self) -> None:
        waiting, total = [(self._root, "")], 0
        while waiting:
            folder, prefix = waiting.pop()
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
            for entry in listed:
                name = safe_name(prefix + _readable(entry.name))
                if is_litter(name):
                    continue
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    waiting.append((folder / entry.name, name + "/"))
                elif stat.S_ISREG(found.st_mode):
                    total += found.st_size
                    self._add(name, found, total)
                elif self._skip_links:
                    self.skipped_links += 1
                else:
                    raise link_refused(name)

    def _add(self, name: str, found: os.stat_result, total: int) -> None:
        if name in self.members:
            raise Refused("ARCHIVE_DUPLICATE", f"two files are named {name!r}", "keep one of them")
        self.members[name] = Member(name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))
        check_count(len(self.members), self._limits)
        check_total(total, self._limits)

    def chunks(self, name: str) -> Iterator[bytes]:
        left = self.members[name].size
        with self.open(name) as file:
            while left > 0 and (block := file.read(min(1 << 20, left))):
                left -= len(block)
                yield block

    def open(self, name: str) -> BinaryIO:
        # O_NOFOLLOW: the file may have been swapped for a link since the walk; O_NONBLOCK: or for a pipe.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            handle = os.open(self._root / name, flags)
        except OSError as error:
            what = f"{name!r} cannot be read: {error.strerror}"
            raise Refused("NOT_READABLE", what, "check the folder") from None
        return regular(handle, name)

    def close(self) -> None: ...


def regular(handle: int, name: str) -> BinaryIO:
    """What was opened, if it is a file and neither a pipe nor a device; else Refused ARCHIVE_LINK."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise link_refused(name)
    return open(handle, "rb")


def _readable(name: str) -> str:
    """A file name that is not UTF-8 reaches Python as surrogates, which no store can keep."""
    if name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name):
        return name
    shown = name.encode(errors="replace").decode()
    raise Refused("ENCODING", f"the file name {shown!r} is not UTF-8", "rename the file")
