"""Whatever stands in the files: it is read or refused, it is counted, and nobody's words become the subject's."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.sources.chat_dialect import Dialect, Place
from persona_store.sources.chat_export import ChatExport, Told
from persona_store.sources.chat_line import Line
from persona_store.sources.chat_quotes import own_words
from persona_store.sources.chat_times import CHINA, moment
from persona_store.sources.dingtalk_export import DINGTALK
from persona_store.sources.feishu_export import FEISHU
from persona_store.sources.qq_export import QQ
from persona_store.sources.telegram_export import TELEGRAM
from persona_store.sources.wechat_export import WECHAT
from persona_store.sources.wecom_export import WECOM
from tests.persona_store.sources import qq_shapes, telegram_shapes, wechat_shapes, wecom_shapes
from tests.persona_store.sources.dingtalk_shapes import SHAPES as DINGTALK_SHAPES
from tests.persona_store.sources.feishu_shapes import SHAPES as FEISHU_SHAPES
from tests.persona_store.sources.shapes import Shape, seen, write

MESSENGER_SHAPES = [
    *wechat_shapes.SHAPES,
    *wecom_shapes.SHAPES,
    *qq_shapes.SHAPES,
    *telegram_shapes.SHAPES,
]

FIELDS = {
    "feishu": [
        *(
            "message_id",
            "msg_type",
            "create_time",
            "chat_id",
            "body",
            "content",
            "mentions",
            "upper_message_id",
            "from",
        ),
        *(
            "thread_id",
            "root_id",
            "deleted",
            "items",
            "data",
            "event",
            "header",
            "message",
            "member_id",
            "open_id",
            "text",
        ),
    ],
    "dingtalk": [
        *(
            "openMessageId",
            "msgType",
            "createTime",
            "openConversationId",
            "content",
            "text",
            "richText",
            "forwarded",
        ),
        *(
            "quotedMessage",
            "messages",
            "result",
            "openDingTalkId",
            "userId",
            "conversationType",
            "senderType",
            "recalled",
        ),
    ],
    "wechat": [
        *("talker", "sender", "senderUsername", "Sender", "isSend", "IsSender", "createTime", "time", "content"),
        *("type", "localType", "subType", "contents", "refer", "session", "messages", "room_name", "UserName"),
        *("NickName", "ChatRoomName", "UserNameList", "MsgSvrID", "seq", "data", "users", "name", "wxid"),
    ],
    "wecom": [
        *("msgid", "action", "from", "tolist", "roomid", "msgtime", "msgtype", "text", "content", "mixed"),
        *("item", "chatrecord", "revoke", "pre_msgid", "chatdata", "msg", "userid", "name", "members", "roomname"),
        *("发送时间", "发送人", "消息内容", "encrypt_chat_msg", "group_chat", "member_list", "chat_id"),
    ],
    "qq": [
        *("sender", "uin", "uid", "content", "text", "elements", "data", "type", "timestamp", "recalled", "system"),
        *("messages", "chatInfo", "post_type", "message_type", "message", "user_id", "group_id", "time", "id"),
        *("rawMessage", "chat_id", "members", "message_id", "chunks"),
    ],
    "telegram": [
        *("id", "type", "date", "date_unixtime", "from", "from_id", "text", "reply_to_message_id", "messages"),
        *("forwarded_from", "via_bot", "poll", "action", "chats", "list", "user_id", "name", "file_name"),
        *("edited_unixtime", "left_chats", "contacts", "members", "chat_id"),
    ],
}
WORDS = [
    "text",
    "post",
    "merge_forward",
    "interactive",
    "1772442000000",
    "2026-03-02 17:00",
    '{"text": "x"}',
    "oc_1",
    "om_1",
    "message",
    "群聊",
    "12345@chatroom",
    "<msg><appmsg><title>x</title><type>57</type></appmsg></msg>",
    "revoke",
    "user9",
]
ALL = [FEISHU, DINGTALK, WECHAT, WECOM, QQ, TELEGRAM]
DIALECTS = pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.platform)


def junk(dialect: Dialect) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(FIELDS[dialect.platform])
    return st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9**17) | st.sampled_from(WORDS) | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
        max_leaves=16,
    )


def read(dialect: Dialect, values: Any, subject: str = "ou_lin", **told: Any) -> tuple[list[Any], dict[str, int]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.json"
        path.write_bytes(json.dumps(values, ensure_ascii=False).encode(errors="replace"))
        source = ChatExport(path, subject, dialect, Told(**told))
        return list(source.read()), dict(source.dropped)


@DIALECTS
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_nothing_crashes_and_nothing_becomes_the_subjects(dialect: Dialect, data: st.DataObject) -> None:
    """None of the material carries their id, so none of it may be theirs, and none of it may be silently lost."""
    values = data.draw(st.lists(junk(dialect), max_size=6))
    try:
        found, _ = read(dialect, values, names=("林薇",))
    except Refused:
        return
    assert not any(document.by_subject or document.author == f"{dialect.platform}:ou_lin" for document in found)


@DIALECTS
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_object_is_a_message_or_has_a_reason(dialect: Dialect, data: st.DataObject) -> None:
    value = data.draw(st.dictionaries(st.sampled_from(FIELDS[dialect.platform]), junk(dialect), max_size=8))
    entries = list(dialect.read(value, Place("f.json", "f", {}, CHINA)))
    assert entries
    for entry in entries:
        if isinstance(entry, Line):
            json.dumps([entry.text, entry.name, entry.ids, own_words(entry.text)], ensure_ascii=False)
            assert 1e8 <= entry.at < 253_402_300_800
        else:
            assert entry in ("malformed", "bot", "system", "deleted", "no_author", "BAD_TIME", "encrypted")


@pytest.mark.parametrize(
    "shape", [*FEISHU_SHAPES, *DINGTALK_SHAPES, *MESSENGER_SHAPES], ids=lambda shape: shape.name
)
def test_much_material_is_read_chat_by_chat_with_the_same_result(
    shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had more messages than are held at a time."""
    monkeypatch.setattr("persona_store.sources.chat_export.AT_ONCE", 1)
    source = shape.open(write(shape, tmp_path))
    assert tuple(map(seen, source.read())) == shape.items
    assert dict(source.dropped) == dict(shape.left_out)


