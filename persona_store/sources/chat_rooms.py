"""Which chats there are, and who could read what was said in them."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct, field

EVERY = "*"


class Room(Struct):
    """What the material tells of a chat. None: it does not say."""

    name: str = ""
    direct: bool = False  # one to one
    open: bool | None = None  # whoever belongs to the team may join and read
    external: bool = False  # people of another company are in it
    members: set[str] = field(default_factory=set)  # ids
    topics: set[str] = field(default_factory=set)  # messages that open a room within it: a forum's topics


class Rooms:
    """By chat id. `team` are the chats of which the operator says that the whole team could read them; `*` is every
    group chat of which the material does not say who could."""

    def __init__(self, team: Collection[str] = ()) -> None:
        self._team = frozenset(team)
        self._rooms: dict[str, Room] = {}

    def at(self, chat: str) -> Room:
        return self._rooms.setdefault(chat, Room())

    def known(self, chat: str) -> Room:
        return self._rooms.get(chat) or Room()

    def audience(self, chat: str, members: set[str], wrote: set[str]) -> tuple[str, ...] | None:
        """Person keys, or None for the whole team.

        Nobody knows who reads a chat that no list describes, so it is private to those who wrote in it: unknown is
        denied (rights.md T08)."""
        room = self.known(chat)
        if room.direct:
            return tuple(sorted(members | wrote))
        if chat in self._team or (room.open and not room.external):
            return None
        if members:
            return tuple(sorted(members))
        if EVERY in self._team and room.open is None and not room.external:
            return None
        return tuple(sorted(wrote))
