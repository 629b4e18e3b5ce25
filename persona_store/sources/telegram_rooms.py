"""What a Telegram export tells of chats and people beside the messages."""

from __future__ import annotations

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, string
from persona_store.sources.chat_list import is_listed, listed
from persona_store.sources.chat_people import People
from persona_store.sources.chat_rooms import Rooms
from persona_store.sources.telegram_lines import ALONE, chat_of, fit_sender

_OPEN = {
    **dict.fromkeys(("public_supergroup", "public_channel", "public_group"), True),
    **dict.fromkeys(("private_supergroup", "private_channel", "private_group"), False),
}


def describe(entry: Json, place: Place, people: People, rooms: Rooms) -> bool:
    """Take in a chat or a person; False for anything else, which is a message then."""
    if is_listed(entry):
        listed(entry, people, rooms, fit_sender)
        return True
    if "date" in entry or "date_unixtime" in entry:
        if string(entry, "action") == "topic_created" and isinstance(entry.get("id"), int):
            chat = chat_of(entry, place)
            rooms.at(chat).topics.add(f"{chat}/{entry['id']}")
        return False
    if "user_id" in entry:
        return _person(entry, people)
    kind = string(entry, "type")
    if kind not in _OPEN and kind not in ALONE:
        return False
    room = rooms.at(chat_of(entry, Place(place.file, place.chat, entry, place.zone)))
    room.name = string(entry, "name") or room.name
    room.direct = kind in ALONE
    if kind == "personal_chat" and (other := fit_sender(entry.get("id"))):
        room.members.add(other)
    room.open = True if _OPEN.get(kind) else room.open
    return True


def _person(entry: Json, people: People) -> bool:
    ident = fit_sender(entry.get("user_id"))
    if ident and ident != "0":  # a contact without an account
        people.meet((ident, "", ""), f"{string(entry, 'first_name')} {string(entry, 'last_name')}".strip())
    return True
