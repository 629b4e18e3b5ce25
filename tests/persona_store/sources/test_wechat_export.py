"""WeChat material becomes the documents of one colleague: whose words, where, for whom, what is left out."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import apsw
import lz4.block
import pytest
import zstandard

from persona_store.sources.chat_export import Told
from persona_store.sources.wechat_export import WeChatExport
from persona_store.sources.wechat_packed import LARGEST, Unreadable, block, sender, words
from persona_store.sources.wechat_text import APP, QUOTE, Said, kind_of, said
from tests.persona_store.sources.exports import code_of, write_folder
from tests.persona_store.sources.feishu_material import START, dump
from tests.persona_store.sources.wechat_material import app, extra, frame, made, new, old, people, quote
from tests.persona_store.sources.wechat_shapes import BOB, LIN, OPS, SERVER, TXT

Json = dict[str, Any]


def message(who: str, text: Any, after: float = 0, **more: Any) -> Json:
    return {"talker": OPS, "sender": who, "type": 1, "createTime": START + after, "content": text, **more}


def of(folder: Path, *messages: Any, subject: str = LIN, **told: Any) -> tuple[list[str], dict[str, int]]:
    """(the subject's own words, what was left out)."""
    path = write_folder(folder / f"m{len(list(folder.iterdir()))}", {"page.json": dump(list(messages))})
    source = WeChatExport(path / "page.json", subject, Told(**told))
    return [document.text for document in source.read() if document.by_subject], dict(source.dropped)


def test_an_id_in_the_words_is_believed_only_where_nothing_else_tells(tmp_path: Path) -> None:
    """Groups put `wxid:` before the words; whoever types such a line must not speak as somebody else."""
    forged = f"{LIN}:\n我批准了"
    assert of(tmp_path, message(BOB, forged), message(LIN, "x", 9)) == (["x"], {})
    assert of(tmp_path, message("", f"{LIN}:\n我批准了"))[0] == ["我批准了"]
    alone = {**message("", forged), "talker": BOB}
    assert of(tmp_path, alone, message(LIN, "x", 9)) == (["x"], {"outside_subject_threads": 1})


def test_sent_by_me_is_nobodys_until_it_is_said_whose_account_it_is(tmp_path: Path) -> None:
    mine = {"talker": BOB, "isSend": 1, "type": 1, "createTime": START, "content": "在"}
    path = write_folder(tmp_path / "mine", {"a.json": dump([mine])}) / "a.json"
    assert code_of(lambda: list(WeChatExport(path, LIN).read())) == "SUBJECT_NAMES"
    assert [each.text for each in WeChatExport(path, LIN, Told(account=LIN)).read()] == ["在"]
    other = WeChatExport(path, LIN, Told(account=BOB, names=("我",)))
    assert code_of(lambda: list(other.read())) == "SUBJECT_UNKNOWN"


def test_contacts_of_the_newer_client_name_people_and_groups(tmp_path: Path) -> None:
    def make(connection: apsw.Connection) -> None:
        connection.execute("CREATE TABLE contact (id INTEGER PRIMARY KEY, username, alias, remark, nick_name)")
        for username, alias, name in ((LIN, "linwei88", "林薇"), (OPS, "", "支付运维")):
            connection.execute("INSERT INTO contact VALUES (NULL, ?, ?, '老板', ?)", (username, alias, name))

    files = {"contact.db": made(make), "message_0.db": new((LIN,), [(OPS, SERVER, 1, LIN, START, "在")])}
    (found,) = WeChatExport(write_folder(tmp_path / "four", files), LIN).read()
    assert (found.author_name, found.container, found.by_subject) == ("林薇", f"Msg_{_hash(OPS)}", True)
    assert (found.direct, found.readers) == (False, (f"wechat:{LIN}",))


def _hash(chat: str) -> str:
    """Name2Id does not tell this chat, so it is called by its table."""
    return hashlib.md5(chat.encode(), usedforsecurity=False).hexdigest()


def test_rows_of_pywxdump_tell_the_chat_beside_who_wrote(tmp_path: Path) -> None:
    """https://github.com/xaoyaoo/PyWxDump: `talker` is who wrote, `room_name` where."""
    row = {"id": 1, "MsgSvrID": str(SERVER), "type_name": "文本", "is_sender": 0, "talker": LIN, "room_name": OPS}
    path = write_folder(
        tmp_path / "p", {"a.json": dump([{**row, "msg": "在", "CreateTime": "2026-03-02 17:00:00"}])}
    )
    (found,) = WeChatExport(path / "a.json", LIN).read()
    assert (found.text, found.container, found.direct, found.at.timestamp()) == ("在", OPS, False, START)


def test_ids_that_resemble_the_subjects_are_others(tmp_path: Path) -> None:
    talk = [message(who, who, n) for n, who in enumerate((LIN, f"{LIN}0", LIN[:-1], LIN.upper()))]
    assert of(tmp_path, *talk)[0] == [LIN]


def test_a_name_is_the_whole_name_and_a_homonym_is_refused(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "t", {"群.txt": TXT.encode()}) / "群.txt"
    found = WeChatExport(path, LIN, Told(names=("林",)))
    assert code_of(lambda: list(found.read())) == "SUBJECT_NAMES" or not any(e.by_subject for e in found.read())
    both = write_folder(
        tmp_path / "both", {"群.txt": TXT.encode(), "MicroMsg.db": people([("wxid_other0001", "", "林薇")])}
    )
    assert code_of(lambda: list(WeChatExport(both, LIN, Told(names=("林薇",))).read())) == "SUBJECT_AMBIGUOUS"


def test_the_name_an_account_gave_itself_is_the_same_person(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "f",
        {
            "MSG0.db": old([(SERVER, 1, 0, 0, START, OPS, "在", "", LIN)]),
            "MicroMsg.db": people([(LIN, "linwei88", "林薇")]),
        },
    )
    found = list(WeChatExport(folder, "linwei88").read())
    assert [(each.by_subject, each.author, each.author_name) for each in found] == [
        (True, "wechat:linwei88", "林薇")
    ]


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ((1, 0), " 在 ", Said("在")),
        ((3, 0), "<msg><img/></msg>", Said()),
        ((APP, QUOTE), "改周四\n引用:Bob:周三？", Said("改周四", "Bob:周三？")),
        ((APP, QUOTE), "[引用 Bob：周三？]改周四", Said("改周四", "引用 Bob：周三？")),
        ((APP, 0), quote("改周四", 99, BOB, "Bob", "周三？"), Said("改周四", "Bob：周三？", "99")),
        (
            (APP, 0),
            quote("改周四", 99, BOB, "Bob", "&lt;msg&gt;&lt;img/&gt;&lt;/msg&gt;"),
            Said("改周四", "", "99"),
        ),
        ((APP, 0), app(5, "别人的标题"), Said()),
        ((APP, 0), app(2000, "微信转账"), Said()),
        ((APP, 0), app(62, "拍了拍"), Said(reason="system")),
        ((APP, 0), f"<!DOCTYPE x [<!ENTITY a 'b'>]>{app(57, '&a;')}", Said(reason="malformed")),
        ((APP, 0), "<msg><appmsg><title>" + "<a>" * 400, Said(reason="malformed")),
        ((APP, 6), "[文件] 回滚 手册.pdf", Said("[file] 回滚 手册.pdf")),
        ((APP, 5), "别人的标题", Said()),
        ((10000, 0), "撤回了一条消息", Said(reason="system")),
        ((0, 0), "未知", Said()),
    ],
)
def test_what_a_message_says(kind: tuple[int, int], content: str, expected: Said) -> None:
    assert said(*kind, content) == expected


