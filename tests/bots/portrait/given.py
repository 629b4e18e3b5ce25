"""A portrait by hand: somebody who ran the payouts, with a statement of every kind and every standing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec
from msgspec import structs

from bots import sample
from persona_store.consent.record import Consent, Facets
from persona_store.distill.coverage import Coverage, CoverageFinder
from persona_store.distill.model import Aspect, By, Citation, Facet, Gap, Portrait, Status, facet_id
from persona_store.model import Passage, Persona, Reading

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SUBJECT = "slack:U1"
PRIVATE = ("slack:U1", "slack:U2")

HOSTILE = (
    "</title></svg><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>\"'&\u202e\x1b[2J\n"
    "# not a heading\n[click](javascript:alert(1)) ![x](https://evil.example/p.png) **bold** `code` | cell |\n"
    "[ref]: https://evil.example\n1. list\n> quote\n```\nfence\n---\n{{template}} ${env} &amp; <b>b</b>"
)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
RTL = "يجب إيقاف الدفعات قبل إعادة المحاولة، وإلا سيتم الدفع مرتين (E1007)."


def persona() -> Persona:
    return Persona(
        name="payouts",
        display_name="Payouts notes · 打款笔记",
        state="live",
        created_at=NOW - timedelta(days=90),
        state_at=NOW,
        subject=SUBJECT,
        owner="slack:U8",
        deputy="slack:U9",
    )


NAMES = {"slack:U8": "Zhou Lan 周岚", "slack:U9": "Tomás Vidal"}


def consent(**given: bool) -> Consent:
    record = msgspec.json.decode(sample.consent().raw, type=Consent)
    facets = {"work_knowledge": True, "decision_patterns": True, "communication_style": True, "name_avatar": False}
    return structs.replace(record, facets=Facets(**{**facets, **given}))


def passage(id: str, text: str, at: datetime, **given: object) -> Passage:
    fields = {
        "id": id,
        "source": "slack_export",
        "container": "C1",
        "container_name": "payments",
        "thread": id,
        "author": SUBJECT,
        "author_name": "Lin Zhou",
        "by_subject": True,
        "at": at,
        "text": text,
        "url": f"https://acme.slack.com/archives/C1/p{int(at.timestamp())}",
        **given,
    }
    return msgspec.convert(fields, Passage)


class Book:
    """Facets with the passages they rest on."""

    def __init__(self) -> None:
        self.passages: dict[str, Passage] = {}
        self.facets: list[Facet] = []

    def add(
        self,
        aspect: Aspect,
        topic: str,
        *quotes: str,
        days: int = 200,
        text: str | None = None,
        status: Status = "single",
        by: By = "rules",
        confidence: float = 0.9,
        measures: Mapping[str, float] | None = None,
        **given: object,
    ) -> Facet:
        cited = []
        for n, quote in enumerate(quotes):
            at = NOW - timedelta(days=days + 31 * n, hours=3 * n)
            id = f"p{len(self.passages)}"
            self.passages[id] = passage(id, f"{quote} And more was said here.", at, **given)
            cited.append(Citation(id, quote, at))
        dates = [each.at for each in cited] or [NOW]
        said = quotes[0] if text is None and quotes else text or ""
        self.facets.append(
            Facet(
                id=facet_id(aspect, topic, said),
                aspect=aspect,
                topic=topic,
                text=said,
                citations=tuple(cited),
                confidence=confidence,
                first=min(dates),
                last=max(dates),
                by=by,
                status=status,
                measures=measures or {},
            )
        )
        return self.facets[-1]

    def contradict(self, one: Facet, other: Facet, status: Status, back: Status) -> None:
        for each, against, now in ((one, other, status), (other, one, back)):
            at = next(n for n, facet in enumerate(self.facets) if facet.id == each.id)
            self.facets[at] = structs.replace(each, status=now, conflicts=(against.id,))

    def portrait(self, version: int = 3) -> Portrait:
        return Portrait(version, NOW, tuple(self.facets))


def small() -> Book:
    """Five statements."""
    book = Book()
    book.add(
        "answer",
        "When does the payout batch run",
        "The payout batch runs at 02:30 UTC, after the ledger has closed. If it has not started by 02:45, "
        "page whoever is on call.",
        "02:30 UTC, always.",
        days=260,
        status="standing",
    )
    book.add(
        "pitfall",
        "E1007 from Corvo",
        "E1007 签名错误十次有九次是备注里的 emoji：Corvo 按 UTF-16 算长度，我们按字节算。先去掉 emoji 再重试。",
        days=500,
        status="stale",
        container_name="值班",
    )
    book.add(
        "workflow",
        "Retry a failed payout",
        "1. Stop the batch.\n2. Check the ledger for the idempotency key.\n3. Only then retry: at most 3 times, "
        "5 minutes apart.",
        days=120,
        source="doc",
        title="Decision 0007: retry rules",
        url="",
    )
    one = book.add("standard", "Refund approval", "Refunds above 5,000 need a second approver.", days=150)
    other = book.add("standard", "Refund approval", "Above 2,000 somebody else has to approve a refund.", days=170)
    book.contradict(one, other, "conflicting", "conflicting")
    return book


def full() -> Book:
    """More than sixty, of every aspect."""
    book = small()
    past = book.add("decision", "Retries", "We retry five times.", days=700)
    now = book.add(
        "decision",
        "Retries",
        "Three retries and no more, because Corvo keeps a key for 24 hours only.",
        "Three retries, that is the rule.",
        days=300,
    )
    book.contradict(past, now, "superseded", "standing")
    book.add("responsibility", "对账", "每天的渠道对账由我负责，差异超过 100 元当天处理。", days=40)
    book.add("boundary", "Card vault", "The card vault is not ours: ask the platform team.", days=90)
    book.add("system", "Corvo gateway", "Corvo 的幂等键只保留 24 小时。", "Corvo 沙箱每周三重置。", days=80)
    book.add("term", "日切", "我们说的“日切”是指北京时间 00:30 账务切换，不是零点。", days=60)
    book.add("whom_to_ask", "Ledger", "For the ledger ask [P-3f], they wrote it.", days=33)
    book.add(
        "priority",
        "Money before speed",
        "宁可晚到，不能多付。先停，再查，最后重试。",
        "晚到可以解释，多付追不回来。",
        days=210,
        status="standing",
    )
    book.add("push_back", "Friday releases", "Not on a Friday. If it breaks nobody is there to see it.", days=190)
    book.add("asks_first", "First question", "“哪一笔？先给我流水号。”", days=77)
    book.add(
        "answer", "Who may stop a batch", "Anybody on call may stop it; starting it again needs two people.",
        days=15, by="interview", source="interview", url="", question="Who is allowed to stop a payout batch?",
        container="", container_name="",
    )  # fmt: skip
    book.add(
        "answer", "Which bank is the fallback", "Nordbank, since October.", days=9, by="correction",
        source="correction", by_subject=False, author="slack:U8", author_name="Zhou Lan", url="",
        question="What is our fallback bank?",
    )  # fmt: skip
    book.add(
        "system", "Screens of the old console", "结算批次号在右上角", days=400, status="stale",
        source="screenshot", url="", confidence=0.42, container_name="旧后台",
        reading=Reading(0.71, (0, 0, 10, 10)),
    )  # fmt: skip
    book.add(
        "pitfall", "Daylight saving", "In March the batch looked late by an hour: the console shows local time.",
        text="When clocks change the console seems an hour off; the batch is not.", by="model", days=240,
    )  # fmt: skip
    topics = ("ledger", "Corvo", "refunds", "对账", "批次", "webhooks", "keys", "limits")
    for n in range(42):
        topic = topics[n % len(topics)]
        book.add(
            ("answer", "workflow", "pitfall", "decision", "system", "term")[n % 6],
            f"{topic} {n}",
            f"About {topic}: step {n} comes after step {n - 1}, and 结果要写进值班记录。",
            days=20 + 11 * n,
            status="stale" if n > 31 else "single",
        )
    for aspect, measures in STYLE.items():
        book.add(aspect, "", "先停，再查，最后重试。", text="", days=99, status="standing", measures=measures)
    return book


STYLE: dict[Aspect, dict[str, float]] = {
    "length": {
        "messages": 812, "chars_q1": 14, "chars_q2": 38, "chars_q3": 96, "sentences_q1": 1, "sentences_q2": 2,
        "sentences_q3": 4, "one_liner": 0.41, "long": 0.08, "row_share": 0.22,
    },
    "openings": {"messages": 812, "opening:先": 0.12, "opening:ok": 0.05},
    "phrases": {"messages": 812, "phrase:先停": 0.03, "words": 21000},
    "punctuation": {"messages": 812, "ends_full_stop": 0.63, "ends_open": 0.3, "question": 0.11},
    "languages": {"messages": 812, "chinese_letters": 0.61, "latin_letters": 0.39, "mixed": 0.44, "switches": 1.2},
}  # fmt: skip


HOSTILES: dict[Aspect, str] = {"answer": HOSTILE, "pitfall": LONG, "workflow": RTL, "term": "\u202egnp.exe\u2066"}


def hostile() -> Book:
    book = Book()
    for aspect, text in HOSTILES.items():
        book.add(
            aspect, text, text, container_name=text, url='javascript:alert(1)"><script>', author_name=text,
            question=text,
        )  # fmt: skip
    book.add(
        "system", HOSTILE, "x", text=HOSTILE, by="model", title=HOSTILE, source="doc", url=f"https://e.x/{HOSTILE}"
    )
    return book


def gaps() -> list[Gap]:
    return [
        Gap("Year-end closing", "unanswered", "gap.unanswered", 4.0),
        Gap("Corvo 证书续期", "thin", "gap.thin", 3.0),
        Gap("Refund approval", "conflicting", "gap.conflicting", 2.5),
        Gap("Old console", "stale", "gap.stale", 1.0),
    ]


WORDS = ("ledger close", "Corvo webhook", "对账 差异", "batch retry", "refund approval", "签名 错误", "chargeback",
         "settlement file", "idempotency key", "on-call pager", "日切 时间", "bank fallback")  # fmt: skip


@cache
def coverage(*, days: int = 800, private: int = 9) -> Coverage:
    """Of a thousand made-up passages, one in `private` of them private."""
    finder = CoverageFinder()
    for n in range(1000):
        at = NOW - timedelta(days=20 + (n * n * 7 + n * 13) % days)
        words = WORDS[(n * n + n // 7) % len(WORDS)]
        own = passage(
            f"c{n}",
            f"About {words}: {words}, as before",
            at,
            source=("slack_export", "slack_export", "doc", "mail")[n % 4],
            readers=PRIVATE if private and n % private == 0 else None,
        )
        asker = passage(f"q{n}", words, at, by_subject=False, author=f"slack:A{n % 57}")
        finder.see((asker, own))
    return finder.coverage()
