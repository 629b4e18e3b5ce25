"""The text the Subject is shown before signing. Its exact bytes are what the record's hash is about."""

from __future__ import annotations

import hashlib
from importlib import resources

VERSION = "1"
LANGUAGES = ("zh-CN", "en")


def text(language: str) -> bytes:
    """The notice in the language, or in English."""
    return resources.files("persona_store.consent").joinpath(_file(language)).read_bytes()


def uri(language: str) -> str:
    return f"understudy:{_file(language)}"


def sha256(language: str) -> str:
    return hashlib.sha256(text(language)).hexdigest()


def _file(language: str) -> str:
    return f"notice.{language if language in LANGUAGES else 'en'}.md"
