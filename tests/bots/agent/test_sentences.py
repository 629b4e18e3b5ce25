"""Sentences: the one or two that answer, in order, with every gap marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.agent.grounding import grounded
from bots.agent.sentences import LONGEST, choose, fits, shape, split
from tests.persona_store.passages import passage

WEIGHTS = {"retry": 3.0, "charg": 2.0, "重试": 3.0}  # terms, as persona_store/tokens.py cuts them


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in split(text)]


def test_sentences_end_where_people_end_them() -> None:
    assert texts("重试 3 次。间隔五分钟！然后呢？") == ["重试 3 次。", "间隔五分钟！", "然后呢？"]
    assert texts("Three times. Then stop.\nSee v1.2.3, e.g. the docs.") == [
        "Three times.",
        "Then stop.",
        "See v1.2.3, e.g. the docs.",
    ]


def test_the_number_of_a_list_item_is_no_sentence() -> None:
    assert texts("处理线上问题：\n1. 先看监控\n12. 再回滚") == ["处理线上问题：", "1. 先看监控", "12. 再回滚"]
    assert texts("It takes 3. Then stop.") == ["It takes 3.", "Then stop."]


def test_what_a_mail_quotes_from_another_is_no_sentence_of_its_author() -> None:
    assert texts("> how often?\nThree times.\n--\nLin") == ["Three times.", "Lin"]


def test_the_sentences_that_speak_of_the_question_are_shown_in_order_with_gaps() -> None:
    text = "Good morning all. The charge is first checked. Nobody likes it. We retry 3 times. That is all."
    shown, covered = choose(text, WEIGHTS, "")
    assert shown == "… The charge is first checked. … We retry 3 times. …"
    assert covered == pytest.approx(5 / 8)


def test_a_short_message_is_shown_whole() -> None:
    assert choose("重试 3 次。间隔 5 分钟。", WEIGHTS, "number")[0] == "重试 3 次。间隔 5 分钟。"


def test_a_sentence_of_the_right_shape_goes_before_one_of_the_same_words() -> None:
    text = "We retry of course. Nothing. We retry 3 times. Nothing."
    assert "3 times" in choose(text, {"retry": 1.0}, "number")[0]


def test_a_sentence_without_end_is_trimmed_and_says_so() -> None:
    shown, _ = choose("retry " * 300, WEIGHTS, "")
    assert len(shown) <= LONGEST + 2
    assert shown.endswith("…")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many retries?", "number"),
        ("多久退款", "number"),
        ("who approves it", "who"),
        ("谁审批", "who"),
        ("对账几点跑", "when"),
        ("where is the log", "where"),
        ("为什么失败", "why"),
        ("how do I rerun it", "how"),
        ("retry", ""),
    ],
)
def test_what_a_question_is_after(question: str, kind: str) -> None:
    assert shape(question) == kind


def test_whether_a_sentence_has_that_shape() -> None:
    assert fits("number", "at most 3")
    assert not fits("number", "at most some")
    assert fits("when", "每天早上")
    assert not fits("", "anything 3")


@given(st.text(alphabet="ab .!?。！？\n…>", max_size=300))
def test_whatever_is_chosen_was_really_said(text: str) -> None:
    """Any passage, however odd: what is shown is grounded in it or nothing is shown."""
    shown, _ = choose(text, {"a": 1.0, "ab": 2.0}, "number")
    assert shown == "" or grounded(shown, passage("m", text)) or not shown.strip("… ")
