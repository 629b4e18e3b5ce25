"""The page as one HTML file: no script, nothing fetched, and whatever others wrote escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

import msgspec

from bots.portrait.model import Changes, Chapter, Cited, Entry, Fact, Mark, Page, Section, Side
from bots.portrait.pictures import pictures
from bots.wording import say

SHOWN = 8  # statements of a section; the others wait behind a fold
SHOWN_QUOTES = 2
SHOWN_CHANGES = 12
_CODE = re.compile(r"(?<!`)`(?=\S)([^`\n]{1,200})(?<=\S)`(?!`)")  # in what is escaped already


def html(page: Page) -> str:
    style = files("bots.portrait").joinpath("page.css").read_text(encoding="utf-8")
    proof = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{proof}'; base-uri 'none'; form-action 'none'"
    aigc = msgspec.json.encode(page.aigc.fields()).decode()
    label = f'<p class="label">{_text(page.label)}</p>'
    return (
        f'<!doctype html>\n<html lang="{page.lang}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="AIGC" content="{escape(aigc)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        '<meta name="robots" content="noindex, nofollow">\n'
        f"<title>{_text(page.title)} {_text(page.label)}</title>\n<style>{style}</style></head>\n"
        f'<body><div class="page">{_head(page, label)}{_contents(page)}<main>\n'
        f"{''.join(_body(page))}<footer>{label}</footer></main></div></body></html>\n"
    )


def _head(page: Page, label: str) -> str:
    facts = "".join(f"<div><dt>{_text(fact.name)}</dt>{_auto('dd', fact.value)}</div>" for fact in page.facts)
    return (
        f"<header>{label}{_auto('h1', page.title)}"
        f'<p class="lead">{_text(say(page.lang, "portrait.what_is_this"))}</p>'
        f'<dl class="facts">{facts}</dl></header>'
    )


def _contents(page: Page) -> str:
    """Where one may go from here: the chapters, and in each what it is about with how many statements."""
    lang = page.lang
    items = [_item("glance", say(lang, "portrait.glance"))]
    for chapter in page.chapters:
        inner = "".join(
            _item(section.key, section.title, "" if chapter.key == "communication_style" else _count(section))
            for section in chapter.sections
        )
        items.append(_item(chapter.key, chapter.title, inside=f"<ol>{inner}</ol>"))
    items.append(_item("gaps", say(lang, "portrait.gaps"), str(len(page.gaps) or "")))
    items.append(_item("kept", say(lang, "portrait.kept")))
    items.append(_item("made", say(lang, "portrait.made")))
    return f'<nav aria-label="{_text(say(lang, "portrait.contents"))}"><ol>{"".join(items)}</ol></nav>'


def _count(section: Section) -> str:
    return str(len(section.entries) + len(section.past))


def _item(id: str, title: str, count: str = "", inside: str = "") -> str:
    number = f' <span class="number">{_text(count)}</span>' if count else ""
    return f'<li><a href="#{id}">{_text(title)}{number}</a>{inside}</li>'


def _body(page: Page) -> Iterator[str]:
    lang = page.lang
    if page.changes:
        yield _changes(page.changes, lang)
    yield _glance(page)
    for chapter in page.chapters:
        yield _chapter(chapter, lang)
    gaps = "".join(f"<li>{_auto('strong', gap.topic)} {_auto('span', gap.why)}</li>" for gap in page.gaps)
    lead = page.gaps_lead if page.gaps else say(lang, "portrait.no_gaps")
    listed = f'<ul class="gaps">{gaps}</ul>' if gaps else ""
    yield _part("gaps", say(lang, "portrait.gaps"), f'<p class="lead">{_text(lead)}</p>{listed}')
    for id, title, sentences in (
        ("kept", say(lang, "portrait.kept"), page.kept),
        ("made", say(lang, "portrait.made"), page.made),
    ):
        yield _part(id, title, '<div class="card plain">' + _paragraphs(sentences) + "</div>")


def _changes(changes: Changes, lang: str) -> str:
    lists = "".join(
        f'<p class="changed"><b>{_text(title)}</b> {_links(facts)}</p>'
        for title, facts in (
            (say(lang, "portrait.list_new"), changes.new),
            (say(lang, "portrait.list_changed"), changes.changed),
        )
        if facts
    )
    return _part("changes", say(lang, "portrait.changes"), f"<p>{_text(changes.told)}</p>{lists}")


def _links(facts: Sequence[Fact]) -> str:
    links = [f'<a href="#{fact.value}" dir="auto">{_text(fact.name)}</a>' for fact in facts[:SHOWN_CHANGES]]
    return " ".join(links) + (f" +{len(facts) - SHOWN_CHANGES}" if len(facts) > SHOWN_CHANGES else "")


def _glance(page: Page) -> str:
    numbers = "".join(
        f'<div><dt>{_text(fact.name)}</dt><dd class="figure">{_text(fact.value)}</dd></div>'
        for fact in page.numbers
    )
    drawn = "".join(
        f"<figure><h3>{_text(title)}</h3>{drawing}"
        + (f"<figcaption>{_text(caption)}</figcaption>" if caption else "")
        + "</figure>"
        for title, drawing, caption in pictures(page.coverage, page.lang)
    )
    body = f'<dl class="numbers">{numbers}</dl>{_paragraphs(page.glance)}'
    if drawn:
        body += f'<div class="pictures">{drawn}</div>'
    return _part("glance", say(page.lang, "portrait.glance"), body + _paragraphs(page.missing, "soft"))


def _chapter(chapter: Chapter, lang: str) -> str:
    sections = "".join(_section(section, lang) for section in chapter.sections)
    return _part(chapter.key, chapter.title, f'<p class="lead">{_text(chapter.lead)}</p>{sections}')


def _section(section: Section, lang: str) -> str:
    entries = [_entry(entry, lang) for entry in section.entries]
    body = "".join(entries[:SHOWN])
    if entries[SHOWN:]:
        body += _fold(say(lang, "portrait.more_statements", count=len(entries) - SHOWN), entries[SHOWN:])
    if section.past:
        past = [_entry(entry, lang) for entry in section.past]
        body += _fold(say(lang, "portrait.past", count=len(past)), past)
    return f'<section id="{section.key}"><h3>{_text(section.title)}</h3>{body}</section>'


def _entry(entry: Entry, lang: str) -> str:
    quotes = [_quote(cited, lang) for cited in entry.cited]
    shown, rest = quotes[:SHOWN_QUOTES], quotes[SHOWN_QUOTES:]
    topic, marks = _auto("h4", entry.topic) if entry.topic else "", _marks(entry.marks)
    parts = [
        f'<div class="top">{topic}{marks}</div>' if topic or marks else "",
        _written("p", entry.text, "told") if entry.text else "",
        '<ul class="lines">' + "".join(_auto("li", each) for each in entry.lines) + "</ul>" if entry.lines else "",
        *shown,
        _fold(_more(entry, len(rest), lang), rest) if rest else "",
        *(_side(side) for side in entry.sides),
    ]
    kind = " plain" if entry.lines else ""
    return f'<article id="{entry.anchor}" class="card{kind}">{"".join(parts)}</article>'


def _more(entry: Entry, count: int, lang: str) -> str:
    """Examples of how somebody writes say no one thing."""
    if entry.lines:
        return say(lang, "portrait.more_examples", count=count)
    return say(lang, "portrait.more_places", count=count)


def _marks(marks: Sequence[Mark]) -> str:
    if not marks:
        return ""
    return (
        '<ul class="marks">'
        + "".join(f'<li class="mark {mark.kind}">{_text(mark.text)}</li>' for mark in marks)
        + "</ul>"
    )


def _quote(cited: Cited, lang: str) -> str:
    link = (
        f'<a href="{escape(cited.url)}" rel="noopener noreferrer nofollow">'
        f"{_text(say(lang, 'portrait.source_link'))}</a>"
        if cited.url
        else ""
    )
    where = [cited.author, cited.when, cited.place, *cited.notes]
    told = "".join(_auto("span", each) for each in where if each)
    asked = _auto("p", say(lang, "portrait.asked", question=cited.asked), "asked") if cited.asked else ""
    return (
        f'<figure class="quote">{asked}{_written("blockquote", cited.text)}'
        f"<figcaption>{told}{link}</figcaption></figure>"
    )


def _side(side: Side) -> str:
    if not side.anchor:
        return f'<p class="side">{_text(side.lead)}</p>'
    return (
        f'<p class="side">{_text(side.lead)} <a href="#{side.anchor}" dir="auto">{_text(side.text)}</a>'
        f" <span>{_text(side.when)}</span></p>"
    )


# ------------------------------------------------------------------ elements


def _part(id: str, title: str, body: str) -> str:
    return f'<section class="part" id="{id}"><h2>{_text(title)}</h2>{body}</section>\n'


def _fold(title: str, parts: Iterable[str]) -> str:
    return f"<details><summary>{_text(title)}</summary>{''.join(parts)}</details>"


def _paragraphs(sentences: Iterable[str], kind: str = "") -> str:
    return "".join(_auto("p", each, kind) for each in sentences)


def _auto(tag: str, text: str, kind: str = "") -> str:
    """Words that may run from right to left."""
    of = f' class="{kind}"' if kind else ""
    return f'<{tag}{of} dir="auto">{_text(text)}</{tag}>'


def _written(tag: str, text: str, kind: str = "") -> str:
    """Somebody's words, with what they set between backticks as code: commands and names are full of it."""
    return _CODE.sub(r"<code>\1</code>", _auto(tag, text, kind))


def _text(text: str) -> str:
    return escape(text)
