"""How WeChat packs what it keeps in its databases: LZ4 blocks (3.x), Zstandard frames (4.x) and protobuf.

The libraries come with `pip install 'understudy[wechat]'`. What unpacks to more than LARGEST is no message.
"""

from __future__ import annotations

from collections.abc import Iterator

LARGEST = 4 << 20
"""Bytes of an unpacked message; a long forwarded record has a few hundred thousand."""

_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_DEEP = 64 << 10
SENDER = 1
"""The kind of the entry in BytesExtra that names who sent a message to a group."""


class Unreadable(Exception):
    """A message whose packing cannot be undone; the reason of the report."""


def words(content: object) -> str:
    """The text of a column of 4.x. Raises Unreadable."""
    if isinstance(content, str):
        return content
    if not isinstance(content, bytes):
        return ""
    if content.startswith(_ZSTANDARD):
        content = _frame(content)
    return content.decode("utf-8", "replace").rstrip("\0")


def block(content: object) -> str:
    """The text of CompressContent of 3.x, an LZ4 block without its size. Raises Unreadable."""
    if not isinstance(content, bytes) or not content:
        return ""
    try:
        import lz4.block  # type: ignore[import-untyped]  # only here: it is an extra
    except ImportError:
        raise Unreadable("packed") from None
    # A block grows at most 255-fold, so a small one needs no large buffer.
    room = min(LARGEST, 255 * len(content) + 64)
    try:
        unpacked: bytes = lz4.block.decompress(content, uncompressed_size=room)
    except (lz4.block.LZ4BlockError, ValueError, MemoryError):
        raise Unreadable("malformed") from None
    return unpacked.decode("utf-8", "replace").rstrip("\0")


def _frame(content: bytes) -> bytes:
    try:
        import zstandard
    except ImportError:
        raise Unreadable("packed") from None
    try:
        with zstandard.ZstdDecompressor(max_window_size=LARGEST).stream_reader(content) as reader:
            unpacked = reader.read(LARGEST + 1)
    except (zstandard.ZstdError, MemoryError):
        raise Unreadable("malformed") from None
    if len(unpacked) > LARGEST or zstandard.frame_content_size(content) not in (-1, len(unpacked)):
        raise Unreadable("malformed")
    return bytes(unpacked)


def sender(extra: object) -> str:
    """Who sent a message to a group, out of BytesExtra of 3.x; "" if it does not tell.

    Its field 3 holds entries of a kind (1) and a value (2)."""
    if not isinstance(extra, bytes) or len(extra) > _DEEP:
        return ""
    for number, value in _fields(extra):
        if number != 3 or not isinstance(value, bytes):
            continue
        entry = dict(_fields(value))
        if entry.get(1) == SENDER and isinstance(name := entry.get(2), bytes):
            return name.decode("utf-8", "replace")
    return ""


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message, as far as it is one: https://protobuf.dev/programming-guides/encoding/."""
    at = 0
    while at < len(raw):
        key, at = _varint(raw, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(raw, at)
            yield number, value
        elif wire == 2:
            size, at = _varint(raw, at)
            yield number, raw[at : at + size]
            at += size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            return


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if at >= len(raw):
            return 0, len(raw)
        value |= (raw[at] & 0x7F) << shift
        at += 1
        if not raw[at - 1] & 0x80:
            break
    return value, at
