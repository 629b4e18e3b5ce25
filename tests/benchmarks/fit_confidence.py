"""Fits the confidence that ships, and says how good it is.

    python tests/benchmarks/fit_confidence.py DATA [--scorer score.py] [--write]

DATA holds one folder a set (docs.jsonl.gz, questions.jsonl.gz). Only the sets in FITTED shape the numbers; the
others are only judged on. Needs `pip install numpy scikit-learn`, which the product itself does not. Nothing of
the data ends up in what is written but the numbers of the model.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import comb, log
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bots.agent.confidence import Calibration, Tree  # noqa: E402
from bots.agent.extractive import draft, ruled  # noqa: E402
from bots.agent.language import language_of  # noqa: E402
from bots.model import Question  # noqa: E402
from persona_store.index import Index  # noqa: E402
from persona_store.model import Passage  # noqa: E402
from persona_store.search import find  # noqa: E402

FITTED = ("squad2", "cmrc-zh", "drcd-zht", "egret-zh", "rmail")
JUDGED = ("slack-racket", "slack-clojure", "slack-elm", "lean", "rgb-en", "rgb-zh")
SELF_MADE = "rmail, self-made"
SMALL = tuple(f"{name}, small" for name in FITTED)
PARTS = (*FITTED, SELF_MADE, *SMALL)
CHATS, DOCUMENTS = ("rmail", SELF_MADE, "egret-zh"), ("squad2", "cmrc-zh", "drcd-zht")
"""For the thresholds both weigh the same: a team's chat must not pay for how easy documents are."""
GROUPS = {
    "English chat and mail": ("slack-racket", "slack-clojure", "slack-elm", "lean", "rmail"),
    "… of it never fitted": ("slack-racket", "slack-clojure", "slack-elm", "lean"),
    "Chinese support chat": ("egret-zh",),
    "English documents": ("squad2", "rgb-en"),
    "Chinese documents": ("cmrc-zh", "drcd-zht", "rgb-zh"),
    "pooled": FITTED + JUDGED,
}
NOT_FITTED = ("taught", "conflict", "foreign", "named", "named_missing")  # rules of their own
BUDGETS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.10, 0.125, 0.15, 0.20, 0.25, 0.30)
TREES = {
    "n_estimators": 150,
    "max_depth": 3,
    "learning_rate": 0.05,
    "subsample": 0.6,
    "min_samples_leaf": 60,
    "max_features": 0.25,
    "random_state": 1,
}
PLAIN = Calibration(features=(), base=0.0, trees=(), slope=1.0, offset=0.0, thresholds=())
DOUBT = 0.01  # that a threshold keeps its budget only by luck; 2.326 deviations of a normal
Row = dict[str, Any]


# ------------------------------------------------------------------ from a set to rows
def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def passages(documents: Iterable[dict[str, Any]], persona: str) -> Iterator[Passage]:
    """As an import would keep them: a thread's first message carries its subject."""
    begun: set[str] = set()
    for each in sorted(documents, key=lambda d: (d["ts"], d["id"])):
        subject = each.get("subject") if each["thread"] not in begun else ""
        begun.add(each["thread"])
        yield Passage(
            id=each["id"],
            source="slack_export",
            container=each["channel"],
            container_name=each["channel"],
            thread=each["thread"],
            author=each["author"],
            author_name=each["author"],
            by_subject=each["author"] == persona,
            at=datetime.fromtimestamp(each["ts"], UTC),
            text=f"*{subject}*\n{each['text']}" if subject else each["text"],
        )


def indexed(documents: Iterable[dict[str, Any]], persona: str) -> Index:
    index = Index()
    index.add(passages(documents, persona))
    return index


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


def rows_of(folder: Path) -> list[Row]:
    documents, questions = read(folder / "docs.jsonl.gz"), read(folder / "questions.jsonl.gz")
    by_persona = defaultdict(list)
    for each in questions:
        by_persona[each["persona"]].append(each)
    return [
        row(index, each)
        for persona, asked in sorted(by_persona.items())
        for index in [indexed(documents, persona)]
        for each in asked
    ]


