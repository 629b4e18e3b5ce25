"""The page as Markdown: front matter with the AIGC label, and whatever others wrote as words and not as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

import msgspec

from bots.portrait.model import Changes, Chapter, Cited, Entry, Fact, Page, Section
from bots.portrait.pictures import bars, columns
from bots.portrait.words import listed, number, source
from bots.wording import say
from persona_store.distill.coverage import Coverage

_BLOCKS = " ▁▂▃▄▅▆▇█"
_MARKUP = re.compile(r"[\\`*_{}\[\]<>&|~$]")
_BEGINS = re.compile(r"^(\s*)([#+=:-]|\d+(?=[.)]))")
_BRACKETS = re.compile(r"^\\(?=\[)|\\(?=\]$)")


def markdown(page: Page) -> str:
    """CommonMark with tables."""
    parts = [*_top(page), *_glance(page)]
    for chapter in page.chapters:
        parts += _chapter(chapter, page.lang)
    lang = page.lang
    parts += [
        f"## {say(lang, 'portrait.gaps')}",
        _line(page.gaps_lead if page.gaps else say(lang, "portrait.no_gaps")),
    ]
    if page.gaps:
        parts.append("\n".join(f"- **{_line(gap.topic)}**: {_line(gap.why)}" for gap in page.gaps))
    parts += [f"## {say(lang, 'portrait.kept')}", *map(_line, page.kept)]
    parts += [f"## {say(lang, 'portrait.made')}", *map(_line, page.made), _label(page)]
    return _front(page) + "\n\n".join(part for part in parts if part) + "\n"


def _front(page: Page) -> str:
    """Quoted as JSON is, which YAML reads the same way."""
    fields = "".join(
        f"  {name}: {msgspec.json.encode(value).decode()}\n" for name, value in page.aigc.fields().items()
    )
    return f"---\nAIGC:\n{fields}---\n\n"


def _top(page: Page) -> list[str]:
    facts = "\n".join(f"- **{_line(fact.name)}**: {_line(fact.value)}" for fact in page.facts)
    parts = [_label(page), f"# {_line(page.title)}", say(page.lang, "portrait.what_is_this"), facts]
    return parts + (_changes(page.changes, page.lang) if page.changes else [])


def _label(page: Page) -> str:
    """Its own brackets are no markup: nothing that could make a link of them stands anywhere."""
    return f"**{_BRACKETS.sub('', _line(page.label))}**"


def _changes(changes: Changes, lang: str) -> list[str]:
    def named(title: str, facts: Sequence[Fact]) -> str:
        return f"- {title}: {_line(listed([fact.name for fact in facts], lang))}" if facts else ""

    lists = (
        named(say(lang, "portrait.list_new"), changes.new),
        named(say(lang, "portrait.list_changed"), changes.changed),
    )
    return [f"## {say(lang, 'portrait.changes')}", _line(changes.told), "\n".join(each for each in lists if each)]


def _glance(page: Page) -> list[str]:
    lang = page.lang
    numbers = "\n".join(f"- **{_line(fact.value)}** {_line(fact.name)}" for fact in page.numbers)
    parts = [f"## {say(lang, 'portrait.glance')}", numbers, *map(_line, page.glance)]
    if page.coverage.months:
        if page.coverage.topics:
            parts += [f"### {say(lang, 'portrait.topics')}", _topics(page.coverage, lang)]
        parts += [f"### {say(lang, 'portrait.timeline')}", _timeline(page.coverage)]
        sources = (f"- {_line(source(kind, lang))}: {number(n)}" for kind, n in page.coverage.sources.items())
        parts += [f"### {say(lang, 'portrait.sources')}", "\n".join(sources)]
    return [*parts, *map(_line, page.missing)]


def _topics(coverage: Coverage, lang: str) -> str:
    when = columns(coverage)
    heads = [
        f"{when.year(n)} Q{when.within(n)}" if when.step == "quarter" else str(when.year(n))
        for n in range(when.count)
    ]
    rows = [
        [_line(listed(each.words, lang)), *(str(count) if count else "" for count in when.counts(each.quarters))]
        for each in coverage.topics
    ]
    return "\n".join(_row(cells) for cells in (["", *heads], ["---", *("--:" for _ in heads)], *rows))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _timeline(coverage: Coverage) -> str:
    """A line for each year, a block for each period of it."""
    when = bars(coverage)
    counts = when.counts(coverage.months)
    most = max(counts) or 1
    years: dict[int, str] = {}
    totals: dict[int, int] = {}
    for n, count in enumerate(counts):
        year = when.year(n)
        height = -(-count * (len(_BLOCKS) - 1) // most)
        years[year] = years.get(year, " " * (when.within(n) - 1)) + _BLOCKS[height]
        totals[year] = totals.get(year, 0) + count
    wide = max(map(len, years.values()))
    lines = [f"{year}  {blocks.ljust(wide)}  {number(totals[year])}" for year, blocks in years.items()]
    return "```text\n" + "\n".join(lines) + "\n```"


def _chapter(chapter: Chapter, lang: str) -> Iterator[str]:
    yield f"## {chapter.title}"
    yield chapter.lead
    for section in chapter.sections:
        yield from _section(section, lang)


def _section(section: Section, lang: str) -> Iterator[str]:
    yield f"### {section.title}"
    for entry in section.entries:
        yield from _entry(entry, lang)
    if section.past:
        yield f"*{say(lang, 'portrait.past', count=len(section.past))}*"
        for entry in section.past:
            yield from _entry(entry, lang)


def _entry(entry: Entry, lang: str) -> Iterator[str]:
    if entry.topic:
        yield f"#### {_line(entry.topic)}"
    if entry.marks:
        yield "*" + " · ".join(_line(mark.text) for mark in entry.marks) + "*"
    if entry.text:
        yield _lines(entry.text)
    if entry.lines:
        yield "\n".join(f"- {_line(each)}" for each in entry.lines)
    for cited in entry.cited:
        yield _quote(cited, lang)
    for side in entry.sides:
        yield f"{side.lead} {_line(side.text)} ({side.when})" if side.anchor else side.lead


def _quote(cited: Cited, lang: str) -> str:
    where = [_line(each) for each in (cited.author, cited.when, cited.place, *cited.notes) if each]
    if cited.url:
        where.append(f"[{say(lang, 'portrait.source_link')}](<{escape(cited.url, quote=False)}>)")
    asked = _line(say(lang, "portrait.asked", question=cited.asked)) + "\n\n" if cited.asked else ""
    told = f"{asked}{_lines(cited.text)}\n\n— {' · '.join(where)}"
    return "\n".join(f"> {line}".rstrip() for line in told.split("\n"))


# ------------------------------------------------------------------ others' words


def _line(text: str) -> str:
    """One line that reads as it was written, wherever it stands."""
    told = _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))
    return _BEGINS.sub(_begin, told)


def _lines(text: str) -> str:
    """Several lines, broken where they were; blanks at their beginning stay and make no code block."""
    told = []
    for line in text.split("\n"):
        blanks = len(line) - len(line.lstrip(" "))
        told.append("\N{NO-BREAK SPACE}" * blanks + _line(line) if line.strip() else "")
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", "\\\\\n", "\n".join(told))


def _begin(match: re.Match[str]) -> str:
    mark = match[2]
    return f"{match[1]}{mark}\\" if mark.isdigit() else f"{match[1]}\\{mark}"
