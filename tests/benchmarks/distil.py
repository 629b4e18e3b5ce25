"""How many passages a second the rules look at, and how much memory they need for it.

    python -m tests.benchmarks.distil [--passages 10000,100000] [--million] [--share 0.2]

Synthetic talk of a team in English and Chinese: threads of six, of which the Subject says `share`; every third of
their sentences has a cue in it, far more than in any real chat. Episodes are made one by one and thrown away, as
they are when read from the evidence, so what grows is the finder's own. Each size runs in a process of its own, and
is told in seconds of the processor, which a busy machine does not change much.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from persona_store.distill.rules import ByRules
from persona_store.model import Passage

START = datetime(2025, 1, 6, 9, tzinfo=UTC)
THREAD, PEOPLE = 6, 40
WORDS = [
    *("gateway", "retry", "timeout", "queue", "payment", "refund", "settlement", "channel", "alert", "dashboard"),
    *("latency", "rollback", "host", "lock"),
]
WORDS_ZH = [
    *("支付", "网关", "对账", "回滚", "告警", "日志", "配置", "上线", "灰度", "值班"),
    *("超时", "重试", "队列", "退款"),
]
CUES = (
    "I maintain the {0} and the {1}",
    "never restart the {0} while {1} runs, because it loses {2}",
    "we decided to keep the {0} because the {1} is slow",
    "first stop the {0}, then check the {1} and restart the {2}",
    "I'd rather have a slow {0} than a wrong {1}",
    "我负责{0}和{1}",
    "千万不要直接改{0}的{1}，否则{2}会丢",
    "先看{0}再重启{1}",
)
PLAIN = (
    "the {0} of the {1} looks fine to me today",
    "{0}_{3} is at {3} again",
    "今天{0}的{1}看起来没问题",
    "ok, see {1}",
)
ASKED = ("does the {0} of the {1} always do that?", "{0}的{1}怎么查？", "why is {0}_{3} late?")


def episodes(passages: int, share: float) -> Iterator[list[Passage]]:
    """The same for the same numbers: nothing depends on the clock or the machine."""
    dice = random.Random(passages)
    for thread in range(passages // THREAD):
        begun = START + timedelta(minutes=thread)
        yield [message(dice, thread, place, begun, share) for place in range(THREAD)]


def message(dice: random.Random, thread: int, place: int, begun: datetime, share: float) -> Passage:
    own = dice.random() < share
    shape = dice.choice(ASKED if not own and place < 2 else CUES if dice.random() < 1 / 3 else PLAIN)
    words = dice.sample(WORDS_ZH if any(each > "\u3400" for each in shape) else WORDS, 3)
    who = "0" if own else str(dice.randrange(1, PEOPLE))
    return Passage(
        id=f"{thread}/{place}",
        source="slack_export",
        container="C1",
        container_name="pay",
        thread=str(thread),
        author=f"slack:{who}",
        author_name=f"Person {who}",
        by_subject=own,
        at=begun + timedelta(seconds=20 * place),
        text=shape.format(*words, dice.randrange(100_000)),
    )


def measure(passages: int, share: float) -> None:
    finder, seconds = ByRules(), 0.0
    for episode in episodes(passages, share):
        begun = time.process_time()
        finder.see(episode)
        seconds += time.process_time() - begun
    begun = time.process_time()
    facets = finder.facets(START + timedelta(days=30))
    ending = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024)
    pace = f"cpu {seconds:7.2f} s  {passages / seconds:9,.0f} passages/s  facets in {ending:5.2f} s"
    print(f"{passages:9,} passages  {pace}  {len(facets):3} facets  peak {peak:4} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", default="10000,100000")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--share", type=float, default=0.2, help="of the passages that are the Subject's")
    parser.add_argument("--once", action="store_true", help="measure in this process")
    options = parser.parse_args()
    for count in [*map(int, options.passages.split(",")), *([1_000_000] if options.million else [])]:
        if options.once:
            measure(count, options.share)
            continue
        same = ["--passages", str(count), "--share", str(options.share), "--once"]
        subprocess.run([sys.executable, "-m", "tests.benchmarks.distil", *same], check=True)


if __name__ == "__main__":
    main()
