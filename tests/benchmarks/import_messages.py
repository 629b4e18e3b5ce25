"""Synthetic material of every messenger, for the benchmarks: a year of a team of 40 in chats of 5,000 messages.

Threads, quotations, cards, recalled messages; the same for the same numbers. Chats grow in number and not in
length, as a company's do. Written as pages of 50 in a zip, as the APIs give them; as one JSON file; or as WeChat's
database. Nothing is held: a million messages are written as they are made.
"""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

import apsw

from tests.persona_store.sources.wechat_material import OLD, extra

CHATS, PEOPLE, PAGE = 20, 40, 50
LONGEST_CHAT = 5000
START = datetime(2025, 1, 6, 9, tzinfo=UTC)
SPOKEN = """
deploy the gateway config retry timeout queue payment refund settlement channel alert dashboard latency rollback
支付 网关 对账 回滚 告警 排查 日志 配置 上线 灰度 值班 超时 重试 队列 通道 退款 结算 监控 延迟 脚本
"""
WORDS = SPOKEN.split()


def chats_of(messages: int) -> int:
    return max(CHATS, messages // LONGEST_CHAT)


Json = dict[str, Any]


def feishu(dice: random.Random, chat: int, number: int, at: float, root: str) -> Json:
    """An item of `GET im/v1/messages`."""
    who, roll = f"ou_{dice.randrange(PEOPLE):08}", dice.random()
    text = " ".join(dice.choices(WORDS, k=dice.randint(3, 40)))
    moment = str(int(at * 1000))
    found: Json = {
        "message_id": f"om_{chat:03}{number:029}",
        "msg_type": "interactive" if roll < 0.03 else "text",
        "create_time": moment,
        "update_time": moment,
        "deleted": 0.03 < roll < 0.04,
        "updated": False,
        "chat_id": f"oc_{chat:032}",
        "sender": {"id": who, "id_type": "open_id", "sender_type": "user", "tenant_key": "t0000001"},
        "body": {"content": json.dumps({"text": text}, ensure_ascii=False)},
        "mentions": [{"key": "@_user_1", "id": "ou_00000001", "id_type": "open_id", "name": "Person 1"}],
    }
    return found | {"root_id": root, "parent_id": root} if root else found


def dingtalk(dice: random.Random, chat: int, number: int, at: float, root: str) -> Json:
    """A message as `dws chat message list` prints it."""
    who, roll = dice.randrange(PEOPLE), dice.random()
    found: Json = {
        "openMessageId": f"msg{chat:03}{number:021}==",
        "openConversationId": f"cid{chat:020}==",
        "sender": f"Person {who}",
        "senderOpenDingTalkId": f"D8{who:08}",
        "msgType": "interactiveCard" if roll < 0.03 else "text",
        "content": " ".join(dice.choices(WORDS, k=dice.randint(3, 40))),
        "createTime": f"{datetime.fromtimestamp(at, UTC) + timedelta(hours=8):%Y-%m-%d %H:%M:%S}",
    }
    return found | {"quotedMessage": {"openMessageId": root, "content": "…"}} if root else found


def words(dice: random.Random) -> str:
    return " ".join(dice.choices(WORDS, k=dice.randint(3, 40)))


def wechat(dice: random.Random, chat: int, number: int, at: float, root: str) -> Json:
    """A message as WeFlow's API prints it."""
    who, roll = dice.randrange(PEOPLE), dice.random()
    return {
        "localId": number,
        "serverId": 7 * 10**18 + chat * 10**9 + number,
        "talker": f"{10**10 + chat}@chatroom",
        "type": 10000 if roll < 0.03 else 3 if roll < 0.1 else 1,
        "content": words(dice),
        "createTime": int(at * 1000),
        "isSelf": False,
        "sender": f"wxid_{who:012}",
    }


def wecom(dice: random.Random, chat: int, number: int, at: float, root: str) -> Json:
    """A message of the archive."""
    who, roll = dice.randrange(PEOPLE), dice.random()
    kind, body = ("image", {"md5sum": "x"}) if roll < 0.07 else ("text", {"content": words(dice)})
    return {
        "msgid": f"m{chat:03}{number:021}",
        "action": "send",
        "from": f"user{who:02}",
        "tolist": [f"user{each:02}" for each in range(PEOPLE) if each != who],
        "roomid": f"wr{chat:020}",
        "msgtime": int(at * 1000),
        "msgtype": kind,
        kind: body,
    }


def qq(dice: random.Random, chat: int, number: int, at: float, root: str) -> Json:
    """A message as QQChatExporter writes it."""
    who, text = 10_000_000 + dice.randrange(PEOPLE), words(dice)
    parts: list[Json] = [{"type": "text", "data": {"text": text}}]
    if root:
        parts.insert(0, {"type": "reply", "data": {"messageId": root, "content": "…"}})
    return {
        "id": f"7{chat:03}{number:015}",
        "timestamp": int(at * 1000),
        "group_id": 600_000 + chat,
        "sender": {"uid": f"u_{who}", "uin": str(who), "name": f"Person {who}"},
        "type": "text",
        "content": {"text": text, "html": text, "elements": parts, "resources": []},
        "recalled": dice.random() < 0.01,
        "system": False,
    }


def telegram(dice: random.Random, chat: int, number: int, at: float, root: str) -> Json:
    """A message of `result.json`."""
    who, roll = 10_000_000 + dice.randrange(PEOPLE), dice.random()
    found: Json = {
        "id": number + 1,
        "type": "service" if roll < 0.03 else "message",
        "date": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}",
        "date_unixtime": str(int(at)),
        "from": f"Person {who}",
        "from_id": f"user{who}",
        "text": [words(dice), {"type": "bold", "text": "!"}],
    }
    return found | {"reply_to_message_id": int(root)} if root else found


