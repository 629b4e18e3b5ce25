"""What a persona's own calibration rests on, as counts and shares: for whoever set its risk budget. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from bots.agent.confidence import within
from bots.agent.label import EDITED, RIGHT, WRONG, Label
from bots.agent.refit import BOLD, Refit

BANDS = 10


class Band(Struct, frozen=True):
    """Drafts about which the calibrator that ships was so sure: how many an owner judged, how many of those were
    right, and how sure on average it was (`shipped`) and the persona is now (`own`)."""

    above: float
    judged: int
    right: int
    shipped: float
    own: float


class Calibrated(Struct, frozen=True):
    """`earlier`: labels of another calibrator, which count less and allow nothing. `threshold` is what the persona
    answers from, `answers_from` the shipped confidence that is, and `shipped_threshold` where it began."""

    persona: str
    calibrator: str
    owner: dict[str, int]
    up: int
    down: int
    silent: int
    earlier: int
    slope: float
    offset: float
    budget: float
    threshold: float
    answers_from: float
    shipped_threshold: float
    bands: tuple[Band, ...]

    @property
    def judged(self) -> int:
        return sum(self.owner.values())

    @property
    def standing(self) -> str:
        """nothing: no answer keeps the budget; none: as shipped; careful: too little is judged to be bolder; kept:
        no bolder than shipped; lower."""
        if self.threshold > 1:
            return "nothing"
        if not (self.judged or self.up or self.down):
            return "none"
        if self.judged < BOLD:
            return "careful"
        return "lower" if self.answers_from < self.shipped_threshold - 5e-4 else "kept"


def calibrated(
    persona: str,
    labels: Sequence[Label],
    own: Refit,
    *,
    budget: float,
    shipped: Sequence[tuple[float, float]],
    calibrator: str,
) -> Calibrated:
    ours = [label for label in labels if label.calibrator == calibrator]
    threshold, before = within(own.thresholds or shipped, budget), within(shipped, budget)
    return Calibrated(
        persona=persona,
        calibrator=calibrator,
        owner={
            each: sum(label.judged and label.owner == each for label in ours) for each in (RIGHT, EDITED, WRONG)
        },
        up=sum(len(label.up) for label in ours),
        down=sum(len(label.down) for label in ours),
        silent=sum(not (label.owner or label.up or label.down) for label in ours),
        earlier=len(labels) - len(ours),
        slope=own.slope,
        offset=own.offset,
        budget=budget,
        threshold=threshold,
        answers_from=own.before(threshold) if own.thresholds and threshold <= 1 else threshold,
        shipped_threshold=before,
        bands=tuple(_bands([label for label in ours if label.judged], own)),
    )


def _bands(judged: Sequence[Label], own: Refit) -> list[Band]:
    found: list[list[Label]] = [[] for _ in range(BANDS)]
    for label in judged:
        found[min(BANDS - 1, int(label.chance * BANDS))].append(label)
    return [
        Band(
            above=number / BANDS,
            judged=len(part),
            right=sum(label.right for label in part),
            shipped=sum(label.chance for label in part) / len(part),
            own=sum(own.chance(label.chance) for label in part) / len(part),
        )
        for number, part in enumerate(found)
        if part
    ]
