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
from math import comb, log
from pathlib import Path
from typing import Any

from bots.agent.confidence import Calibration, Tree
from bots.agent.extractive import draft, ruled
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

NOT_FITTED = ("taught", "conflict", "foreign", "named", "named_missing")  # rules of their own
BUDGETS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.10, 0.125, 0.15, 0.20, 0.25, 0.30)
TREES = {
    "n_estimators": 150,
    "max_depth": 3,
    "learning_rate": 0.05,
    "subsample": 0.6,
    "min_samples_leaf": 60,
    "max_features": 0.25,
}
FEATURES = 25
PLAIN = Calibration(features=(), base=0.0, trees=(), slope=1.0, offset=0.0, thresholds=())
DOUBT = 0.01  # that a threshold keeps its budget only by luck; 2.326 deviations of a normal
Row = dict[str, Any]


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


# ------------------------------------------------------------------ fitting
def names(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted({name for each in rows for name in each["features"]} - set(NOT_FITTED)))


def fit(parts: list[list[Row]], features: tuple[str, ...], seed: int = 1) -> Any:
    """Every set weighs as the square root of its size; SQuAD's adversarial near misses are left out: no lexical
    feature tells them, and they would teach that nothing does."""
    import numpy
    from sklearn.ensemble import GradientBoostingClassifier  # type: ignore[import-untyped]

    kept = [[each for each in part if each["kind"] != "adversarial"] for part in parts]
    weight = numpy.concatenate([numpy.full(len(part), (600 / len(part)) ** 0.5) for part in kept])
    flat = [each for part in kept for each in part]
    trees = GradientBoostingClassifier(**TREES, random_state=seed)
    return trees.fit(matrix(flat, features), [each["right"] for each in flat], weight)


def telling(parts: list[list[Row]]) -> tuple[str, ...]:
    """The features that a first fit of everything leans on most: with fewer, unseen sets are judged better."""
    features = names(each for part in parts for each in part)
    importance = sum(fit(parts, features, seed=seed).feature_importances_ for seed in range(3))
    ranked = sorted(zip(importance, features, strict=True), reverse=True)
    return tuple(sorted(name for _, name in ranked[:FEATURES]))


def matrix(rows: list[Row], features: tuple[str, ...]) -> Any:
    import numpy

    return numpy.array([[each["features"].get(name, 0.0) for name in features] for each in rows])


def exported(model: Any, features: tuple[str, ...], thresholds: list[tuple[float, float]]) -> Calibration:
    """The model as plain numbers."""
    trees = []
    for (fitted,) in model.estimators_:
        tree = fitted.tree_
        trees.append(
            Tree(
                feature=tuple(int(f) if f >= 0 else -1 for f in tree.feature),
                split=tuple(
                    round(
                        float(
                            tree.threshold[n] if tree.feature[n] >= 0 else model.learning_rate * tree.value[n][0][0]
                        ),
                        5,
                    )
                    for n in range(tree.node_count)
                ),
                left=tuple(max(0, int(n)) for n in tree.children_left),
                right=tuple(max(0, int(n)) for n in tree.children_right),
            )
        )
    never, ever = model.init_.class_prior_
    return Calibration(
        features=features,
        base=round(log(ever / never), 5),
        trees=tuple(trees),
        slope=1.0,
        offset=0.0,
        thresholds=tuple(thresholds),
        fitted_on=FITTED,
    )


# ------------------------------------------------------------------ thresholds
def upper_bound(errors: int, answered: int, doubt: float = DOUBT) -> float:
    """Clopper and Pearson (Biometrika 1934): the error rate that would give so few errors with chance `doubt`."""
    low, high = errors / answered, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if sum(comb(answered, n) * middle**n * (1 - middle) ** (answered - n) for n in range(errors + 1)) > doubt:
            low = middle
        else:
            high = middle
    return high


def thresholds(judged: list[tuple[float, int]]) -> list[tuple[float, float]]:
    """For each budget the lowest confidence from which on the error is below it with 99 % certainty. A budget that
    cannot be kept with any number of answers is left out: then nothing is answered."""
    judged = sorted(judged, reverse=True)
    table = []
    for budget in BUDGETS:
        lowest, errors = None, 0
        for answered, (confidence, right) in enumerate(judged, 1):
            errors += 1 - right
            if answered <= 1000 and answered % 5 == 0 and errors <= budget * answered:
                if upper_bound(errors, answered) <= budget:
                    lowest = confidence
            elif (
                answered > 1000 and errors / answered + 2.326 * (budget * (1 - budget) / answered) ** 0.5 <= budget
            ):
                lowest = confidence  # the normal approximation, where the binomial sum overflows
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


def by_folds(rows: dict[str, list[Row]], features: tuple[str, ...]) -> dict[str, list[float]]:
    """Confidence of each fitted set's questions by a model that saw the other three quarters of it."""
    chances = {name: [0.0] * len(rows[name]) for name in PARTS}
    for fold in range(4):
        model = fit([[r for n, r in enumerate(rows[name]) if n % 4 != fold] for name in PARTS], features)
        for name in PARTS:
            for n, chance in enumerate(model.predict_proba(matrix(rows[name], features))[:, 1]):
                if n % 4 == fold:
                    chances[name][n] = float(chance)
    return chances


def with_rules(rows: dict[str, list[Row]], chances: dict[str, list[float]]) -> dict[str, list[float]]:
    """As the product does after its model has spoken."""
    return {
        name: [ruled(chance, each["features"]) for chance, each in zip(given, rows[name], strict=True)]
        for name, given in chances.items()
    }


def unseen(rows: dict[str, list[Row]], features: tuple[str, ...], seed: int = 1) -> dict[str, list[float]]:
    """… by a model that saw nothing of the set."""
    chances = {}
    for name in FITTED:
        model = fit([rows[other] for other in PARTS if not other.startswith(name)], features, seed)
        for kin in (name, SELF_MADE) if SELF_MADE.startswith(name) else (name,):
            chances[kin] = [float(c) for c in model.predict_proba(matrix(rows[kin], features))[:, 1]]
    return chances


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--scorer", type=Path, help="default: score.py beside DATA")
    parser.add_argument("--write", action="store_true", help="write bots/agent/calibration.json")
    given = parser.parse_args()
    if importlib.util.find_spec("sklearn") is None:
        raise SystemExit("fitting needs numpy and scikit-learn: pip install numpy scikit-learn")
    found = given.scorer or given.data.parent / "score.py"
    spec = importlib.util.spec_from_file_location("scorer", found)
    if spec is None or spec.loader is None or not found.exists():
        raise SystemExit(f"no scorer at {str(found)!r}; say --scorer")
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)

    rows = {name: rows_of(given.data, name) for name in (*PARTS, *JUDGED)}
    features = telling([rows[name] for name in PARTS])
    model = fit([rows[name] for name in PARTS], features)
    apart = with_rules(rows, unseen(rows, features))
    folded = with_rules(rows, by_folds(rows, features))
    others = [with_rules(rows, unseen(rows, features, seed)) for seed in (2, 3)]
    table = strictest([thresholds(evenly(rows, chances)) for chances in (apart, *others)])
    calibration = exported(model, features, table)
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
