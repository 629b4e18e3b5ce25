"""The page as HTML: one file that stands alone, repeats nobody's markup, and can be read by everybody."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st
from msgspec import structs
from playwright.async_api import async_playwright

from bots.portrait.html import html
from bots.portrait.model import Page
from bots.wording import LANGUAGES
from persona_store.distill.coverage import Coverage
from tests.bots.portrait import given
from tests.bots.portrait.test_page import made

VOID = ("meta",)
SHAPES = ("polyline", "line", "rect", "circle")
MARKUP = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "header",
        "main",
        "nav",
        "section",
        "article",
        "footer",
    ),
    *("h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption", "blockquote"),
    *("details", "summary", "a", "b", "code", "span", "strong", "svg", "g", "desc", "text", *SHAPES),
}


class Reader(HTMLParser):
    """Balanced tags; their ids, links and headings, and the words between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.meta: dict[str, str] = {}
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []
        assert self.seen <= MARKUP

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert not [name for name in given if name.startswith("on") or name in ("style", "src")]
        self.seen.add(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "meta":
            self.meta[given.get("name") or given.get("http-equiv", "")] = given.get("content", "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def pages() -> dict[str, Page]:
    return {
        "full": made(given.full()),
        "small": made(given.small(), "zh-CN"),
        "hostile": made(given.hostile()),
        "nothing": made(given.Book(), coverage=Coverage(), gaps=[], consent=None),
    }


@pytest.mark.parametrize("name", ["full", "small", "hostile", "nothing"])
def test_it_stands_alone(name: str) -> None:
    """Well-formed, without a script, with nothing to fetch, and its own policy allows its own style and no more."""
    text = html(pages()[name])
    reader = Reader(text)
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ElementTree.fromstring(drawing)
    assert len(set(reader.ids)) == len(reader.ids)
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)
    assert style
    proof = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert reader.meta["Content-Security-Policy"].startswith(f"default-src 'none'; style-src 'sha256-{proof}'")
    assert not re.search(r"url\(|@import", style[1])


@pytest.mark.parametrize("name", ["full", "small", "hostile", "nothing"])
def test_headings_come_in_order(name: str) -> None:
    """One h1 at the top, and no level is left out on the way down."""
    headings = Reader(html(pages()[name])).headings
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(headings, headings[1:], strict=False))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_begins_and_ends_with_the_ai_label(lang: str) -> None:
    """In the title, before anything else on the page, and below it (标识办法 4)."""
    whole = made(given.small(), lang)
    words = [word for word in Reader(html(whole)).words if word.strip()]
    assert whole.label in words[0]
    assert (words[1], words[-1]) == (whole.label, whole.label)
    assert ("AI生成" in whole.label and "非本人" in whole.label) or "AI-generated" in whole.label


