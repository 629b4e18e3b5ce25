"""The sample team that ships with understudy: invented people, their chat, their documents, and the signed consent
of the one who left. `make run` starts with it, so that the first answer needs neither a workspace nor a key.

The people and what they said are fiction. Secrets and personal numbers in it are published example values; they
stand there to be taken out by the importer. Its source is `tests/sample/`, in a form made for reading.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import msgspec
from msgspec import Struct

from persona_store.model import PersonaRules

_PACKAGE = files(__name__)


class SamplePersona(Struct, frozen=True, forbid_unknown_fields=True):
    """What an admin would type to create the persona of the one who left."""

    name: str
    display_name: str
    subject: str
    owner: str
    deputy: str
    chats: tuple[str, ...]
    aliases: tuple[str, ...]
    rules: PersonaRules


class SampleConsent(Struct, frozen=True):
    """The record as it was signed, the signature over exactly these bytes, and the key that proves it."""

    raw: bytes
    jws: str
    public_key: bytes


class SampleQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """Something to ask. `expect` are words a right answer quotes, out of one of the sources in `evidence` (message
    ids and document names). `room` is where it is asked, "" for a public one."""

    id: str
    text: str
    lang: str
    answerable: bool
    expect: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    why_not: str = ""
    context: str = ""
    room: str = ""
    note: str = ""


def export_path() -> Path:
    """The Slack export, unpacked."""
    return _folder("export")


def documents_path() -> Path:
    """The folder of Markdown documents."""
    return _folder("documents")


def team() -> bytes:
    """The people and rooms of the local page (adapters/local/team.py)."""
    return (_PACKAGE / "team.json").read_bytes()


def persona() -> SamplePersona:
    return msgspec.json.decode((_PACKAGE / "persona.json").read_bytes(), type=SamplePersona)


def consent() -> SampleConsent:
    return SampleConsent(
        raw=(_PACKAGE / "consent.json").read_bytes(),
        jws=(_PACKAGE / "consent.json.jws").read_text(encoding="ascii").strip(),
        public_key=(_PACKAGE / "consent.pub").read_bytes(),
    )


def privacy_notice() -> bytes:
    """What was shown before signing; the record holds its hash."""
    return (_PACKAGE / "privacy-notice.md").read_bytes()


def questions() -> list[SampleQuestion]:
    """Answerable ones and others, in both languages, for trying and testing an answerer."""
    return msgspec.json.Decoder(SampleQuestion).decode_lines((_PACKAGE / "questions.jsonl").read_bytes())


def _folder(name: str) -> Path:
    # pip always unpacks a wheel, so this is the folder itself and nothing is copied.
    with as_file(_PACKAGE / name) as path:
        return path
