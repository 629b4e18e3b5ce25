"""What finding by meaning brings beside words, and what it costs: with and without, in one run.

    python -m tests.benchmarks.meaning DATA [--sets slack-elm,egret-zh] [--personas N] [--vectors DIR]
    python -m tests.benchmarks.meaning --speed 100000

DATA holds one folder a set (docs.jsonl.gz, questions.jsonl.gz). `--vectors` keeps the vectors for the next time.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

from bots.agent.confidence import calibration
from bots.agent.extractive import draft
from bots.agent.language import language_of
from bots.embedding.local import LENGTH, LocalEmbedder
from bots.model import Question
from persona_store.clock import SystemClock
from persona_store.index import Index, View
from persona_store.meant import Near
from persona_store.nearness import Ground, background
from persona_store.search import find
from persona_store.vectors import pack
from tests.benchmarks.meaning_sets import meant
from tests.benchmarks.search import corpus, questions

FIRST = ("slack-clojure", "slack-elm", "egret-zh", "xling")
BUDGET = 0.10
Row = dict[str, Any]


def row(index: Index, asked: dict[str, Any], nearness: Callable[[View], Near] | None) -> Row:
    """What the product makes of a question: where a right thread is, how sure it is, and whether it is right as the
    calibrator means it (a right thread among the first three)."""
    found = find(index, asked["text"], readers=None, nearness=nearness)
    made = draft(Question("", asked["text"], language_of(asked["text"])), found, calibration())
    threads = list(dict.fromkeys(index.passages[id].thread for id in found.ranked_ids))
    place = next((n for n, thread in enumerate(threads) if thread in asked["gold_threads"]), 99)
    return {
        "kind": asked["kind"],
        "answerable": asked["answerable"],
        "place": place if asked["answerable"] else 99,
        "right": int(asked["answerable"] and place < 3),
        "chance": made.confidence,
        "features": made.features,
    }


def told(rows: list[Row]) -> list[float]:
    """hit@1, hit@3, hit@5, MRR; AURC; useful@5, @10, @20; of the answers at the shipped threshold the share that is
    given, and the share of those that is wrong."""
    places = numpy.array([each["place"] for each in rows if each["answerable"]])
    ranked = sorted((each for each in rows if each["kind"] != "adversarial"), key=lambda each: -each["chance"])
    right = numpy.array([each["right"] for each in ranked])
    risk = numpy.cumsum(1 - right) / numpy.arange(1, len(right) + 1)
    useful = []
    for budget in (0.05, 0.10, 0.20):
        kept = numpy.flatnonzero(risk <= budget)
        useful.append(float(right[: kept[-1] + 1].sum()) / max(1, len(places)) if len(kept) else 0.0)
    given = sum(each["chance"] >= calibration().threshold(BUDGET) for each in ranked)
    wrong = float(1 - right[:given].mean()) if given else 0.0
    hits = [float((places < n).mean()) for n in (1, 3, 5)]
    mrr = float(numpy.where(places < 10, 1 / (1 + places), 0).mean())
    return [*hits, mrr, float(risk.mean()), *useful, given / len(right), wrong]


def compare(data: Path, names: list[str], folder: Path, personas: int) -> None:
    print("| set | | hit@1 | hit@3 | hit@5 | MRR | AURC | useful@5 | useful@10 | useful@20 | given | wrong |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name in names:
        words, both = [], []
        for index, asked, nearness in meant(data, name, folder, personas=personas):
            words += [row(index, each, None) for each in asked]
            both += [row(index, each, nearness(each)) for each in asked]
        for how, rows in (("words", words), ("and meaning", both)):
            print(f"| {name} | {how} | " + " | ".join(f"{figure:.3f}" for figure in told(rows)) + " |", flush=True)


# ------------------------------------------------------------------ what it costs


def speed(size: int) -> None:
    dice = random.Random(1)
    asyncio.run(_making(dice))
    passages = corpus(size, dice)
    asked = questions(passages, 100, dice)
    index = Index()
    index.add(passages)
    numbers = numpy.random.default_rng(1)
    around = numbers.normal(size=(len(background()), LENGTH)).astype(numpy.float32)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    ground = Ground(list(around))
    for each in passages:
        ground.put(each, pack(numbers.normal(size=LENGTH)))
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{size} vectors put in memory in {time.perf_counter() - begun:.1f} s, {memory:.0f} MB more")
    vector = numbers.normal(size=LENGTH).astype(numpy.float32)
    for name, nearness in (("words", None), ("and meaning", lambda view: ground.nearness(index, view, vector))):
        took = []
        for text in asked:
            begun = time.process_time()
            draft(
                Question("lin", text, language_of(text)),
                find(index, text, readers=None, nearness=nearness),
                calibration(),
            )
            took.append((time.process_time() - begun) * 1000)
        took.sort()
        print(f"{name:12} p50 {took[len(took) // 2]:6.1f} ms   p95 {took[int(len(took) * 0.95)]:6.1f} ms of CPU")


async def _making(dice: random.Random) -> None:
    """By the clock, on this machine as it is."""
    texts = [each.text for each in corpus(64, dice)]
    embedder = LocalEmbedder(SystemClock())
    try:
        begun = time.perf_counter()
        await embedder.embed(("ready",), question=True)
        print(f"the first vector after {time.perf_counter() - begun:.1f} s")
        begun = time.perf_counter()
        await embedder.embed(texts, question=False)
        print(f"{len(texts) / (time.perf_counter() - begun):.0f} passages a second ({_length(texts)} characters)")
        took = []
        for text in texts:
            begun = time.perf_counter()
            await embedder.embed((text[:60],), question=True)
            took.append((time.perf_counter() - begun) * 1000)
        took.sort()
        print(f"a question p50 {took[len(took) // 2]:.0f} ms, p95 {took[int(len(took) * 0.95)]:.0f} ms")
    finally:
        await embedder.close()


def _length(texts: list[str]) -> int:
    return sum(map(len, texts)) // len(texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--sets", default=",".join(FIRST), help="names, separated by commas")
    parser.add_argument("--personas", type=int, default=0, help="only so many of each set")
    parser.add_argument("--vectors", type=Path, help="a folder that keeps the vectors")
    parser.add_argument("--speed", type=int, default=0, metavar="PASSAGES")
    given = parser.parse_args()
    if given.speed:
        speed(given.speed)
    if given.data:
        with tempfile.TemporaryDirectory() as gone:
            compare(given.data, given.sets.split(","), given.vectors or Path(gone), given.personas)


if __name__ == "__main__":
    main()
