"""What a QQ export tells of chats beside the messages."""

from __future__ import annotations

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, string
from persona_store.sources.chat_line import fit_person
from persona_store.sources.chat_list import is_listed, listed
from persona_store.sources.chat_people import People
from persona_store.sources.chat_rooms import Rooms
from persona_store.sources.qq_lines import chat_of

_ALONE = ("private", "friend", "temp")


def describe(entry: Json, place: Place, people: People, rooms: Rooms) -> bool:
    """Take in a chat; False for anything else, which is a message then."""
    if is_listed(entry):
        if entry["members"]:
            listed(entry, people, rooms, fit_person)
        else:  # a section of a text, called by its name
            room = rooms.at(entry["chat_id"] if isinstance(entry["chat_id"], str) else place.chat)
            room.direct = room.direct or entry.get("direct") is True
        return True
    info = entry.get("chatInfo")
    if isinstance(info, dict):
        chat = chat_of({}, Place(place.file, place.chat, entry, place.zone))
        room = rooms.at(chat)
        room.name = string(info, "name") or room.name
        room.direct = room.direct or string(info, "type") in _ALONE
        if room.direct and chat.isdecimal():  # called by the other's number
            room.members.add(chat)
        return "sender" not in entry
    if string(entry, "message_type") in _ALONE:
        rooms.at(chat_of(entry, place)).direct = True
    return False
