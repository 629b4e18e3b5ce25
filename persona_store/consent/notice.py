"""The text the Subject is shown before signing. Its exact bytes are what the record's hash is about.

Every version that was ever shipped stays, as notices/<version>.<language>.md, so that what somebody agreed to can
be read for as long as a record names it. A text is never edited; a better one gets the next number, and whoever
signed an older one is asked again before anything more is taken in (PIPL 14(2), 17; rights.md L02)."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from persona_store.consent.record import Consent
from persona_store.errors import Refused

VERSION = "1"
LANGUAGES = ("zh-CN", "en")
OURS = "understudy:notice."


def text(language: str, version: str = VERSION) -> bytes:
    """The notice in the language, or in English."""
    return _folder().joinpath(f"{version}.{_spoken(language)}.md").read_bytes()


def uri(language: str) -> str:
    return f"{OURS}{_spoken(language)}.md"


def sha256(language: str) -> str:
    return hashlib.sha256(text(language)).hexdigest()


def named(sha256: str) -> bytes | None:
    """The text a record names, of whatever version; None for one that was never ours."""
    return _all().get(sha256)


def still_shown(consent: Consent | None) -> None:
    """Raises Refused NOTICE_CHANGED if the text shipped now, in the record's language, is not the one its subject
    read. What is answered under it goes on; nothing more is taken in or drawn from it. A record that was signed
    under a notice of somebody else's is measured by that one, which is not ours to change."""
    if consent is None or not consent.privacy_notice.uri.startswith(OURS):
        return
    if consent.privacy_notice.sha256 != sha256(consent.language):
        raise Refused(
            "NOTICE_CHANGED",
            f"the notice is another one now (version {VERSION}) than the subject read "
            f"(version {consent.privacy_notice.version})",
            "the subject reads it and amends the record: on their own page, or `understudy consent sign`",
        )


@cache
def _all() -> dict[str, bytes]:
    texts = [each.read_bytes() for each in _folder().iterdir() if each.name.endswith(".md")]
    return {hashlib.sha256(each).hexdigest(): each for each in texts}


def _folder() -> Traversable:
    return resources.files("persona_store.consent").joinpath("notices")


def _spoken(language: str) -> str:
    return language if language in LANGUAGES else "en"
