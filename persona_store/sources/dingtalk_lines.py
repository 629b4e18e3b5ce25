"""Which entries of a DingTalk export are somebody saying something: pure functions.

Entries are messages as the official workspace CLI prints them (`dws chat message list`, `list-all`,
`list-by-sender`, `list-topic-replies`, and its shortcuts), or as a bot receives them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.chat_line import Ids, Line, fit_id, fit_person, made_id
from persona_store.sources.chat_times import moment
from persona_store.sources.dingtalk_text import is_encrypted, is_made, message_text

_MESSAGE = ("openMessageId", "openMsgId", "messageId", "msgId")
_CHAT = ("openConversationId", "conversationId", "openConvId", "cid", "chat")
_THREAD = ("openConvThreadId", "threadId", "topicId")
_TIMES = ("createTime", "sendTime", "gmtCreate", "messageTime", "createAt", "time")
_KIND = ("msgType", "messageType", "msgtype")
_WORDS = ("content", "text", "plainText", "richText", "markdown")
_FORWARDED = ("forwarded", "forwardMessages", "forwardedMessages")
_QUOTED = ("quotedMessage", "quoted", "repliedMsg")
_STAFF = ("senderStaffId", "senderUserId", "staffId", "userId")
_OPEN = ("senderOpenDingTalkId", "openDingTalkId")
_NAMES = ("senderName", "senderNick", "sender", "nick", "name")
_CARDS = ("interactivecard", "actioncard", "card", "aicard", "oa", "feedcard")
_SILENT = ("system", "notice", "recall", "tip")
_DEEPEST = 8


def is_entry(value: Json) -> bool:
    """A message, a conversation without its messages or a person, and no envelope."""
    if any(isinstance(value.get(key), list) for key in ("messages", "members", "records")):
        return False
    if any(key in value for key in (*_MESSAGE, *_STAFF, *_OPEN)):
        return True
    spoken = any(value.get(key) is not None for key in _NAMES) and any(key in value for key in _WORDS)
    return spoken or any(key in value for key in _CHAT[:4])


def read(entry: Json, place: Place) -> Iterator[Line | str]:
    """The message and what it passes on, or why it is none."""
    yield from _read(entry, place, "", None, 0)


def _read(entry: Json, place: Place, inside: str, passed_on_at: float | None, depth: int) -> Iterator[Line | str]:
    reason = _unspoken(entry)
    ids, name = who(entry)
    if not reason and not inside and not any(ids) and not name:
        reason = "no_author"
    at = next((at for key in _TIMES if (at := moment(entry.get(key), place.zone)) is not None), passed_on_at)
    gone = reason == "deleted" and (any(ids) or bool(name))
    if (reason and not gone) or at is None:
        yield reason or "BAD_TIME"
        return
    passes_on = not gone and depth < _DEEPEST
    below = [item for key in _FORWARDED for item in dicts(entry.get(key))] if passes_on else []
    line = _line(entry, place, ids, name, at, inside, forwards=bool(below), gone=gone)
    yield line
    for item in below:
        yield from _read(item, place, line.id, at, depth + 1)


def _line(
    entry: Json, place: Place, ids: Ids, name: str, at: float, inside: str, *, forwards: bool, gone: bool
) -> Line:
    record = string(entry, *_KIND).lower() in ("chatrecord", "combineforward")
    text = "" if gone else message_text(_content(entry))
    chat = chat_of(entry, place)
    quotation: Json = next((entry[key] for key in _QUOTED if isinstance(entry.get(key), dict)), {})
    replied = fit_id(string(quotation, *_MESSAGE) or string(entry, "originalMsgId"))
    given = fit_id(string(entry, *_MESSAGE))
    edited = moment(entry.get("updateTime"), place.zone)
    return Line(
        id=given or made_id(chat, at, "/".join((*ids, name)), text),
        chat=chat,
        at=at,
        ids=ids,
        name=name,
        text="" if forwards or record else text,  # what stands there is a summary of others' words
        thread=fit_id(string(entry, *_THREAD) or string(place.scope, *_THREAD)),
        parents=(replied,) if replied and replied != given else (),
        version=edited or 0.0,
        inside=inside,
        quoted=message_text(_content(quotation)) or (text if record and not forwards else ""),
        quotes=replied,
        forwards=forwards or record,
        gone=gone,
    )


def _unspoken(entry: Json) -> str:
    """Why nobody said this: a machine did, DingTalk itself did, it was taken back, or it is no message."""
    kind, content = string(entry, *_KIND).lower(), _content(entry)
    sender = entry.get("sender")
    by = string(sender, "senderType", "type").lower() or string(entry, "senderType").lower()
    if entry.get("recalled") is True or entry.get("isRecalled") is True:
        return "deleted"
    if by in ("robot", "bot", "app") or entry.get("isRobot") is True or kind in _CARDS:
        return "bot"
    if entry.get("messageAiSendFlag") not in (None, "", False, 0, "0", "false"):
        return "bot"  # sent by a tool in somebody's name
    if kind in _SILENT or by == "system" or string(entry, *_NAMES) in ("系统", "System"):
        return "system"
    if content is None and not any(isinstance(entry.get(key), list) for key in _FORWARDED):
        return "malformed"
    if is_encrypted(content):
        return "encrypted"
    return "bot" if is_made(content) else ""


def _content(entry: Json) -> Any:
    return next((entry[key] for key in _WORDS if entry.get(key) is not None), None)


def chat_of(entry: Json, place: Place) -> str:
    return fit_id(string(entry, *_CHAT)) or fit_id(string(place.scope, *_CHAT)) or place.chat


# ------------------------------------------------------------------ people


def who(entry: Json) -> tuple[Ids, str]:
    """(staffId, openDingTalkId and any other id, name) of the author."""
    sender = entry.get("sender")
    own = sender if isinstance(sender, dict) else {}
    staff = fit_person(string(entry, *_STAFF) or string(own, *_STAFF))
    open_id = fit_person(string(entry, *_OPEN) or string(own, *_OPEN))
    other = fit_person(string(entry, "senderId") or string(own, "senderId", "id"))
    name = string(own, "name", "nick") or string(entry, *_NAMES)
    name = "" if name == "null" or name in (staff, open_id, other) else " ".join(name.split())
    return (staff, open_id, other), name


def met(entry: Json) -> Iterator[tuple[Ids, str]]:
    """Who is mentioned by both of their ids, as a bot is told."""
    for person in dicts(entry.get("atUsers")):
        ids = fit_person(person.get("staffId")), "", fit_person(person.get("dingtalkId"))
        if any(ids):
            yield ids, ""
