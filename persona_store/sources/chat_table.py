"""Chats as tables: `.csv` and `.tsv`, and objects that have a time, somebody and their words and no more.

There is no standard for them: what the columns are called is what tools and people write.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.sources.archive import Archive
from persona_store.sources.chat_json import Json, string, word
from persona_store.sources.jsonstream import Scope
from persona_store.sources.pages import text

TABLES = (".csv", ".tsv")
MOST_COLUMNS = 200

_WORDS = ("content", "text", "message", "msg", "body", "StrContent", "内容", "消息内容", "聊天内容", "消息")
_TIMES = ("timestamp", "time", "createTime", "create_time", "CreateTime", "StrTime", "date", "msgtime")
_TIMES_ZH = ("时间", "发送时间", "消息时间", "日期")
_NAMES = ("sender_name", "senderName", "from_name", "nickname", "NickName", "name", "sender", "from")
_NAMES_ZH = ("发送人", "发送者", "发言人", "发送人姓名", "发送人昵称", "昵称", "姓名", "成员")
_IDS = (
    "sender_id",
    "senderId",
    "from_id",
    "userid",
    "wxid",
    "uin",
    "qq",
    "发送人ID",
    "发送者ID",
    "账号",
    "发送人账号",
    "QQ号",
)
_CHATS = ("chat_id", "roomid", "room_id", "群ID", "会话ID")
_MESSAGES = ("msgid", "message_id", "消息ID")
_KINDS = ("msgtype", "type", "消息类型", "类型")
_WORDED = ("", "1", "text", "文本", "文本消息", "文字", "引用", "引用消息", "引用回复", "markdown")
_SYSTEM = ("system", "系统", "系统消息", "10000", "10002", "撤回", "撤回消息", "revoke", "通知")


class Row(Struct, frozen=True):
    """What somebody said, as far as a table tells. `worded`: what stands there is their words, not what a picture
    or a card is called."""

    at: Any
    ident: str
    name: str
    text: str
    chat: str
    id: str
    worded: bool
    system: bool


def is_row(value: Json) -> bool:
    times = any(key in value for key in (*_TIMES, *_TIMES_ZH))
    whose = any(key in value for key in (*_NAMES, *_NAMES_ZH, *_IDS))
    return times and whose and any(key in value for key in _WORDS)


def row(entry: Json) -> Row:
    kind = word(entry, *_KINDS).lower()
    return Row(
        at=next((entry[key] for key in (*_TIMES, *_TIMES_ZH) if entry.get(key)), None),
        ident=word(entry, *_IDS),
        name=" ".join(string(entry, *_NAMES, *_NAMES_ZH).split()),
        text=string(entry, *_WORDS).replace("\r\n", "\n"),
        chat=word(entry, *_CHATS),
        id=word(entry, *_MESSAGES),
        worded=kind in _WORDED,
        system=kind in _SYSTEM,
    )


def rows(archive: Archive, name: str, encoding: str) -> Iterator[tuple[Scope, Any] | str]:
    """Each row with the names of its columns. Raises Refused CSV_BROKEN, ENCODING or EXPORT_SHAPE."""
    tabs = name.lower().endswith(".tsv")
    reader = csv.reader(_lines(text(archive.chunks(name), name, encoding)), csv.excel_tab if tabs else csv.excel)
    head: list[str] = []
    try:
        for cells in reader:
            if not any(cells):
                continue
            if not head:
                head = [cell.strip() for cell in cells[:MOST_COLUMNS]]
                _check(head, name)
            else:
                yield {}, dict(zip(head, cells, strict=False))
    except csv.Error as error:
        raise Refused("CSV_BROKEN", f"{name!r} is no table: {error}", "save it anew") from None


def _check(head: list[str], name: str) -> None:
    if len(set(head)) < len(head):
        raise Refused("EXPORT_SHAPE", f"{name!r} has two columns of one name", "rename one of them")
    known = (*_TIMES, *_TIMES_ZH), (*_WORDS,)
    if not all(any(each in head for each in group) for group in known):
        what = f"the first line of {name!r} names no columns with times and words"
        raise Refused("EXPORT_SHAPE", what, "docs/sources.md says what columns may be called")


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """With their ends, which belong to what stands between quotation marks."""
    held = ""
    for piece in pieces:
        *whole, held = (held + piece).split("\n")
        for line in whole:
            yield line + "\n"
    if held:
        yield held
