"""QQ material: text of the message manager, what QQChatExporter writes, and events as bots keep them.

Text: the readers of https://github.com/hellodigua/ChatLab (qq-native-txt.ts) and the package qq-chat-history;
JSON: https://github.com/shuakami/qq-chat-exporter (JsonExporter.ts, SimpleMessageParser.ts); events:
https://github.com/botuniverse/onebot-11/blob/master/event/message.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from persona_store.sources.chat_export import Told
from persona_store.sources.qq_export import QQExport
from tests.persona_store.sources.feishu_material import START, dump, lines
from tests.persona_store.sources.shapes import Item, Shape

LIN, BOB, EVE, OPS = "10001234", "20005678", "10001", "612345678"
NAMES = {LIN: "林薇", BOB: "Bob", EVE: "林薇儿"}
TEAM = (f"qq:{LIN}", f"qq:{BOB}")
ROBOT = "2854196310"
ASKED, ANSWERED = "对账任务几点跑？", "每天 09:00，\n失败会重试三次"

Json = dict[str, Any]


def opened(**told: Any) -> Callable[[Path], QQExport]:
    return lambda path: QQExport(path, LIN, Told(**told))


def told(ident: str, words: str, by: str, at: str, thread: str, readers: tuple[str, ...] = TEAM) -> Item:
    key = f"qq:{by}" if by else ""
    return Item(ident, words, key, by == LIN, f"2026-03-02T{at}Z", thread, tuple(sorted(readers)))


RULE = "=" * 64
HEADLINE = "消息记录（此消息记录为文本格式，不支持重新导入）\n\n"


def section(group: str, name: str, *messages: str) -> str:
    return f"{RULE}\n消息分组:{group}\n{RULE}\n消息对象:{name}\n{RULE}\n\n" + "".join(
        f"{each}\n\n" for each in messages
    )


TXT = HEADLINE + section(
    "我的QQ群",
    "支付运维",
    f"2026-03-02 17:00:00 Bob({BOB})\n{ASKED}",
    f"2026-03-02 17:01:00 【管理员】林薇({LIN})\n{ANSWERED}",
    f"2026-03-02 17:02:00 林薇({LIN})\n[图片]",
    "2026-03-02 17:03:00 系统消息(10000)\nBob 加入了群",
    "2026-03-02 17:04:00 老张<zhang@example.com>\n{收到}",
)
TWO = (
    HEADLINE
    + section("我的好友", "Bob", "2026-03-02 17:00:00 Bob\n在吗", "2026-03-02 17:01:00 林薇\n在")
    + section("我的QQ群", "午饭", f"2026-03-02 18:00:00 Bob({BOB})\n吃啥")
)


def exported(number: int, by: str, after: float, *parts: tuple[str, Json], **more: Any) -> Json:
    """A message as QQChatExporter writes it; `after` seconds into the day."""
    words = "".join(str(data.get("text", f"[{kind}]")) for kind, data in parts)
    return {
        "id": f"73982{number:014}",
        "seq": str(number),
        "timestamp": int((START + after) * 1000),
        "time": "2026-03-02T09:00:00.000Z",
        "sender": {"uid": f"u_{by}xyz", "uin": by, "name": NAMES.get(by, "QQ")},
        "type": "text",
        "content": {
            "text": words,
            "html": "",
            "elements": [{"type": kind, "data": data} for kind, data in parts],
            "resources": [],
        },
        "recalled": False,
        "system": False,
        **more,
    }


def said(words: str) -> tuple[str, Json]:
    return "text", {"text": words}


def reply(to: int, words: str) -> tuple[str, Json]:
    return "reply", {"messageId": f"73982{to:014}", "senderUin": BOB, "senderName": "Bob", "content": words}


def chat(*messages: Json, kind: str = "group") -> Json:
    return {
        "metadata": {
            "name": "QQChatExporter V4 / https://github.com/shuakami/qq-chat-exporter",
            "version": "4.0.0",
        },
        "chatInfo": {"name": "支付运维", "type": kind},
        "statistics": {"totalMessages": len(messages), "senders": [{"uid": f"u_{BOB}xyz", "name": "Bob"}]},
        "messages": list(messages),
    }


KINDS = chat(
    exported(1, BOB, 0, said(ASKED)),
    exported(2, LIN, 60, reply(1, ASKED), ("at", {"text": "@Bob"}), said(" 每天 09:00")),
    exported(3, LIN, 70, ("image", {"filename": "a.png"})),
    exported(4, LIN, 80, ("file", {"filename": "回滚手册.pdf", "size": 1})),
    exported(5, LIN, 90, said("撤回的"), recalled=True),
    exported(6, BOB, 100, ("system", {"text": "Bob 撤回了一条消息"}), system=True),
    exported(7, ROBOT, 110, said("入群欢迎")),
    exported(8, LIN, 120, ("forward", {"title": "转发消息", "messages": [{"text": "Bob：先冻结"}]})),
    exported(9, LIN, 130, reply(99, "周三上线吗？"), said("改周四")),
)


def event(number: int, by: str, after: float, *segments: tuple[str, Json], **more: Any) -> Json:
    """An event of OneBot 11."""
    return {
        "post_type": "message",
        "message_type": "group",
        "time": int(START + after),
        "self_id": 30009999,
        "message_id": number,
        "group_id": int(OPS),
        "user_id": int(by),
        "message": [{"type": kind, "data": data} for kind, data in segments],
        "raw_message": "[CQ:reply,id=1]…",
        "sender": {"user_id": int(by), "nickname": NAMES[by], "card": ""},
        **more,
    }


EVENTS = [
    event(1111, BOB, 0, said(ASKED)),
    event(2222, LIN, 60, ("reply", {"id": "1111"}), said("每天 09:00")),
    {"post_type": "notice", "notice_type": "group_increase", "time": START + 70, "user_id": int(BOB)},
]


def named(number: int) -> str:
    return f"{OPS}/73982{number:014}"


FIRST, FILE = f"{OPS}/{named(1)}", f"group_{OPS}_20260302_170000.json"
THREE = (*TEAM, "qq:zhang@example.com")

SHAPES: tuple[Shape, ...] = (
    Shape(
        "QQ",
        "message manager, text of a group",
        {"支付运维.txt": TXT.encode("utf-8-sig").replace(b"\n", b"\r\n")},
        opened(),
        (
            told(
                "支付运维/1772442000000-d2d15e0069a7",
                ASKED,
                BOB,
                "09:00:00",
                "支付运维/支付运维/1772442000000-d2d15e0069a7",
                THREE,
            ),
            told(
                "支付运维/1772442060000-fac789c67727",
                ANSWERED,
                LIN,
                "09:01:00",
                "支付运维/支付运维/1772442000000-d2d15e0069a7",
                THREE,
            ),
            told(
                "支付运维/1772442240000-f47377c5a4f6",
                "{收到}",
                "zhang@example.com",
                "09:04:00",
                "支付运维/支付运维/1772442000000-d2d15e0069a7",
                THREE,
            ),
        ),
        {"empty": 1, "system": 1},
        "number or address in the head",
        "episode",
        "who wrote there",
    ),
    Shape(
        "QQ",
        "message manager, text of everything",
        {"全部消息记录.txt": TWO.encode("utf-16")},
        opened(names=("林薇",)),
        (
            told(
                "Bob/1772442000000-66f6a7882eef",
                "在吗",
                "name/Bob",
                "09:00:00",
                "Bob/Bob/1772442000000-66f6a7882eef",
                (TEAM[0], "qq:name/Bob"),
            ),
            told(
                "Bob/1772442060000-af557169b109",
                "在",
                LIN,
                "09:01:00",
                "Bob/Bob/1772442000000-66f6a7882eef",
                (TEAM[0], "qq:name/Bob"),
            ),
        ),
        {"outside_subject_threads": 1},
        "number in the head; exact name, vouched for with `--names`, in chats of two",
        "episode",
        "who wrote there; the two",
    ),
    Shape(
        "QQ",
        "QQChatExporter, JSON",
        {FILE: dump(KINDS)},
        opened(),
        (
            told(named(1), ASKED, BOB, "09:00:00", FIRST),
            told(named(2), "@Bob 每天 09:00", LIN, "09:01:00", FIRST),
            told(named(4), "[file] 回滚手册.pdf", LIN, "09:01:20", f"{OPS}/{named(3)}"),
            told(f"{named(8)}#quoted", "Bob：先冻结", "", "09:02:00", f"{OPS}/{named(3)}"),
            told(f"{named(9)}#quoted", "周三上线吗？", "", "09:02:10", f"{OPS}/{named(99)}"),
            told(named(9), "改周四", LIN, "09:02:10", f"{OPS}/{named(99)}"),
        ),
        {"bot": 1, "deleted": 1, "empty": 1, "system": 1},
        "`uin`; replied and forwarded words are nobody's",
        "reply, else episode",
        "who wrote there",
    ),
    Shape(
        "QQ",
        "QQChatExporter, a chat of two",
        {f"friend_{BOB}_20260302.json": dump(chat(exported(1, LIN, 0, said("在")), kind="private"))},
        opened(),
        (told(f"{BOB}/73982{1:014}", "在", LIN, "09:00:00", f"{BOB}/{BOB}/73982{1:014}"),),
        {},
        "`uin`",
        "reply",
        "the two",
    ),
    Shape(
        "QQ",
        "OneBot 11 events (NapCat and others)",
        {"events.jsonl": lines(*EVENTS)},
        opened(),
        (
            told(f"{OPS}/1111", ASKED, BOB, "09:00:00", f"{OPS}/{OPS}/1111"),
            told(f"{OPS}/2222", "每天 09:00", LIN, "09:01:00", f"{OPS}/{OPS}/1111"),
        ),
        {"system": 1},
        "`user_id`",
        "reply",
        "who wrote there",
    ),
)
