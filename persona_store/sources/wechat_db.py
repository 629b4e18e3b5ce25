"""The databases of WeChat for PC, once somebody decrypted them: rows as entries. We never decrypt or look for keys.

3.x: `MSG0.db` … with MSG, `MicroMsg.db` with Contact and ChatRoom. 4.x: `message_0.db` … with a table
`Msg_<md5 of the chat's id>` for each chat and Name2Id for whom the numbers mean, `contact.db` with contact. Seen in
https://github.com/LC044/WeChatMsg, https://github.com/sjzar/chatlog and https://github.com/ylytdeng/wechat-decrypt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from persona_store.errors import Refused
from persona_store.sources.archive import Archive
from persona_store.sources.chat_db import Database, database
from persona_store.sources.chat_json import Json
from persona_store.sources.jsonstream import Scope
from persona_store.sources.wechat_packed import Unreadable, block, sender, words

_OLD = ("MsgSvrID", "Type", "SubType", "IsSender", "CreateTime", "StrContent", "StrTalker", "TalkerId")
_OLD_PACKED = ("BytesExtra", "CompressContent")
_NEW = ("server_id", "local_type", "real_sender_id", "create_time", "message_content", "compress_content", "status")
_TABLE = re.compile(r"Msg_[0-9a-f]{32}")
_PEOPLE = {
    "Contact": ("UserName", "Alias", "Remark", "NickName"),
    "ChatRoom": ("ChatRoomName", "UserNameList"),
    "contact": ("username", "alias", "remark", "nick_name"),
}
_MOST_NAMES = 1_000_000


def rows(archive: Archive, name: str, encoding: str) -> Iterator[tuple[Scope, Any] | str]:
    """The messages and people of a database. Raises Refused DB_LOCKED, DB_BROKEN or EXPORT_SHAPE."""
    with database(archive, name) as found:
        tables = [table for table in found.columns if _TABLE.fullmatch(table)]
        known = [table for table in _PEOPLE if table in found.columns]
        if not tables and not known and "MSG" not in found.columns:
            what = f"{name!r} has none of the tables of WeChat's messages or contacts"
            raise Refused("EXPORT_SHAPE", what, "the messages are in MSG*.db or message_*.db")
        for table in known:
            for row in found.rows(table, _PEOPLE[table]):
                yield {}, row
        if "MSG" in found.columns:
            for row in found.rows("MSG", (*_OLD, *_OLD_PACKED)):
                yield {}, _old(row)
        if tables:
            yield from _new(found, tables)


def _old(row: Json) -> Json:
    """A row of 3.x: what is more than text is packed, and who sent it to a group stands in BytesExtra."""
    extra, packed = row.pop("BytesExtra", None), row.pop("CompressContent", None)
    try:
        content = row.get("StrContent") or (block(packed) if row.get("Type") == 49 else "")
    except Unreadable as unreadable:
        return {**row, "StrContent": "", "unreadable": str(unreadable)}
    return {**row, "StrContent": content if isinstance(content, str) else "", "Sender": sender(extra)}


def _new(found: Database, tables: list[str]) -> Iterator[tuple[Scope, Any]]:
    """Rows of 4.x. What a chat is called is only told by the hash of it."""
    names: dict[int, str] = {}
    chats: dict[str, str] = {}
    for row in found.rows("Name2Id", ("rowid", "user_name")):
        user = row.get("user_name")
        if isinstance(user, str) and len(names) < _MOST_NAMES:
            names[row["rowid"]] = user
            chats[f"Msg_{hashlib.md5(user.encode(errors='replace'), usedforsecurity=False).hexdigest()}"] = user
    for table in sorted(tables):
        for row in found.rows(table, _NEW):
            yield {}, _message(row, chats.get(table, table), names.get(row.get("real_sender_id", 0), ""))


def _message(row: Json, chat: str, who: str) -> Json:
    try:
        content = words(row.get("message_content") or row.get("compress_content"))
    except Unreadable as unreadable:
        return {"content": "", "unreadable": str(unreadable)}
    return {
        "talker": chat,
        "sender": who,
        "server_id": row.get("server_id"),
        "local_type": row.get("local_type"),
        "create_time": row.get("create_time"),
        "content": content,
    }
