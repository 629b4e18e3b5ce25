"""What a platform's importer has to bring; everything else about chat exports is common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo

from msgspec import Struct

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