def self_made(folder: Path, people: int = 22, each: int = 40) -> list[Row]:
    """More of the same kind, made of a set's own threads: a thread's first message is asked of somebody who
    answered in it. From half of the threads only that message is taken out, the others are taken out whole. Some
    questions are shortened to their subject or to the sentence that asks, as in chat."""
    dice = random.Random(5)
    threads: dict[str, list[dict[str, Any]]] = defaultdict(list)
    documents = sorted(read(folder / "docs.jsonl.gz"), key=lambda d: (d["ts"], d["id"]))
    for document in documents:
        threads[document["thread"]].append(document)
    answered: dict[str, list[str]] = defaultdict(list)
    for name, messages in threads.items():
        for author in {m["author"] for m in messages[1:]} - {messages[0]["author"]}:
            answered[author].append(name)
    rows: list[Row] = []
    for author, names in sorted(answered.items(), key=lambda item: (-len(item[1]), item[0]))[:people]:
        chosen = dice.sample(sorted(names), min(each, len(names)))
        kept, gone = set(chosen[: len(chosen) // 2]), set(chosen[len(chosen) // 2 :])
        asked_ids = {threads[name][0]["id"] for name in kept}
        index = indexed([d for d in documents if d["id"] not in asked_ids and d["thread"] not in gone], author)
        for name in chosen:
            text = shortened(threads[name][0], dice)
            rows.append(
                row(
                    index,
                    {
                        "id": f"{author}/{name}",
                        "text": text,
                        "kind": "self-made",
                        "answerable": name in kept,
                        "gold_threads": [name],
                    },
                )
            )
    return rows


def small(folder: Path, name: str, teams: int = 8, size: int = 30, each: int = 20) -> list[Row]:
    """The same questions asked of teams with next to no material: a few threads drawn by lot, half of the
    questions with theirs among them. Without these a guess from five messages looks like one from thousands."""
    dice = random.Random(7)
    threads: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in read(folder / "docs.jsonl.gz"):
        threads[document["thread"]].append(document)
    asked = [q for q in read(folder / "questions.jsonl.gz") if q["kind"] not in ("adversarial", "other")]
    rows = []
    for _ in range(teams):
        drawn = dice.sample(asked, each)
        persona = drawn[0]["persona"]
        mine = [q for q in drawn if q["persona"] == persona]
        kept = {t for q in mine[: len(mine) // 2 + 1] for t in q["gold_threads"] if t in threads}
        spoken = sorted(t for t, messages in threads.items() if any(m["author"] == persona for m in messages))
        kept |= set(dice.sample(spoken, min(size, len(spoken))))
        index = indexed([d for thread in sorted(kept) for d in threads[thread]], persona)
        for question in mine:
            rows.append(
                row(
                    index,
                    {
                        **question,
                        "id": f"{name}/{question['id']}",
                        "answerable": bool(kept & set(question["gold_threads"])),
                    },
                )
            )
    return rows


def shortened(message: dict[str, Any], dice: random.Random) -> str:
    text, style = str(message["text"]), dice.random()
    if style < 0.3 and message.get("subject"):
        return str(message["subject"])
    if style < 0.6:
        sentences = re.split(r"(?<=[.?!])\s+", text)
        place = next((n for n, sentence in enumerate(sentences) if "?" in sentence), 0)
        return " ".join(sentences[max(0, place - 1) : place + 1])
    return text[:2500]


# ------------------------------------------------------------------ fitting
def names(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted({name for each in rows for name in each["features"]} - set(NOT_FITTED)))


def fit(parts: list[list[Row]], features: tuple[str, ...]) -> Any:
    """Every set weighs as the square root of its size; SQuAD's adversarial near misses are left out: no lexical
    feature tells them, and they would teach that nothing does."""
    import numpy
    from sklearn.ensemble import GradientBoostingClassifier  # type: ignore[import-untyped]

    kept = [[each for each in part if each["kind"] != "adversarial"] for part in parts]
    weight = numpy.concatenate([numpy.full(len(part), (600 / len(part)) ** 0.5) for part in kept])
    flat = [each for part in kept for each in part]
    return GradientBoostingClassifier(**TREES).fit(matrix(flat, features), [each["right"] for each in flat], weight)


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


def unseen(rows: dict[str, list[Row]], features: tuple[str, ...]) -> dict[str, list[float]]:
    """… by a model that saw nothing of the set."""
    chances = {}
    for name in FITTED:
        parts = [rows[other] for other in PARTS if not other.startswith(name)]
        chances[name] = [float(c) for c in fit(parts, features).predict_proba(matrix(rows[name], features))[:, 1]]
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

    rows = {name: rows_of(given.data / name) for name in FITTED + JUDGED}
    rows[SELF_MADE] = self_made(given.data / "rmail")
    rows.update({part: small(given.data / name, name) for name, part in zip(FITTED, SMALL, strict=True)})
    features = names(each for part in rows.values() for each in part)
    model = fit([rows[name] for name in PARTS], features)
    apart = with_rules(rows, unseen(rows, features))
    folded = with_rules(rows, by_folds(rows, features))
    chats, documents = outcomes(CHATS, rows, folded), outcomes(DOCUMENTS, rows, apart)
    table = thresholds(chats + documents[:: max(1, len(documents) // len(chats))])
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
