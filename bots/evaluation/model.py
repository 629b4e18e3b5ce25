"""What is measured: a question whose answer is known, what was predicted for it, and how the two were judged."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

Id = str | int
"""An id of a question is a string or a number and is given back as it came."""

UNSURE = float("-inf")  # the confidence of a prediction that names none: behind everything that names one


class Asked(Struct, frozen=True):
    """A question with what would be right. `gold_ids` are the passages that answer it, `gold_threads` the threads;
    of a question that cannot be answered they say what was taken out and count for nothing. `ts` is when it was
    asked, as seconds since 1970 or in ISO 8601; 0 and null are no time."""

    id: Id
    text: str
    answerable: bool
    kind: str = ""
    ts: float | str | None = None
    gold_ids: tuple[str, ...] = ()
    gold_threads: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()  # what the questions that ship with the sample call gold_ids

    @property
    def gold(self) -> frozenset[str]:
        return frozenset((*self.gold_ids, *self.evidence))


class Prediction(Struct, frozen=True):
    """A line of `understudy ask --batch`, as far as it is measured. Evidence is best first."""

    id: Id
    answered: bool = False
    confidence: float | None = None
    evidence_ids: tuple[str, ...] = ()


class Judged(Struct, frozen=True):
    """A question and what came of it. `rank` is the place of the first right evidence among all that was looked
    at, 1 the best and 0 for none; `right` whether it is among the first three, which is what is quoted."""

    id: Id
    kind: str
    answerable: bool
    answered: bool
    confidence: float
    rank: int
    right: bool


class KindCount(Struct, frozen=True):
    """Questions of one kind, by what came of them."""

    kind: str
    answerable: bool
    right: int
    wrong: int
    handed_over: int


class Bin(Struct, frozen=True):
    """Questions of about the same confidence: its mean, and the share of them whose answer was right."""

    confidence: float
    right: float
    count: int


class WrongAnswer(Struct, frozen=True):
    id: Id
    kind: str
    confidence: float
    text: str


class Difference(Struct, frozen=True):
    """A figure before and now. `low` and `high` hold the difference with 95 % certainty; `worse` is set where all
    of that lies on the bad side and the difference is larger than what is tolerated."""

    figure: str
    before: float
    now: float
    low: float
    high: float
    worse: bool


class Comparison(Struct, frozen=True):
    """Two sets of predictions for the same questions. `won` and `lost` are questions that came out better or worse
    than before: a right answer is better than none, none better than a wrong one."""

    differences: tuple[Difference, ...]
    won: tuple[Id, ...]
    lost: tuple[Id, ...]

    @property
    def worse(self) -> tuple[str, ...]:
        return tuple(each.figure for each in self.differences if each.worse)


class Report(Struct, frozen=True):
    """All there is to read and to draw."""

    persona: str
    made_at: datetime
    version: str
    budget: float
    missing: int  # questions without a prediction: they count as not answered
    figures: dict[str, float | None]
    kinds: tuple[KindCount, ...]
    risk_coverage: tuple[tuple[float, float], ...]
    reliability: tuple[Bin, ...]
    hits: tuple[float, ...]  # by rank: the share whose right evidence is among the first 1, 2, 3 …
    wrong: tuple[WrongAnswer, ...]
    against: Comparison | None = None
