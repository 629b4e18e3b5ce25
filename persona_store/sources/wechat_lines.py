"""Which entries of a WeChat export are somebody saying something: pure functions.

Entries are rows of the client's own databases once somebody decrypted them (see wechat_db), of the tables WeChatMsg
(留痕) and PyWxDump write, and messages as WeFlow, chatlog and wechat-decrypt print them. Seen in
https://github.com/hicccc77/WeFlow (docs/HTTP-API.md), https://github.com/sjzar/chatlog,
https://github.com/LC044/WeChatMsg (exporter_csv.py, exporter_txt.py) and the reader of https://github.com/hellodigua/ChatLab.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, string, word
from persona_store.sources.chat_line import Ids, Line, fit_id, fit_person, made_id
from persona_store.sources.chat_list import is_listed
from persona_store.sources.chat_people import ME
from persona_store.sources.chat_times import moment
from persona_store.sources.wechat_text import APP, QUOTE, Said, kind_of, said

ROOM = "@chatroom"
UNNAMED = "Msg_"
"""How a chat is called whose id nothing tells but a hash; it may be one of two or of many."""
_CHATS = ("talker", "StrTalker", "strTalker", "chat", "chatId")
_WHO = ("senderUsername", "sender", "Sender", "sender_id", "senderId", "wxid")
_NAMES = ("senderDisplayName", "senderName", "sender_name", "accountName", "NickName", "nickname", "Remark", "name")
_TIMES = ("createTime", "CreateTime", "create_time", "timestamp", "time", "StrTime", "formattedTime", "date")
WORDS = ("content", "StrContent", "message_content", "msg", "message", "text")
_KINDS = ("localType", "local_type", "Type", "type_name", "type")
_MINE = ("isSend", "isSelf", "IsSender", "is_sender", "is_send")
_IDS = ("MsgSvrID", "serverId", "server_id", "svrId", "platformMessageId")
_MACHINES = ("weixin", "fmessage", "medianote", "floatbottle", "qqmail", "notifymessage", "newsapp", "mphelper")
_PREFIX = re.compile(r"([A-Za-z0-9][\w\-]{2,60}(?:@openim)?):[ \t]?\r?\n")
_OWN_KIND = re.compile(r"[\u4e00-\u9fff()（）\w]{1,40}")


def is_entry(value: Json) -> bool:
    """A message, a contact or a group, and no envelope."""
    if isinstance(value.get("messages"), list):
        return False
    said_at = any(key in value for key in _TIMES) and any(key in value for key in WORDS)
    return said_at or is_listed(value) or is_person(value) or is_room(value)


def is_person(value: Json) -> bool:
    return any(key in value for key in ("UserName", "userName", "username", "wxid")) and any(
        key in value for key in ("NickName", "nickName", "nickname", "nick_name", "displayName")
    )


def is_room(value: Json) -> bool:
    return (
        "ChatRoomName" in value
        or "chatroomId" in value
        or (word(value, "name").endswith(ROOM) and "users" in value)
    )


def read(entry: Json, place: Place) -> Iterator[Line | str]:
    """The message, or why it is none."""
    if not any(key in entry for key in WORDS):
        yield "malformed"
        return
    if isinstance(reason := entry.get("unreadable"), str):
        yield reason
        return
    kind, inner = _kind(entry)
    chat = chat_of(entry, place)
    ids, name, content = _author(entry, place, chat, _content(entry))
    found = said(kind, inner, content)
    yield found.reason or _by_machine(ids, chat) or _line(entry, place, chat, ids, name, _with_told(entry, found))


def _line(entry: Json, place: Place, chat: str, ids: Ids, name: str, found: Said) -> Line | str:
    if not any(ids) and not name:
        return "no_author"
    at = next((at for key in _TIMES if (at := moment(entry.get(key), place.zone)) is not None), None)
    if at is None:
        return "BAD_TIME"
    quotes = fit_id(found.quotes)
    return Line(
        id=_id(entry, chat) or made_id(chat, at, "/".join((*ids, name)), found.own or found.quoted),
        chat=chat,
        at=at,
        ids=ids,
        name=name,
        text=found.own,
        parents=(quotes,) if quotes else (),
        quoted=found.quoted,
        quotes=quotes,
    )


def _kind(entry: Json) -> tuple[int, int]:
    """WeFlow's numbers are not to be trusted where it has words for them."""
    named = string(entry, "type", "type_name")
    number = "" if named and _OWN_KIND.fullmatch(named) and not named.isdecimal() else word(entry, *_KINDS)
    return kind_of(number or named, word(entry, "subType", "SubType"))


