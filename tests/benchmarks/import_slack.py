"""A synthetic Slack export, for the benchmarks: a year of a team of 40, channels of 5,000 messages.

Threads, small talk, a bot, the blocks and profiles that real exports have; a day and channel are written at a time.
"""

from __future__ import annotations

import json
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DAYS, PEOPLE = 250, 40
SUBJECT = "U000000"
SPOKEN = """
deploy the gateway config retry timeout queue payment refund settlement channel alert dashboard latency rollback
支付 网关 对账 回滚 告警 排查 日志 配置 上线 灰度 值班 超时 重试 队列 通道 退款 结算 监控 延迟 脚本
"""
WORDS = SPOKEN.split()


def make_export(path: Path, messages: int, channels: int) -> None:
    """The same bytes for the same number: nothing depends on the clock or the machine."""
    dice = random.Random(7)
    people = [f"U{number:06}" for number in range(PEOPLE)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        users = [{"id": who, "name": who.lower(), "real_name": f"Person {who}", "profile": {}} for who in people]
        archive.writestr("users.json", json.dumps(users))
        listed = [
            {"id": f"C{number:06}", "name": f"team-{number}", "members": people} for number in range(channels)
        ]
        archive.writestr("channels.json", json.dumps(listed))
        start = datetime(2025, 1, 6, 9, tzinfo=UTC).timestamp()
        left = messages
        for day in range(DAYS):
            for number in range(channels):
                count = left // ((DAYS - day) * channels - number)
                left -= count
                content = _day(dice, people, start + day * 86400, number, count)
                name = f"team-{number}/{datetime.fromtimestamp(start + day * 86400, UTC):%Y-%m-%d}.json"
                archive.writestr(name, json.dumps(content, ensure_ascii=False, indent=1))


def _day(dice: random.Random, people: list[str], start: float, number: int, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at, root = start + number, ""
    for _ in range(count):
        at += dice.expovariate(1 / 240) + 1
        who, text = dice.choice(people), " ".join(dice.choices(WORDS, k=dice.randint(3, 40)))
        ts = f"{at:.6f}"
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        message: dict[str, Any] = {
            "client_msg_id": f"{dice.getrandbits(128):032x}",
            "type": "message",
            "user": who,
            "text": text,
            "ts": ts,
            "team": "T000001",
            "user_profile": {"real_name": f"Person {who}", "display_name": who, "is_restricted": False},
            "blocks": [{"type": "rich_text", "block_id": ts[-5:], "elements": [section]}],
        }
        if dice.random() < 0.03:
            message |= {"subtype": "bot_message", "bot_id": "B000001"}
        elif root and dice.random() < 0.5:
            message |= {"thread_ts": root, "parent_user_id": people[0]}
        elif dice.random() < 0.3:
            message |= {"thread_ts": ts, "reply_count": 3, "reply_users_count": 2}
            root = ts
        found.append(message)
    return found
