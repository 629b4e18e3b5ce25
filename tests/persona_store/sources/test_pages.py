"""Files in any envelope: the same entries whether a file is read as a whole or piece by piece."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.sources import jsonstream, pages
from persona_store.sources.jsonstream import stream
from persona_store.sources.pages import LISTS, entries
from persona_store.sources.single import open_material
from tests.persona_store.sources.exports import code_of

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False, width=16)
    | st.text(max_size=6)
)
ENTRIES = st.fixed_dictionaries(
    {"id": st.text(max_size=5)}, optional={"x": st.lists(LEAVES, max_size=3), "y": LEAVES}
)


def is_entry(value: dict[str, Any]) -> bool:
    return "id" in value


def envelopes(listed: list[Any]) -> list[Any]:
    return [
        listed,
        {"items": listed},
        {"code": 0, "msg": "ok", "data": {"has_more": False, "items": listed}},
        {"result": {"conversations": [{"chat": "c", "messages": listed}]}},
    ]


def read(folder: Path, content: bytes, name: str = "page.json") -> list[Any]:
    (folder / name).write_bytes(content)
    archive = open_material(folder / name, pages.JSON)
    return [entry if isinstance(entry, str) else entry[1] for entry in entries(archive, name, is_entry)]


@settings(max_examples=60, deadline=None)
@given(listed=st.lists(ENTRIES, max_size=5), size=st.integers(1, 9), indent=st.sampled_from([None, 1]))
def test_piece_by_piece_gives_the_same_as_a_whole(listed: list[Any], size: int, indent: int | None) -> None:
    for value in envelopes(listed):
        text = json.dumps(value, ensure_ascii=False, indent=indent)
        chunks = (text[at : at + size] for at in range(0, len(text), size))
        streamed = [
            entry[1] for scope, item in stream(chunks, "x", LISTS) for entry in pages._inside(item, scope, is_entry)
        ]
        assert streamed == [entry[1] for entry in pages._inside(value, {}, is_entry)] == listed


@settings(max_examples=60, deadline=None)
@given(listed=st.lists(ENTRIES, min_size=1, max_size=3), cut=st.integers(1, 40), size=st.integers(1, 9))
def test_a_stream_that_breaks_off_is_refused(listed: list[Any], cut: int, size: int) -> None:
    text = json.dumps({"data": {"items": listed}})
    text = text[: max(1, len(text) - cut)]
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    assert code_of(lambda: list(stream(iter(chunks), "x", LISTS))) == "JSON_BROKEN"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"items": [' + "[" * 200_000, "JSON_DEPTH"),
        ('{"items": [' + "9" * 5000 + "]}", "JSON_NUMBER"),
        ('{"items": [{"a": NaN}]}', "JSON_NUMBER"),
        ('{"items": [{"a": 1, "a": 2}]}', "JSON_DUPKEY"),
        ('{"items": [], "items": [1]}', "JSON_DUPKEY"),
        ('{"items": [1 2]}', "JSON_BROKEN"),
        ('{"items" [1]}', "JSON_BROKEN"),
        ("{1: 2}", "JSON_BROKEN"),
        ("<html>", "JSON_BROKEN"),
    ],
)
def test_imp_13_a_stream_is_as_strict_as_a_file(text: str, code: str) -> None:
    assert code_of(lambda: list(stream(iter([text]), "x", LISTS))) == code


def test_a_large_file_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "WHOLE", 1000)
    listed = [{"id": str(number), "text": "字" * 50} for number in range(200)]
    for value in envelopes(listed):
        assert read(tmp_path, json.dumps(value, ensure_ascii=False).encode()) == listed
    assert read(tmp_path, json.dumps(listed).encode("utf-16")) == listed
    lines = b"".join(json.dumps(item).encode() + b"\n" for item in listed)
    assert read(tmp_path, lines) == read(tmp_path, lines, "page.jsonl") == listed


def test_an_entry_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonstream, "LONGEST", 5000)
    endless = ("x" * 1000 for _ in range(100))
    assert code_of(lambda: list(stream(iter(['["', *endless]), "x", LISTS))) == "MEMBER_SIZE"
    monkeypatch.setattr(pages, "WHOLE", 5000)
    with pytest.raises(Refused, match="line of more than"):
        read(tmp_path, b"x" * 9000, "page.jsonl")


def test_what_the_envelope_says_comes_along(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"result": {"chat": "c1", "title": "T", "messages": [{"id": "1"}]}}')
    archive = open_material(tmp_path / "a.json", pages.JSON)
    ((scope, value),) = entries(archive, "a.json", is_entry)
    assert (scope["chat"], scope["title"], value) == ("c1", "T", {"id": "1"})


def test_a_single_file_may_be_a_link_but_nothing_else(tmp_path: Path) -> None:
    """Whoever imports named it themselves; inside of a folder a link is refused."""
    (tmp_path / "real.json").write_bytes(b"[]")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    assert open_material(tmp_path / "link.json", pages.JSON).members.keys() == {"link.json"}
    assert code_of(lambda: open_material(Path("/dev/null.json"), pages.JSON)) == "NOT_FOUND"
    (tmp_path / "pipe.json").symlink_to("/dev/null")
    assert code_of(lambda: open_material(tmp_path / "pipe.json", pages.JSON)) == "ARCHIVE_LINK"
