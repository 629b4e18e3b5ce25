"""A letter as data: what it says, in parts, before it is text, HTML or bytes on a wire."""

from __future__ import annotations

from msgspec import Struct


class Words(Struct, frozen=True, tag=True):
    """A paragraph."""

    text: str


class Facts(Struct, frozen=True, tag=True):
    """What is so, line by line: (name, value)."""

    rows: tuple[tuple[str, str], ...]


class Points(Struct, frozen=True, tag=True):
    """A list."""

    lines: tuple[str, ...]


class Link(Struct, frozen=True, tag=True):
    """An address of this installation and of nobody else's, with the words that lead there."""

    words: str
    url: str


class Copy(Struct, frozen=True, tag=True):
    """Text to be kept to the letter, such as a checkpoint."""

    text: str


Part = Words | Facts | Points | Link | Copy


class Attachment(Struct, frozen=True):
    """`kind` is its media type; `name` is ours and never a name that somebody typed."""

    name: str
    kind: str
    content: bytes


class Letter(Struct, frozen=True):
    """`id` names what happened: of one event there is one letter, ever."""

    id: str
    lang: str
    subject: str
    parts: tuple[Part, ...]
    attachments: tuple[Attachment, ...] = ()
