"""A chat as plain text in which each message has a head of its own: a line with time and name, then the words.

QQ's message manager and WeChatMsg (留痕) write them so. Which lines are heads decides who said something, and a
message may hold a line that looks like one; nothing in such a text tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from persona_store.sources import chat_txt
from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json
from persona_store.sources.chat_line import Line

LONGEST = 200_000
"""Characters of one message; what goes on beyond is no chat."""

LOOKED_AT = 200
"""Lines at the beginning that show which kind of text it is."""

HEAD = re.compile(
    r"(?P<time>\d{4}[-/.]\d{1,2}[-/.]\d{1,2} \d{1,2}:\d{2}:\d{2})(?:[ \t]{1,4}(?P<name>\S[^\n]{0,120}?))?[ \t]{0,9}"
)
"""`2026-03-02 09:30:00 张三`"""


def messages(pieces: Iterable[str], place: Place, head: re.Pattern[str] = HEAD) -> Iterator[Json | Line | str]:
    """Rows (see chat_table), or messages where the text has one a line. `head` may have a group `id`."""
    yield from read(split(pieces), place, head)


def read(lines: Iterator[str], place: Place, head: re.Pattern[str]) -> Iterator[Json | Line | str]:
    """The same, of lines."""
    first = list(islice(lines, LOOKED_AT))
    one_each = sum(chat_txt.begins(line) for line in first)
    if one_each > sum(bool(head.fullmatch(line)) for line in first) - one_each:
        yield from chat_txt.lines((f"{line}\n" for line in chain(first, lines)), place.chat, place.zone)
        return
    yield from _headed(chain(first, lines), head)


def _headed(lines: Iterable[str], head: re.Pattern[str]) -> Iterator[Json | str]:
    current: Json = {}
    words: list[str] = []
    size = 0
    lost = False
    for line in lines:
        match = head.fullmatch(line)
        if match is None:
            lost = lost or (not current and bool(line.strip()))
            size += len(line)
            if current and size <= LONGEST:
                words.append(line)
            continue
        if current:
            yield _row(current, words)
        found = match.groupdict()
        current = {"time": found["time"], "sender_name": found["name"] or "", "sender_id": found.get("id") or ""}
        words, size = [], 0
    if current:
        yield _row(current, words)
    if lost:
        yield "malformed"


def _row(head: Json, words: list[str]) -> Json:
    """A head without words, or without a name, is what the client itself had to say: "张三 joined the group"."""
    text = "\n".join(words).strip()
    nobody = not text or not (head["sender_name"] or head["sender_id"])
    return {**head, "content": text, "type": "system" if nobody else "text"}


def split(pieces: Iterable[str]) -> Iterator[str]:
    held = ""
    for piece in pieces:
        *whole, held = (held + piece).split("\n")
        for line in whole:
            yield line.rstrip("\r").lstrip("\ufeff")
        held = held[:LONGEST]
    yield held.rstrip("\r")
