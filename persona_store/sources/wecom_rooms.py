"""What a WeCom export tells of groups and people beside the messages: members, and who received each message."""

from __future__ import annotations

import re

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, dicts, string, word
from persona_store.sources.chat_line import fit_id, fit_person
from persona_store.sources.chat_list import is_listed, listed, members
from persona_store.sources.chat_people import People
from persona_store.sources.chat_rooms import Rooms
from persona_store.sources.wecom_lines import everybody, opened, room_of

_ROOM = re.compile(r"wr[0-9A-Za-z_\-]{10,62}")


def describe(entry: Json, place: Place, people: People, rooms: Rooms) -> bool:
    """Take in a group, a member or a person; False for anything else, which is a message then."""
    if is_listed(entry):
        listed(entry, people, rooms, fit_person)
        return True
    message = opened(entry)
    if "msgid" in message or "msgtype" in message:
        _audience(message, place, rooms)
        return False
    if isinstance(entry.get("members"), list) and "roomname" in entry:  # msgaudit/groupchat/get
        room = rooms.at(_room_of(place))
        room.name = string(entry, "roomname") or room.name
        members(room, (word(member, "memberid") for member in dicts(entry["members"])), people, fit_person)
        return True
    if ident := fit_person(entry.get("userid")):
        people.meet((ident, "", ""), string(entry, "name"))
        if chat := fit_id(string(place.scope, "chat_id")):  # externalcontact/groupchat/get
            rooms.at(chat).members.add(ident)
            rooms.at(chat).name = string(place.scope, "name")
        return True
    return False


def _audience(message: Json, place: Place, rooms: Rooms) -> None:
    """Each message of the archive tells to whom it went."""
    there = everybody(message)
    if len(there) < 2 or "encrypt_chat_msg" in message:
        return
    room = rooms.at(room_of(message, place))
    room.members.update(there)
    room.direct = room.direct or not word(message, "roomid", "room_id")


def _room_of(place: Place) -> str:
    """The answer that lists a group's members does not name the group; its file should."""
    found = _ROOM.search(place.file)
    return found[0] if found else place.chat
