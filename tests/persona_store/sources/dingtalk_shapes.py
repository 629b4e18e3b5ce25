"""DingTalk material in the shapes people really have: what the official workspace CLI prints, a bot's stream."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from persona_store.sources.chat_export import Told
from persona_store.sources.dingtalk_export import DingTalkExport
from tests.persona_store.sources.feishu_material import dump, lines
from tests.persona_store.sources.shapes import Item, Shape

LIN, BOB = "manager01", "staff0002"
LIN_OPEN, BOB_OPEN, EVE_OPEN = "D8LIN", "D8BOB", "D8EVE"
OPS, PAIR = "cidOps+/01=", "cidPair02=="
CIPHER = "SwzNkAraDE6lUHUNlVT3mjFdbxL6dWvmt77XtjACdpJx9VFibzTbW9KtDbkzGOYP||2||1||1"

Json = dict[str, Any]


def message(number: int, name: str, open_id: str, content: Any, at: str, **more: Any) -> Json:
    """A message as `dws chat message list` prints it; `at` is Beijing time."""
    return {
        "openMessageId": f"msg{number:04}",
        "openConversationId": OPS,
        "sender": name,
        "senderOpenDingTalkId": open_id,
        "msgType": "text",
        "content": content,
        "createTime": f"2026-03-02 {at}",
        **more,
    }


TALK = [
    message(1, "Bob", BOB_OPEN, "对账任务几点跑？", "17:00:00"),
    message(
        2,
        "林薇",
        LIN_OPEN,
        "每天 09:00，失败会重试三次",
        "17:01:00",
        quotedMessage={"openMessageId": "msg0001", "sender": "Bob", "content": "对账任务几点跑？"},
        emotionReplyList=[{"emoji": "赞", "replyUsers": [BOB_OPEN]}],
    ),
]
MEMBERS = {
    "result": {
        "openConversationId": OPS,
        "members": [
            {"userId": LIN, "openDingTalkId": LIN_OPEN, "nick": "林薇"},
            {"userId": BOB, "openDingTalkId": BOB_OPEN, "nick": "Bob"},
        ],
    }
}
TEAM = (f"dingtalk:{LIN}", f"dingtalk:{BOB}")
KNOWN = {"ids": (LIN_OPEN,)}


def opened(**told: Any) -> Callable[[Path], DingTalkExport]:
    return lambda path: DingTalkExport(path, LIN, Told(**told))


def told(id: str, text: str, author: str, at: str, thread: str, readers: tuple[str, ...] | None) -> Item:
    key = f"dingtalk:{author}" if author else ""
    return Item(
        id, text, key, author == LIN, f"2026-03-02T{at}Z", thread, tuple(sorted(readers)) if readers else None
    )


def heard(bob: str = BOB_OPEN) -> tuple[Item, ...]:
    readers = (f"dingtalk:{LIN}", f"dingtalk:{bob}")
    return (
        told("msg0001", "对账任务几点跑？", bob, "09:00:00", f"{OPS}/msg0001", readers),
        told("msg0002", "每天 09:00，失败会重试三次", LIN, "09:01:00", f"{OPS}/msg0001", readers),
    )


LIST_ALL = {
    "result": {
        "conversationMessagesList": [
            {"openConversationId": OPS, "title": "支付运维", "singleChat": False, "messages": TALK},
            {
                "openConversationId": PAIR,
                "title": "Bob",
                "singleChat": True,
                "messages": [
                    message(3, "林薇", LIN_OPEN, "在", "19:00:00", openConversationId=PAIR),
                ],
            },
        ],
        "hasMore": False,
        "nextCursor": "0",
    },
    "success": True,
}
BY_SENDER = {
    "result": {
        "messages": [
            message(
                4,
                "林薇",
                LIN_OPEN,
                "「Bob：周三上线吗？」\n- - - - - - - - - -\n周三冻结，改周四",
                "17:30:00",
                quotedMessage={"openMessageId": "msg0999", "sender": "Bob", "content": "周三上线吗？"},
            ),
            message(
                5,
                "林薇",
                LIN_OPEN,
                "[聊天记录]",
                "17:31:00",
                msgType="chatRecord",
                forwardMessages=[
                    {
                        "openMessageId": "c1",
                        "sender": "null",
                        "senderOpenDingTalkId": EVE_OPEN,
                        "content": "先冻结",
                    },
                    {"openMessageId": "c2", "senderOpenDingTalkId": LIN_OPEN, "content": "我同意"},
                ],
            ),
        ]
    }
}
REPLIES = [
    message(6, "Bob", BOB_OPEN, "发布单谁批？", "18:00:00", openConvThreadId="thread-6"),
    message(7, "林薇", LIN_OPEN, {"text": "我批，备份是值班的人"}, "22:00:00", openConvThreadId="thread-6"),
]
SHORTCUT = {
    "count": 2,
    "messages": [
        {
            "messageId": "msg0001",
            "conversationId": OPS,
            "sender": "Bob",
            "senderId": BOB_OPEN,
            "senderType": "user",
            "messageType": "text",
            "text": "对账任务几点跑？",
            "createTime": "2026-03-02 17:00:00",
        },
        {
            "messageId": "msg0002",
            "conversationId": OPS,
            "sender": {"name": "林薇"},
            "senderId": LIN_OPEN,
            "messageType": "richText",
            "text": {"richText": [{"text": "每天 09:00，"}, {"type": "picture"}, {"text": "失败会重试三次"}]},
            "createTime": "2026-03-02 17:01:00",
            "quotedMessage": {"messageId": "msg0001", "sender": "Bob", "text": "对账任务几点跑？"},
        },
    ],
}
KINDS = [
    TALK[0],
    message(
        11,
        "林薇",
        LIN_OPEN,
        "[文件] 回滚手册.pdf fileId: qnY 注意：如需下载使用dws drive download命令下载",
        "17:02:00",
    ),
    message(12, "林薇", LIN_OPEN, "看图[图片消息](mediaId=@lQ)再回滚", "17:03:00"),
    message(13, "林薇", LIN_OPEN, "[图片消息](mediaId=@lQ)", "17:04:00"),
    message(14, "林薇", LIN_OPEN, CIPHER, "17:05:00"),
    message(15, "林薇", LIN_OPEN, "由助手代发", "17:06:00", messageAiSendFlag="DWS"),
    message(16, "机器人", "D8BOT", "构建失败", "17:07:00", senderType="robot"),
    message(17, "系统", "", "Bob 加入了群聊", "17:08:00"),
    message(18, "林薇", LIN_OPEN, "撤回的", "17:09:00", recalled=True),
    message(
        19,
        "林薇",
        LIN_OPEN,
        '* 仅你和对方可见\n[{"text":{"items":[{"data":{"text":"我在出差"},"type":"text"}]},"type":"markdown"}]',
        "17:10:00",
    ),
    message(20, "林薇", LIN_OPEN, 'payload:\n{"approved": false}\nplease check', "17:11:00"),
]
STREAM = [
    {
        "msgId": "msg0001",
        "conversationId": OPS,
        "conversationType": "2",
        "conversationTitle": "支付运维",
        "senderId": "$:LWCP_v1:$bob",
        "senderStaffId": BOB,
        "senderNick": "Bob",
        "createAt": 1772442000000,
        "msgtype": "text",
        "text": {"content": " 对账任务几点跑？"},
    },
    {
        "msgId": "msg0002",
        "conversationId": OPS,
        "conversationType": "2",
        "senderId": "$:LWCP_v1:$lin",
        "senderStaffId": LIN,
        "senderNick": "林薇",
        "createAt": 1772442060000,
        "msgtype": "richText",
        "content": {"richText": [{"text": "每天 09:00，失败会重试三次"}]},
        "originalMsgId": "msg0001",
    },
]
NAMED = [
    {"sender": {"name": "Bob"}, "text": "密钥在哪换？", "createTime": "2026-03-02 17:00:00"},
    {"sender": {"name": "林薇"}, "text": "控制台里换", "createTime": "2026-03-02 17:01:00"},
]
ONE, TWO = "chat/1772442000000-b7139b020ff2", "chat/1772442060000-eaafc9e214e4"
BY_NAME = (f"dingtalk:{LIN}", "dingtalk:name/Bob")

SHAPES: tuple[Shape, ...] = (
    Shape(
        "DingTalk",
        "`dws chat message list`",
        {"page.json": dump({"success": True, "result": {"messages": TALK, "hasMore": False}})},
        opened(**KNOWN),
        heard(),
        {},
        "openDingTalkId, tied with `--ids`",
        "quotation",
        "who wrote there",
    ),
    Shape(
        "DingTalk",
        "folder or zip of pages, with `chat group members`",
        {"members.json": dump(MEMBERS), "page-1.json": dump({"result": {"messages": TALK}})},
        opened(),
        heard(BOB),
        {},
        "staffId, tied to openDingTalkId by the members",
        "quotation",
        "members",
    ),
    Shape(
        "DingTalk",
        "`list-all` (`conversationMessagesList`)",
        {"all.json": dump(LIST_ALL)},
        opened(**KNOWN),
        (*heard(), told("msg0003", "在", LIN, "11:00:00", f"{PAIR}/msg0003", (f"dingtalk:{LIN}",))),
        {},
        "openDingTalkId, tied with `--ids`",
        "quotation",
        "who wrote there; the two of a `singleChat`",
    ),
    Shape(
        "DingTalk",
        "`list-by-sender`, with quotations and forwarded records",
        {"mine.json": dump(BY_SENDER)},
        opened(**KNOWN),
        (
            told("msg0004#quoted", "Bob：周三上线吗？", "", "09:30:00", f"{OPS}/msg0999", TEAM[:1]),
            told("msg0004", "周三冻结，改周四", LIN, "09:30:00", f"{OPS}/msg0999", TEAM[:1]),
        ),
        {"outside_subject_threads": 3},
        "openDingTalkId; quoted words are nobody's",
        "quotation",
        "who wrote there",
    ),
    Shape(
        "DingTalk",
        "`list-topic-replies`",
        {"replies.jsonl": lines(*REPLIES)},
        opened(**KNOWN),
        (
            told(
                "msg0006",
                "发布单谁批？",
                BOB_OPEN,
                "10:00:00",
                f"{OPS}/thread-6",
                (TEAM[0], f"dingtalk:{BOB_OPEN}"),
            ),
            told(
                "msg0007",
                "我批，备份是值班的人",
                LIN,
                "14:00:00",
                f"{OPS}/thread-6",
                (TEAM[0], f"dingtalk:{BOB_OPEN}"),
            ),
        ),
        {},
        "openDingTalkId, tied with `--ids`",
        "`openConvThreadId`",
        "who wrote there",
    ),
    Shape(
        "DingTalk",
        "the CLI's shortcuts (`dws chat +…`)",
        {"list.json": dump(SHORTCUT)},
        opened(**KNOWN),
        heard(),
        {},
        "`senderId`, tied with `--ids`",
        "quotation",
        "who wrote there",
    ),
    Shape(
        "DingTalk",
        "every type of message",
        {"page.json": dump(KINDS)},
        opened(**KNOWN),
        (
            told(
                "msg0001",
                "对账任务几点跑？",
                BOB_OPEN,
                "09:00:00",
                f"{OPS}/msg0001",
                (TEAM[0], f"dingtalk:{BOB_OPEN}"),
            ),
            told(
                "msg0011",
                "[file] 回滚手册.pdf",
                LIN,
                "09:02:00",
                f"{OPS}/msg0001",
                (TEAM[0], f"dingtalk:{BOB_OPEN}"),
            ),
            told("msg0012", "看图再回滚", LIN, "09:03:00", f"{OPS}/msg0001", (TEAM[0], f"dingtalk:{BOB_OPEN}")),
            told(
                "msg0020",
                'payload:\n{"approved": false}\nplease check',
                LIN,
                "09:11:00",
                f"{OPS}/msg0001",
                (TEAM[0], f"dingtalk:{BOB_OPEN}"),
            ),
        ),
        {"empty": 1, "encrypted": 1, "bot": 3, "system": 1, "deleted": 1},
        "openDingTalkId; what a tool sent in their name is a bot's",
        "episode",
        "who wrote there",
    ),
    Shape(
        "DingTalk",
        "what a bot received (Stream callbacks)",
        {"stream.jsonl": lines(*STREAM)},
        opened(),
        heard(BOB),
        {},
        "staffId",
        "quotation",
        "who wrote there",
    ),
    Shape(
        "DingTalk",
        "messages that tell names only",
        {"chat.json": dump({"messages": NAMED})},
        opened(names=("林薇",)),
        (
            told(ONE, "密钥在哪换？", "name/Bob", "09:00:00", f"chat/{ONE}", BY_NAME),
            told(TWO, "控制台里换", LIN, "09:01:00", f"chat/{ONE}", BY_NAME),
        ),
        {},
        "exact name, vouched for with `--names`",
        "episode",
        "who wrote there",
    ),
)
