"""A synthetic mbox, for the benchmarks: a year of a team of 40, written mail by mail.

Threads, quotes, signatures, German, Chinese in GB 18030 and base64, HTML beside text.
"""

from __future__ import annotations

import random
from base64 import b64encode
from datetime import UTC, datetime, timedelta
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
