"""What WeChat, WeCom, QQ and Telegram share: bad inputs, encodings, taken back, quoted, private, and much of it.

The inputs are those on which others' parsers crash, lose or misattribute, for each of the four."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.sources import chat_headed, chat_table, pages
from persona_store.sources.chat_dialect import Dialect, Place
from persona_store.sources.chat_export import ChatExport, Told
from persona_store.sources.chat_line import Line
from persona_store.sources.chat_times import CHINA
from persona_store.sources.jsonstream import stream
from persona_store.sources.qq_export import QQ
from persona_store.sources.telegram_export import TELEGRAM
from persona_store.sources.wechat_export import WECHAT
from persona_store.sources.wecom_export import WECOM
from tests.persona_store.sources import qq_shapes as q
from tests.persona_store.sources import telegram_shapes as t
from tests.persona_store.sources import wecom_shapes as w
from tests.persona_store.sources.exports import code_of, write_folder
from tests.persona_store.sources.feishu_material import START, dump, lines
from tests.persona_store.sources.test_chat_rubbish import MAKE
from tests.persona_store.sources.wechat_shapes import TXT

FOUR = [WECHAT, WECOM, QQ, TELEGRAM]
WITH_TEXTS = pytest.mark.parametrize("dialect", [WECHAT, WECOM, QQ], ids=lambda dialect: dialect.platform)
EACH = pytest.mark.parametrize("dialect", FOUR, ids=lambda dialect: dialect.platform)


def opened(folder: Path, dialect: Dialect, content: bytes, name: str = "page.json", **told: Any) -> ChatExport:
    path = folder / name
    path.write_bytes(content)
    return ChatExport(path, "ou_lin", dialect, Told(**told))


def own(source: ChatExport) -> list[str]:
    return [document.text for document in source.read() if document.by_subject]


@EACH
@pytest.mark.parametrize(
    ("wrap", "encoding"),
    [
        (lambda items: items, "utf-8"),
        (lambda items: {"messages": items}, "utf-8"),
        (lambda items: {"code": 0, "data": {"items": items}}, "utf-8-sig"),
        (lambda items: {"success": True, "result": {"messages": items}}, "utf-16"),
        (lambda items: {"records": [None, *items]}, "gb18030"),
    ],
)
def test_envelopes_and_encodings(
    tmp_path: Path, dialect: Dialect, wrap: Callable[[Any], Any], encoding: str
) -> None:
    items = [MAKE[dialect.platform]("ou_lin", "每天九点", 1)]
    content = json.dumps(wrap(items), ensure_ascii=False).encode(encoding)
    told = {"encoding": "gb18030"} if encoding == "gb18030" else {}
    source = opened(tmp_path, dialect, content, **told)
    assert own(source) == ["每天九点"]
    assert dict(source.dropped) == ({"malformed": 1} if encoding == "gb18030" else {})


@EACH
def test_one_message_a_line_of_which_one_broke_off(tmp_path: Path, dialect: Dialect) -> None:
    make = MAKE[dialect.platform]
    content = lines(make("ou_lin", "一", 1), make("ou_lin", "二", 2))[:-3] + b"\n" + lines(make("ou_lin", "三", 3))
    source = opened(tmp_path, dialect, content, "all.jsonl")
    assert own(source) == ["一", "三"]
    assert dict(source.dropped) == {"JSON_BROKEN": 1}
    assert len(source.problems) == 1


@EACH
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "JSON_BROKEN"),
        (b'[{"id": 1, "type": "mess', "JSON_BROKEN"),
        ('[{"text": "张三"}]'.encode("gbk"), "ENCODING"),
        (b"[" * 5000, "JSON_DEPTH"),
        (b'[{"a": 1, "a": 2}]', "JSON_DUPKEY"),
        (b'[{"id": 1e999}]', "JSON_NUMBER"),
        (b'{"code": 1001, "message": "no"}', "EXPORT_SHAPE"),
        (b'"text"', "EXPORT_SHAPE"),
        (b'[null, 5, "x", {}]', "EXPORT_SHAPE"),
    ],
)
def test_what_is_nothing_is_one_clear_line(tmp_path: Path, dialect: Dialect, content: bytes, code: str) -> None:
    assert code_of(lambda: own(opened(tmp_path, dialect, content))) == code


@EACH
@pytest.mark.parametrize("text", [5, None, {"text": 5}, [{"text": None}], [[]], {"content": {"content": []}}, True])
def test_content_of_another_kind_is_counted_and_costs_nobody_else(
    tmp_path: Path, dialect: Dialect, text: Any
) -> None:
    make = MAKE[dialect.platform]
    odd = make("ou_lin", "", 1)
    for key in ("content", "text"):
        if key in odd:
            odd[key] = text
    source = opened(tmp_path, dialect, dump([odd, make("ou_lin", "好", 2)]))
    assert own(source) == ["好"]
    assert source.dropped.total() == 1


def test_a_chat_larger_than_an_entry_may_be_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram's whole history is one file; none of its chats is held, only a message at a time."""
    monkeypatch.setattr(pages, "WHOLE", 100)
    monkeypatch.setattr("persona_store.sources.jsonstream.LONGEST", 2000)
    monkeypatch.setattr(pages, "text", _in_small_pieces(pages.text))
    talk = [t.message(number, t.LIN, "x" * 200, number) for number in range(60)]
    path = tmp_path / "result.json"
    path.write_bytes(dump({"chats": {"list": [t.chat(*talk)]}}))
    assert len(own(ChatExport(path, str(t.LIN), TELEGRAM))) == 60


