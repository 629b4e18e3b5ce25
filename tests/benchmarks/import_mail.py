"""How long an import of an mbox takes, and how much memory, beside a reader that uses Python's mailbox.

    python -m tests.benchmarks.import_mail [--mails 10000,100000] [--once ours|naive] [--keep FOLDER]

Makes a synthetic mbox (a year of a team of 40: threads, quotes, signatures, German, Chinese in GB 18030 and base64,
HTML beside text, an attachment now and then), then runs each reader in a process of its own.

"Naive" is `mailbox.mbox` and the text of the subject's mails: no threads, no quotes taken out, no redaction, no
encryption. Ours writes the encrypted evidence file of the persona.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

PEOPLE = 40
SUBJECT = "person0@corp.example"
SPOKEN = """
deploy the gateway config retry timeout queue payment refund settlement channel alert dashboard latency rollback
支付 网关 对账 回滚 告警 排查 日志 配置 上线 灰度 值班 超时 重试 队列 通道 退款 结算 监控 延迟 脚本
"""
WORDS = SPOKEN.split()
HEAD = (
    "From {sender} {line:%a %b %d %H:%M:%S %Y}\nReceived: from a by b; {date}\nFrom: Person <{sender}>\n"
    "To: {to}\nDate: {date}\nSubject: Re: question {thread}\nMessage-ID: <{number}@corp.example>\n{answers}{kind}\n"
)


def make_mbox(path: Path, mails: int) -> None:
    """The same bytes for the same number: nothing depends on the clock or the machine."""
    dice = random.Random(7)
    at = datetime(2025, 1, 6, 9, tzinfo=UTC)
    last: dict[int, int] = {}
    with path.open("wb") as file:
        for number in range(mails):
            at += timedelta(seconds=dice.expovariate(mails / (250 * 86400)))
            sender, to = (f"person{dice.randrange(PEOPLE)}@corp.example" for _ in range(2))
            thread = dice.randrange(max(1, number // 5) + 1)
            answers = f"In-Reply-To: <{last[thread]}@corp.example>\n" if thread in last else ""
            last[thread] = number
            kind, body = _body(dice)
            head = HEAD.format(
                sender=sender, to=to, line=at, date=format_datetime(at), thread=thread, number=number,
                answers=answers, kind=kind,
            )  # fmt: skip
            file.write(head.encode() + b"\n" + body + b"\n\n")


def _body(dice: random.Random) -> tuple[str, bytes]:
    own = "\n".join(" ".join(dice.choices(WORDS, k=12)) for _ in range(dice.randint(2, 12)))
    quoted = "\n".join("> " + " ".join(dice.choices(WORDS, k=12)) for _ in range(dice.randint(0, 12)))
    text = f"{own}\n\nOn Mon, 6 Jan 2025 at 09:00, Person <x@corp.example> wrote:\n{quoted}\n-- \nPerson\n"
    what = dice.random()
    if what < 0.5:
        return "Content-Type: text/plain; charset=utf-8\n", text.encode()
    if what < 0.7:
        head = "Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: base64\n"
        encoded = b64encode(text.encode("gb18030"))
        return head, b"\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76))
    html = "".join(f"<div>{line}</div>" for line in own.split("\n")) + f"<blockquote>{quoted}</blockquote>"
    if what < 0.8:
        return "Content-Type: text/html; charset=utf-8\n", html.encode()
    parts = (
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\nContent-Type: text/html\n\n{html}\n--b--\n"
    )
    return 'Content-Type: multipart/alternative; boundary="b"\n', parts.encode()


async def ours(path: Path) -> str:
    from persona_store.consent.draft import Choices, draft
    from persona_store.consent.parsing import parse
    from persona_store.evidence import EvidenceFile
    from persona_store.importing import run_import
    from persona_store.sources.mail import Mail

    now = datetime(2026, 1, 5, tzinfo=UTC)
    choices = Choices(
        owner="slack:U1", sources=("mail",), containers=(SUBJECT,), audiences=("slack:*",), first=date(2025, 1, 1)
    )
    consent = parse(draft(choices, now))
    with tempfile.TemporaryDirectory() as folder:
        evidence = EvidenceFile.open(Path(folder) / "lin.db", os.urandom(32))
        report = await run_import(Mail(path, [SUBJECT]), persona="lin", consent=consent, evidence=evidence, now=now)
        evidence.close()
    return f"{report.kept} of the subject, {report.context} as context, dropped {sum(report.dropped.values())}"


async def naive(path: Path) -> str:
    """What a short script does."""
    import mailbox
    from email import message_from_binary_file, policy

    found = 0
    for each in mailbox.mbox(str(path), factory=lambda file: message_from_binary_file(file, policy=policy.default)):
        if SUBJECT in str(each["From"]):
            body = each.get_body(("plain", "html"))  # type: ignore[attr-defined] # the factory's class
            found += bool(body and body.get_content())
    return f"{found} of the subject"


def measure(reader: str, path: Path, mails: int) -> None:
    begin, work = time.perf_counter(), {"ours": ours, "naive": naive}[reader]
    told = asyncio.run(work(path))
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024)
    size = path.stat().st_size >> 20
    speed = f"{seconds:6.2f} s  {mails / seconds:8,.0f} mails/s  peak {peak:4} MB"
    print(f"{reader:6} {mails:9,} mails ({size:4} MB)  {speed}  {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", default="10000,100000", help="one number or several")
    parser.add_argument("--once", choices=("ours", "naive"), help="measure one reader in this process")
    parser.add_argument("--keep", type=Path, help="make the mbox in this folder and leave it there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for mails in map(int, options.mails.split(",")):
            path = folder / f"mails-{mails}.mbox"
            if not path.exists():
                make_mbox(path, mails)
            if options.once:
                measure(options.once, path, mails)
                continue
            for reader in ("naive", "ours"):  # each in a fresh process: peak memory is a property of the process
                again = ["--mails", str(mails), "--keep", str(folder), "--once", reader]
                subprocess.run([sys.executable, "-m", "tests.benchmarks.import_mail", *again], check=True)


if __name__ == "__main__":
    main()
