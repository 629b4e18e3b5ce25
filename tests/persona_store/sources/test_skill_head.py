"""Front matter as people write it, read without a YAML library."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from persona_store.sources.skill_head import LONGEST, dated, listed, split, words


def test_what_hosts_reject_is_read() -> None:
    """Underscores, unquoted colons, keys of any host, a byte order mark, flow-style maps, nested maps."""
    text = (
        "\ufeff\n---\nname: colleague_lisi\ndescription: 李四: 支付 owner: 后端\n"
        "user-invocable: true\nversion: '2'\n"
        'metadata: {"a": 1}\nallowed-tools: "Read Grep"\n'
        "x:\n  author: Mei\n  deep:\n    date: 2026-03-02\n---\nbody\n---\n"
    )
    head, body = split(text)
    assert body == "body\n---\n"
    assert (head["name"], head["description"]) == ("colleague_lisi", "李四: 支付 owner: 后端")
    assert (head["version"], head["metadata"], head["allowed-tools"]) == ("2", '{"a": 1}', "Read Grep")
    assert (head["x.author"], head["x.deep.date"]) == ("Mei", "2026-03-02")


def test_blocks_of_text_are_one_value() -> None:
    head, _ = split("---\ndescription: |\n  one: two\n\n    three\nname: >-\n  a\n  b\nlicense: MIT\n---\n")
    assert head == {"description": "one: two three", "name": "a b", "license": "MIT"}


def test_an_anchor_an_alias_and_a_tag_are_text() -> None:
    """A billion laughs are three lines."""
    head, _ = split("---\na: &a [x, x]\nb: &b [*a, *a]\nc: !!python/object/apply:os.system ['id']\n---\n")
    assert head == {"a": "&a [x, x]", "b": "&b [*a, *a]", "c": "!!python/object/apply:os.system ['id']"}


def test_without_an_end_it_is_all_text() -> None:
    text = "---\nname: x\n" + "a: b\n" * 300
    assert split(text) == ({}, text)
    assert split("# x\n---\na: b\n---\n")[0] == {}


@given(st.text(alphabet="-:|> \t\nab'\"[]{}&*!#", max_size=200))
def test_anything_is_read(text: str) -> None:
    """No value is longer than it may be, and nothing of the text below is lost."""
    head, body = split(f"---\n{text}\n---\nrest")
    assert body.endswith("rest")
    assert all(len(value) <= LONGEST for value in head.values())


def test_values_of_other_types_are_none() -> None:
    data = {"a": {"b": 5, "c": ["x", 1, None, " y  z "]}, "d": "one", "e": None}
    assert words(data, "a.b", "e", "a.c", "missing.x", "d") == "one"
    assert words(None, "a") == words([], "a") == words(data, "d.x") == ""
    assert list(listed(data, "a.c", "a.b", "d", "e")) == ["x", "y z", "one"]


def test_the_first_time_that_is_one() -> None:
    assert dated("", "soon", "2026-13-01", "2026-03-02", "2027-01-01") == datetime(2026, 3, 2, tzinfo=UTC)
    assert dated() is None
