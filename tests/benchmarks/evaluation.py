"""Every table and picture of docs/measured.md in one run: how the product does on the development sets.

    python -m tests.benchmarks.evaluation DATA [--out docs] [--sets rgb-zh,lean] [--sample 60] [--plain]

DATA holds one folder a set (docs.jsonl.gz, questions.jsonl.gz). Each persona's messages are kept in a sealed file
as an import keeps them, and its questions are asked on the path of `understudy ask --batch`, with what ships:
search, answerer, calibrator, decision. Nothing is fitted, no model is asked. Then parts are switched off one by one
(`--plain`: not), each with everything else as it ships. `--sample` takes so many questions of each persona, by lot.
Without `--out` the tables are printed and nothing is drawn.

SQuAD's adversarial near misses are left out, as in the figures the goals are stated in.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec import structs

from bots.agent.batch import ask_batch
from bots.agent.extractive import ExtractiveAnswerer
from bots.evaluation.judging import judge
from bots.evaluation.measures import figures
from bots.evaluation.model import Asked, Judged, Prediction
from persona_store.library import Library
from persona_store.vault import Vault
from tests.benchmarks.ablations import ABLATIONS, LOOSE, switched_off
from tests.benchmarks.confidence_sets import FITTED, JUDGED, passages, read
from tests.benchmarks.evaluation_page import page, pictures

SETS = (*JUDGED, "xling", *FITTED)
BUDGET = 0.10
AT_ONCE = 5000  # passages kept in one go

Questions = dict[str, list[dict[str, Any]]]
Rows = dict[str, list[Judged]]


class Team:
    """One set: its personas in a library of their own, and their questions."""

    def __init__(self, data: Path, name: str, home: Path, sample: int) -> None:
        self.name = name
        self.documents = read(data / name / "docs.jsonl.gz")
        self.thread_of = {each["id"]: each["thread"] for each in self.documents}
        self.questions = _questions(data / name, sample)
        self._vault = Vault.open(home / "keys")
        self.library = Library(home / "evidence", self._vault)

    async def fill(self, *, loose: bool) -> None:
        for number, persona in enumerate(self.questions):
            called = f"p{number}"
            self._vault.create_key(called)
            file = await self.library.file(called)
            kept = list(passages(self.documents, persona))
            if loose:
                kept = [structs.replace(each, thread=each.id) for each in kept]
            for at in range(0, len(kept), AT_ONCE):
                await file.add(kept[at : at + AT_ONCE])

    async def ask(self) -> list[Judged]:
        """All questions of all personas, as `ask --batch` answers them."""
        answerer = ExtractiveAnswerer(self.library)
        rows = []
        for number, asked in enumerate(self.questions.values()):
            lines = ({"id": each["id"], "text": each["text"]} for each in asked)
            results = ask_batch(answerer, f"p{number}", lines, risk_budget=BUDGET)
            predicted = {each["id"]: msgspec.convert(each, Prediction) async for each in results}
            rows += [judge(_asked(each), predicted[each["id"]], self.thread_of.get) for each in asked]
        return rows


def _questions(folder: Path, sample: int) -> Questions:
    found: Questions = defaultdict(list)
    for each in read(folder / "questions.jsonl.gz"):
        if each["kind"] != "adversarial":
            found[each["persona"]].append(each)
    dice = random.Random(1)
    return {
        persona: dice.sample(asked, min(sample, len(asked))) if sample else asked
        for persona, asked in sorted(found.items())
    }


def _asked(each: Mapping[str, Any]) -> Asked:
    return Asked(
        id=each["id"],
        text=each["text"],
        answerable=each["answerable"],
        kind=each["kind"],
        gold_ids=tuple(each["gold_ids"]) if each["answerable"] else (),
        gold_threads=tuple(each["gold_threads"]) if each["answerable"] else (),
    )


async def measured(data: Path, sets: Sequence[str], sample: int, plain: bool) -> tuple[Rows, dict[str, Rows]]:
    """(by set as it ships, by what is switched off and set)"""
    shipped: Rows = {}
    without: dict[str, Rows] = defaultdict(dict)
    for name in sets:
        began = time.monotonic()
        async with _team(data, name, sample) as team:
            shipped[name] = await team.ask()
            for what in () if plain else ABLATIONS:
                with ExitStack() as stack:
                    if what != LOOSE and switched_off(what, stack):
                        without[what][name] = await team.ask()
        if not plain:
            async with _team(data, name, sample, loose=True) as team:
                without[LOOSE][name] = await team.ask()
        told = figures(shipped[name])
        took = time.monotonic() - began
        print(f"{name}: {len(shipped[name])} questions, AURC {told['AURC']:.3f}, {took:.0f} s", flush=True)
    return shipped, without


@asynccontextmanager
async def _team(data: Path, name: str, sample: int, *, loose: bool = False) -> AsyncIterator[Team]:
    with TemporaryDirectory() as home:
        team = Team(data, name, Path(home), sample)
        try:
            await team.fill(loose=loose)
            yield team
        finally:
            await team.library.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, help="the folder that holds measured.md and images/")
    parser.add_argument("--sets", default="", help="comma-separated (default: all)")
    parser.add_argument("--sample", type=int, default=0, help="questions of each persona (default: all)")
    parser.add_argument("--plain", action="store_true", help="switch nothing off")
    given = parser.parse_args()
    sets = _chosen(given.sets.split(",") if given.sets else SETS)
    shipped, without = asyncio.run(measured(given.data, sets, given.sample, given.plain))
    made = page(shipped, without, sample=given.sample)
    if given.out is None:
        print(made)
        return
    (given.out / "images").mkdir(parents=True, exist_ok=True)
    (given.out / "measured.md").write_text(made, encoding="utf-8")
    for name, drawn in pictures(shipped).items():
        (given.out / "images" / name).write_text(drawn, encoding="utf-8")


def _chosen(wanted: Iterable[str]) -> list[str]:
    unknown = sorted(set(wanted) - set(SETS))
    if unknown:
        raise SystemExit(f"no set is called {unknown[0]!r}; there are {', '.join(SETS)}")
    return [name for name in SETS if name in wanted]


if __name__ == "__main__":
    main()