def _content(entry: Json) -> str:
    return string(entry, *WORDS)


def _with_told(entry: Json, found: Said) -> Said:
    """chatlog puts what is quoted, passed on or attached beside the words."""
    told = entry.get("contents")
    if not isinstance(told, dict):
        return found
    if refer := string(told.get("refer"), "content"):
        name = string(told["refer"], "senderName", "sender")
        return found._replace(own=found.own or _content(entry), quoted=f"{name}：{refer}" if name else refer)
    if _kind(entry) == (APP, QUOTE):
        return found
    if record := string(told, "desc"):
        return found._replace(own="", quoted=record)
    return found


def _id(entry: Json, chat: str) -> str:
    given = fit_id(word(entry, *_IDS))
    if given:
        return given
    number = word(entry, "seq")
    return f"{chat}/{number}" if number.isdecimal() and len(number) > 8 else ""


# ------------------------------------------------------------------ who and where


def _author(entry: Json, place: Place, chat: str, content: str) -> tuple[Ids, str, str]:
    """(ids, name, the words without the id that groups put before them). An id that the row tells beside the words
    decides; what stands in the words is believed only where nothing else tells, in a group."""
    mine = word(entry, *_MINE) == "1"
    who, name = _named(entry, mine)
    prefix = _PREFIX.match(content) if chat.endswith(ROOM) and not mine else None
    if prefix and who in ("", prefix[1]):
        who, content = who or prefix[1], content[prefix.end() :]
    if mine and not who:
        who, name = place.account, ("" if place.account else ME)
    if (
        not who and not name and not mine and not chat.endswith(ROOM) and not chat.startswith(UNNAMED)
    ):  # a chat of two is called by the other
        who, name = (chat, "") if chat != place.chat else ("", chat.removesuffix("_utf8"))
    return (fit_person(who), "", ""), name, content


def _named(entry: Json, mine: bool) -> tuple[str, str]:
    """Some tools write an id where others write a name, and "self" or "me" for whoever made the copy."""
    who = "" if "room_name" in entry else string(entry, *_WHO)
    if "room_name" in entry:
        who = string(entry, "talker")
    name = " ".join(string(entry, *_NAMES).split())
    if who.lower() in ("self", "me", ME) or (mine and who.endswith(ROOM)):
        who = ""
    if who and not _is_id(who):
        who, name = "", name or " ".join(who.split())
    return who, "" if mine and name == ME else name


def _is_id(given: str) -> bool:
    """wxid_…, an old account's own name, gh_…, 123@chatroom, …@openim: letters and digits, as no name need be."""
    return bool(re.fullmatch(r"[A-Za-z0-9][\w\-]{2,60}(?:@\w{3,12})?", given, re.ASCII)) and not given.isalpha()


def _by_machine(ids: Ids, chat: str) -> str:
    who = ids[0]
    if who.endswith(ROOM):
        return "system"
    return "bot" if who.startswith("gh_") or who in _MACHINES or chat in _MACHINES or chat.startswith("gh_") else ""


def chat_of(entry: Json, place: Place) -> str:
    """wxid of the other, or the id of the group."""
    if given := fit_id(string(entry, "room_name")):
        return given
    session, meta = place.scope.get("session"), place.scope.get("meta")
    for holder, keys in (
        (entry, _CHATS),
        (place.scope, _CHATS),
        (session, ("wxid", "username")),
        (meta, ("groupId",)),
    ):
        if given := fit_id(string(holder, *keys)):
            return given
    return fit_id(string(place.scope, "username")) or place.chat


def met(entry: Json) -> Iterator[tuple[Ids, str]]:
    return iter(())
