"""The text that is shown is the text the record is about, in both languages, and it tells what it must."""

from __future__ import annotations

import hashlib
from datetime import datetime
from importlib import resources

import pytest
from msgspec.structs import replace

from persona_store.consent import notice
from persona_store.consent.draft import Choices, draft
from persona_store.consent.parsing import parse
from persona_store.errors import Refused


@pytest.mark.parametrize("language", notice.LANGUAGES)
def test_the_record_names_the_hash_of_exactly_the_text_shown(
    choices: Choices, start: datetime, language: str
) -> None:
    """L02: one byte more or less is another notice."""
    shown = parse(draft(replace(choices, language=language), start)).privacy_notice
    assert shown.sha256 == hashlib.sha256(notice.text(language)).hexdigest()
    assert shown.uri == f"understudy:notice.{language}.md"
    assert shown.version == notice.VERSION


def test_a_language_without_a_notice_gets_the_english_one_and_says_so() -> None:
    assert notice.text("fr") == notice.text("en")
    assert notice.uri("fr") == notice.uri("en")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["Who", "What is used", "What for", "What never happens", "How long", "withdraw", "complain"]),
        ("zh-CN", ["谁负责", "用什么", "做什么", "绝不做什么", "怎样处理", "多久", "撤回", "投诉"]),
    ],
)
def test_it_tells_who_why_what_how_how_long_and_ones_rights(language: str, told: list[str]) -> None:
    """PIPL 17."""
    text = notice.text(language).decode()
    assert [word for word in told if word not in text] == []


def test_both_languages_tell_the_same_things() -> None:
    shapes = [
        [line[:2] for line in notice.text(language).decode().splitlines() if line.startswith(("#", "**", "- "))]
        for language in notice.LANGUAGES
    ]
    assert shapes[0] == shapes[1]


SHIPPED = {
    "1.en.md": "6207a749ff522dd7d07374dbdc2a1cef3cbb69e1d4bdbf4fdfc4853cdf47c09b",
    "1.zh-CN.md": "9ec67c06c227705f9f981a92b88563c83e9520c935ca9eee91131a7618d3e256",
}
"""Every text there ever was. A line is added with each version, and never changed."""


def test_l02_what_was_shipped_once_stays_as_it_was() -> None:
    """Whoever signed under it can read it for as long as a record names it."""
    folder = resources.files("persona_store.consent").joinpath("notices")
    there = {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}
    assert there == SHIPPED
    for language in notice.LANGUAGES:
        assert f"{notice.VERSION}.{language}.md" in there
    for sha256 in SHIPPED.values():
        text = notice.named(sha256)
        assert text is not None
        assert hashlib.sha256(text).hexdigest() == sha256


@pytest.mark.parametrize("language", notice.LANGUAGES)
def test_l02_one_byte_of_the_notice_is_another_notice(
    choices: Choices, start: datetime, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the record's own language; in another one it changes nothing for this subject."""
    consent = parse(draft(replace(choices, language=language), start))
    notice.still_shown(consent)
    other = next(each for each in notice.LANGUAGES if each != language)
    kept = notice.text
    changed = {language: kept(language), other: kept(other) + b"\n"}
    monkeypatch.setattr(notice, "text", lambda lang, version="": changed[lang])
    notice.still_shown(consent)
    changed[language] = kept(language)[:-2] + b"!\n"
    with pytest.raises(Refused, match="NOTICE_CHANGED"):
        notice.still_shown(consent)
    notice.still_shown(parse(draft(replace(choices, language=language), start)))  # who signs now reads the new one


def test_a_notice_of_somebody_elses_is_not_ours_to_have_changed(choices: Choices, start: datetime) -> None:
    consent = parse(draft(choices, start))
    theirs = replace(consent.privacy_notice, uri="privacy-notice.md", sha256="0" * 64)
    notice.still_shown(replace(consent, privacy_notice=theirs))
    notice.still_shown(None)
