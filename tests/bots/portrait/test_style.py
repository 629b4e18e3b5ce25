"""A style in sentences: plain, in both languages, and only of what was measured."""

from __future__ import annotations

import re

import pytest

from bots.portrait.style import MOST, sentences
from bots.wording import LANGUAGES
from persona_store.distill.model import Facet
from persona_store.distill.style import Style
from tests.persona_store.distill.writers import conversation
from tests.persona_store.passages import START, passage


def told(writer: str, lang: str) -> dict[str, str]:
    found = Style()
    found.see(conversation(writer))
    return {facet.aspect: " ".join(sentences(facet, lang)) for facet in found.facets()}


def facet(aspect: str, **measures: float) -> Facet:
    return Facet("f", aspect, "", "", (), 0.9, START, START, measures=measures)


def test_a_careful_writer_in_english() -> None:
    said = told("careful", "en")
    assert said["length"].startswith("Most messages have 3 sentence(s); the median length is ")
    assert re.search(r"Often opens with .*“Well,” \(\d\d %\)", said["openings"])
    assert "100 % of the messages end with a full stop" in said["punctuation"]
    assert said["emoji"] == "No emoji or smileys were seen."


def test_a_chinese_writer_in_chinese() -> None:
    said = told("chinese", "zh-CN")
    assert re.search(r"常这样开头：.*“没问题，”（\d\d %）", said["openings"])
    assert "100 % 的消息带波浪号（~）。" in said["punctuation"]
    assert "100 % 的消息中英文混用。" in said["languages"]
    assert "“😀”" in said["emoji"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("writer", ["careful", "quick", "chinese"])
def test_every_aspect_is_told_without_a_gap(writer: str, lang: str) -> None:
    for aspect, text in told(writer, lang).items():
        assert "{" not in text
        assert text or aspect in ("shapes", "openings", "phrases")


def test_what_is_rare_is_not_told() -> None:
    assert sentences(facet("shapes", messages=100, link=0.01, list=0.5), "en") == [
        "50 % of the messages have a list."
    ]
    assert sentences(facet("shapes", messages=100, replies=3, reply_yes=1.0), "en") == []


def test_small_shares_keep_a_digit_and_large_ones_none() -> None:
    line = sentences(facet("openings", messages=999, **{"opening:So": 0.004, "opening:Ah": 0.126}), "en")[0]
    assert line == "Often opens with “So” (0.4 %), “Ah” (13 %)."


def test_no_more_are_listed_than_one_reads() -> None:
    many = {f"phrase:p{n}": 0.1 for n in range(20)}
    assert sentences(facet("phrases", messages=99, **many), "en")[0].count("%") == MOST


def test_a_facet_of_another_kind_has_no_such_sentences() -> None:
    assert sentences(facet("decision", messages=3), "en") == []
    assert sentences(facet("length"), "en") == []


def test_a_writer_of_templates_changes_no_sentence() -> None:
    found = Style()
    found.see([passage(f"m{n}", "well, {percent} then", minutes=n) for n in range(40)])
    for each in found.facets():
        assert sentences(each, "en") is not None
