"""Files into single mails, as bytes: .eml, Apple's .emlx, and mbox of every dialect, read piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from persona_store.sources.mail_quotes import WROTE

LONGEST = 32 << 20
"""Bytes of one mail, which are in memory at a time. A longer one is passed over."""

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b[^\r\n]{0,40}\d\d?:\d\d[^\r\n]{0,40}"
_BEGIN = re.compile(rb"From [^\r\n]{0,200}?\b" + _DAY + rb"\r?\n(?=[!-9;-~]{1,80}[ \t]{0,4}:|>From )")
"""The line that begins a mail in an mbox: it ends in a date, and a head follows. "From here on …" in a letter does
neither, even where whoever wrote the mbox forgot to escape it."""
_AHEAD = 1000  # bytes after a line that must be there before it can be judged

_FIELD = re.compile(rb"[!-9;-~]{1,80}[ \t]{0,4}:[^\r\n]*\r?\n")


def kind_of(head: bytes) -> str:
    """`mbox`, `eml`, `emlx`, or "" for what holds no mail; from its first bytes, whatever it is called."""
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if re.match(rb"From [^\r\n]*\r?\n(?:>From [^\r\n]*\r?\n)?[!-9;-~]{1,80}[ \t]*:", head):
        return "mbox"
    if re.match(rb"\d{1,10}[ \t]*\r?\n" + _FIELD.pattern, head):
        return "emlx"
    if not _FIELD.match(head):
        return ""
    known = re.search(rb"(?im)^(?:from|to|received|date|message-id|subject|mime-version|return-path)[ \t]*:", head)
    return "eml" if known else ""


def mails(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    """Each mail's bytes; None for one that is too long. Yields nothing for a file that holds no mail."""
    first = next(chunks, b"")
    while len(first) < 4096 and (more := next(chunks, b"")):
        first += more
    kind = kind_of(first)
    if kind == "mbox":
        yield from _divided(chain((first,), chunks))
    elif kind:
        yield _whole(chain((first,), chunks), apple=kind == "emlx")


def _whole(chunks: Iterable[bytes], *, apple: bool) -> bytes | None:
    raw = bytearray()
    for block in chunks:
        raw += block
        if len(raw) > LONGEST:
            return None
    content = bytes(raw).removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if apple:  # a length, the mail, and a list of Apple's own flags
        length, _, rest = content.partition(b"\n")
        content = rest[: int(length)]
    return content


def _divided(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    held = bytearray()
    looked = 0  # how far no beginning was found
    too_long = False
    for block in chain(chunks, (b"",)):
        held += block
        while (at := _next_begin(held, looked, last=not block)) >= 0:
            if looked or at:  # the first line of all begins the first mail, it ends none
                yield None if too_long else _unescaped(bytes(held[:at]))
            too_long = False
            del held[:at]
            looked = held.find(b"\n") + 1
        looked = max(looked, len(held) - _AHEAD)
        if len(held) > LONGEST:
            too_long = True
            del held[:looked]
            looked = 0
    if held.strip() or too_long:
        yield None if too_long else _unescaped(bytes(held))


def _next_begin(held: bytearray, start: int, *, last: bool) -> int:
    """Where the next mail begins, -1 if that does not show yet."""
    at = start
    while (at := held.find(b"From ", at)) >= 0:
        if not last and at + _AHEAD > len(held):
            return -1
        if at > 0 and held[at - 1] == 0x0A and _BEGIN.match(held, at, at + _AHEAD):
            return at
        at += 5
    return -1


_ESCAPED = re.compile(rb"(?m)^>(>*)From ")


def _unescaped(raw: bytes) -> bytes:
    """The mail without the line that begins it, and with `From ` at the start of its lines again.

    Dialects differ: in some, `>From ` was `From `, in others it was a quote already. Beside other quoted lines, or
    below "… wrote:", it is left one.
    """
    body = raw[raw.find(b"\n") + 1 :] if raw.startswith(b"From ") else raw
    if b">From " not in body:
        return body
    return _ESCAPED.sub(lambda match: _bare(match, body), body)


def _bare(match: re.Match[bytes], body: bytes) -> bytes:
    if match[1]:
        return match[1] + b"From "
    before = body[max(0, match.start() - 300) : match.start()].rstrip(b"\r\n").rpartition(b"\n")[2]
    after = body[match.end() : match.end() + 2000].partition(b"\n")[2]
    beside = any(line.startswith(b">") and not line.startswith(b">From ") for line in (before, after))
    return match[0] if beside or WROTE.search(before.decode("utf-8", "replace").rstrip()) else b"From "
