"""WeCom (企业微信) material: the archive (会话内容存档) after decryption, and what people make of it.

The messages, and by what ids of robots and external contacts begin:
https://developer.work.weixin.qq.com/document/path/91774;
as somebody passes them on: https://developer.wefeng360.com/docs/high/chat/01_pull.html; members of groups:
https://developer.work.weixin.qq.com/document/path/92122 and https://developer.work.weixin.qq.com/document/path/92951.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from persona_store.sources.chat_export import Told
from persona_store.sources.wecom_export import WeComExport
from tests.persona_store.sources.feishu_material import START, dump, lines
from tests.persona_store.sources.shapes import Item, Shape

LIN, BOB, EVE = "LinWei", "bob.hart", "wolin"
CLIENT, ROBOT = "wmGAgeDQAAHuRJbt4ZQI_1cqoQcf41WQ", "wbjc7bDwAAJVylUKpSA3Z5U11tDO4AAA"
OPS, PAIR = "wrErxtDgAA0jgXE5", f"{LIN}+{BOB}"
TEAM = (f"wecom:{LIN}", f"wecom:{BOB}")

Json = dict[str, Any]


def message(number: int, by: str, kind: str, body: Any, after: float, **more: Any) -> Json:
    """A message of the archive; `after` seconds into the day."""
    return {
        "msgid": f"CAQQ{number:04}_{START}",
        "action": "send",
        "from": by,
        "tolist": [each for each in (LIN, BOB) if each != by],
        "roomid": OPS,
        "msgtime": int((START + after) * 1000),
        "msgtype": kind,
        kind: body,
        **more,
    }


def text(number: int, by: str, words: str, after: float, **more: Any) -> Json:
    return message(number, by, "text", {"content": words}, after, **more)


def recall(number: int, of: int, by: str, after: float) -> Json:
    gone = {"pre_msgid": f"CAQQ{of:04}_{START}"}
    return message(number, by, "revoke", gone, after, action="recall")


def opened(**told: Any) -> Callable[[Path], WeComExport]:
    return lambda path: WeComExport(path, LIN, Told(**told))


def told(number: int | str, words: str, by: str, at: str, thread: str, readers: tuple[str, ...] = TEAM) -> Item:
    ident = number if isinstance(number, str) else f"CAQQ{number:04}_{START}"
    key = f"wecom:{by}" if by else ""
    return Item(ident, words, key, by == LIN, f"2026-03-02T{at}Z", thread, tuple(sorted(readers)))


TALK = [text(1, BOB, "对账任务几点跑？", 0), text(2, LIN, "每天 09:00，失败会重试三次", 60)]
FIRST = f"{OPS}/CAQQ0001_{START}"
HEARD = (
    told(1, "对账任务几点跑？", BOB, "09:00:00", FIRST),
    told(2, "每天 09:00，失败会重试三次", LIN, "09:01:00", FIRST),
)
RECORD = {
    "title": "群聊",
    "item": [
        {"type": "ChatRecordText", "msgtime": START, "content": '{"content":"先冻结"}', "from_chatroom": False},
        {"type": "ChatRecordImage", "msgtime": START, "content": '{"md5sum":"x"}', "from_chatroom": False},
        {"type": "ChatRecordText", "msgtime": START, "content": '{"content":"我同意"}', "from_chatroom": False},
    ],
}
MIXED = {
    "item": [
        {"type": "text", "content": '{"content":"看图再回滚"}'},
        {"type": "image", "content": '{"md5sum":"x","filesize":13177}'},
    ]
}
KINDS = [
    TALK[0],
    message(3, LIN, "mixed", MIXED, 70),
    message(4, LIN, "chatrecord", RECORD, 80),
    message(5, LIN, "docmsg", None, 90, doc={"title": "发布单", "doc_creator": BOB, "link_url": "https://x"}),
    message(6, LIN, "markdown", None, 100, info={"content": "**周四**发布"}),
    message(7, LIN, "file", {"filename": "回滚手册.pdf", "fileext": "pdf"}, 110),
    message(8, LIN, "image", {"md5sum": "x"}, 120),
    message(9, LIN, "link", {"title": "别人的标题", "link_url": "https://x"}, 130),
    text(10, LIN, "这是一条引用/回复消息：\n“Bob:\n周三上线吗？”\n------\n改周四", 140),
    text(11, LIN, "「Bob：谁批？」\n- - - - - - - - - - - - - - -\n我批", 150),
    text(12, CLIENT, "客户的话", 160),
    text(13, ROBOT, "构建失败", 170),
    text(14, LIN, "说错了", 180),
    recall(15, 14, LIN, 190),
    message(16, LIN, "agree", {"userid": LIN, "agree_time": 1}, 200),
    {"msgid": "125289002219525886280", "action": "switch", "time": 1554119421840, "user": LIN},
    {"seq": 9, "msgid": "CAQQ9", "publickey_ver": 3, "encrypt_random_key": "x", "encrypt_chat_msg": "y"},
]
PULLED = {
    "errcode": 0,
    "errmsg": "ok",
    "chatdata": [
        {"seq": n, "msgid": each["msgid"], "publickey_ver": 3, "msg": each} for n, each in enumerate(TALK)
    ],
}
GROUP = {
    "errcode": 0,
    "group_chat": {
        "chat_id": OPS,
        "name": "支付运维",
        "member_list": [{"userid": each, "type": 1, "name": each} for each in (LIN, BOB, EVE)],
    },
}
PRESENT = tuple(sorted((*TEAM, f"wecom:{CLIENT}", f"wecom:{ROBOT}")))
EVERYBODY = (*TEAM, f"wecom:{EVE}")
ALONE = [
    text(1, BOB, "在吗", 0, roomid="", tolist=[LIN]),
    text(2, LIN, "在", 60, roomid="", tolist=[BOB]),
]
CSV = (
    "\ufeff发送时间,发送人,发送人ID,消息类型,消息内容\r\n"
    f"2026-03-02 17:00:00,Bob,{BOB},文本,对账任务几点跑？\r\n"
    f'2026-03-02 17:01:00,林薇,{LIN},文本,"每天 09:00，\r\n失败会重试三次"\r\n'
    f"2026-03-02 17:02:00,林薇,{LIN},图片,[图片]\r\n"
).encode()
MADE = ("chat/1772442000000-761c00db1239", "chat/1772442060000-2dec82417289")
SAID = ("chat/1772442000000-6df6db070b75", "chat/1772442060000-606ab0466f25")
TXT = "2026-03-02 17:00 Bob：密钥在哪换？\n2026-03-02 17:01 林薇：控制台里换\n"
NAMED = (f"wecom:{LIN}", "wecom:name/Bob")

SHAPES: tuple[Shape, ...] = (
    Shape(
        "WeCom",
        "archive, one decrypted message a line",
        {"archive.jsonl": lines(*TALK)},
        opened(),
        HEARD,
        {},
        "`from` (userid)",
        "episode",
        "to whom each message went (`tolist`)",
    ),
    Shape(
        "WeCom",
        "archive, pages `{errcode, chatdata: [{seq, msg}]}`, and the group's members",
        {f"{OPS}.json": dump(GROUP), "page-1.json": dump(PULLED)},
        opened(),
        tuple(item._replace(readers=tuple(sorted(EVERYBODY))) for item in HEARD),
        {},
        "`from` (userid)",
        "episode",
        "members, and to whom each message went",
    ),
    Shape(
        "WeCom",
        "archive, a chat of two",
        {"archive.json": dump(ALONE)},
        opened(),
        (
            told(1, "在吗", BOB, "09:00:00", f"{PAIR}/CAQQ0001_{START}"),
            told(2, "在", LIN, "09:01:00", f"{PAIR}/CAQQ0001_{START}"),
        ),
        {},
        "`from` (userid)",
        "episode",
        "the two",
    ),
    Shape(
        "WeCom",
        "archive, every type of message",
        {"archive.json": dump(KINDS)},
        opened(),
        (
            HEARD[0]._replace(readers=PRESENT),
            told(3, "看图再回滚", LIN, "09:01:10", FIRST, PRESENT),
            told("CAQQ0004_1772442000#quoted", "先冻结\n我同意", "", "09:01:20", FIRST, PRESENT),
            told(5, "[file] 发布单", LIN, "09:01:30", FIRST, PRESENT),
            told(6, "**周四**发布", LIN, "09:01:40", FIRST, PRESENT),
            told(7, "[file] 回滚手册.pdf", LIN, "09:01:50", FIRST, PRESENT),
            told("CAQQ0010_1772442000#quoted", "Bob:\n周三上线吗？", "", "09:02:20", FIRST, PRESENT),
            told(10, "改周四", LIN, "09:02:20", FIRST, PRESENT),
            told("CAQQ0011_1772442000#quoted", "Bob：谁批？", "", "09:02:30", FIRST, PRESENT),
            told(11, "我批", LIN, "09:02:30", FIRST, PRESENT),
        ),
        {"bot": 1, "deleted": 1, "duplicate": 1, "empty": 2, "encrypted": 1, "outsider": 1, "system": 2},
        "`from` (userid); records and quotations are nobody's",
        "episode",
        "to whom each message went",
    ),
    Shape(
        "WeCom",
        "table (`.csv`) with times, names, ids and words",
        {"chat.csv": CSV},
        opened(),
        (
            told(MADE[0], "对账任务几点跑？", BOB, "09:00:00", f"chat/{MADE[0]}"),
            told(MADE[1], "每天 09:00，\n失败会重试三次", LIN, "09:01:00", f"chat/{MADE[0]}"),
        ),
        {"empty": 1},
        "column with ids; else exact name, vouched for with `--names`",
        "episode",
        "who wrote there",
    ),
    Shape(
        "WeCom",
        "text `YYYY-MM-DD HH:MM 张三：消息`",
        {"chat.txt": TXT.encode("utf-16")},
        opened(names=("林薇",)),
        (
            told(SAID[0], "密钥在哪换？", "name/Bob", "09:00:00", f"chat/{SAID[0]}", NAMED),
            told(SAID[1], "控制台里换", LIN, "09:01:00", f"chat/{SAID[0]}", NAMED),
        ),
        {},
        "exact name, vouched for with `--names`",
        "episode",
        "who wrote there",
    ),
)
