"""The Markdown subset of adapters/text.py in DingTalk's two dialects. Pure.

*Messages* know headings, bold, quotes, lists, links and pictures. A line break needs two blanks before it, a list
an empty line; there are no tables and no code, so tables become lists, code keeps its lines and its indentation,
and a piece of code in a line is bold (peers.md D15). *Cards* (`rich`) also know code and break every line.

What people wrote stays words. Whether a client takes backslashes is nowhere written, so nothing is escaped by one:
what would be markup is broken by an invisible character, or is put in a letter that only looks like it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from urllib.parse import quote

from adapters.text import Block, Span, parse

NBSP = "\u00a0"
_JOINER = "\u2060"  # WORD JOINER: invisible, and no parser of Markdown reads a mark across it
_TAG = re.compile(r"<(?=[a-zA-Z/!?])")
_ENTITY = re.compile(r"&(?=#?\w{1,32};)")
_STAR = re.compile(r"\*(?=\S)|(?<=\S)\*")
_LINE_MARK = re.compile(r"^(\s{0,3})(?=#{1,6}\s|>|[-+*]\s|\d{1,9}[.)]\s|={3,}\s*$|-{3,}\s*$)", re.MULTILINE)
_NO_URL = re.compile(r"[\s\x00-\x1f\x7f<>()\[\]\"\\`]")  # what would end an address, or begin something else
_ROW = re.compile(r"^\s*\|(.+)\|\s*$")
_RULE = re.compile(r"^\s*\|(?:\s*:?-{1,}:?\s*\|)+\s*$")


def escape(text: str) -> str:
    """Words as words: no tag, entity, emphasis, link, picture, heading, list or quote comes of them."""
    text = _ENTITY.sub("&amp;", text)
    text = _TAG.sub("&lt;", text)
    text = _STAR.sub("∗", text)
    text = text.replace("](", f"]{_JOINER}(").replace("![", f"!{_JOINER}[").replace("~~", f"~{_JOINER}~")
    text = text.replace("__", f"_{_JOINER}_").replace("`", "ˋ")
    return _LINE_MARK.sub(rf"\1{_JOINER}", text)


def dialect(markdown: str, *, links: Collection[str] = (), rich: bool = False) -> str:
    """A card's text as DingTalk shows it. `links` are the only addresses that may become links."""
    return show(parse(lists_for_tables(markdown), links=links), rich=rich)


def show(blocks: Sequence[Block], *, rich: bool = False) -> str:
    """What is between two paragraphs is an empty line, in lists a single one."""
    out = ""
    before = ""
    for block in blocks:
        close = block.kind == before == "item"
        out += ("\n" if close else "\n\n") if out else ""
        out += _block(block, rich=rich)
        before = block.kind
    return out


def lines(text: str, *, rich: bool = False) -> str:
    """Plain words of several lines, escaped."""
    return _breaks(escape(text), rich=rich)


def link(label: str, url: str) -> str:
    """A link of ours; the label is words, whatever it says."""
    words = escape(label).replace("[", "［").replace("]", "］").replace("\n", " ")
    return f"[{words}]({_NO_URL.sub(lambda match: quote(match[0]), url)})"


def lists_for_tables(markdown: str) -> str:
    """A table's rows as items: `- Region: North; Limit: 10`. What only looks like a table stays as it is."""
    out: list[str] = []
    rows = markdown.split("\n")
    at, fenced = 0, False
    while at < len(rows):
        fenced ^= rows[at].lstrip().startswith("```")
        if fenced or at + 1 >= len(rows) or not _ROW.match(rows[at]) or not _RULE.match(rows[at + 1]):
            out.append(rows[at])
            at += 1
            continue
        heads = _cells(rows[at])
        at += 2
        out.append("")
        while at < len(rows) and _ROW.match(rows[at]):
            out.append("- " + "; ".join(_pairs(heads, _cells(rows[at]))))
            at += 1
        out.append("")
    return "\n".join(out)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _pairs(heads: Sequence[str], cells: Sequence[str]) -> Iterator[str]:
    for number, cell in enumerate(cells):
        head = heads[number] if number < len(heads) else ""
        yield f"{head}: {cell}" if head and cell else head or cell


def _block(block: Block, *, rich: bool) -> str:
    if block.kind == "code":
        return _code(block.spans[0].text, rich=rich)
    text = _breaks(_glue(block.spans, rich=rich), rich=rich)
    if block.kind == "item":
        return (f"{block.number}. " if block.number else "- ") + text.replace("\n", "\n  ")
    if block.kind == "quote":
        return "\n".join("> " + line for line in text.split("\n"))
    return text


def _code(text: str, *, rich: bool) -> str:
    if rich:
        return "```\n" + text.replace("```", "ˋˋˋ") + "\n```"
    indented = re.sub(r"^[ \t]+", lambda m: m[0].replace("\t", "    ").replace(" ", NBSP), text, flags=re.MULTILINE)
    return _breaks(escape(indented), rich=False)


def _breaks(text: str, *, rich: bool) -> str:
    """Two blanks end a line where a line's end alone would not."""
    return text if rich else re.sub(r"[ \t]*\n", "  \n", text)


def _glue(spans: Sequence[Span], *, rich: bool) -> str:
    """Put spans together. A bold mark that touches a letter on its outside is not rendered, so a space goes
    between."""
    out, was_bold = "", False
    for span in spans:
        shown = link(span.text, span.url) if span.url else escape(span.text)
        bold = (span.bold or span.code) and bool(shown.strip())
        if span.code and rich:
            shown, bold = _inline(span.text), False
        elif bold:
            shown = f"**{shown}**"
        if out and shown and (bold and _wordy(out[-1]) or was_bold and _wordy(shown[0])):
            out += " "
        out += shown
        was_bold = bold
    return out


def _inline(text: str) -> str:
    """A piece of code in a line; should a client not know it as such, it still opens nothing."""
    broken = _TAG.sub(f"<{_JOINER}", text).replace("](", f"]{_JOINER}(").replace("![", f"!{_JOINER}[")
    return "`" + broken.replace("`", "ˋ") + "`"


def _wordy(char: str) -> bool:
    return char.isalnum() or char == "_"
