"""What a platform's importer has to bring; everything else about chat exports is common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from typing import Any

from msgspec import Struct

from persona_store.sources import chat_txt
from persona_store.sources.archive import Archive
from persona_store.sources.chat_json import Json
from persona_store.sources.chat_line import Ids, Line
from persona_store.sources.chat_people import People
from persona_store.sources.chat_rooms import Rooms
from persona_store.sources.jsonstream import Scope


class Place(Struct, frozen=True):
    """Where an entry stands: the file, and what the envelopes around it say. `chat` is what the chat is called if
    neither they nor the entry tell: the file's path."""

    file: str
    chat: str
    scope: Scope
    zone: tzinfo
    account: str = ""  # whose copy it is, where messages say no more than "sent by me"


def one_line_each(pieces: Iterable[str], place: Place) -> Iterator[Line | str]:
    return chat_txt.lines(pieces, place.chat, place.zone)


class Dialect(Struct, frozen=True):
    """Pure functions over entries as the platform writes them."""

    kind: str  # what a consent's scope calls it
    platform: str  # what its person keys begin with
    name: str  # for people
    is_entry: Callable[[Json], bool]
    """An entry, and no envelope of further ones."""
    describe: Callable[[Json, Place, People, Rooms], bool]
    """Take in an entry that tells of a chat or a person; False if it is none of these."""
    read: Callable[[Json, Place], Iterator[Line | str]]
    """The messages of an entry, or why it is none: a reason of the report."""
    chat_of: Callable[[Json, Place], str]
    """The chat an entry's messages stand in, so that others need not be read; "" if it takes reading."""
    met: Callable[[Json], Iterator[tuple[Ids, str]]]
    """Who else is named in a message with an id: mentions."""
    text: Callable[[Iterable[str], Place], Iterator[Json | Line | str]] = one_line_each
    """What a text file holds: entries, messages, or why a stretch of it is neither."""
    endings: tuple[str, ...] = ()
    """Further kinds of files beside JSON and text, which `rows` reads."""
    rows: Callable[[Archive, str, str], Iterator[tuple[Scope, Any] | str]] | None = None
    """The entries of such a file, given its name and what encoding was declared. Raises Refused with what to hand
    in instead where a kind of file cannot be read."""
