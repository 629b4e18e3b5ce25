"""What a DingTalk export tells of conversations and people beside the messages: lists, members, profiles."""

from __future__ import annotations

import re

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, string
from persona_store.sources.chat_line import Ids, fit_id, fit_person
from persona_store.sources.chat_people import People
from persona_store.sources.chat_rooms import Rooms

_CHAT = ("openConversationId", "conversationId", "openConvId", "cid", "chat")
_FILE = re.compile(r"cid[0-9A-Za-z+=_\-]{3,120}")
_SAID = frozenset(
    ("openMessageId", "openMsgId", "messageId", "msgId", "msgType", "messageType", "msgtype", "createTime")
    + ("content", "text", "plainText", "richText", "markdown", "forwarded", "forwardMessages", "forwardedMessages")
)


def describe(entry: Json, place: Place, people: People, rooms: Rooms) -> bool:
    """Take in a conversation, a member of one or a person; False for anything else, which is a message then."""
    direct = entry.get("singleChat") is True or entry.get("conversationType") in (1, "1")
    if not _SAID.isdisjoint(entry):
        if direct and (chat := fit_id(string(entry, *_CHAT))):
            rooms.at(chat).direct = True
        return False
    chat = fit_id(string(entry, *_CHAT))
    ids = _ids(entry)
    if any(ids):
        people.meet(ids, string(entry, "name", "nick", "nickName", "displayName"))
        if chat := chat or _chat_of(place):
            rooms.at(chat).members.add(next(filter(None, ids)))
        return True
    if not chat:
        return False
    room = rooms.at(chat)
    room.name = string(entry, "title", "conversationTitle", "name") or room.name
    room.direct = room.direct or direct
    room.external = room.external or entry.get("external") is True or string(entry, "groupType") == "EXTERNAL"
    return True


def _ids(entry: Json) -> Ids:
    """staffId, openDingTalkId."""
    return fit_person(string(entry, "userId", "staffId", "userid")), fit_person(string(entry, "openDingTalkId")), ""


def _chat_of(place: Place) -> str:
    """Whose members these are: the envelope says so, or the name of the file does."""
    found = _FILE.search(place.file)
    return fit_id(string(place.scope, *_CHAT)) or (found[0] if found else "")
