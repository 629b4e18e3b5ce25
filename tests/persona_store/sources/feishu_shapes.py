"""Feishu material in the shapes people really have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from persona_store.sources.chat_export import Told
from persona_store.sources.feishu_export import FeishuExport
from tests.persona_store.sources.feishu_material import (
    BOB,
    EVE,
    HR,
    LIN,
    OPS,
    PAIR,
    answer,
    dump,
    item,
    lines,
    members,
    mention,
)
from tests.persona_store.sources.shapes import Item, Shape

BOTH = (f"feishu:{BOB}", f"feishu:{LIN}")
TALK = [
    item(1, BOB, "@_user_1 对账任务几点跑？", 0, mentions=[mention(1, LIN)]),
    item(2, LIN, "每天 09:00，失败会重试三次", 60, parent_id="om_0001", root_id="om_0001"),
    item(3, "cli_ci", "build failed", 90, sender={"id": "cli_ci", "id_type": "app_id", "sender_type": "app"}),
]
HEARD = (
    Item(
        "om_0001", "@林薇 对账任务几点跑？", f"feishu:{BOB}", False, "2026-03-02T09:00:00Z", f"{OPS}/om_0001", BOTH
    ),
    Item(
        "om_0002",
        "每天 09:00，失败会重试三次",
        f"feishu:{LIN}",
        True,
        "2026-03-02T09:01:00Z",
        f"{OPS}/om_0001",
        BOTH,
    ),
)


def opened(**told: Any) -> Callable[[Path], FeishuExport]:
    return lambda path: FeishuExport(path, LIN, Told(**told))


def talk(form: str, files: Mapping[str, bytes]) -> Shape:
    """The same three messages in another envelope."""
    return Shape(
        "Feishu", form, files, opened(), HEARD, {"bot": 1}, "sender id", "`root_id`, `parent_id`", "who wrote there"
    )


def told(id: str, text: str, author: str, at: str, thread: str, readers: tuple[str, ...] | None) -> Item:
    return Item(id, text, f"feishu:{author}", author == LIN, f"2026-03-02T{at}Z", thread, readers)


FOLDER = {
    "chats.json": dump(
        answer(
            {"chat_id": OPS, "name": "支付运维", "chat_type": "public", "external": False},
            {"chat_id": HR, "name": "人事", "chat_type": "private"},
            {"chat_id": PAIR, "chat_mode": "p2p", "name": "", "p2p_target_id": BOB},
        )
    ),
    f"{HR}/members.json": dump(members(LIN, EVE)),
    f"{OPS}/page-1.json": dump(answer(*TALK[:1])),
    f"{OPS}/page-2.json": dump(answer(*TALK[1:])),
    f"{HR}/page-1.json": dump(answer(item(11, LIN, "offer 周五发", 100, chat_id=HR))),
    f"{PAIR}/page-1.json": dump(
        answer(
            item(21, BOB, "在吗", 0, chat_id=PAIR, thread_id="omt_9"),
            item(22, LIN, "在", 9000, chat_id=PAIR, thread_id="omt_9"),
        )
    ),
}

FORWARD = [
    item(1, BOB, "这里怎么说的？", 0),
    item(2, LIN, "Merged and Forwarded Message", 30, "merge_forward"),
    item(3, BOB, "昨天说周三上线", -90_000, upper_message_id="om_0002", chat_id="oc_elsewhere1"),
    item(4, LIN, "周三不行，冻结了", -89_000, upper_message_id="om_0002", chat_id="oc_elsewhere1"),
    item(5, LIN, "看上面，周三冻结", 60),
    item(6, EVE, "没人知道这条从哪来", 70, upper_message_id="om_9999"),
]

SKILL = {
    "messages": [
        {"sender_name": "李四", "content": "张三，密钥在哪换？", "timestamp": "2026-03-02 17:00"},
        {"sender_name": "张三", "content": "控制台里换，每季度一次", "timestamp": "2026-03-02 17:01"},
        {"sender_name": "张三丰", "content": "我也想知道", "timestamp": "2026-03-02 17:02"},
    ]
}
TXT = """飞书导出
2026-03-02 17:00 李四：张三，密钥在哪换？
2026-03-02 17:01 张三：控制台里换
每季度一次，先通知支付组
2026-03-02 17:02 李四：昨天张三说他要离职了，谁都别告诉
"""
NAMELESS = tuple(f"feishu:name/{name}" for name in ("张三丰", "李四"))


def named(id: str, text: str, author: str, at: str, chat: str, first: str, readers: tuple[str, ...]) -> Item:
    key = f"feishu:{LIN}" if author == "张三" else f"feishu:name/{author}"
    return Item(id, text, key, author == "张三", f"2026-03-02T{at}Z", f"{chat}/{first}", tuple(sorted(readers)))


SKILL_IDS = tuple(
    f"chat/177244{n}" for n in ("2000000-00fb4cccb0f3", "2060000-ff1a2fe8d825", "2120000-8410cfae3db0")
)
TXT_IDS = tuple(
    f"支付组/177244{n}" for n in ("2000000-2e6fdc336107", "2060000-d67af3afdb7c", "2120000-5da7e21bca52")
)

CLI = {
    "ok": True,
    "data": {
        "messages": [
            {
                "message_id": "om_0001",
                "msg_type": "text",
                "content": "@林薇 对账任务几点跑？",
                "sender": {"id": BOB, "id_type": "open_id", "sender_type": "user", "name": "Bob Hart"},
                "create_time": "2026-03-02 17:00",
                "deleted": False,
                "updated": False,
                "chat_id": OPS,
                "mentions": [{"key": "@_user_1", "id": LIN, "name": "林薇"}],
            },
            {
                "message_id": "om_0002",
                "msg_type": "post",
                "content": "每天 **09:00**，失败会重试三次",
                "sender": {"id": LIN, "id_type": "open_id", "sender_type": "user", "name": "林薇"},
                "create_time": "2026-03-02 17:01",
                "reply_to": "om_0001",
                "chat_id": OPS,
            },
            {
                "message_id": "om_0003",
                "msg_type": "merge_forward",
                "content": "<forwarded_messages>\n[2026-03-01] Eve:\n    周三上线\n</forwarded_messages>",
                "sender": {"id": LIN, "id_type": "open_id", "sender_type": "user", "name": "林薇"},
                "create_time": "2026-03-02 17:02",
                "reply_to": "om_0001",
                "chat_id": OPS,
            },
        ],
        "has_more": False,
    },
}


def event(message: dict[str, Any], by: str, **more: Any) -> dict[str, Any]:
    """`im.message.receive_v1`, as a bot receives it."""
    ids = {"open_id": by, "union_id": f"on_{by[3:]}", "user_id": by[3:6]}
    return {
        "schema": "2.0",
        "header": {"event_id": "e", "event_type": "im.message.receive_v1", "tenant_key": "t-acme"},
        "event": {
            "sender": {"sender_id": ids, "sender_type": "user", "tenant_key": "t-acme"},
            "message": {"message_type": "text", "chat_type": "group", "chat_id": OPS, **message, **more},
        },
    }


EVENTS = (
    event(
        {
            "message_id": "om_0001",
            "create_time": "1772442000000",
            "content": '{"text": "@_user_1 对账任务几点跑？"}',
        },
        BOB,
        mentions=[{"key": "@_user_1", "id": {"open_id": LIN, "union_id": "on_lin0001"}, "name": "林薇"}],
    ),
    event(
        {
            "message_id": "om_0002",
            "create_time": "1772442060000",
            "content": '{"text": "每天 09:00，失败会重试三次"}',
            "root_id": "om_0001",
        },
        LIN,
    ),
)

OTHER_IDS = {
    "messages.json": dump(
        answer(
            item(
                1,
                "on_bob",
                "对账任务几点跑？",
                0,
                sender={"id": "on_bob", "id_type": "union_id", "sender_type": "user"},
            ),
            item(2, "g7lin", "每天 09:00", 60, sender={"id": "g7lin", "id_type": "user_id", "sender_type": "user"}),
        )
    ),
    "users.json": dump(
        answer(
            {"open_id": LIN, "union_id": "on_lin", "user_id": "g7lin", "name": "林薇"},
            {"union_id": "on_bob", "name": "Bob"},
        )
    ),
}

KINDS = [
    item(1, BOB, "怎么回滚？", 0),
    item(
        2,
        LIN,
        {
            "zh_cn": {
                "title": "回滚",
                "content": [
                    [{"tag": "text", "text": "先停 "}, {"tag": "a", "text": "网关", "href": "https://gw.acme.dev"}],
                    [{"tag": "at", "user_id": "@_user_1", "user_name": ""}, {"tag": "emotion", "emoji_type": "OK"}],
                    [{"tag": "code_block", "language": "SH", "text": "make rollback\n"}],
                    [{"tag": "img", "image_key": "img_1"}, {"tag": "hr"}],
                    [{"tag": "md", "text": "> 别在周五\n**灰度** 先"}],
                ],
            }
        },
        10,
        "post",
        mentions=[mention(1, BOB)],
    ),
    item(3, LIN, {"file_key": "file_1", "file_name": "回滚手册.pdf"}, 20, "file"),
    item(4, LIN, {"image_key": "img_2"}, 30, "image"),
    item(5, LIN, {"elements": [[{"tag": "text", "text": "card"}]]}, 40, "interactive"),
    item(6, BOB, {"template": "{from_user} invited {to_chatters}"}, 50, "system"),
    item(7, LIN, "This message was recalled", 60, deleted=True),
    item(8, LIN, {"chat_id": "oc_1"}, 70, "share_chat"),
    item(
        9,
        EVE,
        "外部顾问的话",
        80,
        sender={"id": EVE, "id_type": "open_id", "sender_type": "user", "tenant_key": "t-other"},
    ),
    item(10, LIN, "旧的一句", 90),
    item(10, LIN, "改过的一句", 90, updated=True, update_time="1772443000000"),
    {**item(11, LIN, "没有时间", 95), "create_time": "0"},
    item(12, BOB, {"file_key": "f", "duration": 3000}, 100, "audio"),
]
THREE = tuple(sorted((*BOTH, f"feishu:{EVE}")))

SHAPES: tuple[Shape, ...] = (
    talk("API answer `{code, msg, data: {items}}`", {"page.json": dump(answer(*TALK))}),
    talk("`{data: {items}}`", {"page.json": dump({"data": {"items": TALK, "has_more": True}})}),
    talk("`{items}`", {"page.json": dump({"items": TALK})}),
    talk("bare list", {"page.json": dump(TALK)}),
    talk("one message a line", {"messages.jsonl": lines(*TALK)}),
    talk("one page a line", {"pages.jsonl": lines(answer(*TALK[:2]), answer(TALK[2]))}),
    talk("one message a line, called `.json`", {"messages.json": lines(*TALK)}),
    talk("by chat `{oc_…: [messages]}`", {"all.json": dump({OPS: TALK})}),
    Shape(
        "Feishu",
        "folder or zip of pages, with `chats.json` and members",
        FOLDER,
        opened(),
        (
            told(
                "om_0011",
                "offer 周五发",
                LIN,
                "09:01:40",
                f"{HR}/om_0011",
                tuple(sorted((f"feishu:{LIN}", f"feishu:{EVE}"))),
            ),
            *(each._replace(readers=None) for each in HEARD),
            told("om_0021", "在吗", BOB, "09:00:00", f"{PAIR}/omt_9", BOTH),
            told("om_0022", "在", LIN, "11:30:00", f"{PAIR}/omt_9", BOTH),
        ),
        {"bot": 1},
        "sender id",
        "`thread_id`, `root_id`",
        "everybody (`chat_type` public), members, or the two",
    ),
    Shape(
        "Feishu",
        "merge_forward with its children",
        {"page.json": dump(answer(*FORWARD))},
        opened(),
        (
            told("om_0001", "这里怎么说的？", BOB, "09:00:00", f"{OPS}/om_0001", BOTH),
            Item(
                "om_0002/om_0003",
                "昨天说周三上线",
                f"feishu:{BOB}",
                False,
                "2026-03-01T08:00:00Z",
                f"{OPS}/om_0001",
                BOTH,
            ),
            Item(
                "om_0002/om_0004",
                "周三不行，冻结了",
                f"feishu:{LIN}",
                False,
                "2026-03-01T08:16:40Z",
                f"{OPS}/om_0001",
                BOTH,
            ),
            told("om_0005", "看上面，周三冻结", LIN, "09:01:00", f"{OPS}/om_0001", BOTH),
        ),
        {"forwarded_alone": 1},
        "each child its own; never quoted",
        "that of the forward",
        "who reads the forward",
    ),
    Shape(
        "Feishu",
        "every type of message",
        {"page.json": dump(answer(*KINDS))},
        opened(),
        (
            told("om_0001", "怎么回滚？", BOB, "09:00:00", f"{OPS}/om_0001", THREE),
            Item("om_0002#quoted", "别在周五", "", False, "2026-03-02T09:00:10Z", f"{OPS}/om_0001", THREE),
            told(
                "om_0002",
                "回滚\n先停 网关 (https://gw.acme.dev)\n@Bob Hart:OK:\n\n```sh\nmake rollback\n```\n\n**灰度** 先",
                LIN,
                "09:00:10",
                f"{OPS}/om_0001",
                THREE,
            ),
            told("om_0003", "[file] 回滚手册.pdf", LIN, "09:00:20", f"{OPS}/om_0001", THREE),
            told("om_0010", "改过的一句", LIN, "09:01:30", f"{OPS}/om_0001", THREE),
        ),
        {"bot": 1, "system": 1, "deleted": 1, "empty": 3, "outsider": 1, "duplicate": 1, "BAD_TIME": 1},
        "sender id",
        "episode",
        "who wrote there",
    ),
    Shape(
        "Feishu",
        "official CLI (`lark-cli im +chat-messages-list`)",
        {"messages.json": dump(CLI)},
        opened(),
        (
            HEARD[0],
            HEARD[1]._replace(text="每天 **09:00**，失败会重试三次"),
            Item(
                "om_0003#quoted",
                "<forwarded_messages>\n[2026-03-01] Eve:\n    周三上线\n</forwarded_messages>",
                "",
                False,
                "2026-03-02T09:02:00Z",
                f"{OPS}/om_0001",
                BOTH,
            ),
        ),
        {},
        "sender id",
        "`thread_id`, `reply_to`",
        "who wrote there",
    ),
    Shape(
        "Feishu",
        "events a bot received (`im.message.receive_v1`)",
        {"events.jsonl": lines(*EVENTS)},
        opened(),
        HEARD,
        {},
        "sender id; union_id and user_id tied to it",
        "`root_id`, `parent_id`",
        "who wrote there",
    ),
    Shape(
        "Feishu",
        "union_id or user_id, with profiles",
        OTHER_IDS,
        opened(),
        (
            Item(
                "om_0001",
                "对账任务几点跑？",
                "feishu:on_bob",
                False,
                "2026-03-02T09:00:00Z",
                f"{OPS}/om_0001",
                tuple(sorted((f"feishu:{LIN}", "feishu:on_bob"))),
            ),
            Item(
                "om_0002",
                "每天 09:00",
                f"feishu:{LIN}",
                True,
                "2026-03-02T09:01:00Z",
                f"{OPS}/om_0001",
                tuple(sorted((f"feishu:{LIN}", "feishu:on_bob"))),
            ),
        ),
        {},
        "any id, tied by profiles or `--ids`",
        "episode",
        "who wrote there",
    ),
    Shape(
        "Feishu",
        "colleague-skill JSON (`sender_name`, `content`, `timestamp`)",
        {"chat.json": dump(SKILL)},
        opened(names=("张三",)),
        (
            named(
                SKILL_IDS[0],
                "张三，密钥在哪换？",
                "李四",
                "09:00:00",
                "chat",
                SKILL_IDS[0],
                (f"feishu:{LIN}", *NAMELESS),
            ),
            named(
                SKILL_IDS[1],
                "控制台里换，每季度一次",
                "张三",
                "09:01:00",
                "chat",
                SKILL_IDS[0],
                (f"feishu:{LIN}", *NAMELESS),
            ),
            named(
                SKILL_IDS[2], "我也想知道", "张三丰", "09:02:00", "chat", SKILL_IDS[0], (f"feishu:{LIN}", *NAMELESS)
            ),
        ),
        {},
        "exact name, vouched for with `--names`",
        "episode",
        "who wrote there",
    ),
    Shape(
        "Feishu",
        "text `YYYY-MM-DD HH:MM 张三：消息`",
        {"支付组.txt": TXT.encode()},
        opened(names=("张三",)),
        (
            named(
                TXT_IDS[0],
                "张三，密钥在哪换？",
                "李四",
                "09:00:00",
                "支付组",
                TXT_IDS[0],
                (f"feishu:{LIN}", NAMELESS[1]),
            ),
            named(
                TXT_IDS[1],
                "控制台里换\n每季度一次，先通知支付组",
                "张三",
                "09:01:00",
                "支付组",
                TXT_IDS[0],
                (f"feishu:{LIN}", NAMELESS[1]),
            ),
            named(
                TXT_IDS[2],
                "昨天张三说他要离职了，谁都别告诉",
                "李四",
                "09:02:00",
                "支付组",
                TXT_IDS[0],
                (f"feishu:{LIN}", NAMELESS[1]),
            ),
        ),
        {"malformed": 1},
        "exact name, vouched for with `--names`",
        "episode",
        "who wrote there",
    ),
)
