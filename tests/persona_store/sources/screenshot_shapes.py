"""Pictures of chats, as the four apps draw them (`screenshot_material.py`)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from persona_store.sources.screenshots import Screenshots
from tests.persona_store.sources.screenshot_material import FOLDER
from tests.persona_store.sources.screenshot_pictures import look
from tests.persona_store.sources.shapes import Item, Shape

LIN = "slack:U0LIN"
TAKEN = date(2026, 3, 5)


def shape(form: str, name: str, *items: Item, author: str = "name above the bubble", **options: Any) -> Shape:
    left_out = options.pop("left_out")

    def opened(path: Path) -> Screenshots:
        return Screenshots(path, LIN, names=["林薇", "Lin Wei"], taken=TAKEN, look=look, **options)

    raw = (FOLDER / name).read_bytes()
    return Shape(
        "Screenshots", form, {name: raw}, opened, items, left_out, author, "each picture", "who stands in it"
    )


def said(picture: str, ident: str, who: str, text: str, at: str, *others: str) -> Item:
    """`who` is "" for what is quoted."""
    key = LIN if who == LIN else f"screenshot:name/{who}" if who else ""
    readers = tuple(sorted({LIN, *(f"screenshot:name/{name}" for name in others)}))
    return Item(f"{picture}#{ident}", text, key, who == LIN, at, picture, readers)


def _wechat() -> tuple[Item, ...]:
    picture, others = "wechat_zh_2x.webp", ("王磊", "林薇的猫", "陈宇")
    day, later = "2026-03-04T14:03:00+08:00", "2026-03-03T09:12:00+08:00"
    text = "先停灰度，再回滚到上一个版本。回滚以后看五分钟监控，没有报错再通知值班。"
    return (
        said(picture, "1", "王磊", "网关又超时了，怎么办？", day, *others),
        said(picture, "2", LIN, text, day, *others),
        said(picture, "3", "陈宇", "对账文件几点到?", later, *others),
        said(picture, "4#quoted", "", "陈宇：对账文件几点到?", later, *others),
        said(picture, "4", LIN, "每天六点", later, *others),
        said(picture, "5", "林薇的猫", "我也想知道", later, *others),
    )


def _slack() -> tuple[Item, ...]:
    picture, others = "slack_en_2x.webp", ("Bob_Hart", "Lin_Weiss")
    question = "The payout batch is late again, what should I check first?"
    text = (
        "Look at the ledger lock first, then at the queue. If the lock is stale, run make unlock after both "
        "replicas say idle.\nNever unlock while a replica is busy."
    )
    return (
        said(picture, "1", "Bob_Hart", question, "2026-03-02T14:03:00+08:00", *others),
        said(picture, "2", LIN, text, "2026-03-02T14:05:00+08:00", *others),
        said(picture, "3", "Lin_Weiss", "I can do it now", "2026-03-02T14:07:00+08:00", *others),
        said(picture, "4#quoted", "", "When does it run?", "2026-03-05T09:15:00+08:00", *others),
        said(picture, "4", LIN, "The batch runs at two in the morning.", "2026-03-05T09:15:00+08:00", *others),
    )


def _feishu() -> tuple[Item, ...]:
    picture, others, at = "feishu_zh_2x.png", ("王磊",), "2026-03-02T10:20:00+08:00"
    return (
        said(picture, "1", LIN, "证书每九十天换一次，由我来换。", at, *others),
        said(picture, "2", LIN, "换完要重启网关", at, *others),
        said(picture, "4#quoted", "", "回复陈宇：重启要停流量吗?", at, *others),
        said(picture, "4", LIN, "不用，逐台重启就可以", at, *others),
        said(picture, "5", "王磊", "明白了", at, *others),
    )


def _dingtalk() -> tuple[Item, ...]:
    picture, others, at = "dingtalk_zh_2x.jpg", ("赵敏",), "2026-03-04T18:40:00+08:00"
    return (
        said(picture, "1", "赵敏", "渠道少了一个文件", at, *others),
        said(picture, "2", LIN, "少文件先问渠道，不要手工补。\n补错了要改三张表。", at, *others),
        said(picture, "4", LIN, "问到以后发到这个群里", at, *others),
    )


_PAGE = "Runbook\nStop the canary first.\nThen roll back the gateway.\nTell the on-call."

SHAPES = (
    shape(
        "WeChat, a group, `--me` somebody else",
        "wechat_zh_2x.webp",
        *_wechat(),
        me="陈宇",
        left_out={"screen": 1, "system": 1},
    ),
    shape(
        "Feishu, nobody said whose screenshot",
        "feishu_zh_2x.png",
        *_feishu(),
        left_out={"screen": 1, "no_author": 1},
    ),
    shape("DingTalk, JPEG with noise", "dingtalk_zh_2x.jpg", *_dingtalk(), left_out={"screen": 1, "no_author": 1}),
    shape("Slack", "slack_en_2x.webp", *_slack(), author="name in the row with a portrait", left_out={"screen": 1}),
    shape(
        "no chat, named with `--mine`",
        "page.png",
        Item("page.png#1", _PAGE, LIN, True, "2026-03-05T00:00:00+08:00", "page.png", (LIN,)),
        author="the operator",
        mine=["page.png"],
        left_out={},
    ),
    shape("no chat", "page.png", author="nobody: left out", left_out={"no_chat": 1}),
)
