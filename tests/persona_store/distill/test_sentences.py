"""Sentences: verbatim parts of a text, and none of them somebody else's."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from persona_store.distill.sentences import READ, sentences


def cut(text: str) -> list[str]:
    return [text[each.start : each.end] for each in sentences(text)]


def test_sentences_end_where_a_reader_would_end_them() -> None:
    assert cut("Restart it. Then wait, e.g. a minute. Done!") == [
        "Restart it.",
        "Then wait, e.g. a minute.",
        "Done!",
    ]
    assert cut("先看监控。再重启！可以吗？") == ["先看监控。", "再重启！", "可以吗？"]


def test_marks_inside_code_end_nothing() -> None:
    assert cut("Use `(swap! x inc)` for that. It is atomic.") == ["Use `(swap! x inc)` for that.", "It is atomic."]
    assert cut("is empty? here a name") == ["is empty?", "here a name"]


def test_wrapped_lines_of_mail_are_one_sentence_and_short_lines_of_chat_are_several() -> None:
    wrapped = "This is a line of mail that was wrapped by its program at some\ncolumn and goes on here."
    assert cut(wrapped) == [wrapped]
    assert cut("first line\nsecond line") == ["first line", "second line"]


def test_items_are_told_from_prose_and_numbered_ones_from_others() -> None:
    found = sentences("To do:\n1. run it\n2. wait\n- and this\n第三步 重启")
    assert [(each.kind, each.numbered) for each in found] == [
        *(("prose", False), ("item", True), ("item", True), ("item", False), ("item", True)),
    ]


def test_nothing_of_what_others_said_is_a_sentence() -> None:
    """Quoted lines, an attribution with its paragraph, code, and what follows a signature."""
    text = (
        "Mine.\n\n> theirs\n\nOn Mon, Jun 16, 2008 at 12:25 AM, Bo Tan wrote:\ntheirs too, no mark\n\nAlso mine.\n"
        "```\ncode()\n```\n周岚写道：\n别人的话\n\n我的话。\n-- \nBo's signature"
    )
    assert cut(text) == ["Mine.", "Also mine.", "我的话。"]


@given(st.text(alphabet="ab .!?。？\n>`-1\t吗:", max_size=300))
def test_sentences_are_verbatim_in_order_and_apart(text: str) -> None:
    place = 0
    for each in sentences(text):
        assert place <= each.start < each.end <= len(text)
        assert text[each.start : each.end].strip() == text[each.start : each.end]
        place = each.end


def test_a_megabyte_is_read_to_a_limit_and_in_no_time() -> None:
    for piece in ("a", "? ", "`", "> ", "On x wrote:\n", "1. ", "吗", ".", "“", " ", "\n", "@a "):
        text = (piece * 1_000_000)[:1_000_000]
        begun = time.perf_counter()
        assert all(each.end <= READ for each in sentences(text))
        assert time.perf_counter() - begun < 2, piece
