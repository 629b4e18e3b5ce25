"""Messages of WeChat that somebody saved, as the Documents of one colleague: see chat_export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from persona_store.errors import Refused
from persona_store.sources import chat_headed, chat_table, wechat_db, wechat_lines, wechat_rooms
from persona_store.sources.archive import Archive
from persona_store.sources.chat_dialect import Dialect, Place
from persona_store.sources.chat_export import ChatExport, Told
from persona_store.sources.chat_json import Json
from persona_store.sources.chat_line import Line
from persona_store.sources.jsonstream import Scope
from persona_store.sources.members import Limits

_BASES = (".db", ".sqlite")
_PAGES = (".html", ".htm", ".xlsx", ".docx")


def messages(pieces: Iterable[str], place: Place) -> Iterator[Json | Line | str]:
    """留痕 writes what an answer answers below it."""
    for said in chat_headed.messages(pieces, place):
        if isinstance(said, dict) and "\n引用" in str(said.get("content")):
            said["type"] = "引用消息"
        yield said


def rows(archive: Archive, name: str, encoding: str) -> Iterator[tuple[Scope, Any] | str]:
    if name.lower().endswith(_BASES):
        return wechat_db.rows(archive, name, encoding)
    if name.lower().endswith(_PAGES):
        what = f"{name!r} is an export for reading, which is not read"
        raise Refused("EXPORT_SHAPE", what, "export the chat as JSON, CSV or text")
    return chat_table.rows(archive, name, encoding)


WECHAT = Dialect(
    kind="wechat_export",
    platform="wechat",
    name="WeChat",
    is_entry=wechat_lines.is_entry,
    describe=wechat_rooms.describe,
    read=wechat_lines.read,
    chat_of=wechat_lines.chat_of,
    met=wechat_lines.met,
    text=messages,
    endings=(*chat_table.TABLES, *_BASES, *_PAGES),
    rows=rows,
)


class WeChatExport(ChatExport):
    """`subject` is a wxid; the name an account gave itself (微信号) where contacts tie the two."""

    def __init__(self, path: Path, subject: str, told: Told | None = None, *, limits: Limits | None = None) -> None:
        super().__init__(path, subject, WECHAT, told, limits=limits)
