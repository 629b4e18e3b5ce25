"""Which entries of a QQ export are somebody saying something: pure functions.

Entries are messages as QQChatExporter writes them (https://github.com/shuakami/qq-chat-exporter, on top of NapCat),
events of the OneBot 11 standard as bots keep them (https://github.com/botuniverse/onebot-11), and rows of texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, dicts, string, word
from persona_store.sources.chat_line import Ids, Line, fit_id, fit_person, made_id
from persona_store.sources.chat_list import is_listed
from persona_store.sources.chat_table import is_row, row
from persona_store.sources.chat_times import moment

_FILE = re.compile(r"(?:group|friend|private|temp)_(\d{5,12})(?:_|\.)")
_SYSTEM = ("10000", "1000000")
_BOTS = ((2854196301, 2854216399), (3889000000, 3889999999), (4010000000, 4019999999), (66600000, 66600000))
"""Numbers QQ keeps for robots, as NapCat asks for them (`getRobotUinRange`)."""
_SPOKEN = ("text", "at")
_RECORDED = ("forward", "node")


def is_entry(value: Json) -> bool:
    """A message and no envelope."""
    if isinstance(value.get("messages"), list):
        return False
    return _is_exported(value) or _is_event(value) or is_row(value) or is_listed(value)


def _is_exported(value: Json) -> bool:
    return isinstance(value.get("sender"), dict) and isinstance(value.get("content"), dict)


def _is_event(value: Json) -> bool:
    return any(key in value for key in ("post_type", "message_type", "raw_message"))


def read(entry: Json, place: Place) -> Iterator[Line | str]:
    """The message, or why it is none."""
    if _is_exported(entry):
        yield _unspoken(entry) or _exported(entry, place)
    elif _is_event(entry):
        yield _event(entry, place)
    elif is_row(entry):
        yield _row(entry, place)
    else:
        yield "malformed"


def _unspoken(entry: Json) -> str:
    """Why nobody said this: QQ itself did, or a machine."""
    if entry.get("system") is True or entry.get("isSystemMessage") is True:
        return "system"
    if string(entry, "type") in ("system", "error"):
        return "system"
    return _by_machine(word(entry["sender"], "uin"))


def _by_machine(number: str) -> str:
    if number in _SYSTEM:
        return "system"
    known = number.isascii() and number.isdecimal() and len(number) < 12
    return "bot" if known and any(low <= int(number) <= high for low, high in _BOTS) else ""


def _exported(entry: Json, place: Place) -> Line | str:
    sender, content = entry["sender"], entry["content"]
    raw = entry.get("rawMessage")
    ids = (
        fit_person(word(sender, "uin") or word(raw, "senderUin")),
        fit_person(word(sender, "uid") or word(raw, "senderUid")),
        "",
    )
    name = " ".join(string(sender, "name", "nickname").split())
    parts = list(dicts(content.get("elements"))) or list(dicts(content.get("multiForward")))
    own, quoted, replied = _spoken(parts) if parts else (_bare(string(content, "text")), "", "")
    gone = entry.get("recalled") is True or entry.get("isRecalled") is True
    at = next((at for key in ("timestamp", "time") if (at := moment(entry.get(key), place.zone))), None)
    return _line(entry, place, ids, name, at, own, quoted, replied, gone=gone)


def _event(entry: Json, place: Place) -> Line | str:
    if string(entry, "post_type") not in ("", "message", "message_sent"):
        return "system"
    sender = entry.get("sender")
    number = word(entry, "user_id") or word(sender, "user_id")
    if reason := _by_machine(number):
        return reason
    name = " ".join(string(sender, "card", "nickname").split())
    message = entry.get("message")
    if isinstance(message, list):
        own, quoted, replied = _spoken(list(dicts(message)))
    else:
        own, quoted, replied = _bare(string(entry, "message", "raw_message")), "", ""
    at = moment(entry.get("time"), place.zone)
    return _line(entry, place, (fit_person(number), "", ""), name, at, own, quoted, replied, gone=False)


def _row(entry: Json, place: Place) -> Line | str:
    said = row(entry)
    if said.system:
        return "system"
    if reason := _by_machine(said.ident):
        return reason
    at = moment(said.at, place.zone)
    return _line(
        entry, place, (fit_person(said.ident), "", ""), said.name, at, _bare(said.text), "", "", gone=False
    )


def _line(
    entry: Json,
    place: Place,
    ids: Ids,
    name: str,
    at: float | None,
    own: str,
    quoted: str,
    replied: str,
    *,
    gone: bool,
) -> Line | str:
    if not any(ids) and not name:
        return "no_author"
    if at is None:
        return "BAD_TIME"
    chat = chat_of(entry, place)
    given = fit_id(word(entry, "id", "message_id", "msgId"))
    return Line(
        id=f"{chat}/{given}" if given else made_id(chat, at, "/".join((*ids, name)), own),
        chat=chat,
        at=at,
        ids=ids,
        name=name,
        text=own,
        parents=(f"{chat}/{replied}",) if replied and replied != given else (),
        quoted=quoted,
        quotes=f"{chat}/{replied}" if replied else "",
        gone=gone,
    )


# ------------------------------------------------------------------ words

_MARKS = re.compile(
    r"\[(?:CQ:[a-z_]+[^\[\]]*|图片(?:[:：][^\[\]]*)?|表情\d*|语音[^\[\]]*|视频[^\[\]]*|回复消息|转发消息|JSON消息)\]"
)
_REPLY = re.compile(r"\[回复[^\n\]]*\][^\n]*\n")


def _bare(text: str) -> str:
    """Words as text only: without what stands for pictures and faces. A reply's first line is what it answers."""
    return _MARKS.sub("", _REPLY.sub("", text, count=1) if text.startswith("[回复 ") else text).strip()


def _spoken(parts: list[Any]) -> tuple[str, str, str]:
    """(own words, words of others, the message that is answered) of the pieces of a message."""
    own: list[str] = []
    quoted: list[str] = []
    replied = ""
    for part in parts:
        kind, data = string(part, "type"), part.get("data")
        if kind in _SPOKEN:
            own.append(_text(data) or (f"@{word(data, 'qq')}" if kind == "at" else ""))
        elif kind == "reply":
            replied = fit_id(word(data, "messageId", "id", "referencedMessageId"))
            quoted.append(string(data, "content"))
        elif kind in _RECORDED:
            quoted.append(_recorded(data))
        elif kind == "file" and (name := string(data, "filename", "name", "file")):
            own.append(f"[file] {name}")
    return "".join(own).strip(), "\n".join(filter(None, quoted)), replied


def _text(data: Any) -> str:
    words = data.get("text") if isinstance(data, dict) else None
    return words if isinstance(words, str) else ""


def _recorded(data: Any) -> str:
    """What was passed on, as far as it is text; its summary is XML."""
    inner = data.get("messages", data.get("content")) if isinstance(data, dict) else None
    return "\n".join(
        filter(None, (string(each.get("content"), "text") or string(each, "text") for each in dicts(inner)))
    )


# ------------------------------------------------------------------ chats


def chat_of(entry: Json, place: Place) -> str:
    """A group's number; for a chat of two the other's, if the file or the event tells it, else the file."""
    if given := fit_id(word(entry, "group_id", "target_id")):
        return given
    if section := word(entry, "chat_id"):
        return section
    info = place.scope.get("chatInfo")
    if given := fit_id(word(info, "groupCode", "peerUin", "groupId")):
        return given
    found = _FILE.search(place.file.rpartition("/")[2])
    return found[1] if found else place.chat


def met(entry: Json) -> Iterator[tuple[Ids, str]]:
    return iter(())
