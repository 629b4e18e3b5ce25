"""JSON from strangers: IMP-13 and IMP-14 of the abuse suite."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.sources.jsonsafe import loads
from tests.persona_store.sources.exports import code_of


def refused(raw: bytes) -> str:
    return code_of(lambda: loads(raw, "day.json"))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@settings(deadline=None)
@given(VALUES)
def test_honest_json_reads_as_python_reads_it(value: object) -> None:
    for ascii_only in (True, False):
        raw = json.dumps(value, ensure_ascii=ascii_only).encode()
        assert loads(raw, "x") == json.loads(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"[" * 200_000, "JSON_DEPTH"),
        (b"[" * 500 + b"]" * 500, "JSON_DEPTH"),
        (b'{"a":' * 200_000, "JSON_DEPTH"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "JSON_DEPTH"),
        (b"[" + b"9" * 5000 + b"]", "JSON_NUMBER"),
        (b"[12345678901234567890]", "JSON_NUMBER"),
        (b"[-10000000000000000000]", "JSON_NUMBER"),
        (b"[1e309]", "JSON_NUMBER"),
        (b"[NaN]", "JSON_NUMBER"),
        (b'{"a": -Infinity}', "JSON_NUMBER"),
        (b'{"user":"U1","user":"U2"}', "JSON_DUPKEY"),
        (b'[{"a":{"b":1,"c":2,"b":3}}]', "JSON_DUPKEY"),
        (b'{"a":1,"\\u0061":2}', "JSON_DUPKEY"),
        (b'{"a":"\\u003a","b":1,"b":2}', "JSON_DUPKEY"),  # the escaped colon makes up for the key that is lost
        (b'{"a":"\\u003A","b":1,"b":2}', "JSON_DUPKEY"),
        (b"", "JSON_BROKEN"),
        (b'[{"a": 1', "JSON_BROKEN"),
        (b"<!doctype html>", "JSON_BROKEN"),
        (b"[1] [2]", "JSON_BROKEN"),
    ],
)
def test_imp_13_and_broken_json(raw: bytes, code: str) -> None:
    assert refused(raw) == code


def test_depth_up_to_the_limit_is_read() -> None:
    assert loads(b"[" * 64 + b"]" * 64, "x")


def test_imp_14_half_a_surrogate_pair_is_replaced_and_can_be_written() -> None:
    value = loads(rb'["\ud800", "a\udc00b", "\ud83d\ude00", "\\ud800", "\ud800\ud800"]', "x")
    assert value == ["\ufffd", "a\ufffdb", "😀", r"\ud800", "\ufffd\ufffd"]
    json.dumps(value, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_imp_14_declared_encodings_are_read(encoding: str) -> None:
    assert loads('[{"text":"支付网关 🚀"}]'.encode(encoding), "x") == [{"text": "支付网关 🚀"}]


def test_imp_14_gbk_is_refused_with_the_place_of_the_first_bad_byte() -> None:
    with pytest.raises(Refused) as caught:
        loads('["支付"]'.encode("gbk"), "day.json")
    assert caught.value.code == "ENCODING"
    assert "byte 4" in str(caught.value)
    assert "day.json" in str(caught.value)


def test_imp_14_nul_is_refused_raw_and_read_when_escaped() -> None:
    assert refused(b'["a\x00b"]') == "JSON_BROKEN"
    assert loads(b'["a\\u0000b"]', "x") == ["a\x00b"]


def test_a_utf_16_file_cut_in_half_is_refused_not_a_crash() -> None:
    assert refused('["支付"]'.encode("utf-16")[:-1]) == "ENCODING"


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_refused(raw: bytes) -> None:
    with contextlib.suppress(Refused):
        loads(raw, "x")


@settings(deadline=None)
@given(VALUES, st.data())
def test_no_damaged_json_raises_anything_but_refused(value: object, data: st.DataObject) -> None:
    raw = bytearray(json.dumps(value).encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Refused):
        json.dumps(loads(bytes(raw), "x"), ensure_ascii=False).encode()