def _in_small_pieces(read: Callable[..., Any]) -> Callable[..., Any]:
    def small(*words: Any) -> Any:
        return (piece[at : at + 300] for piece in read(*words) for at in range(0, len(piece), 300))

    return small


def test_a_list_of_whole_chats_is_read_message_by_message() -> None:
    """Telegram's history is one file, and one of its chats may be larger than an entry may be."""
    whole = {"about": "x", "chats": {"list": [{"id": 1, "messages": [{"a": 1}, {"members": ["x"]}]}, {"id": 2}]}}
    found = list(stream([json.dumps(whole)], "f", pages.LISTS, pages.CHATS))
    assert [value for _, value in found] == [{"a": 1}, {"members": ["x"]}, {"id": 2}]
    assert [scope.get("id") for scope, _ in found] == [1, 1, None]


# ------------------------------------------------------------------ WeCom


def test_a_recall_takes_its_message_back_whatever_comes_first(tmp_path: Path) -> None:
    said, gone = w.text(1, w.LIN, "说错了", 0), w.recall(2, 1, w.LIN, 60)
    for order in ([said, gone], [gone, said]):
        path = tmp_path / "a.json"
        path.write_bytes(dump([*order, w.text(3, w.LIN, "好", 70)]))
        source = ChatExport(path, w.LIN, WECOM)
        assert own(source) == ["好"]
        assert source.dropped["deleted"] == 1


def test_only_those_to_whom_it_went_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(dump([w.text(1, w.LIN, "好", 0, tolist=[w.BOB, w.EVE])]))
    (found,) = ChatExport(path, w.LIN, WECOM, Told(team_chats=("*",))).read()
    assert found.readers == tuple(sorted(f"wecom:{each}" for each in (w.LIN, w.BOB, w.EVE)))


def test_a_userid_that_begins_like_a_clients_is_a_colleagues(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(
        dump([w.text(1, w.EVE, "谁批？", 0), w.text(2, w.LIN, "我", 9), w.text(3, w.CLIENT, "hi", 12)])
    )
    source = ChatExport(path, w.LIN, WECOM)
    assert [each.text for each in source.read()] == ["谁批？", "我"]
    assert dict(source.dropped) == {"outsider": 1}


# ------------------------------------------------------------------ QQ


def test_of_a_head_the_last_number_counts(tmp_path: Path) -> None:
    """Whoever calls themselves `林薇(10001234)` has a number of their own behind it."""
    text = q.HEADLINE + q.section(
        "我的QQ群",
        "群",
        f"2026-03-02 17:00:00 林薇({q.LIN})({q.BOB})\n我批准了",
        f"2026-03-02 17:01:00 林薇({q.LIN})\n好",
        f"2026-03-02 17:02:00 林薇儿({q.LIN}0)\n不好",
    )
    (tmp_path / "群.txt").write_text(text, encoding="utf-8")
    assert own(ChatExport(tmp_path / "群.txt", q.LIN, QQ)) == ["好"]


@pytest.mark.parametrize("name", ["记录.mht", "index.html", "Msg3.0.db"])
def test_forms_of_qq_that_are_not_read_say_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"From: <Save by Tencent MsgMgr>")
    with pytest.raises(Refused, match="export text"):
        list(ChatExport(tmp_path / name, q.LIN, QQ).read())


