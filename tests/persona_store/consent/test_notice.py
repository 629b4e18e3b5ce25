"""The text that is shown is the text the record is about, in both languages, and it tells what it must."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest
from msgspec.structs import replace

from persona_store.consent import notice
from persona_store.consent.draft import Choices, draft
from persona_store.consent.parsing import parse


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
