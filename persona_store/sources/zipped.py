"""The zip side of `archive`: the table of contents is checked as a whole, the content through a counting reader.

Python's zipfile parses the table; the rest is done here because zipfile believes the sizes it finds there, reads
compression methods whose output cannot be bounded, and (before 3.11.9) hands out members that overlap.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

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

_AGAIN = "download or export it again"
_BLOCK = 1 << 18


class _Place(Struct, frozen=True, gc=False):
    """Where a member's bytes are. The table's own entries are five times as large, and let go."""

    start: int
    packed: int
    check: int
    stored: bool


class ZipArchive:
    """A zip file, opened and checked; nothing of it is ever written to disk."""

    def __init__(self, path: Path | str, limits: Limits, *, file: BinaryIO | None = None) -> None:
        """`file` holds the content if it is at hand already; `path` is then only what it is called."""
        path = Path(path)
        self._limits = limits
        self._file: BinaryIO = file or path.open("rb")
        self.members: dict[str, Member] = {}
        self._places: dict[str, _Place] = {}
        self.holds_archives = False
        self.skipped_links = 0
        try:
            self._check_count(path)
            try:
                with zipfile.ZipFile(self._file) as table:
                    self._read_table(table.infolist(), table.start_dir)
            except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, EOFError):
                raise self._not_a_zip(path) from None
        except BaseException:
            self._file.close()
            raise

    def _check_count(self, path: Path) -> None:
        """Read only the end record: building a table of a million members would already be the harm."""
        self._file.seek(0, 2)
        size = self._file.tell()
        self._file.seek(max(0, size - 65_557 - 76))
        tail = self._file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < 22:
            raise self._not_a_zip(path)
        count, length = struct.unpack_from("<HI", tail, at + 10)
        wide = tail.rfind(b"PK\x06\x06", 0, at)  # zip64: the true figures stand in a record before
        if wide >= 0 and at - wide >= 56:
            count, length = struct.unpack_from("<QQ", tail, wide + 32)
        check_count(count, self._limits)
        check_count(length // 1024, self._limits)  # the count may lie; the table's length is what gets parsed

    def _not_a_zip(self, path: Path) -> Refused:
        self._file.seek(0)
        head = self._file.read(512)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return Refused("ARCHIVE_BROKEN", f"{path.name!r} is cut off or damaged", _AGAIN)
        kind = "a web page" if head.lstrip()[:1] == b"<" else "an empty file" if not head else "something else"
        return Refused("TYPE_MISMATCH", f"{path.name!r} is not a zip file but {kind}", _AGAIN)

    def _read_table(self, table: list[zipfile.ZipInfo], table_at: int) -> None:
        check_count(len(table), self._limits)
        total, spans = 0, []
        for info in table:
            name = self._check(info)
            total += info.file_size
            check_total(total, self._limits)
            start = self._data_start(info)
            spans.append((info.header_offset, start + info.compress_size, name))
            if info.is_dir() or is_litter(name):
                continue
            if name in self.members:
                raise Refused("ARCHIVE_DUPLICATE", f"two members are named {name!r}", "one is false")
            self.members[name] = Member(name, info.file_size, _modified(info))
            stored = info.compress_type == zipfile.ZIP_STORED
            self._places[name] = _Place(start, info.compress_size, info.CRC, stored)
            self.holds_archives |= name.lower().endswith((".zip", ".gz", ".tar", ".7z", ".rar"))
        end = 0
        for begins, ends, name in sorted(spans):
            if begins < end or ends > table_at:
                raise Refused("ARCHIVE_OVERLAP", f"the member {name!r} overlaps another", "it was made to do harm")
            end = ends

    def _check(self, info: zipfile.ZipInfo) -> str:
        if "\x00" in info.orig_filename:
            raise Refused("ARCHIVE_PATH", f"the member {info.filename[:120]!r} hides a part of its name", _AGAIN)
        name = safe_name(_true_name(info))
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise link_refused(name)
        if info.flag_bits & 0x1:
            raise Refused("ARCHIVE_PASSWORD", f"the member {name!r} is encrypted", "export it without a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(
                "ARCHIVE_BROKEN", f"the member {name!r} uses compression method {info.compress_type}", "zip it anew"
            )
        limits = self._limits
        if info.file_size > limits.ratio_floor and info.file_size > limits.ratio * max(info.compress_size, 1):
            raise _bomb(name)
        return name

    def _data_start(self, info: zipfile.ZipInfo) -> int:
        """Where the bytes begin: the local header has lengths of its own, which the table does not repeat."""
        self._file.seek(info.header_offset)
        header = self._file.read(30)
        if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
            raise zipfile.BadZipFile
        name_length, extra_length = struct.unpack_from("<HH", header, 26)
        return info.header_offset + 30 + int(name_length) + int(extra_length)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The member's content; stops the moment there is more of it than the table says."""
        place, size, produced, check = self._places[name], self.members[name].size, 0, 0
        packed = self._packed(name)
        for block in packed if place.stored else _inflated(packed, name):
            produced += len(block)
            if produced > size:
                raise _bomb(name)
            check = zlib.crc32(block, check)
            yield block
        if produced != size or check != place.check:
            raise _damaged(name)

    def _packed(self, name: str) -> Iterator[bytes]:
        at, left = self._places[name].start, self._places[name].packed
        while left > 0:
            self._file.seek(at)  # two readers may take turns on the one file
            block = self._file.read(min(_BLOCK, left))
            if not block:
                raise _damaged(name)
            at, left = at + len(block), left - len(block)
            yield block

    def close(self) -> None:
        self._file.close()


def _inflated(packed: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Inflate in blocks of bounded size: a block of 256 KiB may hold 256 MiB."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for block in packed:
            while block:
                yield inflate.decompress(block, _BLOCK)
                block = inflate.unconsumed_tail
        yield inflate.flush()  # the last bits may stand for a few more matches
    except zlib.error:
        raise _damaged(name) from None


def _true_name(info: zipfile.ZipInfo) -> str:
    """macOS writes UTF-8 names without saying so; zipfile then reads them as the code page of 1981."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def _modified(info: zipfile.ZipInfo) -> datetime:
    """Zip keeps a wall-clock time without a zone; taken as UTC. An impossible date is the format's own epoch."""
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return datetime(1980, 1, 1, tzinfo=UTC)


def _bomb(name: str) -> Refused:
    return Refused("ARCHIVE_RATIO", f"the member {name!r} unpacks to more than it may", "it was made to do harm")


def _damaged(name: str) -> Refused:
    return Refused("ARCHIVE_BROKEN", f"the member {name!r} is damaged", _AGAIN)
