"""The page as Markdown: what a renderer makes of it is what was meant, and strangers' words stay words."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import structs

from bots.portrait.markdown import markdown
from bots.portrait.model import Page
from bots.wording import LANGUAGES
from persona_store.distill.coverage import Coverage
from tests.bots.portrait import given
from tests.bots.portrait.test_page import made

OURS = (
    "heading",
    "paragraph",
    "blockquote",
    "bullet_list",
    "list_item",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
)


def parsed(text: str) -> list[Token]:
    """Every token, the inline ones too, of what stands below the front matter."""
    _, front, body = text.split("---\n", 2)
    assert front.startswith("AIGC:\n")
    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(body)
    return [each for token in tokens for each in (token, *(token.children or ()))]


def words(text: str) -> str:
    return "".join(t.content if t.type == "text" else " " for t in parsed(text))


def headings(tokens: list[Token]) -> list[int]:
    return [int(each.tag[1]) for each in tokens if each.type == "heading_open"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_begins_and_ends_with_the_ai_label(lang: str) -> None:
    """As it is written, also for those who read it without a renderer."""
    whole = made(given.small(), lang)
    body = markdown(whole).split("---\n", 2)[2].strip()
    assert body.startswith(f"**{whole.label}**\n")
    assert body.endswith(f"\n**{whole.label}**")


def test_the_file_carries_the_implicit_label() -> None:
    """L21: all seven fields in the front matter, quoted the way both JSON and YAML read."""
    consent = given.consent()
    party = structs.replace(consent.pii_controllers[0], party='A "B": #c\n---')
    text = markdown(made(given.small(), consent=structs.replace(consent, pii_controllers=(party,)), produce_id="7"))
    front = text.split("\n---\n", 1)[0].splitlines()
    assert front[:2] == ["---", "AIGC:"]
    fields = dict(line.strip().split(": ", 1) for line in front[2:])
    assert {name: msgspec.json.decode(value) for name, value in fields.items()} == {
        "Label": "1", "ContentProducer": 'A "B": #c ---', "ProduceID": "7", "ReservedCode1": "",
        "ContentPropagator": 'A "B": #c ---', "PropagateID": "7", "ReservedCode2": "",
    }  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_holds_what_the_page_holds(lang: str) -> None:
    """Every statement, its standing and its place; every gap; and the pictures as a table and as blocks."""
    whole = made(given.full(), lang)
    text = markdown(whole)
    read = re.sub(r"\s", "", words(text))
    for chapter in whole.chapters:
        for entry in (e for s in chapter.sections for e in (*s.entries, *s.past)):
            told = (entry.topic, entry.text, *(c.text for c in entry.cited), *(m.text for m in entry.marks))
            assert all(re.sub(r"\s", "", each) in read for each in (*told, *entry.lines))
    assert all(re.sub(r"\s", "", gap.topic + ":" + gap.why) in read for gap in whole.gaps)
    assert re.search(r"^2025  [▁▂▃▄▅▆▇█ ]{12}  \d+$", text, re.MULTILINE)
    rows = [each for each in parsed(text) if each.type == "tr_open"]
    assert len(rows) == len(whole.coverage.topics) + 1


@pytest.mark.parametrize("page", [
    made(given.full()), made(given.small(), "zh-CN"), made(given.hostile()),
    made(given.Book(), coverage=Coverage(), gaps=[], consent=None),
])  # fmt: skip
def test_headings_come_in_order(page: Page) -> None:
    found = headings(parsed(markdown(page)))
    assert found[0] == 1
    assert found.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(found, found[1:], strict=False))


def harmless(page: Page, places: int) -> None:
    """No markup but ours, and no link but the sources'."""
    tokens = parsed(markdown(page))
    kinds = {each.type.removesuffix("_open").removesuffix("_close") for each in tokens}
    assert kinds <= {*OURS, "inline", "text", "softbreak", "hardbreak", "strong", "em", "link", "fence"}
    links = [each.attrs["href"] for each in tokens if each.type == "link_open"]
    assert len(links) <= places
    assert all(str(link).startswith("https://") for link in links)
    statements = [e for chapter in page.chapters for s in chapter.sections for e in (*s.entries, *s.past)]
    quotes = [each for each in tokens if each.type == "blockquote_open"]
    assert len(quotes) == sum(len(entry.cited) for entry in statements)
    fences = [each for each in tokens if each.type == "fence"]
    assert len(fences) == (1 if page.coverage.months else 0)  # the timeline
    expected = 1 + sum(1 for each in headings(tokens) if each > 1)
    assert len(headings(tokens)) == expected


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_others_wrote_is_words(lang: str) -> None:
    covered = given.coverage()
    topics = tuple(structs.replace(each, words=(given.HOSTILE,)) for each in covered.topics)
    covered = structs.replace(covered, topics=topics, sources={given.HOSTILE: 3})
    gaps = [structs.replace(gap, topic=given.HOSTILE) for gap in given.gaps()]
    persona = structs.replace(given.persona(), display_name=given.HOSTILE)
    consent = structs.replace(given.consent(), uses=(given.HOSTILE,))
    whole = made(given.hostile(), lang, coverage=covered, gaps=gaps, persona=persona, consent=consent)
    harmless(whole, places=1)
    assert "<script>alert(1)</script>" in words(markdown(whole))


@settings(max_examples=50, deadline=None)
@holds(
    st.text(alphabet=st.sampled_from("\n\t #*_`-+=~>|[]()!<&;:.1a中\\$\u202e"), max_size=40), st.text(max_size=20)
)
def test_any_words_stay_words(text: str, other: str) -> None:
    """What is rendered is what was written, sign by sign."""
    book = given.Book()
    facet = book.add("answer", text, text or "x", text=other, container_name=text, author_name=text, question=text)
    whole = made(book, coverage=Coverage(), gaps=[])
    harmless(whole, places=len(facet.citations))
    shown = re.sub(r"[\s\u2060]", "", words(markdown(whole)))
    for chapter in whole.chapters:
        for entry in chapter.sections[0].entries:
            assert re.sub(r"\s", "", entry.cited[0].text) in shown
            assert re.sub(r"\s", "", entry.topic) in shown


def test_an_address_leads_where_it_says() -> None:
    """`&copy;` in an address is no ©."""
    book = given.Book()
    book.add("answer", "x", "x", url="https://a.example/?a=1&copy;=2(3)")
    (link,) = [each for each in parsed(markdown(made(book))) if each.type == "link_open"]
    assert link.attrs["href"] == "https://a.example/?a=1&copy;=2%283%29"


def test_nothing_at_all_is_a_page_too() -> None:
    text = markdown(made(given.Book(), coverage=Coverage(), gaps=[], consent=None))
    assert "There is no material yet that can be shown here." in text
    assert "```" not in text
