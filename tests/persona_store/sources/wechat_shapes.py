"""WeChat material: decrypted databases, and what the exporters people use make of them.

WeFlow: https://github.com/hicccc77/WeFlow (docs/HTTP-API.md) and the reader of its files in
https://github.com/hellodigua/ChatLab (weflow.ts); chatlog: https://github.com/sjzar/chatlog and
https://github.com/xlight/chatlog-session (docs/API_REFERENCE.md); WeChatMsg (留痕): https://github.com/LC044/WeChatMsg
(exporter_csv.py, exporter_txt.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from persona_store.sources.chat_export import Told
from persona_store.sources.wechat_export import WeChatExport
from tests.persona_store.sources.feishu_material import START, dump
from tests.persona_store.sources.shapes import Item, Shape
from tests.persona_store.sources.wechat_material import app, frame, new, old, people, quote, record

LIN, BOB, EVE = "wxid_lin0000000001", "wxid_bob0000000002", "wxid_eve0000000003"
OPS = "12345678901@chatroom"
TEAM = (f"wechat:{LIN}", f"wechat:{BOB}")
SERVER = 7404021230482094000  # beyond what JSON in a browser can tell apart
ASKED, ANSWERED = "对账任务几点跑？", "每天 09:00，失败会重试三次"

Json = dict[str, Any]


def opened(**told: Any) -> Callable[[Path], WeChatExport]:
    return lambda path: WeChatExport(path, LIN, Told(**told))


def told(number: int | str, words: str, by: str, at: str, thread: str, readers: tuple[str, ...] = TEAM) -> Item:
    ident = number if isinstance(number, str) else str(SERVER + number)
    key = f"wechat:{by}" if by else ""
    return Item(ident, words, key, by == LIN, f"2026-03-02T{at}Z", thread, tuple(sorted(readers)))


FIRST = f"{OPS}/{SERVER + 1}"
HEARD = (told(1, ASKED, BOB, "09:00:00", FIRST), told(2, ANSWERED, LIN, "09:01:00", FIRST))
ROWS = [
    (SERVER + 1, 1, 0, 0, START, OPS, ASKED, "", BOB),
    (SERVER + 2, 49, 57, 0, START + 60, OPS, "", quote(ANSWERED, SERVER + 1, BOB, "Bob", ASKED), LIN),
    (SERVER + 3, 1, 0, 1, START + 9000, LIN, "在吗", "", ""),
    (SERVER + 4, 1, 0, 0, START + 9060, LIN, f"{BOB}:\n在", "", ""),
]
PEOPLE = people([(LIN, "linwei", "林薇"), (BOB, "", "Bob"), (OPS, "", "支付运维")], [(OPS, (LIN, BOB, EVE))])
KINDS = [
    (SERVER + 1, 1, 0, 0, START, OPS, ASKED, "", BOB),
    (SERVER + 2, 3, 0, 0, START + 10, OPS, "<msg><img/></msg>", "", LIN),
    (SERVER + 3, 47, 0, 0, START + 20, OPS, "<msg><emoji/></msg>", "", LIN),
    (SERVER + 4, 49, 6, 0, START + 30, OPS, "", app(6, "回滚手册.pdf"), LIN),
    (SERVER + 5, 49, 5, 0, START + 40, OPS, "", app(5, "别人的标题"), LIN),
    (SERVER + 6, 49, 19, 0, START + 50, OPS, "", record(("Bob", "先冻结"), ("林薇", "我同意")), LIN),
    (SERVER + 7, 49, 57, 0, START + 60, OPS, "", quote("改周四", SERVER + 99, BOB, "Bob", "周三上线吗？"), LIN),
    (SERVER + 8, 10000, 0, 0, START + 70, OPS, '"林薇" 撤回了一条消息', "", ""),
    (SERVER + 9, 49, 0, 0, START + 80, OPS, "", "<msg><appmsg><title>断了", LIN),
    (SERVER + 10, 1, 0, 0, START + 90, "gh_0123456789ab", "公众号的话", "", ""),
    (SERVER + 11, 1, 0, 0, START + 100, OPS, f"{LIN}:\n这是伪造的", "", BOB),
    (SERVER + 12, 49, 53, 0, START + 110, OPS, "", app(53, "#接龙\n1. Bob\n2. 林薇"), LIN),
]
FOUR = [
    (OPS, SERVER + 1, 1, BOB, START, f"{BOB}:\n{ASKED}"),
    (
        OPS,
        SERVER + 2,
        (57 << 32) | 49,
        LIN,
        START + 60,
        frame(f"{LIN}:\n{quote(ANSWERED, SERVER + 1, BOB, 'Bob', ASKED)}"),
    ),
    (LIN, SERVER + 3, 1, LIN, START + 9000, f"{BOB}:\n在"),
    (OPS, SERVER + 4, 10000, "", START + 9060, "Bob 加入了群聊"),
]
WEFLOW = {
    "weflow": {"version": "1.0.3", "exportedAt": START, "generator": "WeFlow"},
    "session": {"wxid": OPS, "nickname": "支付运维", "displayName": "支付运维", "type": "群聊", "messageCount": 4},
    "messages": [
        {
            "localId": number,
            "createTime": START + after,
            "formattedTime": "2026-03-02 17:00:00",
            "type": kind,
            "localType": 1,
            "content": words,
            "isSend": mine,
            "senderUsername": who,
            "senderDisplayName": name,
            "senderAvatarKey": who,
            "source": "",
        }
        for number, after, kind, words, mine, who, name in (
            (1, 0, "文本消息", ASKED, 0, BOB, "Bob"),
            (2, 60, "文本消息", ANSWERED, 1, LIN, "林薇"),
            (3, 70, "图片消息", "[图片]", 1, LIN, "林薇"),
            (4, 80, "系统消息", "Bob 加入了群聊", None, OPS, "支付运维"),
            (5, 90, "引用消息", "[引用 Bob：周三上线吗？]\n改周四", 1, LIN, "林薇"),
        )
    ],
}
API = {
    "success": True,
    "talker": LIN,
    "count": 1,
    "hasMore": False,
    "messages": [
        {
            "localId": 1,
            "serverId": SERVER + 1,
            "talker": LIN,
            "type": 1,
            "content": "在",
            "createTime": START * 1000,
            "isSelf": False,
            "sender": LIN,
        }
    ],
}
CHATLOG = {
    "code": 0,
    "data": {
        "total": 2,
        "messages": [
            {
                "seq": START * 1000,
                "time": "2026-03-02T17:00:00+08:00",
                "talker": OPS,
                "talkerName": "支付运维",
                "isChatRoom": True,
                "sender": BOB,
                "senderName": "Bob",
                "isSelf": False,
                "type": 1,
                "subType": 0,
                "content": ASKED,
            },
            {
                "seq": START * 1000 + 60000,
                "time": "2026-03-02T17:01:00+08:00",
                "talker": OPS,
                "talkerName": "支付运维",
                "isChatRoom": True,
                "sender": LIN,
                "senderName": "林薇",
                "isSelf": False,
                "type": 49,
                "subType": 57,
                "content": ANSWERED,
                "contents": {"refer": {"sender": BOB, "senderName": "Bob", "type": 1, "content": ASKED}},
            },
        ],
    },
}
COLUMNS = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\r\n"
CSV = (
    f"\ufeff{COLUMNS}"
    f"1,3,1,0,0,{START},,{ASKED},2026-03-02 17:00:00,Bob,Bob,{BOB}\r\n"
    f"2,3,1,0,0,{START + 60},,{ANSWERED},2026-03-02 17:01:00,林薇,林薇,{LIN}\r\n"
    f"3,3,10000,0,0,{START + 70},,Bob 撤回了一条消息,2026-03-02 17:01:10,,,{BOB}\r\n"
).encode()
PRIVATE = (
    f"\ufeff{COLUMNS}"
    f"1,3,1,0,0,{START},,在吗,2026-03-02 17:00:00\r\n"
    f"2,3,1,0,1,{START + 60},,在,2026-03-02 17:01:00\r\n"
).encode()
TXT = (
    f"2026-03-02 17:00:00 Bob\n{ASKED}\n\n"
    "2026-03-02 17:01:00 林薇\n每天 09:00，\n昨天林薇儿说的\n引用:Bob:几点？\n\n"
    "2026-03-02 17:02:00\n你撤回了一条消息\n\n"
)


def made(*items: tuple[str, str, str, str], chat: str, readers: tuple[str, ...]) -> tuple[Item, ...]:
    """Items whose ids are made."""
    return tuple(
        told(f"{chat}/{ident}", words, by, at, f"{chat}/{chat}/{items[0][0]}", readers)
        for ident, words, by, at in items
    )


SHAPES: tuple[Shape, ...] = (
    Shape(
        "WeChat",
        "3.x databases, decrypted: `MSG*.db`, with `MicroMsg.db`",
        {"Msg/MSG0.db": old(ROWS), "Msg/MicroMsg.db": PEOPLE},
        opened(account=BOB),
        (
            *(item._replace(readers=tuple(sorted((*TEAM, f"wechat:{EVE}")))) for item in HEARD),
            told(3, "在吗", BOB, "11:30:00", f"{LIN}/{SERVER + 3}"),
            told(4, f"{BOB}:\n在", LIN, "11:31:00", f"{LIN}/{SERVER + 3}"),
        ),
        {},
        "`BytesExtra`, the chat itself; `IsSender` with `--account`",
        "quotation",
        "members; the two of a chat of two",
    ),
    Shape(
        "WeChat",
        "3.x database, every type of message",
        {"MSG0.db": old(KINDS)},
        opened(),
        (
            told(1, ASKED, BOB, "09:00:00", FIRST),
            told(4, "[file] 回滚手册.pdf", LIN, "09:00:30", FIRST),
            told(f"{SERVER + 6}#quoted", "Bob：先冻结\n林薇：我同意", "", "09:00:50", FIRST),
            told(f"{SERVER + 7}#quoted", "Bob：周三上线吗？", "", "09:01:00", f"{OPS}/{SERVER + 99}"),
            told(7, "改周四", LIN, "09:01:00", f"{OPS}/{SERVER + 99}"),
            told(11, f"{LIN}:\n这是伪造的", BOB, "09:01:40", FIRST),
            told(f"{SERVER + 12}#quoted", "#接龙\n1. Bob\n2. 林薇", "", "09:01:50", FIRST),
        ),
        {"bot": 1, "empty": 3, "malformed": 1, "system": 1},
        "`BytesExtra`; an id in the words is words",
        "quotation",
        "who wrote there",
    ),
    Shape(
        "WeChat",
        "4.x database, decrypted: `message_*.db`",
        {"message_0.db": new((BOB, LIN, OPS), FOUR)},
        opened(),
        (*HEARD, told(3, f"{BOB}:\n在", LIN, "11:30:00", f"{LIN}/{SERVER + 3}", TEAM[:1])),
        {"system": 1},
        "`real_sender_id`; an id in the words is words",
        "quotation",
        "who wrote there; the two of a chat of two",
    ),
    Shape(
        "WeChat",
        "WeFlow, JSON file",
        {"支付运维.json": dump(WEFLOW)},
        opened(),
        made(
            ("1772442000000-3aba98fd55e6", ASKED, BOB, "09:00:00"),
            ("1772442060000-00b858df45f4", ANSWERED, LIN, "09:01:00"),
            ("1772442090000-7d874ff5ba17#quoted", "引用 Bob：周三上线吗？", "", "09:01:30"),
            ("1772442090000-7d874ff5ba17", "改周四", LIN, "09:01:30"),
            chat=OPS,
            readers=TEAM,
        ),
        {"empty": 1, "system": 1},
        "`senderUsername`",
        "episode",
        "who wrote there",
    ),
    Shape(
        "WeChat",
        "WeFlow, answer of its API",
        {"page.json": dump(API)},
        opened(),
        (told(1, "在", LIN, "09:00:00", f"{LIN}/{SERVER + 1}", TEAM[:1]),),
        {},
        "`sender`",
        "quotation",
        "who wrote there; the two of a chat of two",
    ),
    Shape(
        "WeChat",
        "chatlog, answer of its API",
        {"chatlog.json": dump(CHATLOG)},
        opened(),
        (
            told(f"{OPS}/1772442000000", ASKED, BOB, "09:00:00", f"{OPS}/{OPS}/1772442000000"),
            told(f"{OPS}/1772442060000#quoted", f"Bob：{ASKED}", "", "09:01:00", f"{OPS}/{OPS}/1772442000000"),
            told(f"{OPS}/1772442060000", ANSWERED, LIN, "09:01:00", f"{OPS}/{OPS}/1772442000000"),
        ),
        {},
        "`sender`; quoted words are nobody's",
        "episode",
        "who wrote there",
    ),
    Shape(
        "WeChat",
        "WeChatMsg (留痕), table of a group",
        {"支付运维_utf8.csv": CSV},
        opened(),
        made(
            ("1772442000000-3aba98fd55e6", ASKED, BOB, "09:00:00"),
            ("1772442060000-00b858df45f4", ANSWERED, LIN, "09:01:00"),
            chat="支付运维_utf8",
            readers=TEAM,
        ),
        {"system": 1},
        "`Sender`",
        "episode",
        "who wrote there",
    ),
    Shape(
        "WeChat",
        "WeChatMsg (留痕), table of a chat of two",
        {"Bob_utf8.csv": PRIVATE},
        opened(account=LIN),
        made(
            ("1772442000000-66f6a7882eef", "在吗", "name/Bob", "09:00:00"),
            ("1772442060000-81de57641223", "在", LIN, "09:01:00"),
            chat="Bob_utf8",
            readers=(TEAM[0], "wechat:name/Bob"),
        ),
        {},
        "`IsSender` with `--account`",
        "episode",
        "who wrote there",
    ),
    Shape(
        "WeChat",
        "WeChatMsg (留痕), text",
        {"支付运维.txt": TXT.encode("gb18030")},
        opened(names=("林薇",), encoding="gb18030"),
        made(
            ("1772442000000-8a917796721a", ASKED, "name/Bob", "09:00:00"),
            ("1772442060000-41e1c9cb646b#quoted", "Bob:几点？", "", "09:01:00"),
            ("1772442060000-41e1c9cb646b", "每天 09:00，\n昨天林薇儿说的", LIN, "09:01:00"),
            chat="支付运维",
            readers=(TEAM[0], "wechat:name/Bob"),
        ),
        {"system": 1},
        "exact name, vouched for with `--names`",
        "episode",
        "who wrote there",
    ),
)
