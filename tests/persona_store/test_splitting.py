"""Documents become passages that can be quoted: cut at headings and paragraphs, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from persona_store.model import Document
from persona_store.splitting import LONGEST, is_split, passages, pieces

DOCUMENT = Document(
    id="guide.md",
    source="doc",
    container=".",
    container_name="docs",
    thread="guide.md",
    author="slack:U1",
    author_name="Lin",
    by_subject=True,
    at=datetime(2026, 1, 1, tzinfo=UTC),
    text="",
    title="Guide",
    url="https://x.dev",
    readers=("slack:U1",),
)


def test_pieces_are_numbered_and_titled_by_the_headings_above() -> None:
    text = "intro\n\n# Deploy\n\nrun it\n\n## Roll back\n\nundo\n\n# Pay ##\n\nmoney"
    found = passages(replace(DOCUMENT, text=text))
    assert [(passage.id, passage.title, passage.text) for passage in found] == [
        ("guide.md#1", "Guide", "intro"),
        ("guide.md#2", "Guide › Deploy", "run it"),
        ("guide.md#3", "Guide › Deploy › Roll back", "undo"),
        ("guide.md#4", "Guide › Pay", "money"),
    ]
    assert {(passage.url, passage.readers, passage.thread) for passage in found} == {
        ("https://x.dev", ("slack:U1",), "guide.md")
    }


def test_a_message_is_one_passage_however_long() -> None:
    message = replace(DOCUMENT, source="slack_export", id="m-1", title="", text="# no heading\n\n" + "long " * 1000)
    (found,) = passages(message)
    assert (found.id, found.text) == ("m-1", message.text)


def test_a_hash_in_a_code_block_is_no_heading() -> None:
    (piece,) = pieces("```sh\n# comment\nls\n```", "")
    assert piece == ("", "```sh\n# comment\nls\n```")


def test_neighbouring_paragraphs_share_a_passage_while_they_fit() -> None:
    paragraphs = [letter * 400 for letter in "abc"]
    assert [text for _, text in pieces("\n\n".join(paragraphs), "")] == ["a" * 400 + "\n\n" + "b" * 400, "c" * 400]


def test_a_long_paragraph_is_cut_after_a_sentence_in_either_script() -> None:
    for sentence in ("Six words stand in this sentence. ", "这一句话有十几个字，写得很慢。"):
        for _, text in pieces(sentence * 100, ""):
            assert len(text) <= LONGEST
            assert text.endswith((".", "。"))


def test_a_heading_without_text_below_makes_no_passage() -> None:
    assert list(pieces("# One\n\n## Two\n\n", "Guide")) == []


@settings(deadline=None)
@given(st.text(alphabet="ab 。.\n#x", max_size=3000))
def test_nothing_is_lost_and_nothing_is_longer_than_a_passage(text: str) -> None:
    found = [piece for _, piece in pieces(text, "")]
    assert all(0 < len(piece) <= LONGEST for piece in found)
    headings = [line for line in text.split("\n") if line.startswith("#")]
    letters = "".join(found) + "".join(headings)
    assert all(letters.count(letter) >= text.count(letter) for letter in "abx。")


@pytest.mark.parametrize(
    ("source", "title", "split"),
    [
        ("doc", "", True),
        ("feishu_api", "Guide", True),
        ("feishu_api", "", False),
        ("feishu_export", "Guide", False),
    ],
)
def test_of_what_is_fetched_only_documents_have_a_title_and_are_cut(source: str, title: str, split: bool) -> None:
    document = replace(DOCUMENT, source=source, title=title, text="# One\n\nfirst\n\n# Two\n\nsecond")
    found = passages(document)
    assert len(found) == (2 if split else 1)
    assert {is_split(item) for item in (document, *found)} == {split}


def test_the_name_of_a_language_is_no_closing_sequence() -> None:
    """CommonMark 4.2: `#` at the end of a heading counts only after a blank."""
    text = "# C#\n\nfast\n\n## F# ##\n\nterse\n\n## #\n\nbare"
    assert [title for title, _ in pieces(text, "")] == ["C#", "C# › F#", "C#"]
