"""Fits what nearness by meaning is worth (persona_store/meant.py) and what it says about the chance that an answer
is right (bots/agent/calibration.local.json).

    python -m tests.benchmarks.fit_meaning DATA --vectors DIR [--sets cmrc-zh,drcd-zht,…] [--write]

Only sets that may shape numbers that ship are fitted on. For material in another language than the question there
is no such set; bilingual.txt beside this file was written for it, and xling is left to judge by.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any

import msgspec
import numpy

from bots.agent.by_meaning import ODDS, WITHIN, ByMeaning, Line
from bots.agent.confidence import calibration
from bots.agent.refit import log_odds
from persona_store.index import Index
from persona_store.query import query
from persona_store.ranking import DEEPER, candidates
from persona_store.tokens import named, terms
from persona_store.vectors import pack
from tests.benchmarks.confidence_sets import FITTED, ROOT
from tests.benchmarks.meaning import Row, row
from tests.benchmarks.meaning_sets import Kept, Meant, empty, meant, nearness_of
from tests.persona_store.passages import passage

SETS = ("cmrc-zh", "drcd-zht", "egret-zh", "squad2", "rmail")
BESIDE, ALONE = (ODDS, "meaning_gap", "meaning_out"), ("meaning", "meaning_gap")
RIDGE = 2.0
FACTS = Path(__file__).parent / "bilingual.txt"


# ------------------------------------------------------------------ made-up work in two languages


def bilingual(folder: Path, *, missed: bool = False) -> Iterator[Meant]:
    """Two teams, each knowing one half of the facts in one language and asked about all of them in the other.
    `missed`: asked for something else about the same things, which nobody's facts tell."""
    facts = [line.split(" | ") for line in FACTS.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    kept = Kept(folder, "bilingual")
    for told, asked in ((0, 5 if missed else 3), (1, 4 if missed else 2)):
        for half in (0, 1):
            mine = [passage(f"{told}/{n}", fact[told], minutes=n) for n, fact in enumerate(facts) if n % 2 == half]
            vectors = kept.passages({each.id: each.text for each in mine})
            index, ground = Index(), empty(folder)
            index.add(mine)
            for each in mine:
                ground.put(each, pack(vectors[each.id]))
            questions = [
                {
                    "id": f"{asked}/{n}",
                    "text": fact[asked],
                    "kind": "bilingual",
                    "answerable": n % 2 == half and not missed,
                    "gold_threads": [f"{told}/{n}"],
                }
                for n, fact in enumerate(facts)
            ]
            known = kept.questions({each["id"]: each["text"] for each in questions})
            yield index, questions, nearness_of(ground, index, known)


# ------------------------------------------------------------------ what it is worth


def worth(parts: list[list[Meant]]) -> dict[str, float]:
    """The weights of meaning beside the worth of words, by the chance that an episode is the right one among the
    others (conditional logit); every set weighs as the square root of its size."""
    names, cases = ("whole", "one"), []
    for part in parts:
        found = [case for each in part for case in _cases(*each, names)]
        cases += [(numbers, right, sqrt(300 / len(found))) for numbers, right in found]
    weights = numpy.array([0.3, 0.0, 0.0])
    for _ in range(60):
        pull, bend = -0.1 * weights, 0.1 * numpy.eye(3)
        for numbers, right, weight in cases:
            odds = numbers @ weights
            chance = numpy.exp(odds - odds.max())
            chance /= chance.sum()
            ours = chance * right / (chance * right).sum()
            mean = chance @ numbers
            pull += weight * (ours @ numbers - mean)
            bend += weight * ((numbers.T * chance) @ numbers - numpy.outer(mean, mean))
        step = numpy.linalg.solve(bend, pull)
        weights = weights + step
        if abs(step).max() < 1e-6:
            break
    return {name: round(float(weight / weights[0]), 2) for name, weight in zip(names, weights[1:], strict=True)}


def _cases(index: Index, questions: list[dict[str, Any]], nearness: Any, names: tuple[str, ...]) -> Iterator[Any]:
    view = index.view(None, None)
    for each in questions:
        said = terms(each["text"])
        if not each["answerable"] or not said:
            continue
        asked = query(index, view, said)
        ranked = candidates(index, view, asked, each["text"], named(each["text"]), nearness(each)(view))
        looked_at = ranked.candidates[:DEEPER]
        numbers = numpy.array([[c.worth, *(c.near.get(name, 0.0) for name in names)] for c in looked_at])
        right = numpy.array([c.run.messages[0].passage.thread in each["gold_threads"] for c in looked_at])
        if len(looked_at) > 1 and right.any():
            yield numbers, right


# ------------------------------------------------------------------ what it says about the chance


def line(parts: list[list[Row]], names: tuple[str, ...]) -> Line:
    """A logistic regression with a ridge; every set weighs as the square root of its size."""
    rows = [(each, sqrt(600 / len(part))) for part in parts for each in part]
    x = numpy.array([[_within(each, name) for name in names] for each, _ in rows])
    y = numpy.array([each["right"] for each, _ in rows], float)
    weight = numpy.array([each for _, each in rows])
    mean, spread = x.mean(0), x.std(0) + 1e-9
    z = numpy.hstack([(x - mean) / spread, numpy.ones((len(x), 1))])
    ridge = numpy.diag([*[RIDGE] * len(names), 1e-6])
    found = numpy.zeros(len(names) + 1)
    for _ in range(50):
        chance = 1 / (1 + numpy.exp(-z @ found))
        pull = z.T @ (weight * (y - chance)) - ridge @ found
        found = found + numpy.linalg.solve((z.T * (weight * chance * (1 - chance))) @ z + ridge, pull)
    weights = found[:-1] / spread
    offset = float(found[-1] - weights @ mean)
    return Line({n: round(float(w), 3) for n, w in zip(names, weights, strict=True)}, round(offset, 3))


def _within(each: Row, name: str) -> float:
    least, most = WITHIN[name]
    seen = each["features"]
    value = log_odds(calibration().chance(seen)) if name == ODDS else seen.get(name, 0.0)
    return float(min(most, max(least, value)))


def rows_of(several: list[Meant], *, first: bool = False) -> list[Row]:
    """`first`: only an answer from the right thread itself is right; where a team knows sixteen facts, one of the
    first three is no feat."""
    found = [row(index, each, nearness(each)) for index, asked, nearness in several for each in asked]
    return [{**each, "right": int(each["place"] == 0)} if first else each for each in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--vectors", type=Path, required=True, help="a folder that keeps the vectors")
    parser.add_argument("--sets", default=",".join(SETS), help="names, separated by commas")
    parser.add_argument("--write", action="store_true", help="write bots/agent/calibration.local.json")
    given = parser.parse_args()
    names = tuple(given.sets.split(","))
    if others := set(names) - set(FITTED):
        raise SystemExit(f"not to be fitted on: {', '.join(sorted(others))}")
    sets = {name: list(meant(given.data, name, given.vectors)) for name in names}
    print("worth beside words:", worth(list(sets.values())))
    for name in names:
        print(f"… without {name}:", worth([part for other, part in sets.items() if other != name]))
    kinds = [f"{name}{kind}" for name in names for kind in ("", ", small")]
    rows = {kind: rows_of(list(meant(given.data, kind, given.vectors))) for kind in kinds}
    rows = {kind: [each for each in part if each["kind"] != "adversarial"] for kind, part in rows.items()}
    beside = line(list(rows.values()), BESIDE)
    alone = line([rows_of(list(bilingual(given.vectors)), first=True)], ALONE)
    for told in (beside, alone):
        print(told)
    sure = [alone.chance(each["features"]) for each in rows_of(list(bilingual(given.vectors, missed=True)))]
    shares = ((at, sum(chance >= at for chance in sure) / len(sure)) for at in (0.5, 0.7, 0.9))
    print("of near misses", ", ".join(f"{share:.2f} at least {at}" for at, share in shares), "sure")
    if given.write:
        fitted = ByMeaning(beside, alone, names)
        (ROOT / "bots/agent/calibration.local.json").write_bytes(msgspec.json.encode(fitted) + b"\n")


if __name__ == "__main__":
    main()