# ------------------------------------------------------------------ Telegram


def test_the_pages_for_reading_are_named_and_the_json_beside_them_is_read(tmp_path: Path) -> None:
    write_folder(tmp_path / "x", {"result.json": dump(t.chat(*t.TALK)), "messages.html": b"<html>", "a.jpg": b"x"})
    source = ChatExport(tmp_path / "x", str(t.LIN), TELEGRAM)
    assert len(own(source)) == 1
    assert dict(source.dropped) == {"EXPORT_SHAPE": 1, "unsupported_type": 1}


def test_an_answer_to_another_chat_is_no_thread(tmp_path: Path) -> None:
    other = t.message(2, t.LIN, "好", 9000, reply_to_message_id=1, reply_to_peer_id="channel9")
    path = tmp_path / "result.json"
    path.write_bytes(dump(t.chat(t.TALK[0], other)))
    assert [each.thread for each in ChatExport(path, str(t.LIN), TELEGRAM).read()] == [f"{t.OPS}/{t.OPS}/2"]


# ------------------------------------------------------------------ texts and tables


PIECES = st.lists(
    st.sampled_from(
        [
            "2026-03-02 17:00:00 林薇(10001234)",
            "2026-03-02 17:00:00 Bob",
            "2026-03-02 17:00 林薇：好",
            "2026-13-02 17:00:00 Bob",
            "消息分组:我的QQ群",
            "消息对象:群",
            "=" * 64,
            "",
            "昨天林薇(10001234)说他要离职了",
            "引用:Bob:几点？",
        ]
    )
    | st.text(st.characters(exclude_characters="\n\r"), max_size=12),
    max_size=24,
)


@settings(max_examples=120, deadline=None)
@given(written=PIECES, cut=st.integers(1, 40))
@WITH_TEXTS
def test_a_text_is_the_same_however_it_arrives_and_no_line_is_lost(
    dialect: Dialect, written: list[str], cut: int
) -> None:
    text = "\r\n".join(written)
    place = Place("群.txt", "群", {}, CHINA)

    def found(pieces: list[str]) -> list[Any]:
        return [
            said if isinstance(said, dict | str) else (said.name, said.text) for said in dialect.text(pieces, place)
        ]

    whole = found([text])
    assert found([text[at : at + cut] for at in range(0, len(text), cut)]) == whole
    for said in dialect.text([text], place):
        if isinstance(said, dict):
            assert all(isinstance(each, Line | str) for each in dialect.read(said, place)) or "members" in said


def test_words_above_the_first_head_are_counted(tmp_path: Path) -> None:
    source = opened(tmp_path, WECHAT, f"我说过的\n{TXT}".encode(), "群.txt", names=("林薇",))
    assert len(own(source)) == 1
    assert dict(source.dropped) == {"malformed": 1, "system": 1}


def test_a_head_without_words_or_name_is_the_clients_own(tmp_path: Path) -> None:
    place = Place("a.txt", "a", {}, CHINA)
    found = list(chat_headed.messages([TXT + '2026-03-02 17:03:00 "Bob"撤回了一条消息\n\n'], place))
    assert [row["type"] for row in found if isinstance(row, dict)] == ["text", "text", "system", "system"]


@WITH_TEXTS
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a,b\n1,2\n", "EXPORT_SHAPE"),
        ("时间,内容,内容\n".encode(), "EXPORT_SHAPE"),
        ('时间,发送人,内容\n2026-03-02 17:00:00,"'.encode() + b"x" * 200_000, "CSV_BROKEN"),
        ("时间,发送人,内容\n".encode("gbk"), "ENCODING"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, dialect: Dialect, content: bytes, code: str) -> None:
    assert code_of(lambda: own(opened(tmp_path, dialect, content, "a.csv"))) == code


@given(st.dictionaries(st.sampled_from(["时间", "发送人", "内容", "type", "uin"]), st.text(max_size=9) | st.none()))
def test_a_row_is_whatever_it_is(row: dict[str, Any]) -> None:
    found = chat_table.row(row)
    assert [type(each) for each in (found.text, found.name, found.ident)] == [str, str, str]


def test_times_are_beijings_unless_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time,sender_id,content\n2026-03-02 17:00:00,ou_lin,好\n", encoding="utf-8")
    (found,) = ChatExport(tmp_path / "a.csv", "ou_lin", WECOM).read()
    assert found.at.timestamp() == START
