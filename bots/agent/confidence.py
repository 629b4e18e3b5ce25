"""Features → the chance that an answer is right: a small ensemble of trees, shipped as reviewed numbers.

calibration.json holds the trees, what they were fitted on and, for each risk budget, the lowest confidence at which
answers keep it; docs/calibration.md is its card. It is data, never code, and costs well under a millisecond.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import exp

import msgspec
from msgspec import Struct

NEVER = 1.01  # a confidence that nothing reaches


class Tree(Struct, frozen=True):
    """A binary tree in arrays: node n asks whether features[feature[n]] <= split[n] and goes to left[n], else to
    right[n]; feature -1 is a leaf that adds split[n] to the log odds."""

    feature: tuple[int, ...]
    split: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]

    def value(self, row: list[float]) -> float:
        node = 0
        while self.feature[node] >= 0:
            node = self.left[node] if row[self.feature[node]] <= self.split[node] else self.right[node]
        return self.split[node]


class Calibration(Struct, frozen=True):
    features: tuple[str, ...]
    base: float
    trees: tuple[Tree, ...]
    slope: float  # Platt's two numbers, fitted on sets the trees had not seen
    offset: float
    thresholds: tuple[tuple[float, float], ...]  # (risk budget, confidence), budgets ascending
    fitted_on: tuple[str, ...] = ()

    def chance(self, features: Mapping[str, float]) -> float:
        """The chance that the answer is right. A feature that is not given counts as 0."""
        row = [features.get(name, 0.0) for name in self.features]
        odds = self.base + sum(tree.value(row) for tree in self.trees)
        return 1 / (1 + exp(-max(-30.0, min(30.0, self.slope * odds + self.offset))))

    def threshold(self, budget: float) -> float:
        """The confidence from which on to answer. Between two budgets in the table the stricter one counts, below
        the strictest nothing is answered."""
        return within(self.thresholds, budget)


def within(thresholds: Sequence[tuple[float, float]], budget: float) -> float:
    """What a table of thresholds says for a budget."""
    met = [confidence for allowed, confidence in thresholds if allowed <= budget + 1e-9]
    return met[-1] if met else NEVER


@cache
def calibration() -> Calibration:
    """The one that ships."""
    return msgspec.json.decode(_shipped(), type=Calibration)


@cache
def calibrator() -> str:
    """Names the one that ships, so that what was said under another one is known for what it is."""
    return hashlib.sha256(_shipped()).hexdigest()[:12]


def _shipped() -> bytes:
    return files("bots.agent").joinpath("calibration.json").read_bytes()
