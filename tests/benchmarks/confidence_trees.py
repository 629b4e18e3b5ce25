"""The trees of fit_confidence.py: two kinds of material, one file of plain numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp, log
from typing import Any, NamedTuple

from bots.agent.confidence import Calibration, Tree
from tests.benchmarks.confidence_sets import CONVERSED, FITTED, NEWS, TINY

NOT_FITTED = ("taught", "conflict", "foreign", "named", "named_missing", "described", "talk", "lacks", "abroad")
OF_THE_ASKED = (
    "asked_how", "asked_length", "asked_number", "asked_who", "asks", "chinese", "length", "own", "question_mark",
    "quote_length", "terms", "turns", "typical",
)  # fmt: skip
"""What tells how people write in a set, and nothing about whether an answer is right."""
TREES = {
    "n_estimators": 150,
    "max_depth": 3,
    "learning_rate": 0.05,
    "subsample": 0.6,
    "min_samples_leaf": 60,
    "max_features": 0.25,
}
REPLIED = 0.1  # `talk` above which material is taken for conversation
Row = dict[str, Any]
Chosen = tuple[tuple[str, ...], tuple[str, ...]]
"""The features of each kind."""


class Kind(NamedTuple):
    """Conversation and documents are judged by trees of their own: a lead over the next episode is a good sign in
    the one, and in the other, where the same is told several times, none."""

    chat: float  # what a part of conversation weighs
    document: float  # … of documents
    news: float  # … of documents that are told several times
    tiny: float  # … of a handful of documents
    features: int  # those that a first fit leans on most

    def weight(self, part: str) -> float:
        if part in NEWS:
            return self.news
        if part in TINY:
            return self.tiny
        return self.chat if part in CONVERSED else self.document


CHAT, DOCUMENT = Kind(1.0, 0.3, 0.0, 0.0, 30), Kind(0.15, 1.0, 0.5, 2.0, 80)
FITS = 3  # that differ by chance only, and of which the mean counts: one alone moves by 0.05 at a strict budget


class Fit(NamedTuple):
    """The trees of one kind: several fits of the same rows."""

    models: tuple[Any, ...]
    features: tuple[str, ...]

    def chances(self, rows: list[Row]) -> list[float]:
        """By the mean of their log odds."""
        if not rows:
            return []
        given = matrix(rows, self.features)
        odds = sum(model.decision_function(given) for model in self.models) / len(self.models)
        return [1 / (1 + exp(-float(each))) for each in odds]


class Judge(NamedTuple):
    """Both kinds: each question is judged by the one its material is of."""

    chat: Fit
    document: Fit

    def chances(self, rows: list[Row]) -> list[float]:
        both = zip(rows, self.chat.chances(rows), self.document.chances(rows), strict=True)
        return [chat if row["features"].get("talk", 0.0) > REPLIED else document for row, chat, document in both]


def names(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted({name for each in rows for name in each["features"]} - {*NOT_FITTED, *OF_THE_ASKED}))


def fit(parts: Mapping[str, list[Row]], kind: Kind, features: tuple[str, ...], seed: int = 1) -> Fit:
    """Every set weighs as the square root of its size; SQuAD's adversarial near misses are left out: no lexical
    feature tells them, and they would teach that nothing does."""
    import numpy
    from sklearn.ensemble import GradientBoostingClassifier  # type: ignore[import-untyped]  # no types

    kept = {
        name: [each for each in part if each["kind"] != "adversarial"]
        for name, part in parts.items()
        if kind.weight(name)
    }
    weight = numpy.concatenate(
        [numpy.full(len(part), (600 / len(part)) ** 0.5 * kind.weight(name)) for name, part in kept.items()]
    )
    flat = [each for part in kept.values() for each in part]
    given, right = matrix(flat, features), [each["right"] for each in flat]
    models = [GradientBoostingClassifier(**TREES, random_state=FITS * seed + n) for n in range(FITS)]
    return Fit(tuple(model.fit(given, right, weight / weight.mean()) for model in models), features)


def telling(parts: Mapping[str, list[Row]], kind: Kind) -> tuple[str, ...]:
    """The features that a first fit of everything leans on most."""
    features = names(each for part in parts.values() for each in part)
    importance = sum(model.feature_importances_ for model in fit(parts, kind, features).models)
    ranked = sorted(zip(importance, features, strict=True), reverse=True)
    return tuple(sorted(name for _, name in ranked[: kind.features]))


def judging(parts: Mapping[str, list[Row]], chosen: Chosen, seed: int = 1) -> Judge:
    return Judge(fit(parts, CHAT, chosen[0], seed), fit(parts, DOCUMENT, chosen[1], seed))


def matrix(rows: list[Row], features: tuple[str, ...]) -> Any:
    import numpy

    return numpy.array([[each["features"].get(name, 0.0) for name in features] for each in rows])


def exported(judge: Judge, thresholds: list[tuple[float, float]]) -> Calibration:
    """As plain numbers, and one list of trees: the root of each asks for the kind, and at the other kind it adds
    nothing. The first tree holds what both kinds begin with."""
    features = tuple(sorted({"talk", *judge.chat.features, *judge.document.features}))
    kind = features.index("talk")
    begin = [round(log(ever / never), 5) for never, ever in (each.models[0].init_.class_prior_ for each in judge)]
    trees = [Tree((kind, -1, -1), (REPLIED, begin[1], begin[0]), (1, 0, 0), (2, 0, 0))]
    for part, chat in ((judge.chat, True), (judge.document, False)):
        for model in part.models:
            share = model.learning_rate / len(part.models)
            trees += [
                gated(plain(fitted.tree_, share, part.features, features), kind, chat)
                for (fitted,) in model.estimators_
            ]
    return Calibration(
        features=features,
        base=0.0,
        trees=tuple(trees),
        slope=1.0,
        offset=0.0,
        thresholds=tuple(thresholds),
        fitted_on=FITTED,
    )


def plain(tree: Any, share: float, own: tuple[str, ...], features: tuple[str, ...]) -> Tree:
    """`share`: of what a leaf says; `own`: the names of the features the tree was grown on."""
    leaf = [share * float(value[0][0]) for value in tree.value]
    inner = [int(feature) >= 0 for feature in tree.feature]
    return Tree(
        feature=tuple(features.index(own[f]) if f >= 0 else -1 for f in tree.feature),
        split=tuple(round(float(tree.threshold[n]) if inner[n] else leaf[n], 5) for n in range(tree.node_count)),
        left=tuple(max(0, int(n)) for n in tree.children_left),
        right=tuple(max(0, int(n)) for n in tree.children_right),
    )


def gated(tree: Tree, kind: int, chat: bool) -> Tree:
    """Under a root that lets only one kind in; node 1 is the leaf of the other."""
    return Tree(
        feature=(kind, -1, *tree.feature),
        split=(REPLIED, 0.0, *tree.split),
        left=(1 if chat else 2, 0, *(n + 2 for n in tree.left)),
        right=(2 if chat else 1, 0, *(n + 2 for n in tree.right)),
    )
