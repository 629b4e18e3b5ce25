"""Which entries of a Telegram export are somebody saying something: pure functions.

Entries are messages as Telegram Desktop writes them into `result.json` ("Machine-readable JSON"), of one chat or of
the whole history: https://github.com/telegramdesktop/tdesktop/blob/dev/Telegram/SourceFiles/export/output/export_output_json.cpp
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json, string, word
from persona_store.sources.chat_line import Ids, Line, fit_person, made_id
from persona_store.sources.chat_list import is_listed
from persona_store.sources.chat_times import moment

ALONE = ("personal_chat", "bot_chat", "saved_messages")
"""Chats of two, or of one."""

_FORWARDED = ("forwarded_from", "forwarded_from_id", "saved_from")
_QUOTED = ("blockquote", "expandable_blockquote")


def is_entry(value: Json) -> bool:
    """A message or a person, and no chat with its messages."""
    if isinstance(value.get("messages"), list):
        return False
    said = "id" in value and "type" in value and ("date" in value or "date_unixtime" in value)
    return said or is_listed(value) or ("user_id" in value and "list" not in value)


def read(entry: Json, place: Place) -> Iterator[Line | str]:
    """The message, or why it is none."""
    yield _unspoken(entry, place) or _line(entry, place)


def _unspoken(entry: Json, place: Place) -> str:
    """Why nobody said this: Telegram itself did, a bot did, or it is no message."""
    kind = string(entry, "type")
    if kind == "service":
        return "system"
    if kind != "message":
        return "malformed"
    by_bot = (
        string(place.scope, "type") == "bot_chat" and word(entry, "from_id") == f"user{word(place.scope, 'id')}"
    )
    return "bot" if by_bot or "via_bot" in entry else ""  # a bot made the words that were sent through it


def _line(entry: Json, place: Place) -> Line | str:
    ident, name = fit_sender(entry.get("from_id")), " ".join(string(entry, "from").split())
    if not ident and not name:
        return "no_author"
    at = moment(entry.get("date_unixtime"), place.zone) or moment(entry.get("date"), place.zone)
    if at is None:
        return "BAD_TIME"
    chat, words, ids = chat_of(entry, place), message_text(entry), (ident, "", "")
    forwarded = any(key in entry for key in _FORWARDED)  # null where the author's account is gone
    replied = "" if "reply_to_peer_id" in entry else _message(entry.get("reply_to_message_id"), chat)
    return Line(
        id=_message(entry.get("id"), chat) or made_id(chat, at, ident or name, words),
        chat=chat,
        at=at,
        ids=ids,
        name=name,
        text="" if forwarded else words,
        parents=(replied,) if replied else (),
        version=moment(entry.get("edited_unixtime"), place.zone) or moment(entry.get("edited"), place.zone) or at,
        quoted=words if forwarded else "",
    )


def message_text(entry: Json) -> str:
    """The words, quotations marked with `>`; "" if there are none, as in a picture."""
    text = _plain(entry.get("text"))
    poll = entry.get("poll")
    return (
        text
        or _plain(string(poll, "question"))
        or (f"[file] {name}" if (name := string(entry, "file_name")) else "")
    )


def _plain(text: Any) -> str:
    """Telegram writes a string, or a list of strings and of what is more than letters: links, code, mentions."""
    parts = text if isinstance(text, list) else [text]
    return "".join(map(_part, parts)).strip()


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    words = part.get("text") if isinstance(part, dict) else None
    if not isinstance(words, str):
        return ""
    if string(part, "type") in _QUOTED:
        return "\n" + "\n".join(f"> {line}" for line in words.split("\n")) + "\n"
    return words


def _message(given: object, chat: str) -> str:
    """Telegram counts messages in each chat."""
    number = given if isinstance(given, int) and not isinstance(given, bool) else None
    return f"{chat}/{number}" if number is not None else ""


def chat_of(entry: Json, place: Place) -> str:
    number = word(place.scope, "id")
    if not number.isdecimal():
        return place.chat
    return f"user{number}" if string(place.scope, "type") in ALONE else number


def fit_sender(given: object) -> str:
    """`user123` is the person 123; `channel123` is a channel or a group, and nobody."""
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)  # as exports before 2021 have it
    return fit_person(given.removeprefix("user") if isinstance(given, str) else given)


def met(entry: Json) -> Iterator[tuple[Ids, str]]:
    """Mentions by name carry an id; what they are called in the text is the writer's matter."""
    parts = entry.get("text")
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and (ident := fit_sender(part.get("user_id"))):
            yield (ident, "", ""), ""
