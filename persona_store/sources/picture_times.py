"""The times that chats show between and beside messages: "昨天 14:03", "Today at 2:03 PM", "Monday, March 2nd"."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

from msgspec import Struct


class Spoken(Struct, frozen=True):
    """What a line tells: a day, a time of day, or both."""

    day: date | None = None
    clock: time | None = None


_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ZH_DAYS = "一二三四五六日"
_BACK = {"今天": 0, "昨天": 1, "前天": 2, "today": 0, "yesterday": 1}

_CLOCK = re.compile(
    r"(?P<part>凌晨|早上|上午|中午|下午|傍晚|晚上)?\s*(?P<hour>\d{1,2})[:：](?P<minute>\d\d)(?:[:：]\d\d)?\s*(?P<half>[AP]\.?M\.?)?$",
    re.I,
)
_SEPARATED = re.compile(r"[\s,，·|]+(?:at)?[\s,，·|]*$|(?<=[a-z0-9])\s*at\s*$", re.I)
_NUMBERS = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.I)
_WORDS = re.compile(r"(?:星期|周|礼拜)([一二三四五六日天])")
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s*(\d{1,2})(?:st|nd|rd|th)?(?:,?\s*(\d{4}))?", re.I)
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s*([a-z]{3,9})\.?(?:,?\s*(\d{4}))?", re.I)


def spoken(text: str, taken: date) -> Spoken | None:
    """The line as a whole, or None if it says anything else. `taken` is the day of the picture: "yesterday" is the
    day before it, and a day without a year the last one up to it."""
    text = " ".join(text.split())
    if not 2 <= len(text) <= 40:
        return None
    clock, rest = _clock(text)
    if not rest:
        return Spoken(clock=clock) if clock else None
    try:
        day = _day(rest, taken)
    except OverflowError:  # the day before the first one there is
        return None
    return Spoken(day, clock) if day else None


def trailing(text: str) -> tuple[str, str]:
    """`Lin Wei 2:05 PM` is a name and the time beside it; ("…", "") if it ends with none."""
    found = re.search(
        r"(?P<name>.+?)\s*(?P<time>(?:(?:昨天|前天|今天|yesterday|today)\s*(?:at\s*)?)?"
        r"(?:(?:\d{4}[-/年])?\d{1,2}[-/月]\d{1,2}日?\s*)?(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?"
        r"(?<!\d)\d{1,2}[:：]\d\d(?:[:：]\d\d)?\s*(?:[AP]M)?)$",
        " ".join(text.split()),
        re.I,
    )
    return (found["name"].strip(), found["time"]) if found else (text, "")


def _clock(text: str) -> tuple[time | None, str]:
    """The time of day at the end, and what stands before it."""
    found = _CLOCK.search(text)
    if not found:
        return None, text
    hour, minute, part, half = int(found["hour"]), int(found["minute"]), found["part"] or "", found["half"] or ""
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        return None, text
    if half:
        hour = hour % 12 + 12 * (half[0] in "pP")
    elif (part in ("下午", "傍晚", "晚上") and hour < 12) or (part == "中午" and hour < 3):
        hour += 12
    return time(hour, minute), _SEPARATED.sub("", text[: found.start()].rstrip())


def _day(text: str, taken: date) -> date | None:
    folded = text.casefold()
    if folded in _BACK:
        return taken - timedelta(days=_BACK[folded])
    if found := _WORDS.fullmatch(text):
        return _weekday(_ZH_DAYS.index(found[1].replace("天", "日")), taken)
    if weekday := _english_day(folded):
        return _weekday(weekday - 1, taken)
    text = _WORDS.sub("", text).strip(" ,，()（）")  # 3月2日 星期一
    if found := _NUMBERS.fullmatch(text):
        return _dated(found[1], int(found[2]), int(found[3]), taken)
    head, _, rest = text.partition(",")
    if rest and _english_day(head.casefold()):  # Monday, March 2nd
        text = rest.strip()
    if (found := _MONTH_DAY.fullmatch(text)) and (month := _month(found[1])):
        return _dated(found[3], month, int(found[2]), taken)
    if (found := _DAY_MONTH.fullmatch(text)) and (month := _month(found[2])):
        return _dated(found[3], month, int(found[1]), taken)
    return None


def _english_day(word: str) -> int:
    """1 for Monday or Mon, 0 for anything else."""
    return next((n for n, day in enumerate(_DAYS, 1) if word in (day, day[:3])), 0)


def _month(word: str) -> int:
    return next((n for n, month in enumerate(_MONTHS, 1) if word.casefold() in (month, month[:3])), 0)


def _weekday(day: int, taken: date) -> date:
    """The last one before the picture: for the day itself chats say "today" or nothing."""
    return taken - timedelta(days=(taken.weekday() - day - 1) % 7 + 1)


def _dated(year: str | None, month: int, day: int, taken: date) -> date | None:
    """29 February without a year is the last one there was."""
    years = [int(year)] if year else range(taken.year, taken.year - 8, -1)
    for each in years:
        try:
            found = date(each, month, day)
        except ValueError:
            continue
        if year or found <= taken + timedelta(days=1):
            return found
    return None