MAKERS = {
    "feishu": feishu,
    "dingtalk": dingtalk,
    "wechat": wechat,
    "wecom": wecom,
    "qq": qq,
    "telegram": telegram,
}
SUBJECTS = {
    "feishu": "ou_00000000",
    "dingtalk": "D800000000",
    "wechat": "wxid_000000000000",
    "wecom": "user00",
    "qq": "10000000",
    "telegram": "10000000",
}
ENVELOPES: dict[str, Callable[[list[Json]], Json]] = {
    "feishu": lambda items: {"code": 0, "msg": "success", "data": {"has_more": True, "items": items}},
    "dingtalk": lambda items: {"success": True, "result": {"hasMore": True, "messages": items}},
    "wechat": lambda items: {"success": True, "hasMore": True, "messages": items},
    "wecom": lambda items: {"errcode": 0, "chatdata": [{"seq": 1, "msg": each} for each in items]},
    "qq": lambda items: {"metadata": {}, "chatInfo": {"type": "group"}, "messages": items},
}


def talk(kind: str, chat: int, count: int) -> Iterator[Json]:
    """The same for the same numbers: nothing depends on the clock or the machine."""
    dice, at, root = random.Random(chat), START.timestamp() + chat, ""
    for number in range(count):
        at += dice.expovariate(count / (250 * 86400)) + 1
        threaded = bool(root) and dice.random() < 0.3
        item = MAKERS[kind](dice, chat, number, at, root if threaded else "")
        root = root if threaded else str(item.get("message_id") or item.get("openMessageId") or item.get("id"))
        yield item


def make(kind: str, path: Path, messages: int, chats: int = CHATS) -> None:
    """What the path's ending says: a zip of pages, one JSON file, or a database."""
    talks = [talk(kind, chat, messages // chats) for chat in range(chats)]
    if path.suffix == ".db":
        make_database(path, talks)
    elif kind == "telegram":
        make_history(path, talks)
    elif path.suffix == ".json":
        make_file(path, talks)
    else:
        make_pages(kind, path, talks)


def make_file(path: Path, talks: list[Iterator[Json]], key: str = "items") -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"{key}": [')
        for number, item in enumerate(chain.from_iterable(talks)):
            file.write(("," if number else "") + json.dumps(item, ensure_ascii=False))
        file.write("]}")


def make_pages(kind: str, path: Path, talks: list[Iterator[Json]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for chat, items in enumerate(talks):
            page = 0
            while some := list(islice(items, PAGE)):
                content = json.dumps(ENVELOPES[kind](some), ensure_ascii=False)
                archive.writestr(f"chat-{chat:03}/page-{page:06}.json", content)
                page += 1


def make_history(path: Path, talks: list[Iterator[Json]]) -> None:
    """As Telegram Desktop does: one file, chat after chat."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"about": "…", "chats": {"about": "…", "list": [')
        for chat, items in enumerate(talks):
            head = f'"name": "x", "type": "private_supergroup", "id": {10**9 + chat}, "messages": ['
            file.write(("," if chat else "") + "{" + head)
            for number, item in enumerate(items):
                file.write(("," if number else "") + json.dumps(item, ensure_ascii=False))
            file.write("]}")
        file.write("]}}")


def make_database(path: Path, talks: list[Iterator[Json]]) -> None:
    """WeChat 3.x. A real one holds its messages by time and not by chat, so these are dealt out in turn."""
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(OLD)
        connection.execute("CREATE TABLE Name2ID (UsrName TEXT)")
        with connection:
            for item in chain.from_iterable(zip(*talks, strict=True)):
                values = (
                    item["serverId"],
                    item["type"],
                    item["createTime"] // 1000,
                    item["talker"],
                    item["content"],
                )
                connection.execute(
                    "INSERT INTO MSG (MsgSvrID, Type, SubType, IsSender, CreateTime, StrTalker, StrContent,"
                    " BytesExtra) VALUES (?, ?, 0, 0, ?, ?, ?, ?)",
                    (*values, extra(item["sender"])),
                )
