"""Messages that Telegram Desktop exported, as the Documents of one colleague: see chat_export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from persona_store.errors import Refused
from persona_store.sources import telegram_lines, telegram_rooms
from persona_store.sources.archive import Archive
from persona_store.sources.chat_dialect import Dialect
from persona_store.sources.chat_export import ChatExport, Told
from persona_store.sources.jsonstream import Scope
from persona_store.sources.members import Limits


def rows(archive: Archive, name: str, encoding: str) -> Iterator[tuple[Scope, Any] | str]:
    """The pages for people tell names and no ids."""
    what = f"{name!r} is the export for reading, which tells no ids"
    raise Refused("EXPORT_SHAPE", what, 'export it again as "Machine-readable JSON"')


TELEGRAM = Dialect(
    kind="telegram_export",
    platform="telegram",
    name="Telegram",
    is_entry=telegram_lines.is_entry,
    describe=telegram_rooms.describe,
    read=telegram_lines.read,
    chat_of=telegram_lines.chat_of,
    met=telegram_lines.met,
    endings=(".html", ".htm"),
    rows=rows,
)


class TelegramExport(ChatExport):
    """`subject` is the number of a user, with or without `user` before it."""

    def __init__(self, path: Path, subject: str, told: Told | None = None, *, limits: Limits | None = None) -> None:
        subject = subject.removeprefix("telegram:").strip().removeprefix("user")
        super().__init__(path, subject, TELEGRAM, told, limits=limits)
