"""What kind of picture bytes are and how large it says it is, before a decoder is let near it.

Four formats and no others: PNG, JPEG, WebP and BMP, told by their content whatever the file is called. A picture of
more than 40 million pixels is refused by its header alone (rights.md T31).
"""

from __future__ import annotations

from persona_store.errors import Refused

MOST_PIXELS = 40_000_000
_CODED = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))


def check_image(raw: bytes, name: str) -> tuple[int, int]:
    """(width, height). Raises Refused TYPE_MISMATCH, IMAGE_BROKEN or IMAGE_PIXELS."""
    size = image_size(raw)
    if size is None:
        what = f"{name!r} is no PNG, JPEG, WebP or BMP picture"
        raise Refused("TYPE_MISMATCH", what, "save it as PNG")
    width, height = size
    if width < 1 or height < 1:
        raise Refused("IMAGE_BROKEN", f"{name!r} is damaged", "save it again")
    if width * height > MOST_PIXELS:
        what = f"{name!r} has {width:,} x {height:,} pixels"
        raise Refused("IMAGE_PIXELS", what, f"at most {MOST_PIXELS:,} are read: cut it into several")
    return size


def image_size(raw: bytes) -> tuple[int, int] | None:
    """(width, height) as its header says, (0, 0) if that is broken off; None if it is none of the four."""
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return _pair(raw, 16, 4, "big") if raw[12:16] == b"IHDR" else (0, 0)
    if raw.startswith(b"\xff\xd8\xff"):
        return _jpeg(raw)
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return _webp(raw)
    if raw.startswith(b"BM"):
        return _bmp(raw)
    return None


def _number(raw: bytes, at: int, length: int, order: str = "little") -> int:
    part = raw[at : at + length]
    return int.from_bytes(part, "big" if order == "big" else "little") if len(part) == length else 0


def _pair(raw: bytes, at: int, length: int, order: str = "little") -> tuple[int, int]:
    return _number(raw, at, length, order), _number(raw, at + length, length, order)


def _jpeg(raw: bytes) -> tuple[int, int]:
    """The frame header is the first SOF marker (ITU-T T.81, B.2.2); every segment before it tells its length."""
    at = 2
    while at + 4 <= len(raw) and raw[at] == 0xFF:
        marker = raw[at + 1]
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
        elif marker in _CODED:
            height, width = _pair(raw, at + 5, 2, "big")
            return width, height
        else:
            at += 2 + max(2, _number(raw, at + 2, 2, "big"))
    return 0, 0


def _webp(raw: bytes) -> tuple[int, int]:
    """RFC 9649: the canvas of VP8X, or the frame of VP8L or VP8."""
    kind = raw[12:16]
    if kind == b"VP8X":
        width, height = _pair(raw, 24, 3)
        return width + 1, height + 1
    if kind == b"VP8L":
        bits = _number(raw, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = _pair(raw, 26, 2)
    return (width & 0x3FFF, height & 0x3FFF) if kind == b"VP8 " else (0, 0)


def _bmp(raw: bytes) -> tuple[int, int]:
    """A height below zero is a picture that begins at the top."""
    if _number(raw, 14, 4) == 12:  # BITMAPCOREHEADER
        return _pair(raw, 18, 2)
    width, height = (int.from_bytes(raw[at : at + 4], "little", signed=True) for at in (18, 22))
    return abs(width), abs(height)
