"""A chat as plain text, one message after the other: `2026-03-02 09:30 张三：消息`.

Such a text tells names only, and cannot tell a message from one that somebody pasted. A line that does not begin
one goes on with the message above it: it is never anybody else's, whomever it mentions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from persona_store.sources.chat_line import NOBODY, Line, made_id
from persona_store.sources.chat_times import moment

_BEGINS = re.compile(
    r"\[?(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]{1,3}\d{1,2}:\d{2}(?::\d{2})?)\]?[ \t]{1,8}"
    r"([^\s:：][^:：\n]{0,60}?)[ \t]{0,4}[:：][ \t]?(.*)"
)
LONGEST = 200_000
"""Characters of one message; what goes on beyond is no chat."""


def begins(line: str) -> bool:
    """Whether a message begins with this line."""
    return bool(_BEGINS.match(line))


def lines(pieces: Iterable[str], chat: str, zone: tzinfo) -> Iterator[Line | str]:
    """The messages, or why a stretch of text is none."""
    at, name, words, size, lost = 0.0, "", [], 0, False
    for text in _split(pieces):
        match = _BEGINS.match(text.lstrip("\ufeff"))
        when = moment(match[1], zone) if match else None
        if match is None:
            lost = lost or (not name and bool(text.strip()))
            size += len(text)
            if name and size <= LONGEST:
                words.append(text)
            continue
        if name:
            yield _line(chat, at, name, words)
        at, name, words, size = when or 0.0, " ".join(match[2].split()), [match[3]], 0
        if when is None:
            yield "BAD_TIME"
            name = ""
    if name:
        yield _line(chat, at, name, words)
    if lost:
        yield "malformed"


def _line(chat: str, at: float, name: str, words: list[str]) -> Line:
    text = "\n".join(words).strip()
    return Line(id=made_id(chat, at, name, text), chat=chat, at=at, ids=NOBODY, name=name, text=text)


def _split(pieces: Iterable[str]) -> Iterator[str]:
    held = ""
    for piece in pieces:
        *whole, held = (held + piece).replace("\r\n", "\n").split("\n")
        yield from whole
        held = held[:LONGEST]
    yield held