def feishu(who: str, text: str, number: int) -> dict[str, Any]:
    return {
        "message_id": f"om_{number}",
        "msg_type": "text",
        "create_time": str(1772442000000 + number * 1000),
        "chat_id": "oc_1",
        "sender": {"id": who, "id_type": "open_id", "sender_type": "user"},
        "body": {"content": json.dumps({"text": text})},
    }


def dingtalk(who: str, text: str, number: int) -> dict[str, Any]:
    return {
        "openMessageId": f"msg{number}",
        "msgType": "text",
        "createTime": 1772442000000 + number * 1000,
        "openConversationId": "cid1",
        "senderStaffId": who,
        "content": text,
    }


def wechat(who: str, text: str, number: int) -> dict[str, Any]:
    return {
        "talker": "12345678@chatroom",
        "serverId": 7404021230482094000 + number,
        "type": 1,
        "createTime": 1772442000 + number,
        "sender": who,
        "content": text,
    }


def wecom(who: str, text: str, number: int) -> dict[str, Any]:
    return {
        "msgid": f"m{number}",
        "action": "send",
        "from": who,
        "tolist": ["ou_bob"],
        "roomid": "wrErxtDgAA0jgXE5",
        "msgtime": 1772442000000 + number * 1000,
        "msgtype": "text",
        "text": {"content": text},
    }


def qq(who: str, text: str, number: int) -> dict[str, Any]:
    return {
        "id": f"{number}",
        "timestamp": 1772442000000 + number * 1000,
        "sender": {"uin": who, "name": "x"},
        "type": "text",
        "content": {"text": text, "elements": [{"type": "text", "data": {"text": text}}]},
    }


def telegram(who: str, text: str, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date_unixtime": str(1772442000 + number),
        "from": "x",
        "from_id": f"user{who}",
        "text": text,
    }


MAKE = {
    FEISHU.platform: feishu,
    DINGTALK.platform: dingtalk,
    WECHAT.platform: wechat,
    WECOM.platform: wecom,
    QQ.platform: qq,
    TELEGRAM.platform: telegram,
}
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


@DIALECTS
@settings(max_examples=60, deadline=None)
@given(
    talk=st.lists(
        st.tuples(st.sampled_from(["ou_lin", "ou_linda", "ou_li", "OU_LIN", "on_lin"]), TEXTS), max_size=12
    )
)
def test_words_are_whose_id_they_carry(dialect: Dialect, talk: list[tuple[str, str]]) -> None:
    """Ids that resemble the subject's are others; each message is kept once or counted."""
    make: Callable[[str, str, int], Any] = MAKE[dialect.platform]
    messages = [make(who, text, number) for number, (who, text) in enumerate(talk, start=100)]
    if not any(who == "ou_lin" for who, _ in talk):
        messages.append(make("ou_lin", "hi", 99))
        talk = [*talk, ("ou_lin", "hi")]
    found, dropped = read(dialect, messages)
    mine = {text.strip() for who, text in talk if who == "ou_lin"}
    for document in found:
        if document.by_subject:
            assert any(document.text in text for text in mine)
            assert document.author == f"{dialect.platform}:ou_lin"
    kept = {document.id.partition("#")[0] for document in found}
    assert len(kept) + sum(dropped.values()) == len(talk)


@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.from_regex(r"\d{4}-\d\d-\d\d \d\d:\d\d")
)
def test_a_time_is_a_time_or_none(given: Any) -> None:
    found = moment(given, CHINA)
    assert found is None or 1e8 <= found < 253_402_300_800
