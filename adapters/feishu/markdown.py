"""The Markdown subset → the Markdown of Feishu's cards (JSON 2.0). Pure.

A card's `markdown` element is Markdown with HTML-like tags of Feishu's own: `<at id=all></at>` calls everyone,
`<person>`, `<link>`, `<font>`, `![…](img_key)`, `:OK:`. In text every character that could begin one of them is
written as an HTML entity, which the card shows as the character (open.feishu.cn/document, *Rich text component*,
escaping). Entities mean nothing inside code; there a tag is broken by an invisible joiner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import structs

from adapters.text import Block, Span

TABLES = 4  # in one card; the sixth is refused (230099/11310, peers.md F19), and one element takes four

LONGEST_LINK = 1_000

_MEANING = frozenset("&<>*_~`[]|\\")
_LINE_MARK = re.compile(r"^([^\S\n]*)(?:([-+=#])|(\d{1,9})([.)]))", re.MULTILINE)  # items, headings, rules
_COLON = re.compile(r":(?=//|[A-Za-z0-9]+(?::|&#95;))")  # of an address, of an emoji's name
_TAG = re.compile(r"<(?=/?(?:at|person|link|font|text_tag|number_tag|local_datetime|img|a|br|hr)\b)", re.IGNORECASE)
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULE = re.compile(r"^\s*\|(?:\s*:?-{1,}:?\s*\|)+\s*$")
_WALL = re.compile(r"(?<!\\)\|")
_OPEN_ID = re.compile(r"ou_[0-9A-Za-z_-]{1,64}")
_JOINER = "\u2060"


def escape(text: str) -> str:
    """Plain text in a card's Markdown: what it says, and nothing else."""
    safe = "".join(_entity(char) if char in _MEANING else char for char in text)
    safe = _LINE_MARK.sub(lambda m: m[1] + (_entity(m[2]) if m[2] else m[3] + _entity(m[4])), safe)
    return _COLON.sub(_entity(":"), safe)


def _entity(char: str) -> str:
    return f"&#{ord(char)};"


def call(id: str) -> str:
    """A real @ of a person; "" for what is no open_id, since nothing else may get between the brackets."""
    return f"<at id={id}></at>" if _OPEN_ID.fullmatch(id) else ""


def link(label: str, url: str) -> str:
    """A link the caller vouches for; anything that could end it early is percent-encoded. One too long for a card
    is its label."""
    if not url.startswith(("https://", "http://")) or len(url) > LONGEST_LINK:
        return escape(label)
    safe = re.sub(r"[()<>\[\]\s\"'`\\|]", lambda m: f"%{ord(m[0]):02X}" if ord(m[0]) < 128 else "", url)
    return f"[{escape(label)}]({safe})"


def card_markdown(blocks: Sequence[Block], *, tables: int = TABLES) -> str:
    """What a `markdown` element takes. At most `tables` tables become tables; further ones are shown as code."""
    lines: list[str] = []
    before = ""
    for block in blocks:
        if lines and not (block.kind == "item" and before == "item"):
            lines.append("")
        before = block.kind
        rows = _table(block)
        if rows and tables > 0:
            tables -= 1
            lines.extend(_rows(rows))
        elif rows or block.kind == "code":
            text = "".join(span.text for span in block.spans)
            lines.append("```\n" + _code(text).replace("```", "ˋˋˋ") + "\n```")
        elif block.kind == "item":
            lines.append((f"{block.number}. " if block.number else "- ") + _glue(block.spans))
        elif block.kind == "quote":
            lines.extend("> " + line for line in _glue(block.spans).split("\n"))
        else:
            lines.append(_glue(block.spans))
    return "\n".join(lines)


def _table(block: Block) -> list[str]:
    """The lines of a table, if a paragraph is one: adapters/text.py reads it as a paragraph."""
    if block.kind != "paragraph" or not block.spans:
        return []
    lines = "".join(span.text for span in block.spans).split("\n")
    fits = len(lines) > 2 and _RULE.match(lines[1]) and all(_ROW.match(line) for line in lines)
    return lines if fits else []


def _rows(lines: Sequence[str]) -> Iterator[str]:
    width = len(_cells(lines[0]))
    for number, line in enumerate(lines):
        cells = ["---"] * width if number == 1 else [escape(cell) for cell in _cells(line)]
        yield "| " + " | ".join((cells + [""] * width)[:width]) + " |"


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _WALL.split(line.strip())[1:-1]]


def _code(text: str) -> str:
    return _TAG.sub("<" + _JOINER, text)


def _show(span: Span) -> str:
    if span.code:
        return "`" + _code(span.text).replace("`", "ˋ") + "`"
    text = link(span.text, span.url) if span.url else escape(span.text)
    return f"**{text}**" if span.bold and text.strip() else text


def _glue(spans: Sequence[Span]) -> str:
    """Put spans together; a bold mark that touches a letter on its outside is not rendered, so a space goes
    between. Neighbours that look alike are one."""
    out = ""
    was_bold = False
    for span in _joined(spans):
        text = _show(span)
        bold = span.bold and not span.code
        if out and text and (bold and _wordy(out[-1]) or was_bold and _wordy(span.text[:1])):
            out += " "
        out += text
        was_bold = bold
    return out


def _joined(spans: Sequence[Span]) -> Iterator[Span]:
    held: Span | None = None
    for span in spans:
        if held is not None and (held.bold, held.code, held.url) == (span.bold, span.code, span.url) == (
            held.bold,
            False,
            "",
        ):
            held = structs.replace(held, text=held.text + span.text)
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def _wordy(char: str) -> bool:
    return char.isalnum() or char in "_;"
