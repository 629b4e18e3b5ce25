"""A Feishu document's blocks as text in Markdown's way: pure functions.

Blocks and their numbers: https://open.feishu.cn/document/ukTMukTMukTM/uUDN04SN0QjL1QDN/document-docx/docx-v1/
data-structure/block. They come as a flat list in which each names its children; what is said of the tree is not
trusted: a block is written once, however many claim it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.paper import LONGEST_TEXT, place, plain
from persona_store.sources.sheets import lines

PAGE, CODE, QUOTE, TABLE = 1, 14, 15, 31
HEADINGS = range(3, 12)
LISTS = {12: "- ", 13: "1. "}
EMBEDDED = frozenset({18, 21, 29, 30, 43, 44})  # a base, a diagram, a mind map, a sheet, a board, an agenda
_KEYS = {
    PAGE: "page",
    2: "text",
    **{number: f"heading{number - 2}" for number in HEADINGS},
    12: "bullet",
    13: "ordered",
    CODE: "code",
    QUOTE: "quote",
    16: "equation",
    17: "todo",
}
_DEEPEST = 50


def blocks_text(blocks: Iterable[Json]) -> tuple[str, Counter[str]]:
    """(text, what was left out by reason)."""
    return _Tree(blocks).text()


class _Tree:
    def __init__(self, blocks: Iterable[Json]) -> None:
        self._blocks = {ident: block for block in blocks if (ident := string(block, "block_id"))}
        self._written: set[str] = set()
        self.left: Counter[str] = Counter()

    def text(self) -> tuple[str, Counter[str]]:
        said: list[str] = []
        length = 0
        for ident in self._roots():
            for part in self._block(ident, 0):
                said.append(part)
                length += len(part)
                if length > LONGEST_TEXT:
                    self.left["too_long"] += 1
                    return "\n\n".join(said), self.left
        return "\n\n".join(said), self.left

    def _roots(self) -> list[str]:
        return [ident for ident, block in self._blocks.items() if string(block, "parent_id") not in self._blocks]

    def _block(self, ident: str, depth: int) -> Iterator[str]:
        block = self._blocks.get(ident)
        if block is None or ident in self._written or depth > _DEEPEST:
            return
        self._written.add(ident)
        kind = block.get("block_type")
        if kind == TABLE:
            yield from self._table(block, depth)
            return
        if kind in EMBEDDED:
            self.left["embedded"] += 1
        if kind != PAGE and (words := _written(kind, block)):  # the page's own words are the title
            yield words
        for child in _children(block):
            yield from self._block(child, depth + 1)

    def _table(self, block: Json, depth: int) -> Iterator[str]:
        """Each row with the names of its columns, as of any other table."""
        table = block.get("table")
        told = table.get("property") if isinstance(table, dict) else None
        wide = told.get("column_size") if isinstance(told, dict) else None
        cells = [self._cell(child, depth) for child in _children(block)]
        if isinstance(wide, int) and wide > 0:
            rows = [cells[start : start + wide] for start in range(0, len(cells), wide)]
            if written := "\n".join(lines(rows)):
                yield written

    def _cell(self, ident: str, depth: int) -> str:
        return " ".join(self._block(ident, depth + 1))


def _children(block: Json) -> list[str]:
    given = block.get("children")
    return [child for child in given if isinstance(child, str)] if isinstance(given, list) else []


def _written(kind: object, block: Json) -> str:
    number = kind if isinstance(kind, int) else 0
    holder = block.get(_KEYS.get(number, ""))
    words = _words(holder) if isinstance(holder, dict) else ""
    if not words.strip():
        return ""
    if number in HEADINGS:
        return place(words, min(number - 2, 6))
    if number == CODE:
        return "```\n" + words.replace("```", "'''").rstrip() + "\n```"
    if number == QUOTE:
        return "\n".join(f"> {line}" for line in words.strip().split("\n"))
    return LISTS.get(number, "") + plain(words.strip())


def _words(holder: Json) -> str:
    return "".join(map(_element, dicts(holder.get("elements"))))


def _element(element: Json) -> str:
    """Words stand as they are; whom somebody mentioned is known by id only, which says nothing to a reader."""
    run = element.get("text_run") or element.get("equation")
    if isinstance(run, dict):
        content = run.get("content")
        return content if isinstance(content, str) else ""
    if isinstance(element.get("mention_doc"), dict):
        return string(element["mention_doc"], "title")
    return "@…" if "mention_user" in element else ""
