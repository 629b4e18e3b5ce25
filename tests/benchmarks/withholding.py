"""What keeping back costs, and how well categories are told: `python -m tests.benchmarks.withholding [passages]`.

Passages are drawn from the hand-labelled sentences of tests/persona_store/withheld/examples.py, each with a number
of its own, a third of them by others. Everything runs on a real sealed file. Seconds are those of the processor.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from persona_store.distill.scene import Scene
from persona_store.evidence import EvidenceFile
from persona_store.model import Passage
from persona_store.tokens import terms
from persona_store.withheld.book import WithheldBook
from persona_store.withheld.categories import PLAIN, signs
from persona_store.withheld.cutting import Knife
from persona_store.withheld.levels import CATEGORIES, LEVELS, Rule, at
from persona_store.withheld.sweep import sweep
from tests.persona_store.passages import passage
from tests.persona_store.withheld.examples import EXAMPLES

QUESTIONS = 200


def told() -> None:
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for category, text in EXAMPLES:
        shown = {
            s.category for line in Scene([passage("p", text)]).lines for s in signs(line) if s.strength >= PLAIN
        }
        wanted[category] += 1
        found.update(shown or {"generic"})
        right[category] += category in (shown or {"generic"})
    for category in (*CATEGORIES, "generic"):
        precision, recall = right[category] / (found[category] or 1), right[category] / wanted[category]
        print(f"{category:10} {wanted[category]:3} sentences  precision {precision:.2f}  recall {recall:.2f}")


def made(count: int) -> list[Passage]:
    return [
        passage(
            f"p{n}",
            f"{EXAMPLES[n % len(EXAMPLES)][1]} {EXAMPLES[(7 * n + 3) % len(EXAMPLES)][1]} (T{n})",
            own=n % 3 > 0,
            minutes=n,
            thread=f"t{n // 6}",
        )
        for n in range(count)
    ]


async def timed(count: int) -> None:
    there = made(count)
    for level in LEVELS:
        knife = Knife(Rule().with_(at(level), level), {}, lambda value: value)
        begun = process_time()
        cuts = [knife.cut(each) for each in there[:5000]]
        took = (process_time() - begun) / 5000
        kept = sum(len(cut.passage.text) if cut.passage else 0 for cut in cuts)
        share = kept / sum(len(each.text) for each in there[:5000])
        print(f"cutting, {level:6} {took * 1e6:6.0f} µs a passage, {share:.0%} of the characters stay")
    with TemporaryDirectory() as folder:
        file = EvidenceFile.open(Path(folder) / "lin.db", bytes(32))
        await file.add(there)
        book = WithheldBook(file.sealed)
        begun = process_time()
        plan = await sweep(file, Rule().with_(at("medium"), "medium"))
        print(f"looking through {count:,} passages twice: {process_time() - begun:.1f} s")
        begun = process_time()
        await book.choose(plan.rule)
        await book.note(plan.notes)
        await file.add(each.cut.passage for each in plan.changes if each.cut.passage is not None)
        await file.remove(each.passage.id for each in plan.changes if each.cut.passage is None)
        took = process_time() - begun
        print(f"keeping back {len(plan.changes):,} passages ({len(plan.notes):,} notes): {took:.1f} s")
        begun = process_time()
        hints = await book.hints()
        print(f"reading {len(hints):,} hints: {process_time() - begun:.2f} s")
        begun = process_time()
        for n in range(QUESTIONS):
            hints.best(dict.fromkeys(terms(EXAMPLES[n % len(EXAMPLES)][1]), 1.0), None)
        print(f"asking the hints: {(process_time() - begun) / QUESTIONS * 1e3:.2f} ms a question")
        file.close()


if __name__ == "__main__":
    told()
    asyncio.run(timed(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
