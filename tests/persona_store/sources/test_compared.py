"""The inputs on which others fail: ours loses nothing silently and credits nobody with another's words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.benchmarks import described_parsers as described
from tests.persona_store.sources.compared import BEGIN, END, PAGE, both, renewed
from tests.persona_store.sources.compared_inputs import Input, inputs
from tests.persona_store.sources.feishu_material import LIN, answer, dump, item, lines


@pytest.mark.parametrize("case", list(inputs()), ids=lambda case: f"{case.reader}: {case.name}")
def test_nothing_is_misattributed_and_nothing_lost_silently(case: Input) -> None:
    """No traceback either: whatever is not a refusal would come out here."""
    _, ours = both(case)
    assert not ours.foreign
    assert not ours.neither
    assert ours.found == len(case.said) or ours.ended or ours.left_out


def test_what_is_told_can_be_told_wrong() -> None:
    """The judgement itself: words of others and words cut short are seen as such."""
    case = next(case for case in inputs() if case.name == "somebody whose address holds the subject's")
    theirs, ours = both(case)
    assert (theirs.found, theirs.foreign, theirs.neither) == (1, 1, 0)
    assert (ours.found, ours.foreign, ours.neither) == (1, 0, 0)


def test_the_table_in_the_docs_is_what_both_readers_do() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    assert renewed(page) == page, "run `python -m tests.persona_store.sources.compared`"


# ------------------------------------------------------------------ the other side does what is described

MESSAGE = {"sender_name": "张三", "content": "好", "timestamp": "2026-03-02 17:01"}


def holding(third: object) -> bytes:
    return dump({"messages": [MESSAGE, third]})


CRASHES: Sequence[bytes] = (
    dump(answer(item(1, LIN, "好", 0))),
    dump({"messages": [MESSAGE]})[:-5],
    json.dumps([MESSAGE], ensure_ascii=False).encode("gbk"),
    b"\xef\xbb\xbf" + dump([MESSAGE]),
    holding(None),
    holding("好"),
    holding({**MESSAGE, "content": 5}),
    holding({**MESSAGE, "content": {"text": 5}}),
    holding({**MESSAGE, "content": [{"text": None}]}),
    lines(MESSAGE, MESSAGE),
    b"",
)
SURVIVORS = (
    (dump({"items": []}), []),
    (dump([item(1, LIN, "好", 0)]), ['{"text": "好"}']),
    (dump([{"sender": {"name": "李四", "about": "张三"}, "content": "不"}]), ["不"]),
    (dump([{"user": "张三", "text": "好", "ts": "1772442000.000100"}]), []),
)


def test_eleven_of_fifteen_json_inputs_end_in_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    for content in CRASHES:
        path.write_bytes(content)
        with pytest.raises((ValueError, AttributeError, TypeError)):
            described.feishu(path, "张三")
    for content, credited in SURVIVORS:
        path.write_bytes(content)
        assert described.feishu(path, LIN if LIN.encode() in content else "张三") == credited


def test_a_namesake_is_credited_and_all_but_a_hundred_short_messages_go(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    path.write_bytes(dump([{**MESSAGE, "sender_name": name} for name in ("张三", "张三丰", "李四") * 200]))
    found = described.feishu(path, "张三")
    assert len(found) == 400
    assert len(described.handed_on(found)) == 100
