"""Thinking aloud is told from the answer, whole or in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.llm.thinking import Filter, answer_in

TEXTS = st.one_of(
    st.text(alphabet="ab <>/thinkc\n", max_size=40),
    st.builds(
        "<think>{}</think>{}".format, st.text(alphabet="a <t/\n", max_size=20), st.text(alphabet="b<\n", max_size=9)
    ),
)


def piecewise(text: str, cuts: list[int]) -> str:
    shown, at, said = Filter(), 0, ""
    for cut in sorted(cuts):
        said += shown.feed(text[at : at + max(0, cut - at)])
        at = max(at, cut)
    return said + shown.feed(text[at:]) + shown.end()


@pytest.mark.parametrize(("text", "answer"), [
    ("yes", "yes"), ("", ""), ("<think>for ever", ""),
    ("<think>no</think>\n\nyes", "yes"), ("  <think>no</think>yes", "yes"), ("no</think>yes", "yes"),
    ("a <think>b</think> c", "a <think>b</think> c"), ('{"a": "</think>"}', '{"a": "</think>"}'),
])  # fmt: skip
def test_the_answer_is_what_follows(text: str, answer: str) -> None:
    assert answer_in(text) == answer


@given(TEXTS, st.lists(st.integers(0, 60), max_size=8))
def test_where_a_text_is_cut_makes_no_difference(text: str, cuts: list[int]) -> None:
    assert piecewise(text, cuts) == piecewise(text, [])


@given(st.text(alphabet="a <t>k/\n", max_size=20), st.lists(st.integers(0, 60), max_size=8))
def test_in_pieces_it_is_what_it_is_whole(thought: str, cuts: list[int]) -> None:
    text = f"<think>{thought}</think>\n the answer"
    assert piecewise(text, cuts) == answer_in(text)


def test_what_only_begins_like_a_tag_is_shown_in_the_end() -> None:
    assert piecewise("<thi", [1, 2, 3]) == "<thi"
    assert piecewise("<thinner>", [1, 4]) == "<thinner>"
