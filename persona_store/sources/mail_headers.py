"""The head of a mail: fields as written, decoded words, ids, the date. Pure, bounded, and without exceptions.

Python's own reader raises on some of what real mailers send (https://github.com/python/cpython/issues?q=email), so
only its reading of dates is used.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from persona_store.sources.mail_charsets import decode

Headers = dict[str, list[str]]
"""Values by lower-case name, in order, unfolded; encoded words are still encoded."""

READ = frozenset(
    [
        *("from", "to", "cc", "bcc", "date", "subject", "message-id", "in-reply-to", "references", "received"),
        *("content-type", "content-transfer-encoding", "content-disposition", "authentication-results"),
        *("list-id", "list-post", "list-unsubscribe", "list-unsubscribe-post", "precedence", "return-path"),
        *("auto-submitted", "x-autoreply", "x-autorespond", "x-vacation", "x-failed-recipients", "delivered-to"),
        *("x-original-to", "x-gmail-labels", "x-mozilla-status", "x-mozilla-draft-info"),
    ]
)
"""Most of a head is what servers wrote on the way."""
LONGEST_HEAD = 256 << 10  # bytes
LONGEST_VALUE = 64 << 10  # characters: thousands of recipients

_BLANK = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")


def divide(raw: bytes) -> tuple[bytes, bytes]:
    """(head, body). A mail without a blank line is all head."""
    if raw[:1] in b"\r\n":
        return b"", raw.lstrip(b"\r\n")
    found = _BLANK.search(raw)
    return (raw[: found.start()], raw[found.end() :]) if found else (raw, b"")


def parse(head: bytes) -> Headers:
    """The fields that mean something here. Lines that are no field (`From `, rubbish) are passed over."""
    found: Headers = {}
    values: list[bytes] = []
    name = ""
    for line in head[:LONGEST_HEAD].splitlines():
        if line[:1] in (b" ", b"\t"):
            values.append(line.strip())
            continue
        if name:
            found.setdefault(name, []).append(_value(values))
        match = _FIELD.match(line)
        name = match[0][:-1].strip().decode("ascii").lower() if match else ""
        name = name if name in READ else ""
        values = [line[match.end() :].strip()] if match else []
    if name:
        found.setdefault(name, []).append(_value(values))
    return found


def _value(lines: list[bytes]) -> str:
    return decode(b" ".join(lines))[:LONGEST_VALUE]


def first(headers: Headers, name: str) -> str:
    found = headers.get(name)
    return found[0] if found else ""


# ------------------------------------------------------------------ encoded words (RFC 2047)

_WORDS = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=(?:\s+(?==\?))?")


def words(value: str) -> str:
    """A value as people read it. Neighbours in one charset are joined as bytes first: mailers cut characters."""
    if "=?" not in value:
        return value
    out: list[str] = []
    waiting, charset, end = b"", "", 0
    for match in _WORDS.finditer(value):
        between = value[end : match.start()]
        if between or match[1].lower() != charset:
            out.append(decode(waiting, charset) + between)
            waiting, charset = b"", match[1].lower()
        waiting += _bytes_of(match[2], match[3])
        end = match.end()
    out.append(decode(waiting, charset) + value[end:])
    return "".join(out)


def _bytes_of(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "bB":
        return from_base64(raw)
    return binascii.a2b_qp(raw, header=True)


_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


def from_base64(raw: bytes) -> bytes:
    """As much of it as can be read: line ends, blanks and a missing end are no reason to lose a mail."""
    bare = raw.translate(None, _NOT_BASE64)
    bare = bare[:end] if (end := bare.find(b"=")) >= 0 else bare
    bare = bare[: len(bare) - 1] if len(bare) % 4 == 1 else bare
    return base64.b64decode(bare + b"=" * (-len(bare) % 4))


# ------------------------------------------------------------------ parameters (RFC 2045, RFC 2231)

_PARAM = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))')


def params(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset="utf-8"` → ("text/plain", {"charset": "utf-8"})."""
    main, _, rest = value.partition(";")
    found: dict[str, str] = {}
    parts: dict[str, dict[int, str]] = {}
    for match in _PARAM.finditer(";" + rest[:4000]):
        name = match[1].lower()
        text = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip()
        base, star, number = name.partition("*")
        if not star:
            found.setdefault(name, words(text))
        elif len(number := number.rstrip("*")) < 4:  # name*=…, name*0*=…
            parts.setdefault(base, {})[int(number) if number.isdigit() else 0] = text
    for base, pieces in parts.items():
        found[base] = _extended("".join(pieces[number] for number in sorted(pieces)))
    return main.strip().lower(), found


def _extended(text: str) -> str:
    """`UTF-8'en'%e6%8a%a5` → 报."""
    charset, quote, rest = text.partition("'")
    if not quote or "'" not in rest:
        return text
    raw = rest.partition("'")[2].encode("utf-8", "replace")
    return decode(re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes((int(m[1], 16),)), raw), charset)


# ------------------------------------------------------------------ ids and dates

_ID = re.compile(r"<([^<>\s@#]{1,400}@[^<>\s@#]{1,250})>")


def ids(value: str) -> list[str]:
    """The Message-IDs in a field, with their angle brackets. What would look like a piece of something else (`#`)
    is none."""
    return [match[0] for match in _ID.finditer(value)]


def date_of(headers: Headers) -> datetime | None:
    """When it was sent, or where it does not say, when it last arrived. None if neither is a time."""
    written = [first(headers, "date"), *(each.rpartition(";")[2] for each in headers.get("received", ())[:1])]
    for value in written:
        try:
            at = parsedate_to_datetime(value[:100])
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None
