"""What nearness by meaning says about the chance that an answer is right, on top of what the words say. Pure.

calibration.local.json holds two logistic models, fitted by tests/benchmarks/fit_meaning.py on the vectors of the
model that may run on this machine. `beside` stands over the log odds of the calibrator of words; `alone` is for
material in another language than the question, of which words tell nothing. It is data, never code;
docs/evaluation.md says how well it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from bots.agent.decision import FOREIGN, MEANING
from bots.agent.refit import log_odds, sigmoid

MEASURED = "meaning_measured"  # a feature: 1 = by the model that the numbers were fitted on
NEAR_MISS = 0.7  # … by nearness alone: it tells what is spoken of, and not whether the asked fact is told
UNMEASURED = 0.85  # what is left of the chance where words tell nothing, by a model that nobody measured
ODDS = "odds"
WITHIN: Mapping[str, tuple[float, float]] = {
    ODDS: (-6.0, 6.0),
    MEANING: (0.0, 6.0),
    "meaning_gap": (-3.0, 3.0),
    "meaning_out": (-1.0, 6.0),
}
"""Beyond these no question was seen to fit on."""


class Line(Struct, frozen=True):
    """The log odds as a weighted sum."""

    weights: dict[str, float]
    offset: float

    def chance(self, seen: Mapping[str, float]) -> float:
        within = {name: min(most, max(least, seen.get(name, 0.0))) for name, (least, most) in WITHIN.items()}
        return sigmoid(self.offset + sum(weight * within[name] for name, weight in self.weights.items()))


class ByMeaning(Struct, frozen=True):
    beside: Line
    alone: Line
    fitted_on: tuple[str, ...] = ()


@cache
def shipped() -> ByMeaning:
    raw = files("bots.agent").joinpath("calibration.local.json").read_bytes()
    return msgspec.json.decode(raw, type=ByMeaning)


def by_meaning(chance: float, seen: Mapping[str, float], fitted: ByMeaning | None = None) -> float:
    """`chance` is what the calibrator of words says. A model nobody measured may make it less, and never more; but
    where words tell nothing it is all there is."""
    if MEANING not in seen:
        return chance
    fitted, measured = fitted or shipped(), bool(seen.get(MEASURED, 0.0))
    if seen.get(FOREIGN, 0.0) > 0.5:
        alone = NEAR_MISS * fitted.alone.chance(seen)
        return alone if measured else UNMEASURED * alone
    beside = fitted.beside.chance({**seen, ODDS: log_odds(chance)})
    return beside if measured else min(beside, chance)
