"""Fits the confidence that ships, and says how good it is.

    python -m tests.benchmarks.fit_confidence DATA [--scorer score.py] [--write]

DATA holds one folder a set (docs.jsonl.gz, questions.jsonl.gz). Only the sets in FITTED shape the numbers; the
others are only judged on. Needs `pip install numpy scikit-learn`, which the product itself does not. Nothing of
the data ends up in what is written but the numbers of the model.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bots.agent.confidence import Calibration
from bots.agent.extractive import draft, ruled
from bots.agent.guarantee import learn_then_test
from bots.agent.language import language_of
from bots.model import Question
from persona_store.index import Index
from persona_store.search import find
from tests.benchmarks.confidence_sets import (
    CHATS,
    DOCUMENTS,
    FITTED,
    GROUPS,
    JUDGED,
    PARTS,
    ROOT,
    SELF_MADE,
    askings,
    read,
)
from tests.benchmarks.confidence_trees import CHAT, DOCUMENT, Chosen, Judge, Row, exported, judging, telling

BUDGETS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.10, 0.125, 0.15, 0.20, 0.25, 0.30)
PLAIN = Calibration(features=(), base=0.0, trees=(), slope=1.0, offset=0.0, thresholds=())
DOUBT = 0.05  # that a threshold keeps its budget only by luck


# ------------------------------------------------------------------ from a set to rows
def row(index: Index, asked: dict[str, Any]) -> Row:
    """What the product makes of a question, and whether a right thread is among the first three it cites."""
    found = find(index, asked["text"], readers=None)
    made = draft(Question("", asked["text"], language_of(asked["text"])), found, PLAIN)
    threads = [index.passages[id].thread for id in found.ranked_ids]
    right = asked["answerable"] and bool(set(asked["gold_threads"]) & set(threads[:3]))
    return {
        "id": asked["id"],
        "kind": asked["kind"],
        "features": made.features,
        "right": int(right),
        "ids": list(found.ranked_ids),
        "text": "\n".join(made.quotes),
    }


def rows_of(data: Path, name: str) -> list[Row]:
    return [row(index, each) for index, _, questions in askings(data, name) for each in questions]


# ------------------------------------------------------------------ thresholds
def thresholds(judged: list[tuple[float, int]]) -> list[tuple[float, float]]:
    """For each budget the lowest confidence from which on it is certified to be kept (Learn then Test,
    bots/agent/guarantee.py). A budget that cannot be kept with any number of answers is left out: then nothing is
    answered. What keeps a budget keeps a larger one."""
    table: list[tuple[float, float]] = []
    for budget in BUDGETS:
        found = learn_then_test([(chance, bool(right)) for chance, right in judged], budget, doubt=DOUBT)
        lowest = min([each for each in (found, *(at for _, at in table[-1:])) if each is not None], default=None)
        if lowest is not None:
            table.append((budget, round(lowest, 4)))
    return table


def strictest(tables: list[list[tuple[float, float]]]) -> list[tuple[float, float]]:
    """Of several fits that differ by chance only: none may have been lucky."""
    kept = set.intersection(*({budget for budget, _ in table} for table in tables))
    return [(budget, max(dict(table)[budget] for table in tables)) for budget in sorted(kept)]


def evenly(rows: dict[str, list[Row]], chances: dict[str, list[float]]) -> list[tuple[float, int]]:
    """What came of chats and of as many documents, by models that saw nothing of the set."""
    chats, documents = outcomes(CHATS, rows, chances), outcomes(DOCUMENTS, rows, chances)
    return chats + documents[:: max(1, len(documents) // len(chats))]


def outcomes(
    sets: Iterable[str], rows: dict[str, list[Row]], chances: dict[str, list[float]]
) -> list[tuple[float, int]]:
    return [
        (chance, each["right"])
        for name in sets
        for each, chance in zip(rows[name], chances[name], strict=True)
        if each["kind"] != "adversarial"
    ]


# ------------------------------------------------------------------ judging
def judge(
    scorer: Any, folder: Path, rows: dict[str, list[Row]], chances: dict[str, list[float]], at: float
) -> None:
    """The scorer's figures by group, and what happens at the shipped threshold."""
    columns = (
        "hit@1",
        "hit@5",
        "MRR",
        "AURC",
        "AUROC_correct",
        "useful@5",
        "useful@10",
        "useful@20",
        "ECE",
        "useful",
        "selective_acc",
    )
    print("| group | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 1))
    for group, sets in GROUPS.items():
        documents: list[Any] = []
        questions: list[Any] = []
        predictions: list[Any] = []
        for name in sets:
            documents += [{**d, "thread": f"{name}/{d['thread']}"} for d in read(folder / name / "docs.jsonl.gz")]
            questions += [
                {**q, "gold_threads": [f"{name}/{t}" for t in q["gold_threads"]]}
                for q in read(folder / name / "questions.jsonl.gz")
                if q["kind"] != "adversarial"
            ]
            predictions += [
                {
                    "id": each["id"],
                    "answered": chance >= at,
                    "confidence": chance,
                    "evidence_ids": each["ids"],
                    "text": each["text"],
                }
                for each, chance in zip(rows[name], chances[name], strict=True)
                if each["kind"] != "adversarial"
            ]
        got = scorer.score(documents, questions, predictions)
        print(f"| {group} | " + " | ".join(f"{got[c]:.3f}" if got[c] is not None else "–" for c in columns) + " |")


def by_folds(rows: dict[str, list[Row]], chosen: Chosen) -> dict[str, list[float]]:
    """Confidence of each fitted set's questions by a model that saw the other three quarters of it."""
    chances = {name: [0.0] * len(rows[name]) for name in PARTS}
    for fold in range(4):
        kept = {name: [r for n, r in enumerate(rows[name]) if n % 4 != fold] for name in PARTS}
        judge = judging(kept, chosen)
        for name in PARTS:
            for n, chance in enumerate(judge.chances(rows[name])):
                if n % 4 == fold:
                    chances[name][n] = chance
    return chances


def with_rules(rows: dict[str, list[Row]], chances: dict[str, list[float]]) -> dict[str, list[float]]:
    """As the product does after its model has spoken."""
    return {
        name: [ruled(chance, each["features"]) for chance, each in zip(given, rows[name], strict=True)]
        for name, given in chances.items()
    }


def unseen(rows: dict[str, list[Row]], chosen: Chosen, seed: int = 1) -> dict[str, list[float]]:
    """… by a model that saw nothing of the set."""
    chances = {}
    for name in FITTED:
        judge = judging({p: rows[p] for p in PARTS if not p.startswith(name)}, chosen, seed)
        for kin in (name, SELF_MADE) if SELF_MADE.startswith(name) else (name,):
            chances[kin] = judge.chances(rows[kin])
    return chances


def typical(judges: list[Judge], rows: dict[str, list[Row]]) -> Judge:
    """Of several that differ by chance only the one that says nearest to what they say together, of questions that
    none of them was fitted on; whether they are right about those is not looked at."""
    asked = [each for name in JUDGED for each in rows[name]]
    said = [judge.chances(asked) for judge in judges]
    mean = [sum(each) / len(judges) for each in zip(*said, strict=True)]
    off = [sum(abs(chance - usual) for chance, usual in zip(each, mean, strict=True)) for each in said]
    return judges[off.index(min(off))]


def load_scorer(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("scorer", path)
    if spec is None or spec.loader is None or not path.exists():
        raise SystemExit(f"no scorer at {str(path)!r}; say --scorer")
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--scorer", type=Path, help="default: score.py beside DATA")
    parser.add_argument("--write", action="store_true", help="write bots/agent/calibration.json")
    given = parser.parse_args()
    if importlib.util.find_spec("sklearn") is None:
        raise SystemExit("fitting needs numpy and scikit-learn: pip install numpy scikit-learn")
    scorer = load_scorer(given.scorer or given.data.parent / "score.py")

    rows = {name: rows_of(given.data, name) for name in (*PARTS, *JUDGED)}
    parts = {name: rows[name] for name in PARTS}
    chosen = telling(parts, CHAT), telling(parts, DOCUMENT)
    apart = with_rules(rows, unseen(rows, chosen))
    folded = with_rules(rows, by_folds(rows, chosen))
    others = [with_rules(rows, unseen(rows, chosen, seed)) for seed in (2, 3)]
    table = strictest([thresholds(evenly(rows, chances)) for chances in (apart, *others)])
    calibration = exported(typical([judging(parts, chosen, seed) for seed in (1, 2, 3)], rows), table)
    judged = {name: [calibration.chance(each["features"]) for each in rows[name]] for name in JUDGED}
    judged = with_rules(rows, judged)
    print("\nFitted sets by folds (a model that saw other questions of the set), the others never seen:\n")
    judge(scorer, given.data, rows, folded | judged, calibration.threshold(0.10))
    print("\nNo set seen by the model that judges it:\n")
    judge(scorer, given.data, rows, apart | judged, calibration.threshold(0.10))
    print("\nbudget → threshold:", ", ".join(f"{b:g} → {c:.3f}" for b, c in table))
    if given.write:
        import msgspec

        (ROOT / "bots/agent/calibration.json").write_bytes(msgspec.json.encode(calibration) + b"\n")


if __name__ == "__main__":
    main()
