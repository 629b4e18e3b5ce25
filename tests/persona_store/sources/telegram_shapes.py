"""Telegram material as Telegram Desktop writes it ("Machine-readable JSON").

The form: https://github.com/telegramdesktop/tdesktop/blob/dev/Telegram/SourceFiles/export/output/export_output_json.cpp,
and, described by others, the package tg-parser (docs/TELEGRAM_FORMAT.md).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from persona_store.sources.chat_export import Told
from persona_store.sources.telegram_export import TelegramExport
from tests.persona_store.sources.feishu_material import START, dump
from tests.persona_store.sources.shapes import Item, Shape

LIN, BOB, EVE = 10001, 20002, 30003
NAMES = {LIN: "林薇", BOB: "Bob Hart", EVE: "林薇儿"}
OPS, TEAM = 1500000001, (f"telegram:{LIN}", f"telegram:{BOB}")

Json = dict[str, Any]


def message(number: int, by: int, text: Any, after: float, **more: Any) -> Json:
    """`after` seconds into the day."""
    return {
        "id": number,
        "type": "message",
        "date": "2026-03-02T10:00:00",  # the exporter's own clock, without a zone
        "date_unixtime": str(int(START + after)),
        "from": NAMES[by],
        "from_id": f"user{by}",
        "text": text,
        "text_entities": [],
        **more,
    }


def service(number: int, action: str, after: float, **more: Any) -> Json:
    return {
        "id": number,
        "type": "service",
        "date": "2026-03-02T10:00:00",
        "date_unixtime": str(int(START + after)),
        "actor": NAMES[BOB],
        "actor_id": f"user{BOB}",
        "action": action,
        "text": "",
        **more,
    }


def chat(*messages: Json, kind: str = "private_supergroup", number: int = OPS, name: str = "支付运维") -> Json:
    return {"name": name, "type": kind, "id": number, "messages": list(messages)}


def opened(**told: Any) -> Callable[[Path], TelegramExport]:
    return lambda path: TelegramExport(path, f"user{LIN}", Told(**told))


def told(id: str, text: str, by: int, at: str, thread: str, readers: tuple[str, ...] | None = TEAM) -> Item:
    key = f"telegram:{by}" if by else ""
    return Item(id, text, key, by == LIN, f"2026-03-02T{at}Z", thread, tuple(sorted(readers)) if readers else None)


TALK = [
    message(1, BOB, "对账任务几点跑？", 0),
    message(
        2,
        LIN,
        ["每天 ", {"type": "bold", "text": "09:00"}, "，见 ", {"type": "link", "text": "https://wiki/x"}],
        60,
        reply_to_message_id=1,
    ),
]
HEARD = (
    told(f"{OPS}/1", "对账任务几点跑？", BOB, "09:00:00", f"{OPS}/{OPS}/1"),
    told(f"{OPS}/2", "每天 09:00，见 https://wiki/x", LIN, "09:01:00", f"{OPS}/{OPS}/1"),
)
WHOLE = {
    "about": "Here is the data you requested.",
    "personal_information": {"user_id": LIN, "first_name": "林薇"},
    "contacts": {"about": "", "list": [{"user_id": BOB, "first_name": "Bob", "last_name": "Hart"}]},
    "chats": {
        "about": "",
        "list": [
            chat(*TALK),
            chat(message(5, LIN, "在", 300), kind="personal_chat", number=BOB, name="Bob Hart"),
            chat(message(7, LIN, "记一下", 400), kind="saved_messages", number=LIN),
            chat(message(8, LIN, "新版发布了", 500), kind="public_channel", number=1600000002, name="发布"),
        ],
    },
    "left_chats": {"about": "", "list": [chat(message(9, BOB, "再见", 600), number=1700000003)]},
}
FORUM = chat(
    service(1, "topic_created", 0, title="发布"),
    service(2, "topic_created", 1, title="值班"),
    message(3, BOB, "周三上线吗？", 60, reply_to_message_id=1),
    message(4, BOB, "今晚谁值班？", 70, reply_to_message_id=2),
    message(5, LIN, "冻结，改周四", 80, reply_to_message_id=1),
)
KINDS = chat(
    service(1, "pin_message", 0, message_id=9),
    message(2, LIN, "Bob 的原话", 10, forwarded_from="Bob Hart"),
    message(3, LIN, "账号没了的人的话", 20, forwarded_from=None),
    message(4, LIN, "机器写的", 30, via_bot="@gif"),
    message(5, LIN, [{"type": "blockquote", "text": "周三上线吗？"}, "改周四"], 40),
    message(6, LIN, "", 50, file="(File not included.)", file_name="回滚手册.pdf"),
    message(7, LIN, "", 60, photo="(File not included.)"),
    message(8, LIN, "新的", 70, edited_unixtime=str(START + 900)),
    {**message(9, LIN, "没有人", 80), "from": None, "from_id": None},
    message(10, LIN, "", 90, poll={"question": "几点发布？", "closed": False, "answers": []}),
    {**message(11, BOB, "频道说的", 95), "from": "支付运维", "from_id": f"channel{OPS}"},
)
ONE, BOTH = f"{OPS}/{OPS}/2", (f"telegram:{LIN}", f"telegram:channel{OPS}")

SHAPES: tuple[Shape, ...] = (
    Shape(
        "Telegram",
        "`result.json` of one chat",
        {"result.json": dump(chat(*TALK))},
        opened(),
        HEARD,
        {},
        "`from_id`",
        "`reply_to_message_id`",
        "who wrote there",
    ),
    Shape(
        "Telegram",
        "`result.json` of the whole history",
        {"result.json": dump(WHOLE)},
        opened(),
        (
            *HEARD,
            told("1600000002/8", "新版发布了", LIN, "09:08:20", "1600000002/1600000002/8", None),
            told(f"user{LIN}/7", "记一下", LIN, "09:06:40", f"user{LIN}/user{LIN}/7", TEAM[:1]),
            told(f"user{BOB}/5", "在", LIN, "09:05:00", f"user{BOB}/user{BOB}/5"),
        ),
        {"outside_subject_threads": 1},
        "`from_id`",
        "`reply_to_message_id`",
        "who wrote there; the two of a `personal_chat`; everybody (public)",
    ),
    Shape(
        "Telegram",
        "a forum with topics",
        {"result.json": dump(FORUM)},
        opened(),
        (
            told(f"{OPS}/3", "周三上线吗？", BOB, "09:01:00", f"{OPS}/{OPS}/3"),
            told(f"{OPS}/5", "冻结，改周四", LIN, "09:01:20", f"{OPS}/{OPS}/3"),
        ),
        {"outside_subject_threads": 1, "system": 2},
        "`from_id`",
        "episodes within each topic",
        "who wrote there",
    ),
    Shape(
        "Telegram",
        "every type of message",
        {"result.json": dump(KINDS)},
        opened(),
        (
            told(f"{OPS}/2#quoted", "Bob 的原话", 0, "09:00:10", ONE, BOTH),
            told(f"{OPS}/3#quoted", "账号没了的人的话", 0, "09:00:20", ONE, BOTH),
            told(f"{OPS}/5#quoted", "周三上线吗？", 0, "09:00:40", ONE, BOTH),
            told(f"{OPS}/5", "改周四", LIN, "09:00:40", ONE, BOTH),
            told(f"{OPS}/6", "[file] 回滚手册.pdf", LIN, "09:00:50", ONE, BOTH),
            told(f"{OPS}/8", "新的", LIN, "09:01:10", ONE, BOTH),
            told(f"{OPS}/10", "几点发布？", LIN, "09:01:30", ONE, BOTH),
            Item(f"{OPS}/11", "频道说的", f"telegram:channel{OPS}", False, "2026-03-02T09:01:35Z", ONE, BOTH),
        ),
        {"bot": 1, "empty": 1, "no_author": 1, "system": 1},
        "`from_id`; forwarded and quoted words are nobody's",
        "episode",
        "who wrote there",
    ),
)
