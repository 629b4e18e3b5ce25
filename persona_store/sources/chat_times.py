"""When a message was written, out of the many ways in which exports say it: pure functions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from datetime import timezone as fixed
from typing import Any

CHINA = fixed(timedelta(hours=8))
"""What a time without a zone means unless the operator says otherwise: both platforms write Beijing time."""

_LAST = 253_402_300_000.0  # the year 9999, in seconds
_DIGITS = re.compile(r"\d{9,17}(?:\.\d{1,9})?")
_WALL = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]*(\d{1,2})[:：](\d{2})(?:[:：](\d{2})(?:\.\d{1,9})?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)


def moment(given: Any, zone: tzinfo) -> float | None:
    """Seconds since 1970, or None if it is no time. Numbers are seconds, milliseconds or microseconds, by their
    size; words are a date and a time of day, in `zone` unless they name one."""
    if isinstance(given, bool) or given is None:
        return None
    if isinstance(given, int | float):
        return _scaled(float(given))
    if not isinstance(given, str):
        return None
    given = given.strip()
    if _DIGITS.fullmatch(given):
        return _scaled(float(given))
    match = _WALL.fullmatch(given)
    return _wall(match, zone) if match else None


def _scaled(stamp: float) -> float | None:
    if not 0 < stamp < 1e17:
        return None
    while stamp >= 1e11:
        stamp /= 1000
    return stamp if stamp >= 1e8 else None  # before 1973 is no message but a counter


def _wall(match: re.Match[str], zone: tzinfo) -> float | None:
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    try:
        local = datetime(year, month, day, hour, minute, int(match[6] or 0))
        stamp = local.replace(tzinfo=_offset(match[7]) or zone).timestamp()
    except (ValueError, OverflowError):
        return None
    return stamp if 1e8 <= stamp < _LAST else None


def _offset(said: str | None) -> tzinfo | None:
    if not said:
        return None
    if said == "Z":
        return fixed(timedelta())
    hours, minutes = int(said[1:3]), int(said[-2:])
    return fixed((-1 if said[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
