"""The parts of a mail: which of them are its text, what was attached, which other mails it carries.

MIME read by a walker of our own, because this one is bounded: it goes over each level once, stops at a depth and at
a number of parts (rights.md IMP-20), and takes a mail as it is, with missing ends and wrong labels.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.sources.html_text import html_text
from persona_store.sources.mail_charsets import decode
from persona_store.sources.mail_flowed import unflowed
from persona_store.sources.mail_headers import Headers, divide, first, from_base64, params, parse

DEEPEST = 10
MOST_PARTS = 1000
LONGEST_TEXT = 1 << 20  # bytes of one part that are read
MOST_NAMES = 20


class Part(Struct, frozen=True):
    headers: Headers
    body: bytes
    kind: str  # "text/plain"
    params: dict[str, str]

    @property
    def name(self) -> str:
        """What an attached file is called. "" for a part that is no file."""
        said, more = params(first(self.headers, "content-disposition"))
        name = more.get("filename") or self.params.get("name", "")
        return " ".join(name.split())[:120] or ("?" if said == "attachment" else "")


class Content(Struct):
    """What a mail says, with quoted lines after `>`."""

    text: str = ""
    files: list[str] = []
    mails: list[bytes] = []  # attached or forwarded whole; each has an author of its own
    encrypted: bool = False
    invitation: bool = False


def content_of(headers: Headers, body: bytes) -> Content:
    """Raises Refused MIME_DEPTH or MIME_PARTS for what nobody sends but to do harm."""
    reading = _Reading()
    text = reading.text(_part(headers, body, "text/plain"), 0)
    return Content(
        text.strip("\n"), reading.files[:MOST_NAMES], reading.mails, reading.encrypted, reading.invitation
    )


def _part(headers: Headers, body: bytes, usual: str) -> Part:
    kind, more = params(first(headers, "content-type") or usual)
    return Part(headers, body, kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "text/plain", more)


class _Reading:
    def __init__(self) -> None:
        self.files: list[str] = []
        self.mails: list[bytes] = []
        self.encrypted = self.invitation = False
        self._left = MOST_PARTS

    def text(self, part: Part, depth: int) -> str:
        self._left -= 1
        if depth > DEEPEST:
            raise Refused("MIME_DEPTH", f"a mail is nested deeper than {DEEPEST} levels", "it was made to do harm")
        if self._left < 0:
            raise Refused("MIME_PARTS", f"a mail has more than {MOST_PARTS:,} parts", "it was made to do harm")
        major, _, minor = part.kind.partition("/")
        if major == "multipart":
            return self._several(part, minor, depth)
        if part.kind == "message/rfc822":
            self.mails.append(unwrapped(part))
            return ""
        if part.kind == "text/calendar":
            self.invitation = True
            return ""
        if part.kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            self.encrypted = True
            return ""
        if part.name:
            self.files.append(part.name)
            return ""
        return _words(part) if part.kind in ("text/plain", "text/html", "text/markdown") else ""

    def _several(self, part: Part, minor: str, depth: int) -> str:
        usual = "message/rfc822" if minor == "digest" else "text/plain"
        inner = [_part(*each, usual) for each in _divided(part)]
        if minor == "encrypted":
            self.encrypted = True
            return ""
        texts = [self.text(each, depth + 1) for each in inner]
        if minor == "alternative":
            return _best(inner, texts)
        if minor in ("related", "signed"):
            return texts[0] if texts else ""
        return "\n\n".join(text for text in texts if text.strip())


_NO_HTML = re.compile(r"html|浏览器|客户端", re.I)


def _best(parts: list[Part], texts: list[str]) -> str:
    """The plain text, unless all it says is that one should look at the other."""
    said = [(part.kind, text) for part, text in zip(parts, texts, strict=True) if text.strip()]
    rich = [text for kind, text in said if kind != "text/plain"]
    for kind, text in said:
        excuse = len(text) < 200 and _NO_HTML.search(text) and any(len(other) > len(text) for other in rich)
        if kind == "text/plain" and not excuse:
            return text
    return rich[-1] if rich else said[0][1] if said else ""


def _divided(part: Part) -> Iterator[tuple[Headers, bytes]]:
    boundary = part.params.get("boundary", "").rstrip().encode("utf-8", "replace")
    if not boundary:
        return
    pieces = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary[:200]) + rb"(--)?[ \t]*(?=\r?\n|\Z)", part.body)
    for place in range(2, len(pieces), 2):  # before the first is the preamble
        if pieces[place - 1]:
            return  # the end; what follows is said to nobody
        head, body = divide(_after_line_end(pieces[place]))
        yield parse(head), body


def _after_line_end(piece: bytes) -> bytes:
    return piece.removeprefix(b"\r").removeprefix(b"\n")


def unwrapped(part: Part) -> bytes:
    """The bytes a part stands for."""
    coding = first(part.headers, "content-transfer-encoding").strip().lower()
    if coding == "base64":
        return from_base64(part.body)
    if coding == "quoted-printable":
        return binascii.a2b_qp(part.body)
    return part.body


def _words(part: Part) -> str:
    raw = unwrapped(part)[:LONGEST_TEXT]
    text = decode(raw, part.params.get("charset", "")).replace("\r\n", "\n").replace("\r", "\n")
    if part.kind == "text/html":
        return html_text(text).text
    if part.params.get("format", "").lower() == "flowed":
        return unflowed(text, joined=part.params.get("delsp", "").lower() == "yes")
    return text