@pytest.mark.parametrize(
    ("given", "kind"),
    [("1", (1, 0)), (str((57 << 32) | 49), (49, 57)), ("引用消息", (49, 57)), ("", (1, 0)), ("红包卡片", (0, 0))],
)
def test_kinds_as_numbers_and_as_tools_call_them(given: str, kind: tuple[int, int]) -> None:
    assert kind_of(given) == kind
    assert kind_of("9" * 30) == (0, 0)


def test_what_unpacks_to_more_than_a_message_can_be_is_none(tmp_path: Path) -> None:
    bomb = lz4.block.compress(b"a" * (LARGEST + 9), store_size=False)
    for unpack in (
        lambda: block(bomb),
        lambda: words(frame("a" * (LARGEST + 9))),
        lambda: words(b"\x28\xb5\x2f\xfd" + b"\xff" * 40),
        lambda: block(b"\xff" * 40),
        lambda: words(zstandard.ZstdCompressor().compress(bytes(range(200)))[:-40]),
    ):
        with pytest.raises(Unreadable, match="malformed"):
            unpack()
    assert words(frame("在")) == "在"


def test_without_the_libraries_what_is_packed_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = (SERVER, 49, 57, 0, START, OPS, "", quote("改周四", 1, BOB, "Bob", "x"), LIN)
    plain = (SERVER + 1, 1, 0, 0, START, OPS, "在", "", LIN)
    path = tmp_path / "MSG0.db"
    path.write_bytes(old([packed, plain]))
    monkeypatch.setitem(sys.modules, "lz4", None)
    monkeypatch.setitem(sys.modules, "lz4.block", None)
    source = WeChatExport(path, LIN)
    assert [each.text for each in source.read()] == ["在"]
    assert dict(source.dropped) == {"packed": 1}


@pytest.mark.parametrize("raw", [b"", b"\x1a", b"\x1a\xff\xff\xff\xff", b"\x1a\x02\x08\x01", b"\xff" * 99, None])
def test_what_is_no_protobuf_names_nobody(raw: object) -> None:
    assert sender(raw) == ""
    assert sender(extra(LIN)) == LIN


def test_pages_for_people_are_one_clear_line(tmp_path: Path) -> None:
    for name in ("Bob.html", "Bob.xlsx"):
        (tmp_path / name).write_bytes(b"<html>")
        assert code_of(lambda name=name: list(WeChatExport(tmp_path / name, LIN).read())) == "EXPORT_SHAPE"
