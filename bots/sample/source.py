"""The sample's material, ready for the importer."""

from __future__ import annotations

from bots.sample import documents_path, export_path, persona
from persona_store.protocols import Source
from persona_store.sources.documents import Documents
from persona_store.sources.slack_export import SlackExport


def sample_sources(link_base: str = "") -> tuple[Source, Source]:
    """The export and the documents. In the export people are `slack:U1`; who seeds the local page binds them to
    its `local:U1`. The documents are the subject's because they carry one of the names he signs with."""
    subject = persona().subject
    chat = SlackExport(export_path(), subject.partition(":")[2], link_base)
    documents = Documents(documents_path(), subject, names=("林舟 Lin Zhou", "Lin Zhou"))
    return chat, documents
