"""Lists of chats and their members that somebody writes for `--chats`, the same for every messenger:
`{"chat_id": "…", "name": "…", "direct": false, "members": ["id", {"id": "…", "name": "…"}]}`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from persona_store.sources.chat_json import Json, string, word
from persona_store.sources.chat_line import fit_id
from persona_store.sources.chat_people import People
from persona_store.sources.chat_rooms import Room, Rooms

Fit = Callable[[object], str]
"""A person's id as the platform's person keys have it, "" for what is none."""


def is_listed(value: Json) -> bool:
    return "chat_id" in value and isinstance(value.get("members"), list)


def listed(entry: Json, people: People, rooms: Rooms, fit: Fit) -> None:
    """Take in a chat of such a list."""
    chat = fit_id(word(entry, "chat_id"))
    if chat:
        room = rooms.at(chat)
        room.name = string(entry, "name") or room.name
        room.direct = room.direct or entry.get("direct") is True
        members(room, entry["members"], people, fit)


def members(room: Room, given: Iterable[Any], people: People, fit: Fit) -> None:
    """Who reads a chat, by id; names are only what they are called."""
    for member in given:
        ident = fit(word(member, "id") if isinstance(member, dict) else member)
        if ident:
            people.meet((ident, "", ""), string(member, "name"))
            room.members.add(ident)
