"""Months as they are written, `2026-11`, all in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from persona_store.errors import Refused

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def day_of(month: str, after: int = 0) -> date:
    """The first day of the month that comes so many months after."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + after, 12)
    return date(year, number + 1, 1)


def months(first: date, last: date) -> Iterator[str]:
    """Every month that has one of these days; none if `last` is before `first`."""
    at = first.replace(day=1)
    while at <= last:
        yield month_of(at)
        at = day_of(month_of(at), 1)


def checked(month: str) -> str:
    """Raises Refused MONTH for what is no month."""
    if _MONTH.fullmatch(month) is None or not 1970 <= int(month[:4]) <= 9998:
        raise Refused("MONTH", f"{month[:40]!r} is no month", "write it as 2026-11")
    return month
