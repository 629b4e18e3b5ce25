"""Messages of Feishu (Lark) that somebody saved, as the Documents of one colleague: see chat_export."""

from __future__ import annotations

from pathlib import Path

from persona_store.sources import feishu_lines, feishu_rooms
from persona_store.sources.chat_dialect import Dialect
from persona_store.sources.chat_export import ChatExport, Told
from persona_store.sources.members import Limits

FEISHU = Dialect(
    kind="feishu_export",
    platform="feishu",
    name="Feishu",
    is_entry=feishu_lines.is_entry,
    describe=feishu_rooms.describe,
    read=feishu_lines.read,
    chat_of=feishu_lines.chat_of,
    met=feishu_lines.met,
)


class FeishuExport(ChatExport):
    """`subject` is an open_id; a union_id or user_id where the material knows people by nothing else."""

    def __init__(self, path: Path, subject: str, told: Told | None = None, *, limits: Limits | None = None) -> None:
        super().__init__(path, subject, FEISHU, told, limits=limits)
