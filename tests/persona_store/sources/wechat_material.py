"""Makes the databases of WeChat for PC as they are once somebody decrypted them.

3.x: https://github.com/LC044/WeChatMsg and what readers of its tables expect; 4.x:
https://github.com/ylytdeng/wechat-decrypt and https://github.com/sjzar/chatlog, whose tests make the same tables.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import apsw
import lz4.block
import zstandard

OLD = """CREATE TABLE MSG (localId INTEGER PRIMARY KEY AUTOINCREMENT, TalkerId INT DEFAULT 0, MsgSvrID INT,
    Type INT, SubType INT, IsSender INT, CreateTime INT, Sequence INT DEFAULT 0, StatusEx INT DEFAULT 0,
    FlagEx INT, Status INT, MsgServerSeq INT, MsgSequence INT, StrTalker TEXT, StrContent TEXT,
    DisplayContent TEXT, Reserved0 INT DEFAULT 0, CompressContent BLOB, BytesExtra BLOB, BytesTrans BLOB)"""
NEW = """(local_id INTEGER PRIMARY KEY, server_id INTEGER, local_type INTEGER, sort_seq INTEGER,
    real_sender_id INTEGER, create_time INTEGER, status INTEGER, upload_status INTEGER, download_status INTEGER,
    server_seq INTEGER, origin_source INTEGER, source TEXT, message_content TEXT, compress_content TEXT,
    packed_info_data BLOB, WCDB_CT_message_content INTEGER DEFAULT NULL, WCDB_CT_source INTEGER DEFAULT NULL)"""


def made(make: Callable[[apsw.Connection], Any]) -> bytes:
    """The bytes of a database, in the mode in which the clients keep theirs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.db"
        connection = apsw.Connection(str(path))
        connection.execute("PRAGMA journal_mode = WAL")
        with connection:
            make(connection)
        connection.close()
        return path.read_bytes()


def old(rows: Iterable[Sequence[Any]]) -> bytes:
    """`MSG0.db`; rows are (number of the server, kind, inner kind, by the account's owner, seconds, chat, text,
    packed XML, who sent it to a group)."""

    def make(connection: apsw.Connection) -> None:
        connection.execute(OLD)
        connection.execute("CREATE TABLE Name2ID (UsrName TEXT)")
        for ident, kind, inner, mine, at, chat, text, packed, who in rows:
            connection.execute(
                "INSERT INTO MSG (MsgSvrID, Type, SubType, IsSender, CreateTime, StrTalker, StrContent,"
                " CompressContent, BytesExtra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (ident, kind, inner, mine, at, chat, text, block(packed), extra(who)),
            )

    return made(make)


def people(contacts: Iterable[tuple[str, str, str]], rooms: Iterable[tuple[str, Sequence[str]]] = ()) -> bytes:
    """`MicroMsg.db`; contacts are (wxid, alias, what they call themselves)."""

    def make(connection: apsw.Connection) -> None:
        connection.execute(
            "CREATE TABLE Contact (UserName TEXT PRIMARY KEY, Alias TEXT, Remark TEXT, NickName TEXT)"
        )
        connection.execute("CREATE TABLE ChatRoom (ChatRoomName TEXT PRIMARY KEY, UserNameList TEXT, Owner TEXT)")
        for wxid, alias, name in contacts:
            connection.execute("INSERT INTO Contact VALUES (?, ?, '老板', ?)", (wxid, alias, name))
        for room, members in rooms:
            connection.execute("INSERT INTO ChatRoom VALUES (?, ?, '')", (room, "\x07".join(members)))

    return made(make)


def new(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """`message_0.db`; rows are (chat, number of the server, kind, who, seconds, content)."""

    def make(connection: apsw.Connection) -> None:
        connection.execute("CREATE TABLE Name2Id (user_name TEXT PRIMARY KEY, is_session INTEGER)")
        for number, name in enumerate(names, start=1):  # rows that are gone leave gaps
            connection.execute("INSERT INTO Name2Id (rowid, user_name) VALUES (?, ?)", (number * 3, name))
        for chat, ident, kind, who, at, content in rows:
            table = f"Msg_{hashlib.md5(chat.encode(), usedforsecurity=False).hexdigest()}"
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table} {NEW}")
            connection.execute(
                f"INSERT INTO {table} (server_id, local_type, real_sender_id, create_time, message_content)"
                " VALUES (?, ?, ?, ?, ?)",
                (ident, kind, (names.index(who) + 1) * 3 if who else 0, at, content),
            )

    return made(make)


def block(text: str) -> bytes | None:
    return lz4.block.compress(text.encode() + b"\0", store_size=False) if text else None


def frame(text: str) -> bytes:
    return zstandard.ZstdCompressor().compress(text.encode())


def extra(who: str) -> bytes | None:
    """BytesExtra: protobuf, of whose entries the kind 1 names who sent it."""
    if not who:
        return None
    entries = [(7, b"<msgsource/>"), (1, who.encode())]
    written = [b"\x08" + bytes([kind]) + b"\x12" + bytes([len(value)]) + value for kind, value in entries]
    return b"\x08\x10" + b"".join(b"\x1a" + bytes([len(each)]) + each for each in written)


def app(kind: int, title: str, inside: str = "") -> str:
    """The XML of kind 49."""
    return (
        f'<?xml version="1.0"?>\n<msg>\n<appmsg appid="" sdkver="0"><title>{title}</title><des></des>'
        f"<type>{kind}</type>{inside}</appmsg><fromusername></fromusername></msg>"
    )


def quote(title: str, of: int, who: str, name: str, words: str) -> str:
    return app(
        57,
        title,
        f"<refermsg><type>1</type><svrid>{of}</svrid><fromusr>{who}</fromusr><chatusr>{who}</chatusr>"
        f"<displayname>{name}</displayname><content>{words}</content></refermsg>",
    )


def record(*said: tuple[str, str]) -> str:
    items = "".join(
        f'<dataitem datatype="1"><sourcename>{name}</sourcename><datadesc>{words}</datadesc></dataitem>'
        for name, words in said
    )
    return app(
        19,
        "群聊的聊天记录",
        f"<recorditem><![CDATA[<recordinfo><datalist>{items}</datalist></recordinfo>]]></recorditem>",
    )
