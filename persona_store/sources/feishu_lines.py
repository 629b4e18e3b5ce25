"""Which entries of a Feishu export are somebody saying something: pure functions.

Entries are items of `GET im/v1/messages` and of the official CLI, events as a bot receives them, and what scripts
make of them (`sender_name`, `content`, `time`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, decoded, dicts, string
from persona_store.sources.chat_line import NOBODY, Ids, Line, fit_id, fit_person, made_id
from persona_store.sources.chat_times import moment
from persona_store.sources.feishu_text import mention_names, message_text

_NAMES = ("sender_name", "user_name", "sender", "from")
_WORDS = ("content", "text", "message", "body")
_TIMES = ("create_time", "timestamp", "time", "created_at", "date")
_SLOTS = {"open_id": 0, "union_id": 1, "user_id": 2}
_BEGINNINGS = {"ou_": 0, "on_": 1}
_SILENT = ("system", "interactive", "calendar", "share_calendar_event", "general_calendar", "video_chat")
_LINKS = ("applink.feishu.cn", "applink.larksuite.com")


def is_entry(value: Json) -> bool:
    """A message, an event, a chat or a person, and no envelope."""
    if "message_id" in value or "msg_type" in value or "message_type" in value:
        return True
    if isinstance(value.get("event"), dict) and "header" in value:
        return True
    if any(key in value for key in ("member_id", "chat_id", "open_id", "union_id")) and "items" not in value:
        return not any(
            isinstance(value.get(key), list) for key in ("messages", "records", "data", "members", "users")
        )
    return any(isinstance(value.get(key), str | dict) for key in _NAMES) and any(key in value for key in _WORDS)


def read(entry: Json, place: Place) -> Iterator[Line | str]:
    """The message, or why it is none."""
    message, sender = _parts(entry)
    reason = _unspoken(message, sender)
    gone = reason == "deleted"
    if reason and not gone:
        yield reason
        return
    ids, name = who(message, sender)
    if not any(ids) and not name:
        yield reason or "no_author"
        return
    at = next((at for key in _TIMES if (at := moment(message.get(key), place.zone)) is not None), None)
    if at is None:
        yield reason or "BAD_TIME"
        return
    yield _line(message, sender, place, ids, name, at, gone=gone)


def _line(message: Json, sender: Json, place: Place, ids: Ids, name: str, at: float, *, gone: bool) -> Line:
    kind = string(message, "msg_type", "message_type")
    text = "" if gone else message_text(kind, _content(message), mention_names(message.get("mentions")))
    chat = _chat_of(message, place)
    given = fit_id(message.get("message_id") or message.get("msg_id"))
    parents = (fit_id(message[key]) for key in ("root_id", "parent_id", "reply_to") if message.get(key))
    return Line(
        id=given or made_id(chat, at, "/".join((*ids, name)), text),
        chat=chat,
        at=at,
        ids=ids,
        name=name,
        text=text,
        tenant=string(sender, "tenant_key"),
        thread=fit_id(message.get("thread_id")),
        parents=tuple(dict.fromkeys(parent for parent in parents if parent and parent != given)),
        version=_edited(message, place, at),
        inside=fit_id(message.get("upper_message_id")),
        quoted=_passed_on(_content(message)) if kind == "merge_forward" else "",
        link=_link(message),
        forwards=kind == "merge_forward",
        gone=gone,
    )


def _edited(message: Json, place: Place, at: float) -> float:
    """Feishu gives what was never edited the time it was written."""
    given = message.get("update_time")
    return at if given is None or given == message.get("create_time") else moment(given, place.zone) or at


def _parts(entry: Json) -> tuple[Json, Json]:
    """(message, sender), whether it is an item of a list or an event."""
    event = entry.get("event")
    if isinstance(event, dict) and isinstance(event.get("message"), dict):
        entry = {**event["message"], "sender": event.get("sender")}
    sender = entry.get("sender", entry.get("from"))
    return entry, sender if isinstance(sender, dict) else {}


def _unspoken(message: Json, sender: Json) -> str:
    """Why nobody said this: a machine did, Feishu itself did, it was taken back, or it is no message."""
    if message.get("deleted") is True:
        return "deleted"
    kind = string(message, "msg_type", "message_type")
    by = string(sender, "sender_type") or string(message, "sender_type")
    ident = string(sender, "id") or string(message, "sender_id", "sender")
    if by in ("app", "bot") or sender.get("id_type") == "app_id" or ident.startswith("cli_"):
        return "bot"  # whatever name it goes by
    if kind == "interactive":
        return "bot"
    if kind in _SILENT:
        return "system"
    return "malformed" if _content(message) is None else ""


def _content(message: Json) -> Any:
    body = message.get("body")
    if isinstance(body, dict) and "content" in body:
        return body["content"]
    return next((message[key] for key in _WORDS if message.get(key) is not None), None)


def _passed_on(content: Any) -> str:
    """Some tools write out what a forward holds, as the words of who forwarded it."""
    content = decoded(content)
    shown = isinstance(content, str) and "<forwarded_messages>" in content
    return content.strip() if shown and isinstance(content, str) else ""


def chat_of(message: Json, place: Place) -> str:
    if "event" in message or "upper_message_id" in message:
        return ""  # of what was passed on, another message knows where it stands
    return _chat_of(message, place)


def _chat_of(message: Json, place: Place) -> str:
    for said in (message, place.scope):
        for key in ("chat_id", "chat", "container_id"):
            if chat := fit_id(said.get(key)):
                return chat
    return place.chat


# ------------------------------------------------------------------ people


def who(message: Json, sender: Json) -> tuple[Ids, str]:
    """(ids, name) of the author. Where an id is told the name is only what they are called."""
    ids = list(NOBODY)
    _take(ids, string(sender, "id"), string(sender, "id_type"))
    for holder in (sender, sender.get("sender_id"), message.get("sender_id")):
        if isinstance(holder, dict) and not _SLOTS.keys().isdisjoint(holder):
            _take_ids(ids, holder)
    if not any(ids):
        _take_written(ids, message)
    shown = itertools.chain((string(sender, "sender_name", "name"),), (string(message, key) for key in _NAMES))
    name = next((name for name in shown if name and name[:3] not in _BEGINNINGS), "")
    return (ids[0], ids[1], ids[2]), " ".join(name.split())


def _take_written(ids: list[str], message: Json) -> None:
    """The id as scripts write it, beside the words."""
    _take(ids, string(message, "sender_id"), string(message, "sender_id_type"))
    for key in ("sender", "from"):
        given = string(message, key)
        if given[:3] in _BEGINNINGS:
            _take(ids, given, "")
    if not any(ids):
        _take_ids(ids, message)


def _take_ids(ids: list[str], holder: Json) -> None:
    for key, slot in _SLOTS.items():
        ids[slot] = ids[slot] or fit_person(holder.get(key))


def _take(ids: list[str], ident: str, kind: str) -> None:
    slot = _SLOTS.get(kind, _BEGINNINGS.get(ident[:3], 2))
    ids[slot] = ids[slot] or fit_person(ident)


def met(entry: Json) -> Iterator[tuple[Ids, str]]:
    """Who is mentioned, by id."""
    message, _ = _parts(entry)
    for mention in dicts(message.get("mentions")):
        ids, given = list(NOBODY), mention.get("id")
        if isinstance(given, dict):
            _take_ids(ids, given)
        _take(ids, string(mention, "id"), string(mention, "id_type"))
        if any(ids) and not any(ident.startswith("cli_") for ident in ids):
            yield (ids[0], ids[1], ids[2]), string(mention, "name")


def _link(message: Json) -> str:
    link = string(message, "message_app_link")
    parts = urlsplit(link) if link.startswith("https://") and link.isprintable() else None
    return link if parts and parts.hostname in _LINKS else ""
