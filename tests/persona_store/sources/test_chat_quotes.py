"""Whose words stand in a message: those above or below a quotation are its author's, the quotation is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.sources.chat_quotes import own_words


@pytest.mark.parametrize(
    ("text", "own", "quoted"),
    [
        ("不行", "不行", ""),
        ("「Bob：周五上线」\n- - - - - - - -\n不行", "不行", "Bob：周五上线"),
        ("「Bob：他说「好」\n第二行」\n——————\n不行", "不行", "Bob：他说「好」\n第二行"),
        ("「Bob：一」\n---\n「Eve：二」\n---\n三", "三", "Bob：一\nEve：二"),
        ("「Bob：只引用」\n- - - -", "", "Bob：只引用"),
        ("> 别人\n我", "我", "别人"),
        ("「Bob：甲」\n- - -\n> 乙\n我", "我", "Bob：甲\n乙"),
        ("「标题」后面还有话", "「标题」后面还有话", ""),
        ("先说「这个」\n-----\n再说", "先说「这个」\n-----\n再说", ""),
        ("```\n> prompt\n```", "```\n> prompt\n```", ""),
    ],
)
def test_quotations_as_clients_paste_them(text: str, own: str, quoted: str) -> None:
    assert own_words(text) == (own, quoted)


@given(st.text("「」-—>\n 甲：a", max_size=60))
def test_no_word_is_made_up(text: str) -> None:
    own, quoted = own_words(text)
    assert set(own + quoted) <= set(text)
    assert own.count("甲") + quoted.count("甲") <= text.count("甲")


@pytest.mark.parametrize(
    "text", ["「" * 50_000, "「x」" + "\n" * 50_000, "「x」\n" + "- " * 50_000, "「" + "」\n" * 50_000]
)
def test_a_text_made_to_keep_us_busy_does_not(text: str) -> None:
    begin = time.perf_counter()
    own_words(text)
    assert time.perf_counter() - begin < 2