def test_the_file_carries_the_implicit_label() -> None:
    """L21: all seven fields, as JSON, with the leaf of the audit log (标识办法 5, GB 45438)."""
    whole = made(given.small(), produce_id="leaf 41")
    fields = msgspec.json.decode(Reader(html(whole)).meta["AIGC"])
    assert fields == {
        "Label": "1",
        "ContentProducer": "Paperboat 纸舟",
        "ProduceID": "leaf 41",
        "ReservedCode1": "",
        "ContentPropagator": "Paperboat 纸舟",
        "PropagateID": "leaf 41",
        "ReservedCode2": "",
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_others_wrote_is_words(lang: str) -> None:
    """In every place a stranger's text can get to, a topic in the pictures and a name among them."""
    covered = given.coverage()
    topics = tuple(structs.replace(each, words=(given.HOSTILE,)) for each in covered.topics)
    covered = structs.replace(covered, topics=topics, sources={given.HOSTILE: 3})
    gaps = [structs.replace(gap, topic=given.HOSTILE) for gap in given.gaps()]
    consent = structs.replace(given.consent(), uses=(given.HOSTILE,))
    names = dict.fromkeys(given.NAMES, given.HOSTILE)
    persona = structs.replace(given.persona(), display_name=given.HOSTILE)
    whole = made(given.hostile(), lang, coverage=covered, gaps=gaps, consent=consent, names=names, persona=persona)
    text = html(whole)
    reader = Reader(text)
    assert "<script>alert(1)</script>" in " ".join(reader.words)
    assert not [link for link in reader.links if not link.startswith(("#", "https://e.x/"))]
    assert "\x1b" not in text
    assert "\u2066" not in text


@settings(max_examples=25, deadline=None)
@holds(st.text(), st.sampled_from(LANGUAGES))
def test_any_words_can_be_shown(text: str, lang: str) -> None:
    book = given.Book()
    book.add(
        "answer", text, text or "x", text=text, container_name=text, author_name=text, title=text, question=text
    )
    Reader(html(made(book, lang)))


def test_what_stands_between_backticks_is_code_and_nothing_else() -> None:
    book = given.Book()
    book.add(
        "workflow", "Retry", "Run `payctl <id> --dry-run` first, `<b>` is none. ``` is a fence, and ` is alone."
    )
    text = html(made(book))
    codes = re.findall("<code>(.*?)</code>", text)
    assert codes == ["payctl &lt;id&gt; --dry-run", "&lt;b&gt;"]


def test_all_of_a_long_section_is_there_and_most_of_it_folded() -> None:
    text = html(made(given.full()))
    assert text.count("<article") == len(given.full().facets)
    assert "<summary>2 more</summary>" in text


# ------------------------------------------------------------------ in a browser

VIEWS: tuple[tuple[str, int, Literal["light", "dark"]], ...] = (
    ("full", 1280, "light"),
    ("full", 360, "dark"),
    ("small", 360, "light"),
    ("hostile", 360, "light"),
    ("hostile", 1280, "dark"),
    ("nothing", 1280, "light"),
)

CONTRAST = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.map(linear);
    return .2126 * r + .7152 * g + .0722 * b };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
    return (x + .05) / (y + .05) };
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0) return c.slice(0, 3) } return [255, 255, 255] };
  const shade = e => { const at = [...e.classList].find(c => /^on\\d$/.test(c));
    return at && parse(getComputedStyle(document.querySelector('rect.h' + at[2])).fill) };
  document.querySelectorAll('details').forEach(d => d.open = true);
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    const worded = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!worded || /^(title|desc)$/.test(e.tagName)) continue;
    const svg = e.tagName === 'text', style = getComputedStyle(e);
    const r = ratio(parse(svg ? style.fill : style.color), svg && shade(e) || ground(e));
    found.push([r, e.tagName + '.' + (e.getAttribute('class') || ''), e.textContent.slice(0, 30)]);
  }
  return found;
}"""


@pytest.mark.browser
async def test_it_can_be_read_by_everybody_in_a_browser(chromium: str, tmp_path: Path) -> None:
    """Light and dark, on a desk and a phone: nothing complains, nothing runs off the side, no words are too faint
    (WCAG 1.4.3 asks 4.5), and what a stranger wrote runs nowhere."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = await browser.new_page()
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        tab.on("request", lambda request: complaints.append(request.url))
        for name, width, scheme in VIEWS:
            file = tmp_path / f"{name}.html"
            file.write_text(html(pages()[name]), encoding="utf-8")
            await tab.set_viewport_size({"width": width, "height": 800})
            await tab.emulate_media(color_scheme=scheme)
            complaints.clear()
            await tab.goto(file.as_uri())
            assert complaints == [file.as_uri()]
            assert await tab.evaluate("document.documentElement.scrollWidth") <= width
            found = await tab.evaluate(CONTRAST)
            assert len(found) > 20
            assert [each for each in found if each[0] < 4.5] == []
        await browser.close()


@pytest.mark.browser
async def test_a_screen_reader_hears_what_the_pictures_show(chromium: str, tmp_path: Path) -> None:
    """Each picture has a name and a description with its numbers."""
    (tmp_path / "page.html").write_text(html(made(given.full())), encoding="utf-8")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = await browser.new_page()
        await tab.goto((tmp_path / "page.html").as_uri())
        image = tab.get_by_role("img", name=re.compile("How much, and when .*Most in Oct 2026: 46"))
        assert await image.count() == 1
        assert await tab.get_by_role("img").count() == 3
        assert await tab.get_by_role("navigation", name="On this page").count() == 1
        await browser.close()
