"""The pictures of a coverage: how much and when, what about, where from. What colour says is written too."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from math import sqrt

from bots.evaluation.svg import box, clean, line, text
from bots.portrait.periods import Periods, periods
from bots.portrait.words import listed, number, one_line, source
from bots.wording import say
from persona_store.distill.coverage import Coverage

WIDTH = 400  # of the drawing's own units, at which its type is as large as the page's small print
MOST_BARS, MOST_COLUMNS, MOST_SOURCES = 36, 12, 8
_LABELS, _ROW, _HEAD = 132, 24, 30
_SHADES = 5
_BASE, _TOP = 128, 20  # of the timeline


def pictures(coverage: Coverage, lang: str) -> list[tuple[str, str, str]]:
    """(title, drawing, caption) of each that there is something to draw for."""
    if not coverage.months:
        return []
    drawn = [(say(lang, "portrait.timeline"), *timeline(coverage, lang))]
    if coverage.topics:
        drawn.insert(0, (say(lang, "portrait.topics"), *topics(coverage, lang)))
    drawn.append((say(lang, "portrait.sources"), sources(coverage, lang), ""))
    return drawn


def bars(coverage: Coverage) -> Periods:
    return periods(coverage.months, most=MOST_BARS, steps=("month", "quarter", "year"))


def columns(coverage: Coverage) -> Periods:
    return periods(coverage.months, most=MOST_COLUMNS, steps=("quarter", "year"))


def timeline(coverage: Coverage, lang: str) -> tuple[str, str]:
    when = bars(coverage)
    counts = when.counts(coverage.months)
    most = max(counts)
    peak = counts.index(most)
    width = WIDTH / max(when.count, 6)
    parts = [line(0, _BASE, WIDTH, _BASE, "base")]
    for n, count in enumerate(counts):
        height = (_BASE - _TOP) * count / (most or 1)
        said = say(lang, "portrait.source", kind=when.name(n, lang), count=number(count))
        drawn = box(n * width + width * 0.12, _BASE - height, width * 0.76, height, "peak" if n == peak else "bar")
        parts.append(f"<g><title>{clean(said)}</title>{drawn}</g>")
    middle = (peak + 0.5) * width
    anchor = "start" if middle < 30 else "end" if middle > WIDTH - 30 else "middle"
    parts.append(text(middle, _BASE - (_BASE - _TOP) - 6, number(most), "count", anchor))
    parts += _ticks(when, width, _BASE + 15)
    told = say(
        lang,
        "portrait.timeline_told",
        first=when.name(0, lang),
        last=when.name(when.count - 1, lang),
        most=when.name(peak, lang),
        count=number(most),
    )
    caption = {
        "month": "portrait.timeline_month",
        "quarter": "portrait.timeline_quarter",
        "year": "portrait.timeline_year",
    }[when.step]
    svg = _drawing(
        "timeline",
        say(lang, "portrait.timeline"),
        told,
        parts,
        _BASE + (36 if _monthly(when) else 22),
    )
    return svg, _with_earlier(say(lang, caption), when, coverage, lang)


def topics(coverage: Coverage, lang: str) -> tuple[str, str]:
    """A row for each topic, a column for each quarter or year; how many is written into the field."""
    when = columns(coverage)
    rows = [(one_line(listed(each.words, lang), 120), when.counts(each.quarters)) for each in coverage.topics]
    most = max((count for _, counts in rows for count in counts), default=0) or 1
    width = min((WIDTH - _LABELS) / when.count, 90)
    parts: list[str] = list(_columns(when, width))
    for n, (name, counts) in enumerate(rows):
        y = _HEAD + n * _ROW
        parts.append(f"<g><title>{clean(name)}</title>{text(0, y + 16, fitting(name, 18), 'name')}</g>")
        for column, count in enumerate(counts):
            shade = min(_SHADES, 1 + int(sqrt(count / most) * _SHADES)) if count else 0
            x = _LABELS + column * width
            parts.append(box(x + 1, y + 1, width - 2, _ROW - 2, f"h{shade}"))
            if count:
                parts.append(text(x + width / 2, y + 16, _short(count), f"on on{shade}", "middle"))
    best = max(coverage.topics, key=lambda each: each.passages)
    told = say(
        lang,
        "portrait.topics_told",
        step=say(lang, "portrait.by_quarter" if when.step == "quarter" else "portrait.by_year"),
        topic=one_line(best.words[0], 60),
        count=number(best.passages),
    )
    svg = _drawing("topics", say(lang, "portrait.topics"), told, parts, _HEAD + len(rows) * _ROW)
    return svg, _with_earlier(say(lang, "portrait.topics_more"), when, coverage, lang)


def sources(coverage: Coverage, lang: str) -> str:
    shown = list(coverage.sources.items())[:MOST_SOURCES]
    most = max(count for _, count in shown)
    parts: list[str] = []
    for n, (kind, count) in enumerate(shown):
        y = n * 34
        parts.append(text(0, y + 12, fitting(source(kind, lang), 46), "name"))
        parts.append(text(WIDTH, y + 12, number(count), "count", "end"))
        parts.append(box(0, y + 18, WIDTH, 6, "h0"))
        parts.append(box(0, y + 18, max(3.0, WIDTH * count / most), 6, "bar"))
    said = [say(lang, "portrait.source", kind=source(kind, lang), count=number(count)) for kind, count in shown]
    told = say(lang, "portrait.sources_told", sources=say(lang, "portrait.between").join(said))
    return _drawing("sources", say(lang, "portrait.sources"), told, parts, len(shown) * 34 - 6)


# ------------------------------------------------------------------ parts


def _ticks(when: Periods, width: float, y: float) -> Iterator[str]:
    """Each year where it begins, as long as there is room for its name; of a single one its months too."""
    free = 0.0
    for n in range(when.count):
        if _monthly(when):
            yield text((n + 0.5) * width, y, str(when.within(n)), "tick", "middle")
            if n == 0 or when.within(n) == 1:
                yield text((n + 0.5) * width, y + 14, str(when.year(n)), "tick", "middle")
            continue
        if n and when.within(n) != 1:
            continue
        x = n * width
        if x >= free and x <= WIDTH - 24:
            yield text(x, y, str(when.year(n)), "tick")
            free = x + 34
        if n:
            yield line(x, _BASE, x, _BASE + 4, "base")


def _monthly(when: Periods) -> bool:
    return when.step == "month" and when.count <= 12


def _columns(when: Periods, width: float) -> Iterator[str]:
    free = 0.0
    for n in range(when.count):
        x = _LABELS + n * width
        if when.step == "quarter":
            yield text(x + width / 2, _HEAD - 5, f"Q{when.within(n)}", "tick", "middle")
        if (n == 0 or when.within(n) == 1) and x >= free:
            at, anchor = (x + 1, "start") if when.step == "quarter" else (x + width / 2, "middle")
            if at <= WIDTH - 24 or anchor == "middle":
                yield text(at, _HEAD - (18 if when.step == "quarter" else 5), _year(when, n, width), "tick", anchor)
                free = x + (32 if when.step == "quarter" else 0)


def _year(when: Periods, n: int, width: float) -> str:
    """Whole where there is room."""
    year = str(when.year(n))
    return year if when.step == "quarter" or width >= 30 else f"’{year[-2:]}"


def _with_earlier(caption: str, when: Periods, coverage: Coverage, lang: str) -> str:
    earlier = when.earlier(coverage.months)
    if not earlier:
        return caption
    left = say(lang, "portrait.earlier", first=when.name(0, lang), count=number(earlier))
    return f"{caption} {left}"


def _drawing(id: str, name: str, told: str, parts: Iterable[str], height: float) -> str:
    """`told` is read to those who do not see it."""
    return (
        f'<svg role="img" aria-labelledby="{id}-name {id}-told" viewBox="0 0 {WIDTH} {height:.0f}">'
        f'<title id="{id}-name">{clean(name)}</title><desc id="{id}-told">{clean(told)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def fitting(words: str, most: int) -> str:
    """At most so many columns wide; a Chinese character takes two."""
    told, left = "", most
    for char in one_line(words, 4 * most):
        left -= 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if left < 1:
            return told.rstrip(", ") + "…"
        told += char
    return told


def _short(count: int) -> str:
    return str(count) if count < 1000 else f"{count // 1000}k"
