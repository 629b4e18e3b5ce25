"""A persona's own calibration: two numbers over the calibrator that ships, and its own thresholds. Pure.

The two numbers are slope and offset in the log odds (Platt 1999), at their most likely value given the labels and a
prior that says "as shipped": slope 1 ± SLOPE, offset 0 ± OFFSET, a normal each. With few labels nothing moves far.

Labels are not drawn at random. Owners see what the persona was unsure of, and askers object to what looks wrong.
What is asked of a human is chosen by the confidence alone, which is what is fitted on, so that choice does not bend
the fit (Rubin, Biometrika 1976: such missing values can be ignored). About answers that were given, silence is
counted a little (label.py). And since the fit reaches from where the labels are to where they are not, it may make
a persona more careful at once, but bolder only where owners have judged what would be answered then: see `lowest`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log

from msgspec import Struct, structs

from bots.agent.guarantee import learn_then_test
from bots.agent.label import Label, Seen, observations

SLOPE, OFFSET = 0.3, 0.6  # how far a team is from what ships, as a standard deviation
BOLD = 20  # the least number of answers an owner has judged before a threshold may sink
DOUBT = 0.10  # that a lower threshold does not keep the budget after all
STEEPEST, FLATTEST = 3.0, 0.2
EDGE = 1e-4  # a chance is never taken for certain
ROUNDS = 50


class Refit(Struct, frozen=True):
    """`labelled`: how many answers an owner has judged. `thresholds` are for its own confidences, by risk budget
    ascending, like those that ship."""

    slope: float = 1.0
    offset: float = 0.0
    labelled: int = 0
    thresholds: tuple[tuple[float, float], ...] = ()

    def chance(self, shipped: float) -> float:
        """What the persona says instead. Until enough is judged it may only be less sure than what ships."""
        own = sigmoid(self.slope * log_odds(shipped) + self.offset)
        return own if self.labelled >= BOLD else min(own, shipped)

    def before(self, own: float) -> float:
        """The shipped chance that becomes `own`."""
        shipped = sigmoid((log_odds(own) - self.offset) / self.slope)
        return shipped if self.labelled >= BOLD else max(shipped, own)


UNCHANGED = Refit()


def refit(labels: Sequence[Label], calibrator: str, shipped: Sequence[tuple[float, float]]) -> Refit:
    """`shipped` are the thresholds that ship, by risk budget. The same labels give the same numbers, in whatever
    order they come."""
    seen = sorted(observations(labels, calibrator), key=lambda each: (each.chance, each.right, each.weight))
    slope, offset = fitted(seen)
    judged = [(label.chance, label.right) for label in labels if label.judged and label.calibrator == calibrator]
    own = Refit(slope, offset, len(judged))
    thresholds = tuple((budget, _own(own, judged, budget, at)) for budget, at in shipped)
    return structs.replace(own, thresholds=thresholds)


def _own(own: Refit, judged: Sequence[tuple[float, bool]], budget: float, shipped: float) -> float:
    """The threshold for one budget: where the refitted chance reaches the shipped threshold, but no lower than
    owners' judgements allow."""
    bounded = max(own.before(shipped), lowest(judged, budget, shipped))
    return max(shipped, round(own.chance(min(1.0, bounded)), 6))


def lowest(judged: Iterable[tuple[float, bool]], budget: float, shipped: float) -> float:
    """The lowest shipped chance from which on one may answer. Above the shipped threshold its own promise holds.
    Below it, down to the new one, owners have judged what came; if of that band the budget is certified to be kept,
    it is kept in both parts, and so in both together."""
    band = [(chance, right) for chance, right in judged if chance < shipped]
    found = learn_then_test(band, budget, doubt=DOUBT, least=BOLD)
    return shipped if found is None else found


def fitted(seen: Sequence[Seen]) -> tuple[float, float]:
    """Slope and offset: the maximum of the posterior, by Newton's method. It is concave, so there is one."""
    points = [(log_odds(each.chance), each.right, each.weight) for each in seen]
    slope, offset = 1.0, 0.0
    for _ in range(ROUNDS):
        g1, g2 = (1 - slope) / SLOPE**2, -offset / OFFSET**2
        h11, h12, h22 = 1 / SLOPE**2, 0.0, 1 / OFFSET**2
        for odds, right, weight in points:
            own = sigmoid(slope * odds + offset)
            g1, g2 = g1 + weight * (right - own) * odds, g2 + weight * (right - own)
            bend = weight * own * (1 - own)
            h11, h12, h22 = h11 + bend * odds * odds, h12 + bend * odds, h22 + bend
        one = (h22 * g1 - h12 * g2) / (h11 * h22 - h12 * h12)
        two = (h11 * g2 - h12 * g1) / (h11 * h22 - h12 * h12)
        size = max(1.0, abs(one), abs(two))  # no step so long that it could overshoot
        slope, offset = slope + one / size, offset + two / size
        if max(abs(one), abs(two)) < 1e-9:
            break
    return round(min(STEEPEST, max(FLATTEST, slope)), 6), round(offset, 6)


def log_odds(chance: float) -> float:
    within = min(1 - EDGE, max(EDGE, chance))
    return log(within / (1 - within))


def sigmoid(odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))
