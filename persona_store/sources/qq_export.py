"""Messages of QQ that somebody saved, as the Documents of one colleague: see chat_export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from persona_store.errors import Refused
from persona_store.sources import chat_table, qq_lines, qq_rooms, qq_txt
from persona_store.sources.archive import Archive
from persona_store.sources.chat_dialect import Dialect
from persona_store.sources.chat_export import ChatExport, Told
from persona_store.sources.jsonstream import Scope
from persona_store.sources.members import Limits

_PAGES = (".mht", ".mhtml", ".html", ".htm", ".bak", ".db")


def rows(archive: Archive, name: str, encoding: str) -> Iterator[tuple[Scope, Any] | str]:
    if name.lower().endswith(_PAGES):
        what = f"{name!r} is a form of QQ's records that is not read"
        raise Refused(
            "EXPORT_SHAPE", what, "export text (*.txt) in the message manager, or JSON with QQChatExporter"
        )
    return chat_table.rows(archive, name, encoding)


QQ = Dialect(
    kind="qq_export",
    platform="qq",
    name="QQ",
    is_entry=qq_lines.is_entry,
    describe=qq_rooms.describe,
    read=qq_lines.read,
    chat_of=qq_lines.chat_of,
    met=qq_lines.met,
    text=qq_txt.messages,
    endings=(*chat_table.TABLES, *_PAGES),
    rows=rows,
)


class QQExport(ChatExport):
    """`subject` is a QQ number."""

    def __init__(self, path: Path, subject: str, told: Told | None = None, *, limits: Limits | None = None) -> None:
        super().__init__(path, subject, QQ, told, limits=limits)
