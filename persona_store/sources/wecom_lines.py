"""Which entries of a WeCom (企业微信) export are somebody saying something: pure functions.

Entries are the decrypted messages of the archive (会话内容存档), alone or in the answers of those who pass them on:
https://developer.work.weixin.qq.com/document/path/91774. And rows of tables or texts: time, name and words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, decoded, string, word
from persona_store.sources.chat_line import Ids, Line, fit_id, fit_person, made_id
from persona_store.sources.chat_list import is_listed
from persona_store.sources.chat_table import Row, is_row, row
from persona_store.sources.chat_times import moment
from persona_store.sources.wecom_text import spoken

_SILENT = ("agree", "disagree", "switch", "meeting_control")
_MADE = ("news",)  # only applications send these
_OUTSIDE = re.compile(r"w[mo][0-9A-Za-z_\-]{20,62}")
_BOT = re.compile(r"wb[0-9A-Za-z_\-]{20,62}")
_BODIES = {"docmsg": "doc", "markdown": "info", "news": "info", "external_redpacket": "redpacket"}


def is_entry(value: Json) -> bool:
    """A message, a person or a list of members, and no envelope."""
    if "encrypt_chat_msg" in value or "roomname" in value or ("msgid" in value and "chatdata" not in value):
        return True
    return is_row(value) or is_listed(value) or ("userid" in value and "member_list" not in value)


def read(entry: Json, place: Place) -> Iterator[Line | str]:
    """The message, or why it is none."""
    message = opened(entry)
    if "msgid" not in message and is_row(message):
        yield _row_line(row(message), place)
        return
    yield _unspoken(message) or _line(message, place)


def opened(entry: Json) -> Json:
    """Whoever passes a page of the archive on puts the decrypted message beside its number."""
    for key in ("msg", "message", "decrypted", "chat_msg"):
        inner = decoded(entry.get(key))
        if isinstance(inner, dict) and ("msgtype" in inner or "action" in inner):
            return inner
    return entry


def _unspoken(message: Json) -> str:
    """Why nobody said this: a machine did, WeCom itself did, or it is no message."""
    if "encrypt_chat_msg" in message:
        return "encrypted"
    kind = string(message, "msgtype", "msg_type").lower()
    if string(message, "action") == "switch" or kind in _SILENT:
        return "system"
    if not kind:
        return "malformed"
    if kind in _MADE or _BOT.fullmatch(string(message, "from")):
        return "bot"
    return "" if fit_person(string(message, "from")) else "no_author"


def _line(message: Json, place: Place) -> Line | str:
    who, chat = string(message, "from"), room_of(message, place)
    at = moment(message.get("msgtime"), place.zone)
    if at is None:
        return "BAD_TIME"
    kind = string(message, "msgtype", "msg_type").lower()
    body = next((message[key] for key in (kind, _BODIES.get(kind, kind), "content") if message.get(key)), None)
    taken_back = fit_id(string(decoded(body), "pre_msgid")) if kind == "revoke" else ""
    if kind == "revoke" and not taken_back:
        return "malformed"
    own, others = spoken(kind, body)
    return Line(
        id=taken_back or fit_id(string(message, "msgid")) or made_id(chat, at, who, own),
        chat=chat,
        at=at,
        ids=(who, "", ""),
        name=" ".join(string(message, "from_name", "sender_name").split()),
        text=own,
        tenant="outside" if _OUTSIDE.fullmatch(who) else "inside",
        quoted=others,
        gone=bool(taken_back),
    )


def _row_line(said: Row, place: Place) -> Line | str:
    """A row of a table, or a message of a text."""
    if said.system:
        return "system"
    ident = fit_person(said.ident)
    if _BOT.fullmatch(ident):
        return "bot"
    at = moment(said.at, place.zone)
    if at is None or not (ident or said.name):
        return "BAD_TIME" if at is None else "no_author"
    chat = fit_id(said.chat) or place.chat
    return Line(
        id=fit_id(said.id) or made_id(chat, at, ident or said.name, said.text),
        chat=chat,
        at=at,
        ids=(ident, "", ""),
        name=said.name,
        text=said.text if said.worded else "",
        tenant="" if not ident else "outside" if _OUTSIDE.fullmatch(ident) else "inside",
    )


def everybody(message: Json) -> list[str]:
    """Who was there when it was said: sender and receivers."""
    given: Any = decoded(message.get("tolist"))
    given = re.split(r"[,;|\s]+", given) if isinstance(given, str) else given if isinstance(given, list) else []
    return [ident for each in (message.get("from"), *given) if (ident := fit_person(each))]


def chat_of(entry: Json, place: Place) -> str:
    message = opened(entry)
    return room_of(message, place) if "msgid" in message else fit_id(row(message).chat) or place.chat


def room_of(message: Json, place: Place) -> str:
    """The room; a chat of two has no id and is called by both."""
    if room := fit_id(word(message, "roomid", "room_id")):
        return room
    both = sorted(set(everybody(message)))
    return "+".join(both) if len(both) == 2 else place.chat


def met(entry: Json) -> Iterator[tuple[Ids, str]]:
    return iter(())  # who received it is met where they read it: see wecom_rooms
