"""The sample's material as sources. Its people live on the local page, so their keys are the local ones: what stood
in the private room is then read by the same members there."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from bots.sample import documents_path, export_path, persona
from persona_store.model import Document
from persona_store.sources.documents import Documents
from persona_store.sources.slack_export import SlackExport


class SampleChat(SlackExport):
    """The export, with `local:U1` where a real one has `slack:U1`. `link_base` is the local page's address."""

    def __init__(self, link_base: str = "") -> None:
        super().__init__(export_path(), persona().subject.removeprefix("local:"), link_base)

    def read(self) -> Iterator[Document]:
        for document in super().read():
            readers = document.readers
            yield replace(
                document,
                author=_local(document.author),
                readers=None if readers is None else tuple(map(_local, readers)),
            )


def _local(key: str) -> str:
    return "local:" + key.removeprefix("slack:") if key else ""


def sample_documents() -> Documents:
    """The notes, recognised as his by the names he signs with."""
    return Documents(documents_path(), persona().subject, names=("林舟 Lin Zhou", "Lin Zhou"))
