"""Time cut into as many equal pieces as a picture has room for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from bots.portrait.words import month
from bots.wording import say

Step = Literal["month", "quarter", "year"]
_MONTHS: Mapping[Step, int] = {"month": 1, "quarter": 3, "year": 12}


class Periods(Struct, frozen=True):
    """`count` periods from the one numbered `first`, counted from the year 0."""

    step: Step
    first: int
    count: int

    def number(self, key: str) -> int:
        """Of a month "2024-03" or a quarter "2024Q1": which period it lies in; negative is before the first."""
        year, _, rest = key.replace("Q", "-").partition("-")
        months = int(year) * 12 + (int(rest) - 1) * (3 if "Q" in key else 1)
        return months // _MONTHS[self.step] - self.first

    def year(self, number: int) -> int:
        return (self.first + number) * _MONTHS[self.step] // 12

    def within(self, number: int) -> int:
        """Which month or quarter of its year, from 1; 1 for a year."""
        return (self.first + number) % (12 // _MONTHS[self.step]) + 1

    def name(self, number: int, lang: str) -> str:
        year, part = self.year(number), self.within(number)
        if self.step == "month":
            return month(year, part, lang)
        return say(lang, "portrait.quarter", year=year, part=part) if self.step == "quarter" else str(year)

    def counts(self, of: Mapping[str, int]) -> list[int]:
        """What lies in each; what is before the first is left out, see `earlier`."""
        found = [0] * self.count
        for key, count in of.items():
            if 0 <= (number := self.number(key)) < self.count:
                found[number] += count
        return found

    def earlier(self, of: Mapping[str, int]) -> int:
        return sum(count for key, count in of.items() if self.number(key) < 0)


def periods(months: Mapping[str, int], *, most: int, steps: tuple[Step, ...]) -> Periods:
    """The finest of the steps at which everything fits; if none does, the last periods of the coarsest. `months` is
    not empty."""
    for step in steps:
        whole = Periods(step, 0, 0)
        first, last = whole.number(min(months)), whole.number(max(months))
        if last - first < most:
            return Periods(step, first, last - first + 1)
    return Periods(steps[-1], last - most + 1, most)
