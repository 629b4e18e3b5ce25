"""Bytes of a mail into text, whatever its label says: labels lie, are missing, or name what nobody writes in."""

from __future__ import annotations

import re

SINGLE = {
    **{f"iso-8859-{number}": f"iso-8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"windows-125{number}": f"cp125{number}" for number in range(9)},
    **{f"cp125{number}": f"cp125{number}" for number in range(9)},
    # As browsers and mailers do (https://encoding.spec.whatwg.org/#names-and-labels): it adds quotes and €.
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "macintosh": "mac-roman",
    "ibm437": "cp437",
    "ibm850": "cp850",
    "tis-620": "tis-620",
    "windows-874": "cp874",
}
DOUBLE = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    # Declared GB2312, mailers send its superset, down to the four-byte characters of GB 18030.
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk", "cp936", "gb_2312-80", "euc-cn", "hz"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "cp950", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("euc-jp", "x-euc-jp"), "euc_jp"),
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "windows-31j", "cp932"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "cp949", "windows-949"), "cp949"),
}
SHIFTING = {
    **{name: name for name in ("iso-2022-jp", "iso-2022-jp-2", "iso-2022-kr", "utf-7", "utf-16", "utf-16le")},
    **{name: name for name in ("utf-16be", "utf-32", "utf-32le", "utf-32be")},
    "hz-gb-2312": "hz",
    "unicode-1-1-utf-7": "utf-7",
}
"""The only labels that are believed. Python knows many more codecs, and some of them are bombs (punycode) or no
text at all (zip, rot13)."""

_HALVES = re.compile("[\ud800-\udfff]")  # UTF-7 can spell half a pair, which no store keeps
_HIGH = re.compile(rb"[\x80-\xff]+")
SURE = 12  # bytes beyond ASCII from which on valid UTF-8 is no accident, as four characters of GBK may be


def decode(raw: bytes, label: str = "") -> str:
    """The text; what no reading makes sense of becomes U+FFFD. NUL is left out: no store keeps it."""
    if not label and raw.isascii():  # most of all fields and half of all letters
        return raw.decode("ascii").replace("\x00", "")
    text = _decode(raw, label.strip().strip("\"'").lower()).replace("\x00", "")
    return _HALVES.sub("\ufffd", text) if "utf-7" in label.lower() else text


def _decode(raw: bytes, label: str) -> str:
    if (shifting := SHIFTING.get(label)) and (text := _strict(raw, shifting)) is not None:
        return text
    if raw.isascii():
        return raw.decode("ascii")
    single, double = SINGLE.get(label), DOUBLE.get(label)
    if not double or (double != "utf-8" and sum(map(len, _HIGH.findall(raw))) >= SURE):
        text = _strict(raw, "utf-8")
        if text is not None:
            return text
    declared = double or single
    if declared and (text := _strict(raw, declared)) is not None:
        return text
    for guess in _guesses(raw) if not single else ("latin-1",):
        if (text := _strict(raw, guess)) is not None:
            return text
    return raw.decode(double or "utf-8", "replace")


def _guesses(raw: bytes) -> tuple[str, ...]:
    """Chinese comes in pairs of high bytes, a Latin accent stands alone among letters."""
    runs = [len(run) for run in _HIGH.findall(raw)]
    alone = sum(run == 1 for run in runs)
    return ("utf-8", "cp1252", "latin-1") if alone > len(runs) / 2 else ("utf-8", "gb18030", "big5hkscs")


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, LookupError):
        return None
