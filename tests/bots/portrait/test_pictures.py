"""The pictures: as many periods as there is room for, every number written out, and nothing left out unsaid."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st
from msgspec import structs

from bots.portrait.periods import periods
from bots.portrait.pictures import (
    MOST_BARS,
    MOST_COLUMNS,
    WIDTH,
    bars,
    columns,
    fitting,
    pictures,
    timeline,
    topics,
)
from bots.wording import LANGUAGES
from persona_store.distill.coverage import Coverage, TopicCoverage
from tests.bots.portrait import given

MONTHS = st.dictionaries(
    st.builds(lambda year, month: f"{year:04}-{month:02}", st.integers(1, 9999), st.integers(1, 12)),
    st.integers(1, 10_000),
    min_size=1,
)


def numbers(svg: str, kind: str) -> list[int]:
    return [int(each) for each in re.findall(rf'<text class="{kind}[^"]*"[^>]*>([\d,]+)</text>', svg)]


@holds(MONTHS)
def test_every_passage_is_drawn_or_counted_as_earlier(months: dict[str, int]) -> None:
    """However far apart the dates are, there are never more periods than fit."""
    when = periods(months, most=MOST_BARS, steps=("month", "quarter", "year"))
    assert 1 <= when.count <= MOST_BARS
    assert sum(when.counts(months)) + when.earlier(months) == sum(months.values())


@pytest.mark.parametrize(("first", "last", "step", "count"), [
    ("2024-03", "2024-03", "month", 1),
    ("2024-11", "2025-02", "month", 4),
    ("2023-01", "2025-12", "month", 36),
    ("2023-01", "2026-01", "quarter", 13),
    ("2017-02", "2026-01", "year", 10),
    ("0001-01", "2026-01", "year", 36),
])  # fmt: skip
def test_the_finest_step_that_fits_is_taken(first: str, last: str, step: str, count: int) -> None:
    when = periods({first: 1, last: 1}, most=36, steps=("month", "quarter", "year"))
    assert (when.step, when.count) == (step, count)


def test_a_period_has_a_name() -> None:
    month, quarter = (periods({"2024-11": 1, "2025-02": 2}, most=9, steps=(step,)) for step in ("month", "quarter"))
    assert [month.name(n, "en") for n in (0, 3)] == ["Nov 2024", "Feb 2025"]
    assert [quarter.name(n, "zh-CN") for n in (0, 1)] == ["2024年第4季度", "2025年第1季度"]
    assert (quarter.number("2025Q1"), quarter.number("2025-03"), quarter.number("2024Q3")) == (1, 1, -1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_drawing_is_xml_with_a_name_and_a_description(lang: str) -> None:
    drawn = pictures(given.coverage(), lang)
    assert len(drawn) == 3
    for title, svg, _ in drawn:
        root = ElementTree.fromstring(svg)
        assert [each.tag for each in list(root)[:2]] == ["title", "desc"]
        assert root[0].text == title
        assert root.get("aria-labelledby") == f"{root[0].get('id')} {root[1].get('id')}"
        assert re.search(r"\d", root[1].text or "")


def test_what_colour_says_is_written_too() -> None:
    """Each field with a colour has its number, and the number of the busiest month stands on its bar."""
    covered = given.coverage()
    svg, _ = topics(covered, "en")
    shown = [count for each in covered.topics for count in columns(covered).counts(each.quarters) if count]
    assert numbers(svg, "on") == shown
    assert len(re.findall('class="h[1-5]"', svg)) == len(shown)
    assert numbers(timeline(covered, "en")[0], "count") == [max(covered.months.values())]


def test_nothing_is_drawn_outside() -> None:
    """Of any coverage: bars, fields and ticks stay inside the picture."""
    for covered in (given.coverage(), given.coverage(days=90), given.coverage(days=9000), one("2024-03")):
        for _, svg, _ in pictures(covered, "en"):
            for x, width in re.findall(r'<rect[^>]* x="([\d.-]+)"[^>]* width="([\d.]+)"', svg):
                assert float(x) >= 0
                assert float(x) + float(width) <= WIDTH + 0.1


def one(month: str) -> Coverage:
    topic = TopicCoverage(("x",), 1, {f"{month[:4]}Q1": 1})
    return Coverage(own=1, told=1, months={month: 1}, sources={"mail": 1}, topics=(topic,))


def test_what_is_too_old_to_be_drawn_is_said() -> None:
    old = structs.replace(given.coverage(), months={"1999-05": 3, "2026-01": 5})
    assert columns(old).count == MOST_COLUMNS
    assert "before 2015 is not drawn: 3 passages" in topics(old, "en")[1]
    assert "not drawn" not in timeline(old, "en")[1]
    assert bars(old).step == "year"


def test_there_is_no_picture_of_nothing() -> None:
    assert pictures(Coverage(), "en") == []
    assert len(pictures(structs.replace(given.coverage(), topics=()), "en")) == 2


@pytest.mark.parametrize(("words", "shown"), [
    ("ledger", "ledger"), ("ledger, settlement", "ledger, s…"), ("对账差异", "对账差异"),
    ("对账差异处理", "对账差异…"),
])  # fmt: skip
def test_labels_are_cut_by_their_width(words: str, shown: str) -> None:
    assert fitting(words, 10) == shown
