"""Messages of DingTalk that somebody saved, as the Documents of one colleague: see chat_export."""

from __future__ import annotations

from pathlib import Path

from persona_store.sources import dingtalk_lines, dingtalk_rooms
from persona_store.sources.chat_dialect import Dialect
from persona_store.sources.chat_export import ChatExport, Told
from persona_store.sources.members import Limits

DINGTALK = Dialect(
    kind="dingtalk_export",
    platform="dingtalk",
    name="DingTalk",
    is_entry=dingtalk_lines.is_entry,
    describe=dingtalk_rooms.describe,
    read=dingtalk_lines.read,
    chat_of=dingtalk_lines.chat_of,
    met=dingtalk_lines.met,
)


class DingTalkExport(ChatExport):
    """`subject` is a staffId (userId); an openDingTalkId where the material knows people by nothing else."""

    def __init__(self, path: Path, subject: str, told: Told | None = None, *, limits: Limits | None = None) -> None:
        super().__init__(path, subject, DINGTALK, told, limits=limits)
