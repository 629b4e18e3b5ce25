"""How long an import of a Slack export takes, and how much memory, beside a reader that loads everything.

    python -m tests.benchmarks.import_slack [--messages 100000] [--once ours|naive] [--keep FOLDER]

Makes a synthetic export (a year of a team of 40: 20 channels, threads, small talk, a bot, the blocks and profiles
that real exports have), then runs each reader in a process of its own and prints one line for each.

"Naive" is json.load over every file and the subject's messages picked out: no limits, no threads, no redaction, no
encryption. Ours writes the encrypted evidence file of the persona.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

DAYS, CHANNELS, PEOPLE = 250, 20, 40
SUBJECT = "U000000"
SPOKEN = """
deploy the gateway config retry timeout queue payment refund settlement channel alert dashboard latency rollback
支付 网关 对账 回滚 告警 排查 日志 配置 上线 灰度 值班 超时 重试 队列 通道 退款 结算 监控 延迟 脚本
"""
WORDS = SPOKEN.split()


def make_export(path: Path, messages: int) -> None:
    """The same bytes for the same number: nothing depends on the clock or the machine."""
    dice = random.Random(7)
    people = [f"U{number:06}" for number in range(PEOPLE)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        users = [{"id": who, "name": who.lower(), "real_name": f"Person {who}", "profile": {}} for who in people]
        archive.writestr("users.json", json.dumps(users))
        channels = [
            {"id": f"C{number:06}", "name": f"team-{number}", "members": people} for number in range(CHANNELS)
        ]
        archive.writestr("channels.json", json.dumps(channels))
        start = datetime(2025, 1, 6, 9, tzinfo=UTC).timestamp()
        left = messages
        for day in range(DAYS):
            for number in range(CHANNELS):
                count = left // ((DAYS - day) * CHANNELS - number)
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


async def ours(path: Path) -> str:
    from persona_store.consent.draft import Choices, draft
    from persona_store.consent.parsing import parse
    from persona_store.evidence import EvidenceFile
    from persona_store.importing import run_import
    from persona_store.sources.slack_export import SlackExport

    now = datetime(2026, 1, 5, tzinfo=UTC)
    choices = Choices(
        owner="slack:U000001", sources=("slack_export",), audiences=("slack:*",), first=date(2025, 1, 1)
    )
    consent = parse(draft(choices, now))
    with tempfile.TemporaryDirectory() as folder:
        evidence = EvidenceFile.open(Path(folder) / "lin.db", os.urandom(32))
        source = SlackExport(path, SUBJECT)
        report = await run_import(source, persona="lin", consent=consent, evidence=evidence, now=now)
        evidence.close()
    return f"{report.kept} of the subject, {report.context} as context, dropped {sum(report.dropped.values())}"


async def naive(path: Path) -> str:
    """What a short script does: all of the export at once, and the subject's texts."""
    loaded = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                loaded[name] = json.load(member)
    days = [messages for name, messages in loaded.items() if "/" in name]
    texts = [message["text"] for messages in days for message in messages if message.get("user") == SUBJECT]
    return f"{len(texts)} of the subject"


def measure(reader: str, path: Path, messages: int) -> None:
    begin, work = time.perf_counter(), {"ours": ours, "naive": naive}[reader]
    told = asyncio.run(work(path))
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024)
    print(
        f"{reader:6} {seconds:6.2f} s  {messages / seconds:9,.0f} messages/s  peak {peak:4} MB  {told}", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--once", choices=("ours", "naive"), help="measure one reader in this process")
    parser.add_argument("--keep", type=Path, help="make the export in this folder and leave it there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"export-{options.messages}.zip"
        if not path.exists():
            make_export(path, options.messages)
        if options.once:
            measure(options.once, path, options.messages)
            return
        for reader in ("naive", "ours"):  # each in a fresh process: peak memory is a property of the process
            again = ["--messages", str(options.messages), "--keep", str(folder), "--once", reader]
            subprocess.run([sys.executable, "-m", "tests.benchmarks.import_slack", *again], check=True)


if __name__ == "__main__":
    main()
