import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store import strictjson
from persona_store.strictjson import NotStrict

whole = st.integers(-(10**17), 10**17)
values = st.recursive(
    st.none() | st.booleans() | whole | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_has_one_meaning_is_read_as_that(value: object) -> None:
    assert strictjson.loads(json.dumps(value, ensure_ascii=False).encode()) == value
    assert strictjson.loads(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"a":1,"a":1}', "twice"),
        (b'{"a":1,"\\u0061":2}', "twice"),
        (b'[{"x":{"k":1,"k":2}}]', "twice"),
        (b"1.0", "floats"),
        (b"1e3", "floats"),
        (b"[NaN]", "floats"),
        (b"-Infinity", "floats"),
        (b"1" * 19, "digits"),
        (b"-" + b"1" * 5000, "digits"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\udc00":1}', "surrogate"),
        (b"[" * 200_000, "nested"),
        (b'{"a":' * 40_000, "nested"),
        (b"[" * 17 + b"]" * 17, "nested"),
        (b"\xff", "UTF-8"),
        (b'"\xed\xa0\x80"', "UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        ("{}".encode("utf-16"), "UTF-8"),
        (b"", "not JSON"),
        (b"{}{}", "not JSON"),
        (b'"\x00"', "not JSON"),
        (b'{"a":1,}', "not JSON"),
        (b" " * (strictjson.MAX_BYTES + 1), "larger"),
    ],
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_refused(raw: bytes, why: str) -> None:
    """IMP-13 and IMP-14 for what is signed: each ends in one short reason, never in another exception."""
    with pytest.raises(NotStrict, match=why):
        strictjson.loads(raw)


def test_brackets_inside_strings_are_no_depth() -> None:
    value = ["[" * 100 + '"' + "{" * 100]
    assert strictjson.loads(json.dumps(value).encode()) == value


@given(st.binary(max_size=300))
def test_no_bytes_whatsoever_raise_anything_else(raw: bytes) -> None:
    with contextlib.suppress(NotStrict):
        json.dumps(strictjson.loads(raw), allow_nan=False)
