"""The sheet of questions: printed, filled in anywhere, and read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.interview.plan import Question
from bots.interview.sheet import read, sheet
from persona_store.errors import Refused

QUESTIONS = (
    Question("interview.missing_boundary"),
    Question("interview.thin", "refund queue"),
    Question("interview.conflicting", "重试", statements=("every 5", "every 15")),
)
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r\0<"), max_size=40)


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_a_sheet_that_is_filled_in_is_read_back(lang: str) -> None:
    """Whatever its language, and with headings of one's own in an answer."""
    page = sheet(QUESTIONS, name="Lin", lang=lang)
    filled = page.replace(
        "<!-- thin: refund queue -->", "<!-- thin: refund queue -->\n\n## Part 1\n\nIt is slow.\n"
    )
    found = read(filled.encode(), "sheet.md")
    assert [each.question.id for each in found] == [question.id for question in QUESTIONS]
    assert [each.answer for each in found] == ["", "## Part 1\n\nIt is slow.", ""]


@given(st.lists(LINES, min_size=3, max_size=3))
def test_every_answer_comes_back_as_it_was_written(answers: list[str]) -> None:
    parts = [
        f"## {n}. x\n\n<!-- thin: topic {n} -->\n\n{answer}\n"
        for n, answer in enumerate(line.lstrip("#") for line in answers)
    ]
    found = read("\n".join(parts).encode(), "sheet.md")
    assert [each.answer for each in found] == [answer.lstrip("#").strip() for answer in answers]


def test_lines_of_json_name_a_question_or_put_it_in_own_words() -> None:
    raw = b"""{"question": "Where is  the log?", "answer": "In /var/log."}

{"key": "thin", "topic": "refund queue", "answer": "slow"}
{"key": "interview.missing_boundary", "answer": ""}
"""
    one, two, three = read(raw, "a.jsonl")
    assert (one.question.words("zh-CN"), one.answer) == ("Where is the log?", "In /var/log.")
    assert two.question.id == QUESTIONS[1].id
    assert three.question.id == QUESTIONS[0].id


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b'{"answer": "x"}', "line 1 of 'f' does not say what was asked"),
        (b'{"question": "a", "key": "thin", "topic": "t", "answer": "x"}', "line 1 of 'f' does not say"),
        (b'{"key": "thin", "answer": "x"}', "needs a topic"),
        (b'{"key": "mood", "answer": "x"}', "no question 'mood'"),
        (b'{"question": "a", "answer": "x"}\n{"question": "a", "answr": "x"}', "line 2 of 'f' is no answer"),
        (b"{" * 100_000, "line 1 of 'f' is no answer"),
        (b"just words", "holds no question"),
        (b"<!-- mood -->\nx", "line 1 of 'f': there is no question 'mood'"),
        (b"\xff\xfe{", "is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_names_the_place(raw: bytes, what: str) -> None:
    with pytest.raises(Refused) as refused:
        read(raw, "f")
    assert what in str(refused.value)
    assert str(refused.value).count("\n") == 0
