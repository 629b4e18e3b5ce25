"""Markdown, plain text and HTML: bytes into text in a declared encoding, and what the file says of itself."""

from __future__ import annotations

import codecs
import re

from persona_store.errors import Refused
from persona_store.sources.front_matter import moment, split
from persona_store.sources.html_text import html_text
from persona_store.sources.paper import Handed, Paper, named


def decoded(handed: Handed) -> str:
    """Raises Refused ENCODING with the place, TYPE_MISMATCH for what is no text."""
    raw, name = handed.raw, handed.name
    encoding = handed.encoding or "utf-8"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif raw.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    elif b"\x00" in raw:
        raise Refused("TYPE_MISMATCH", f"{name!r} is not a text file", "leave it out")
    try:
        return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        what = f"{name!r} is not {encoding.upper()} (byte {error.start})"
        raise Refused("ENCODING", what, "save it as UTF-8, or say what it is: --encoding gb18030") from None


def read_text(handed: Handed) -> Paper:
    said, body = split(decoded(handed))
    date = moment(said.date) if said.date else handed.modified
    if date is None:
        raise Refused("BAD_TIME", f"{handed.name!r} is dated {said.date[:40]!r}", "write it as 2026-03-02")
    text, hidden = without_comments(body)
    return Paper(text, said.title, said.authors, date, hidden)


_CHARSET = re.compile(rb"<meta[^<>]{0,200}charset\s{0,3}=\s{0,3}[\"']?([\w-]{1,40})", re.I)


def read_html(handed: Handed) -> Paper:
    """A page names its encoding itself; a declared one goes before."""
    found = _CHARSET.search(handed.raw[:4096])
    encoding = handed.encoding or (found[1].decode("ascii").lower() if found else "")
    page = html_text(
        decoded(Handed(handed.raw, handed.name, handed.modified, known(encoding), handed.theirs)), headings=True
    )
    said = page.said
    written = said.get("article:modified_time") or said.get("article:published_time") or said.get("date") or ""
    authors = named(*(said.get("author") or said.get("article:author") or "").split(";"))
    return Paper(page.text, page.title, authors, moment(written.strip()), page.hidden)


def known(encoding: str) -> str:
    """The encoding if Python has it, with GB 18030 for what calls itself GB 2312; "" otherwise."""
    if encoding in ("gb2312", "gbk"):
        return "gb18030"
    try:
        "".encode(encoding or "utf-8")
        return encoding
    except LookupError:
        return ""


_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_UNSEEN = re.compile(
    r"<(\w{1,10})\b[^<>]{0,200}display\s{0,3}:\s{0,3}none[^<>]{0,200}>.{0,2000}?</\1>", re.S | re.I
)


def without_comments(text: str) -> tuple[str, bool]:
    """(the text a reader of the rendered page sees, whether there was more): rights.md T03."""
    seen = _UNSEEN.sub("", _COMMENT.sub("", text)) if "<" in text else text
    return seen, seen != text
