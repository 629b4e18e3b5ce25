"""Files of others: what is wrong is one line that names the place and not what stands there."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.evaluation import reading
from bots.evaluation.model import Asked
from persona_store.errors import Refused

GOOD = b'{"id": "a", "text": "why?", "answerable": true, "gold_ids": ["m1"]}'
ASKED = [Asked("a", "why?", True), Asked(2, "how?", False)]


def test_questions_are_read_in_order_whatever_else_they_say() -> None:
    more = b'{"id": 2, "text": "how?", "answerable": false, "ts": 0.0, "asker": "x", "lang": "en", "kind": "other"}'
    found = reading.questions([b"\xef\xbb\xbf" + GOOD, b"\n", more], "q")
    assert [(each.id, each.kind) for each in found] == [("a", ""), (2, "other")]


@pytest.mark.parametrize(("lines", "told"), [
    ([], "is empty"),
    ([b"\n", b" "], "is empty"),
    ([GOOD, GOOD], "line 2 of 'q' has the id of an earlier line"),
    ([b'{"id": "a", "text": "secret-word"}'], "line 1 of 'q': Object missing required field `answerable`"),
    ([b'{"id": true, "text": "secret-word", "answerable": true}'], "line 1 of 'q'"),
    ([b'{"id": "a", "text": "secret-word", "answerable": true}'], "does not say by what"),
    ([b"secret-word"], "is not JSON"),
    ([b'{"x":' + b"[" * 100_000], "is not JSON"),
    (['{"id": "退"}'.encode("gbk")], "is not JSON"),
    ([b"x" * (reading.LONGEST + 1)], "is longer than"),
])  # fmt: skip
def test_what_is_no_question_is_refused(lines: list[bytes], told: str) -> None:
    with pytest.raises(Refused) as refused:
        reading.questions(lines, "q")
    assert told in str(refused.value)
    assert "secret-word" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("line", "told"), [
    (b'{"id": "other"}', "predicts a question that was not asked"),
    (b'{"id": "2"}', "predicts a question that was not asked"),  # 2 and "2" are two ids
    (b'{"id": "a", "confidence": 1.5}', "no chance"),
    (b'{"id": "a", "confidence": NaN}', "is not JSON"),
    (b'{"id": "a", "evidence_ids": "m1"}', "Expected `array`"),
])  # fmt: skip
def test_what_is_no_prediction_of_these_questions_is_refused(line: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told):
        reading.predictions([line], "p", ASKED)


def test_predictions_may_be_fewer_but_neither_none_nor_two() -> None:
    assert set(reading.predictions([b'{"id": 2, "text": "quoted"}'], "p", ASKED)) == {2}
    with pytest.raises(Refused, match="is empty"):
        reading.predictions([], "p", ASKED)
    with pytest.raises(Refused, match="earlier line"):
        reading.predictions([b'{"id": 2}'] * 2, "p", ASKED)


def test_there_is_an_end_to_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_QUESTIONS", 2)
    lines = [GOOD.replace(b'"a"', str(n).encode()) for n in range(3)]
    assert len(reading.questions(lines[:2], "q")) == 2
    with pytest.raises(Refused, match="too many"):
        reading.questions(lines, "q")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: (
        st.lists(below) | st.dictionaries(st.sampled_from(["id", "text", "answerable", "gold_ids"]), below)
    ),
    max_leaves=8,
)


@given(st.lists(st.binary() | json_values.map(lambda value: json.dumps(value).encode())))
def test_any_file_is_read_or_refused(lines: list[bytes]) -> None:
    with contextlib.suppress(Refused):
        assert reading.questions(lines, "q")
