"""How fast search is beside SQLite's FTS5, on the same passages and questions in one run.

    python -m tests.benchmarks.search [--passages 100000] [--questions 300]

Synthetic Chinese and English work chat in threads of five, all by the persona. "Ours" is everything up to a
draft: query, ranking, signals, quotes and confidence. FTS5 gets the same terms, ORed, rare ones only, ORDER BY
bm25, and nothing else.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import apsw

from bots.agent.confidence import calibration
from bots.agent.extractive import draft
from bots.agent.language import language_of
from bots.model import Question
from persona_store.index import Index
from persona_store.model import Passage
from persona_store.search import find
from persona_store.tokens import terms

ZH_WORDS = (
    "支付网关回调签名退款订单对账发布回滚灰度报警阈值超时重试幂等密钥证书"
    "迁移缓存队列积压接口限流日志监控客服审批合同"
)
EN_WORDS = """
charge refund gateway retry timeout webhook consumer queue deploy rollback flag alert threshold token cache
schema migration index latency invoice ledger payout settlement report
"""
ZH = [ZH_WORDS[n : n + 2] for n in range(0, len(ZH_WORDS), 2)]
EN = EN_WORDS.split()


def corpus(size: int, dice: random.Random) -> list[Passage]:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    rare = [f"svc-{n:04d}.{dice.choice(EN)}_{dice.choice(EN)}" for n in range(size // 20)]
    made = []
    for n in range(size):
        words = ZH if n % 2 else EN
        text = [dice.choice(words) for _ in range(dice.randint(6, 30))]
        text.insert(dice.randrange(len(text)), dice.choice(rare))
        made.append(
            Passage(
                id=f"m{n}",
                source="slack_export",
                container=f"C{n % 20}",
                container_name="c",
                thread=f"t{n // 100}-{n % 20}",
                author="slack:U1",
                author_name="Lin",
                by_subject=True,
                at=start + timedelta(minutes=n),
                text=("，" if n % 2 else " ").join(text) + "。",
            )
        )
    return made


def questions(passages: list[Passage], count: int, dice: random.Random) -> list[str]:
    """Words of one passage among words of none in particular, 4 to 14 of them."""
    asked = []
    for each in dice.sample(passages, count):
        words = each.text.rstrip("。").replace("，", " ").split()
        asked.append(
            " ".join(dice.sample(words, min(len(words), dice.randint(3, 10))) + [dice.choice(EN), dice.choice(ZH)])
        )
    return asked


def timed(name: str, ask: Callable[[str], object], asked: list[str]) -> None:
    for text in asked[:10]:
        ask(text)
    took = []
    for text in asked:
        begun = time.perf_counter()
        ask(text)
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    print(
        f"{name:32} p50 {took[len(took) // 2]:6.1f} ms   p95 {took[int(len(took) * 0.95)]:6.1f} ms   "
        f"max {took[-1]:6.1f} ms"
    )


def full_text(passages: list[Passage]) -> Callable[[str], object]:
    """SQLite's own index over the same terms; the 8 rarest of a question, as dropping the common ones is what makes
    it quick."""
    db = apsw.Connection(":memory:")
    db.execute("CREATE VIRTUAL TABLE p USING fts5(text, content='', tokenize='unicode61')")
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(p, row)")

    def words(text: str) -> list[str]:
        return [term.encode().hex() for term in terms(text)]  # one token each, whatever is in it

    with db:
        db.executemany(
            "INSERT INTO p(rowid, text) VALUES (?, ?)",
            ((n, " ".join(words(each.text))) for n, each in enumerate(passages)),
        )

    def ask(text: str) -> object:
        given = sorted(set(words(text)))
        known = dict(db.execute(f"SELECT term, doc FROM v WHERE term IN ({','.join('?' * len(given))})", given))
        rare = sorted(known, key=known.__getitem__)[:8]
        return db.execute(
            "SELECT rowid, rank FROM p WHERE p MATCH ? ORDER BY rank LIMIT 20", (" OR ".join(rare),)
        ).fetchall()

    return ask


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=300)
    given = parser.parse_args()
    dice = random.Random(1)
    passages = corpus(given.passages, dice)
    asked = questions(passages, given.questions, dice)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    index = Index()
    index.add(passages)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{given.passages} passages: index built in {time.perf_counter() - begun:.1f} s, {memory:.0f} MB more")
    extra = passages[0]
    begun = time.perf_counter()
    for _ in range(100):
        index.remove([extra.id])
        index.add([extra])
    print(f"one removed and added again: {(time.perf_counter() - begun) * 10:.2f} ms")
    begun = time.perf_counter()
    fts = full_text(passages)
    print(f"FTS5 built in {time.perf_counter() - begun:.1f} s (terms cut included)")
    timed("ours, search only", lambda text: find(index, text, readers=None), asked)
    timed(
        "ours, up to a draft",
        lambda text: draft(
            Question("lin", text, language_of(text)), find(index, text, readers=None), calibration()
        ),
        asked,
    )
    timed("FTS5, ranked ids only", fts, asked)


if __name__ == "__main__":
    main()
