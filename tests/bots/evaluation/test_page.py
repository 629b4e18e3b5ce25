"""The report: a file that stands alone, says one plain thing first, and repeats nobody's markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.async_api import async_playwright

from bots.evaluation.comparing import compare
from bots.evaluation.escalated import Handed
from bots.evaluation.model import Id, Judged, Report
from bots.evaluation.page import handed_page, page
from bots.evaluation.reporting import report
from bots.evaluation.words import headline, percent, verdict
from bots.wording import LANGUAGES
from tests.bots.evaluation.rows import many, row

HOSTILE = "</title></svg><script>alert(1)</script><img src=https://evil.example/x>\"'&\u202e\x1b[2J"
VOID = ("meta",)
SHAPES = ("polyline", "line", "rect", "circle")


def made(rows: list[Judged], texts: dict[Id, str] | None = None, **more: Any) -> Report:
    given = {"persona": "lin", "made_at": datetime(2026, 6, 1, tzinfo=UTC), "version": "1", "budget": 0.1, **more}
    return report(rows, texts or {each.id: "?" for each in rows}, **given)


class Reader(HTMLParser):
    """Balanced tags, and which there were."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(html: str) -> Reader:
    """Every tag is closed where it should be, every drawing is XML, nothing is fetched."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    for drawing in drawings:
        ElementTree.fromstring(drawing)
    assert not reader.seen & {"script", "link", "img", "iframe", "object", "form", "a"}
    return reader


def rows() -> list[Judged]:
    found = [row(0.95 - n / 100, n % 9 != 5, id=n, answered=n < 20) for n in range(40)]
    return [
        *found,
        *(row(0.3, False, id=100 + n, answerable=False, kind="other", answered=n == 0) for n in range(9)),
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_stands_alone(lang: str) -> None:
    html = page(made(rows()), lang)
    read(html)
    assert html.count("<svg") == 4
    assert f'<html lang="{lang}">' in html
    assert "prefers-color-scheme: dark" in html
    assert not re.search(r"https?://|\ssrc=|\shref=|url\(|@import", html)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_questions_are_words_and_never_markup(lang: str) -> None:
    wrong = [row(0.9, False, id=1, kind=HOSTILE), row(0.8, id=HOSTILE)]
    given = made(wrong, {1: HOSTILE, HOSTILE: "x"}, persona=HOSTILE, against=compare(wrong[:1], wrong[:1]))
    html = page(given, lang)
    read(html)
    assert "alert(1)" in html
    assert not any(bad in html for bad in ("<script", "<img", "\x1b", "\u202e"))


@settings(max_examples=40)
@given(many, st.text(), st.sampled_from(LANGUAGES))
def test_any_result_can_be_shown(rows: list[Judged], text: str, lang: str) -> None:
    read(page(made(rows, {0: text}), lang))


def test_the_first_sentence_says_what_it_does_and_how_often_that_is_wrong() -> None:
    answered = [row(0.9)] * 52 + [row(0.8, False)] * 2 + [row(0.1, answered=False)] * 46
    assert headline(made(answered), "en") == (
        "At the set budget of 10 % it answers 54 % of the questions, and 4 % of those answers were wrong."
    )
    silent = made([row(0.1, answered=False)] * 3)
    assert headline(silent, "en") == (
        "At the set budget of 10 % it answers none of the 3 questions: each goes to a human."
    )
    assert verdict(silent, "en") == ""


@pytest.mark.parametrize(("right", "wrong", "told"), [
    (200, 2, "The budget is kept."),
    (20, 1, "do not prove"),
    (8, 2, "may be chance"),
    (50, 50, "The budget is not kept."),
])  # fmt: skip
def test_whether_the_budget_was_kept_is_said_as_far_as_it_is_known(right: int, wrong: int, told: str) -> None:
    assert told in verdict(made([row(0.9)] * right + [row(0.9, False)] * wrong), "en")


def test_the_surest_wrong_answers_are_shown_first_and_the_right_ones_not() -> None:
    given = made(rows(), {each.id: f"question {each.id}?" for each in rows()})
    assert [each.id for each in given.wrong] == [5, 14, 100]
    html = page(given, "en")
    assert html.index("question 5?") < html.index("question 14?")
    assert "question 1?" not in html


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "0"), (0.004, "0.4"), (0.035, "4"), (0.54, "54"), (0.999, "99.9"), (1.0, "100")]
)
def test_little_is_not_nothing(share: float, shown: str) -> None:
    assert percent(share) == shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_went_to_a_human_has_its_page(lang: str) -> None:
    fates = {"as_it_was": 1, "edited": 0, "otherwise": 1, "no_draft": 0}
    counted = Handed("lin", 2, 1, fates, 0.5, {"low_confidence": (2, 1), "new_reason": (0, 0)}, ())
    html = handed_page(counted, lang, when="2026-06-01 00:00 UTC", version="1")
    read(html)
    assert "50" in html
    assert "new_reason" in html


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_read_on_a_phone(chromium: str, tmp_path: Path, scheme: Any) -> None:
    """Nothing sticks out, nothing is complained about, and words differ from their ground."""
    (tmp_path / "report.html").write_text(page(made(rows(), against=compare(rows(), rows())), "zh-CN"))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = await browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        complaints: list[str] = []
        tab.on("console", lambda line: complaints.append(line.text))
        await tab.goto((tmp_path / "report.html").as_uri())
        assert await tab.evaluate("document.documentElement.scrollWidth") == 390
        style = "getComputedStyle(document.body)"
        ink, paper = [sum(await tab.evaluate(f"{style}.{name}.match(/[0-9]+/g).map(Number).slice(0, 3)"))
                      for name in ("color", "backgroundColor")]  # fmt: skip
        await browser.close()
    assert complaints == []
    assert (ink > paper) is (scheme == "dark")
    assert abs(ink - paper) > 400
