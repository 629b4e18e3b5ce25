"""Messages of WeCom (企业微信) that somebody saved, as the Documents of one colleague: see chat_export.

Whoever pulls the archive (会话内容存档) decrypts it with their company's key; what is still encrypted is counted.
"""

from __future__ import annotations

from pathlib import Path

from persona_store.sources import chat_headed, chat_table, wecom_lines, wecom_rooms
from persona_store.sources.chat_dialect import Dialect
from persona_store.sources.chat_export import ChatExport, Told
from persona_store.sources.members import Limits

WECOM = Dialect(
    kind="wecom_export",
    platform="wecom",
    name="WeCom",
    is_entry=wecom_lines.is_entry,
    describe=wecom_rooms.describe,
    read=wecom_lines.read,
    chat_of=wecom_lines.chat_of,
    met=wecom_lines.met,
    text=chat_headed.messages,
    endings=chat_table.TABLES,
    rows=chat_table.rows,
)


class WeComExport(ChatExport):
    """`subject` is a userid."""

    def __init__(self, path: Path, subject: str, told: Told | None = None, *, limits: Limits | None = None) -> None:
        super().__init__(path, subject, WECOM, told, limits=limits)
