"""How often the one who is named for a question did answer it, and what naming somebody costs.

    python -m tests.benchmarks.whom DATA [--sets rmail,egret-zh]
    python -m tests.benchmarks.whom --speed 100000

DATA holds one folder a set (docs.jsonl.gz, questions.jsonl.gz). Asked are the questions that the persona cannot
answer and a colleague did: owner@1, owner@3 is whether one of those who did is the first named, or among the first
three. The numbers in `persona_store/whom.py` and `helping.py` were chosen on CHOSEN_ON, but for what a name in the
question is worth, which no question there has and nobody tuned. Ways to ask:

    busiest nobody looks at the question: who helped most, in everything
    batch   as `understudy ask --batch` does: nothing is known but the question's words
    dated   as of the question's own time, with what had been written until then
    card    … and as the owner is told: by the threads the subject took part in, which is what an import keeps, and
            neither who asks nor the subject is named; of questions that somebody else answered, too

But for `card`, everything is there, and the subject counts like anybody. They are among those who answered by how
the sets were made, and in all threads that an import keeps: `understudy ask --batch` on an import names them nearly
always, which the scorer takes for right and which helps nobody.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import isnan, nan
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from msgspec import structs

from persona_store.helping import habits, helpers, month, spoken
from persona_store.index import Index
from persona_store.whom import whom
from tests.benchmarks.confidence_sets import passages, read
from tests.benchmarks.search import corpus, questions

CHOSEN_ON = ("rmail", "egret-zh")
SETS = (*CHOSEN_ON, "slack-racket", "slack-elm", "slack-clojure", "lean")
WAYS = ("busiest", "batch", "dated", "card")

Named = tuple[str, list[str], set[str]]
"""(way, who is named, who would be right)"""
Hits = dict[str, list[tuple[bool, bool]]]
"""By way, for each question: whether the first was right, and one of the first three."""


def measured(folder: Path) -> Hits:
    """Of one set. Each persona has an index of its own, as in the product."""
    documents = read(folder / "docs.jsonl.gz")
    hits: Hits = {way: [] for way in WAYS}
    asked = [each for each in read(folder / "questions.jsonl.gz") if handed_over(each)]
    for persona in sorted({each["persona"] for each in asked}):
        everything, kept = everybody(documents, persona), everybody(took_part(documents, persona), persona)
        most = busiest(everything)
        for each in asked:
            if each["persona"] == persona:
                for way, named, right in ways(everything, kept, each, most):
                    hits[way].append((bool({*named[:1]} & right), bool({*named} & right)))
    return hits


def everybody(documents: Iterable[dict[str, Any]], persona: str) -> Index:
    index = Index(everybody=True)
    index.add(passages(documents, persona))
    return index


def took_part(documents: list[dict[str, Any]], persona: str) -> list[dict[str, Any]]:
    """What an import keeps of them."""
    theirs = {each["thread"] for each in documents if each["author"] == persona}
    return [each for each in documents if each["thread"] in theirs]


def handed_over(each: dict[str, Any]) -> bool:
    """As the scorer has it."""
    return bool(each["answered_by"]) and not each["answerable"] and each["kind"] != "other"


def ways(everything: Index, kept: Index, each: dict[str, Any], most: list[str]) -> Iterator[Named]:
    text, right, persona = each["text"], set(each["answered_by"]), each["persona"]
    at = datetime.fromtimestamp(each["ts"], UTC)
    yield "busiest", most, right
    yield "batch", named(everything, text), right
    yield "dated", named(everything, text, as_of=at, asked_at=at), right
    if right != {persona}:
        others = named(kept, text, as_of=at, asked_at=at, without=(persona, each["asker"]))
        yield "card", others, right - {persona}


def named(index: Index, text: str, **how: Any) -> list[str]:
    return [each.person for each in whom(index, text, readers=None, **how)]


def busiest(index: Index) -> list[str]:
    view = index.view(None, None)
    helped = Counter(person for each in index.episodes() for person in helpers(spoken(index, view, each)))
    return [person for person, _ in helped.most_common(3)]


def table(by_set: dict[str, Hits]) -> Iterator[str]:
    """Markdown: owner@1 / owner@3 of each set, their mean, and all questions together."""
    yield f"| set | {' | '.join(WAYS)} | questions (card) |"
    yield "|---" * (len(WAYS) + 2) + "|"
    for name, hits in by_set.items():
        yield row(name, {way: rates(hits[way]) for way in WAYS}, hits)
    groups = {"mean": list(by_set), "… of those not chosen on": [n for n in by_set if n not in CHOSEN_ON]}
    for called, names in groups.items():
        if len(names) > 1:
            yield row(called, {way: averaged([by_set[name][way] for name in names]) for way in WAYS})
    pooled: Hits = {way: [hit for hits in by_set.values() for hit in hits[way]] for way in WAYS}
    yield row("all questions", {way: rates(pooled[way]) for way in WAYS}, pooled)


def rates(hits: list[tuple[bool, bool]]) -> tuple[float, float]:
    """Not a number where nobody asked."""
    if not hits:
        return nan, nan
    return mean(one for one, _ in hits), mean(three for _, three in hits)


def averaged(sets: list[list[tuple[bool, bool]]]) -> tuple[float, float]:
    """Each set weighs the same, of those in which somebody asked."""
    each = [rates(hits) for hits in sets if hits]
    return mean(one for one, _ in each), mean(three for _, three in each)


def row(name: str, figures: dict[str, tuple[float, float]], hits: Hits | None = None) -> str:
    shown = ("–" if isnan(one) else f"{one:.3f} / {three:.3f}" for one, three in figures.values())
    counted = f"{len(hits['batch'])} ({len(hits['card'])})" if hits else ""
    return f"| {name} | {' | '.join(shown)} | {counted} |"


def speed(size: int) -> None:
    """Milliseconds of processor time a question, once the habits are counted; and what counting them took."""
    dice = random.Random(1)
    people = [f"slack:U{n}" for n in range(200)]
    made = [
        structs.replace(each, author=(who := dice.choice(people)), author_name=who, by_subject=False)
        for each in corpus(size, dice)
    ]
    index = Index(everybody=True)
    index.add(made)
    now = made[-1].at
    asked = questions(made, 300, dice)
    began = time.process_time()
    habits(index, index.view(None, None), {month(now): 1.0})
    first = time.process_time() - began
    took = []
    for text in asked:
        began = time.process_time()
        whom(index, text, readers=None, asked_at=now)
        took.append((time.process_time() - began) * 1000)
    shown = quantiles(took, n=20)
    print(f"{size} passages: p50 {shown[9]:.1f} ms, p95 {shown[18]:.1f} ms; the first time {first:.2f} s more")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--sets", default=",".join(SETS), help="comma-separated (default: all that have owners)")
    parser.add_argument("--speed", type=int, default=0, metavar="PASSAGES", help="what it costs, on made-up chat")
    given = parser.parse_args()
    if given.speed:
        speed(given.speed)
    if given.data:
        print("\n".join(table({name: measured(given.data / name) for name in given.sets.split(",")})))


if __name__ == "__main__":
    main()
