"""How long an import of saved Feishu or DingTalk messages takes, and how much memory it needs.

    python -m tests.benchmarks.import_messages [--messages 10000,100000] [--million] [--of feishu,dingtalk] [--file]

Makes synthetic material (a year of a team of 40: 20 chats, threads, quotations, cards, recalled messages) as pages
of 50 in a zip, as the APIs give them, or with --file as one JSON file. Each import runs in a process of its own and
writes the encrypted evidence file of the persona; "read" is the source alone, without redaction and evidence.
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
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

CHATS, PEOPLE, PAGE = 20, 40, 50
START = datetime(2025, 1, 6, 9, tzinfo=UTC)
SPOKEN = """
deploy the gateway config retry timeout queue payment refund settlement channel alert dashboard latency rollback
支付 网关 对账 回滚 告警 排查 日志 配置 上线 灰度 值班 超时 重试 队列 通道 退款 结算 监控 延迟 脚本
"""
WORDS = SPOKEN.split()

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


MAKERS = {"feishu": feishu, "dingtalk": dingtalk}
SUBJECTS = {"feishu": "ou_00000000", "dingtalk": "D800000000"}
ENVELOPES: dict[str, Callable[[list[Json]], Json]] = {
    "feishu": lambda items: {"code": 0, "msg": "success", "data": {"has_more": True, "items": items}},
    "dingtalk": lambda items: {"success": True, "result": {"hasMore": True, "messages": items}},
}


def talk(kind: str, chat: int, count: int) -> Iterator[Json]:
    """The same for the same numbers: nothing depends on the clock or the machine."""
    dice, at, root = random.Random(chat), START.timestamp() + chat, ""
    for number in range(count):
        at += dice.expovariate(count / (250 * 86400)) + 1
        threaded = bool(root) and dice.random() < 0.3
        item = MAKERS[kind](dice, chat, number, at, root if threaded else "")
        root = root if threaded else str(item.get("message_id", item.get("openMessageId")))
        yield item


def make(kind: str, path: Path, messages: int) -> None:
    count = messages // CHATS
    if path.suffix == ".json":
        with path.open("w", encoding="utf-8") as file:
            file.write('{"data": {"items": [')
            for chat in range(CHATS):
                for number, item in enumerate(talk(kind, chat, count)):
                    file.write(("," if chat or number else "") + json.dumps(item, ensure_ascii=False))
            file.write("]}}")
        return
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for chat in range(CHATS):
            items, page = talk(kind, chat, count), 0
            while some := list(islice(items, PAGE)):
                content = json.dumps(ENVELOPES[kind](some), ensure_ascii=False)
                archive.writestr(f"chat-{chat:03}/page-{page:06}.json", content)
                page += 1


def measure(kind: str, path: Path, messages: int, *, whole: bool) -> None:
    begin = time.perf_counter()
    told = asyncio.run(imported(kind, path)) if whole else read(kind, path)
    seconds, busy = time.perf_counter() - begin, time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024)
    what = f"{kind:8} {'import' if whole else 'read':6} {path.suffix[1:]:4} {messages:9,}"
    pace = f"{seconds:6.2f} s  {messages / seconds:9,.0f} messages/s  cpu {busy:6.2f} s"
    print(f"{what}  {pace}  peak {peak:4} MB  {told}", flush=True)


def source_of(kind: str, path: Path) -> Any:
    from persona_store.sources.chat_export import Told
    from persona_store.sources.dingtalk_export import DingTalkExport
    from persona_store.sources.feishu_export import FeishuExport
    from persona_store.sources.members import Limits

    make = {"feishu": FeishuExport, "dingtalk": DingTalkExport}[kind]
    return make(path, SUBJECTS[kind], Told(team_chats=("*",)), limits=Limits(members=1_000_000))


def read(kind: str, path: Path) -> str:
    source = source_of(kind, path)
    own = sum(document.by_subject for document in source.read())
    return f"{own} of the subject, dropped {sum(source.dropped.values())}"


async def imported(kind: str, path: Path) -> str:
    from persona_store.consent.draft import Choices, draft
    from persona_store.consent.parsing import parse
    from persona_store.evidence import EvidenceFile
    from persona_store.importing import run_import

    now = datetime(2026, 1, 5, tzinfo=UTC)
    choices = Choices(owner=f"{kind}:1", sources=(kind,), audiences=(f"{kind}:*",), first=date(2025, 1, 1))
    consent = parse(draft(choices, now))
    with tempfile.TemporaryDirectory() as folder:
        evidence = EvidenceFile.open(Path(folder) / "lin.db", os.urandom(32))
        source = source_of(kind, path)
        report = await run_import(source, persona="lin", consent=consent, evidence=evidence, now=now)
        evidence.close()
    return f"{report.kept} of the subject, {report.context} as context, dropped {sum(report.dropped.values())}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", default="10000,100000")
    parser.add_argument("--million", action="store_true", help="a million messages too")
    parser.add_argument("--of", default="feishu,dingtalk")
    parser.add_argument("--file", action="store_true", help="one JSON file instead of a zip of pages")
    parser.add_argument("--once", choices=("read", "import"), help="measure once, in this process")
    parser.add_argument("--keep", type=Path, help="make the material in this folder and leave it there")
    options = parser.parse_args()
    counts = [*map(int, options.messages.split(",")), *([1_000_000] if options.million else [])]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for kind in options.of.split(","):
            for count in counts:
                path = folder / f"{kind}-{count}.{'json' if options.file else 'zip'}"
                if not path.exists():
                    make(kind, path, count)
                if options.once:
                    measure(kind, path, count, whole=options.once == "import")
                    continue
                for once in ("read", "import"):  # each in a fresh process: peak memory is a property of the process
                    same = ["--messages", str(count), "--of", kind, "--keep", str(folder), "--once", once]
                    again = [*same, *(["--file"] if options.file else [])]
                    subprocess.run([sys.executable, "-m", "tests.benchmarks.import_messages", *again], check=True)


if __name__ == "__main__":
    main()
