"""DingTalk material becomes the documents of one colleague: whose words, where, for whom, what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from persona_store.model import Document
from persona_store.sources.chat_export import Told
from persona_store.sources.dingtalk_export import DingTalkExport
from tests.persona_store.sources.dingtalk_shapes import (
    BOB,
    BOB_OPEN,
    CIPHER,
    EVE_OPEN,
    LIN,
    LIN_OPEN,
    LIST_ALL,
    MEMBERS,
    NAMED,
    OPS,
    STREAM,
    TALK,
    message,
)
from tests.persona_store.sources.exports import code_of, write_folder, write_zip
from tests.persona_store.sources.feishu_material import dump, lines

ANSWER = message(1, "林薇", LIN_OPEN, "每天九点", "17:01:00")


def source(folder: Path, files: Mapping[str, bytes], subject: str = LIN, **told: Any) -> DingTalkExport:
    path = write_folder(folder / f"material{len(list(folder.iterdir()))}", files)
    told = {"ids": (LIN_OPEN,), **told}
    return DingTalkExport(path / next(iter(files)) if len(files) == 1 else path, subject, Told(**told))


def own(documents: list[Document]) -> list[str]:
    return [document.text for document in documents if document.by_subject]


def of(folder: Path, *messages: Any, **told: Any) -> tuple[list[Document], dict[str, int]]:
    """(documents, what was left out) of a page with these messages."""
    chat = source(folder, {"page.json": dump({"result": {"messages": list(messages)}})}, **told)
    return list(chat.read()), dict(chat.dropped)


def test_a_folder_and_a_zip_of_it_are_the_same(tmp_path: Path) -> None:
    files = {"members.json": dump(MEMBERS), "all.json": dump(LIST_ALL)}
    folder, packed = write_folder(tmp_path / "f", files), write_zip(tmp_path / "d.zip", files)
    found = [list(DingTalkExport(path, f"dingtalk:{LIN}").read()) for path in (folder, packed)]
    assert found[0] == found[1]
    assert [(document.container_name, document.direct) for document in found[0]] == [
        ("支付运维", False),
        ("支付运维", False),
        ("Bob", True),
    ]


def test_the_two_ids_of_a_person_are_tied_by_the_members(tmp_path: Path) -> None:
    """Messages of the CLI tell the openDingTalkId, the chat asks with the staffId."""
    files = {"members.json": dump(MEMBERS), "page.json": dump({"result": {"messages": TALK}})}
    found = list(source(tmp_path, files, ids=()).read())
    assert [document.author for document in found] == [f"dingtalk:{BOB}", f"dingtalk:{LIN}"]
    assert found[0].readers == (f"dingtalk:{LIN}", f"dingtalk:{BOB}")
    alone = source(tmp_path, {"page.json": dump({"result": {"messages": TALK}})}, ids=())
    assert code_of(lambda: list(alone.read())) == "SUBJECT_UNKNOWN"


def test_quoted_words_are_never_the_subjects(tmp_path: Path) -> None:
    """Once as a message of its own, where it is there; else as context by nobody."""
    quote = {"openMessageId": "msg0001", "sender": "林薇", "content": "对账任务几点跑？"}
    answered = message(2, "林薇", LIN_OPEN, "九点", "17:01:00", quotedMessage=quote)
    found, _ = of(tmp_path, TALK[0], answered)
    assert [document.id for document in found] == ["msg0001", "msg0002"]
    found, _ = of(tmp_path, answered)
    assert [(document.id, document.author, document.text, document.by_subject) for document in found] == [
        ("msg0002#quoted", "", "对账任务几点跑？", False),
        ("msg0002", f"dingtalk:{LIN}", "九点", True),
    ]
    nested = {"msgType": "text", "content": {"text": "原话"}, "quotedMessage": {"content": "更早的话"}}
    found, _ = of(tmp_path, message(3, "林薇", LIN_OPEN, "好", "17:01:00", quotedMessage=nested))
    assert own(found) == ["好"]


def test_forwarded_records_keep_their_authors_and_are_never_quotable(tmp_path: Path) -> None:
    record = message(
        5,
        "林薇",
        LIN_OPEN,
        "[卡片] Eve: 先冻结\n林薇: 我同意",
        "17:02:00",
        forwardMessages=[
            {"openMessageId": "c1", "sender": "null", "senderOpenDingTalkId": EVE_OPEN, "content": "先冻结"},
            {"openMessageId": "c2", "senderOpenDingTalkId": LIN_OPEN, "content": "我同意"},
            {"openMessageId": "c3", "sender": "null", "content": "无名的话", "createTime": "2026-03-01 09:00:00"},
            {
                "openMessageId": "c4",
                "msgType": "chatRecord",
                "forwarded": [{"content": "更深一层", "sender": "Bob"}],
            },
        ],
    )
    found, _ = of(tmp_path, ANSWER, record)
    assert [(d.text, d.author, d.by_subject) for d in found if d.id.startswith("msg0005/")] == [
        ("无名的话", "", False),
        ("先冻结", f"dingtalk:{EVE_OPEN}", False),
        ("我同意", f"dingtalk:{LIN}", False),
        ("更深一层", "dingtalk:name/Bob", False),
    ]
    assert own(found) == ["每天九点"]


def test_a_summary_of_a_record_without_its_messages_is_nobodys_word(tmp_path: Path) -> None:
    found, _ = of(tmp_path, ANSWER, message(5, "林薇", LIN_OPEN, "Eve: 先冻结", "17:02:00", msgType="chatRecord"))
    assert own(found) == ["每天九点"]
    assert [(d.text, d.author) for d in found if d.id == "msg0005#quoted"] == [("Eve: 先冻结", "")]


def test_imp_16_what_a_machine_wrote_in_their_name_is_not_theirs(tmp_path: Path) -> None:
    card = '[{"items":[{"data":{"text":"卡片正文"}}]}]'
    found, dropped = of(
        tmp_path,
        ANSWER,
        message(3, "林薇", LIN_OPEN, "助手代写", "17:02:00", messageAiSendFlag="DWS"),
        message(4, "林薇", LIN_OPEN, card, "17:03:00"),
        message(5, "林薇", "D8BOT", "我是林薇", "17:04:00", senderType="robot"),
        message(6, "林薇", LIN_OPEN, "x", "17:05:00", msgType="interactiveCard"),
        message(7, "林薇", LIN_OPEN, CIPHER, "17:06:00"),
        message(8, "林薇", EVE_OPEN, "同名的人", "17:07:00"),
    )
    assert own(found) == ["每天九点"]
    assert dropped == {"bot": 4, "encrypted": 1}


def test_words_with_json_in_them_stay_as_they_were_typed(tmp_path: Path) -> None:
    for typed in ("价格 100||2||1||3", 'payload:\n{"approved": false}', "[讨论] 排期\n明天", '{"a": {"b": 1}}'):
        found, dropped = of(tmp_path, message(1, "林薇", LIN_OPEN, typed, "17:00:00"))
        assert (own(found), dropped) == ([typed], {}) or typed.startswith("{")


def test_a_name_alone_needs_the_operator_and_a_namesake_refuses(tmp_path: Path) -> None:
    named = {"chat.json": dump(NAMED)}
    for names, code in (((), "SUBJECT_NAMES"), (("林",), "SUBJECT_NAMES")):
        documents = source(tmp_path, named, names=names).read()
        assert code_of(lambda documents=documents: list(documents)) == code
    assert own(list(source(tmp_path, named, names=("林薇",)).read())) == ["控制台里换"]
    twin = dump([{"userId": "x9", "name": "林薇"}, {"userId": LIN, "name": "林薇"}])
    both = source(tmp_path, {**named, "users.json": twin}, names=("林薇",))
    assert code_of(lambda: list(both.read())) == "SUBJECT_AMBIGUOUS"


def test_a_direct_chat_a_bot_received_is_direct(tmp_path: Path) -> None:
    direct = [{**STREAM[1], "conversationType": "1"}]
    found = list(source(tmp_path, {"stream.jsonl": lines(*direct)}, team_chats=("*",)).read())
    assert [(document.direct, document.readers) for document in found] == [(True, (f"dingtalk:{LIN}",))]
    group = list(source(tmp_path, {"stream.jsonl": lines(*STREAM)}, team_chats=("*",)).read())
    assert {document.readers for document in group} == {None}


def test_replies_of_a_topic_are_its_thread_wherever_their_file_is(tmp_path: Path) -> None:
    topic = message(6, "Bob", BOB_OPEN, "发布单谁批？", "08:00:00", openConvThreadId="t-6")
    reply = message(7, "林薇", LIN_OPEN, "我批", "22:00:00")
    files = {"page.json": dump([topic]), "replies.json": dump({"result": {"topicId": "t-6", "messages": [reply]}})}
    found = list(source(tmp_path, files).read())
    assert [document.thread for document in found] == [f"{OPS}/t-6"] * 2


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("你好", "你好"),
        ({"text": "你好"}, "你好"),
        ('{"text": "你好"}', "你好"),
        ({"content": {"text": "你好"}}, "你好"),
        ({"richText": [{"text": "你"}, {"type": "picture", "downloadCode": "x"}, {"text": "好"}]}, "你好"),
        ([{"text": "你"}, "好"], "你好"),
        ({"fileName": "手册.docx", "downloadCode": "x"}, "[file] 手册.docx"),
        ("[文件] 手册.docx fileId: q 注意：如需下载使用dws drive download命令下载", "[file] 手册.docx"),
        ("![图](mediaId=@x)看这里", "看这里"),
    ],
)
def test_contents_in_all_their_forms(tmp_path: Path, content: Any, text: str) -> None:
    found, _ = of(tmp_path, message(1, "林薇", LIN_OPEN, content, "17:00:00"))
    assert own(found) == [text]


@pytest.mark.parametrize(
    "content", [None, 5, {}, [], "[图片消息](mediaId=@x)", "[语音]", {"text": None}, [[]], True]
)
def test_contents_without_words_are_counted(tmp_path: Path, content: Any) -> None:
    found, dropped = of(tmp_path, ANSWER, message(9, "林薇", LIN_OPEN, content, "17:01:30"))
    assert own(found) == ["每天九点"]
    assert dropped in ({"empty": 1}, {"malformed": 1})
