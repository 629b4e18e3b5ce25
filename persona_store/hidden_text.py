"""Text that people cannot see and machines can: instructions hidden in a message, taken out (rights.md T03)."""

from __future__ import annotations

import re

# Controls (NUL breaks C strings), soft hyphen, zero-width and bidi controls, blank fillers, Unicode tags
# (which spell ASCII) and the variation selectors beyond the emoji ones, which can carry any bytes.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
# A joiner or a variation selector belongs after an emoji (or a digit of a keycap) and means nothing elsewhere.
_STRAY = re.compile("(?<![#*0-9\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff\ufe0f])[\u200d\ufe00-\ufe0f]")
_HALF = re.compile("[\ud800-\udfff]")  # half a surrogate pair cannot be encoded, so it would break the write


def reveal(text: str) -> tuple[str, bool]:
    """(the text as people see it, whether anything was hidden in it)."""
    if text.isascii() and text.isprintable():
        return text, False
    text = _HALF.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    seen = _STRAY.sub("", _HIDDEN.sub("", text))
    return seen, seen != text
