"""What a WeChat export tells of chats and people beside the messages: contacts, groups and their members."""

from __future__ import annotations

import re
from typing import Any

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.chat_line import fit_id, fit_person
from persona_store.sources.chat_list import is_listed, listed, members
from persona_store.sources.chat_people import People
from persona_store.sources.chat_rooms import Rooms
from persona_store.sources.wechat_lines import ROOM, UNNAMED, WORDS, chat_of, is_person, is_room

_SPLIT = re.compile(r"[\x07;,]")


def describe(entry: Json, place: Place, people: People, rooms: Rooms) -> bool:
    """Take in a contact or a group; False for anything else, which is a message then."""
    if is_listed(entry):
        listed(entry, people, rooms, fit_person)
        return True
    if any(key in entry for key in WORDS):
        chat = chat_of(entry, place)
        if not chat.endswith(ROOM) and _is_pair(entry, place, chat):
            rooms.at(chat).direct = True
            if chat != place.chat:
                rooms.at(chat).members.add(chat)
        return False
    if is_room(entry):
        _room(entry, people, rooms)
        return True
    if is_person(entry):
        _person(entry, people, rooms)
        return True
    return _session(entry, place, rooms)


def _is_pair(entry: Json, place: Place, chat: str) -> bool:
    """A chat of two is called by the other's id. A table called by its file tells who wrote in groups only."""
    if chat.startswith(UNNAMED):
        return False
    if chat != place.chat:
        return True
    kind = string(place.scope.get("meta"), "type") or string(place.scope.get("session"), "type")
    return kind in ("private", "私聊") or ("IsSender" in entry and not string(entry, "Sender"))


def _session(entry: Json, place: Place, rooms: Rooms) -> bool:
    """The envelope of one chat's messages."""
    for key, name in (("session", "displayName"), ("meta", "name")):
        if isinstance(entry.get(key), dict):
            chat = chat_of({}, Place(place.file, place.chat, entry, place.zone))
            rooms.at(chat).name = string(entry[key], name, "nickname", "remark")
            return True
    return False


def _room(entry: Json, people: People, rooms: Rooms) -> None:
    """A row of the table ChatRoom (3.x), whose members stand in one text, or what chatlog prints of a group."""
    chat = fit_id(string(entry, "ChatRoomName", "chatroomId", "name"))
    if not chat:
        return
    room = rooms.at(chat)
    room.name = string(entry, "nickName", "NickName", "remark") or room.name
    given: list[Any] = [each for each in _SPLIT.split(string(entry, "UserNameList")) if each]
    for key in ("users", "members"):
        given += [
            {"id": string(each, "userName", "wxid"), "name": string(each, "displayName", "nickname")}
            for each in dicts(entry.get(key))
        ]
    members(room, given, people, fit_person)


def _person(entry: Json, people: People, rooms: Rooms) -> None:
    """Somebody's own name rather than what the owner of the phone calls them (Remark)."""
    ident = fit_person(string(entry, "UserName", "userName", "username", "wxid"))
    name = string(entry, "NickName", "nickName", "nickname", "nick_name", "displayName")
    if ident.endswith(ROOM):
        rooms.at(ident).name = name
    elif ident:
        people.meet((ident, fit_person(string(entry, "Alias", "alias")), ""), name)
