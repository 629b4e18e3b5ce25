"""What a Feishu export tells of chats and people beside the messages: chat lists, members, profiles.

Shapes: items of `GET im/v1/chats`, `GET im/v1/chats/:id`, `GET im/v1/chats/:id/members`, contact profiles, and what
scripts make of them (`{"oc_…": [members]}`).
"""

from __future__ import annotations

import re

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.chat_line import Ids, fit_id, fit_person
from persona_store.sources.chat_people import People
from persona_store.sources.chat_rooms import Room, Rooms

_CHAT = re.compile(r"oc_[0-9A-Za-z_\-]{3,80}")
_SAID = frozenset(("message_id", "msg_type", "message_type", "body", "content", "message", "text", "event"))
_OPEN = {"public": True, "private": False}
_SLOT = {"open_id": 0, "union_id": 1, "user_id": 2}


def describe(entry: Json, place: Place, people: People, rooms: Rooms) -> bool:
    """Take in a chat, a member of a chat or a person; False for anything else, which is a message then."""
    if not _SAID.isdisjoint(entry):
        event = entry.get("event")
        message = event.get("message") if isinstance(event, dict) else entry
        if string(message, "chat_type") == "p2p" and (chat := fit_id(string(message, "chat_id"))):
            rooms.at(chat).direct = True
        return False
    if "member_id" in entry or "member_id_type" in entry:
        _member(entry, place, people, rooms)
    elif "chat_id" in entry:
        _chat(entry, people, rooms)
    elif any(fit_person(entry.get(key)) for key in _SLOT):
        _person(entry, place, people, rooms)
    else:
        return False
    return True


def _chat(entry: Json, people: People, rooms: Rooms) -> None:
    chat = fit_id(entry.get("chat_id"))
    if not chat:
        return
    room = rooms.at(chat)
    room.name = string(entry, "name") or room.name
    mode, kind = string(entry, "chat_mode"), string(entry, "chat_type")
    room.direct = room.direct or "p2p" in (mode, kind)
    room.open = _OPEN.get(kind, room.open)
    room.external = room.external or entry.get("external") is True
    if room.direct and (target := fit_person(entry.get("p2p_target_id"))):
        room.members.add(target)
    for key in ("members", "users"):
        for member in dicts(entry.get(key)):
            _into(room, member, people)


def _member(entry: Json, place: Place, people: People, rooms: Rooms) -> None:
    chat = fit_id(entry.get("chat_id")) or _chat_of(place)
    if chat:
        _into(rooms.at(chat), entry, people)


def _into(room: Room, member: Json, people: People) -> None:
    ids = _ids(member)
    ident = next(filter(None, ids), "")
    if ident:
        people.meet(ids, string(member, "name"))
        room.members.add(ident)


def _person(entry: Json, place: Place, people: People, rooms: Rooms) -> None:
    """A profile; among the members of a chat, somebody who reads it."""
    people.meet(_ids(entry), string(entry, "name", "nickname", "en_name"))
    if chat := _chat_of(place):
        _into(rooms.at(chat), entry, people)


def _ids(entry: Json) -> Ids:
    ids = [fit_person(entry.get(key)) for key in _SLOT]
    given = fit_person(entry.get("member_id"))
    if given:
        slot = _SLOT.get(string(entry, "member_id_type"), {"ou_": 0, "on_": 1}.get(given[:3], 2))
        ids[slot] = ids[slot] or given
    return ids[0], ids[1], ids[2]


def _chat_of(place: Place) -> str:
    """Whose members these are: the envelope says so, or the name of the file does."""
    for key in ("chat_id", "chat"):
        if chat := fit_id(place.scope.get(key)):
            return chat
    found = _CHAT.search(place.file)
    return found[0] if found else ""
