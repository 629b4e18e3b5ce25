"""Word files (.docx): headings, paragraphs, lists and tables, in order; comments and changes with their authors.

Read from the XML itself: the usual library passes over what stands in tables. Format: ECMA-376 part 1, 17.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from persona_store.sources.front_matter import moment
from persona_store.sources.office import Office
from persona_store.sources.paper import LONGEST_TEXT, Handed, Note, Paper, plain
from persona_store.sources.sheets import lines
from persona_store.sources.xml_events import Event

_MAIN = "word/document.xml"
_TINY = 4  # half-points: letters of two points and less are not there to be read


def read_docx(handed: Handed) -> Paper:
    office = Office(handed)
    authors, title, date = office.said()
    body = _Body(handed, _heading_styles(office))
    for part in _MAIN, "word/footnotes.xml", "word/endnotes.xml":
        body.read(office.events(part))
    notes = tuple(_notes(office.events("word/comments.xml")))
    return Paper("\n\n".join(body.blocks), title, authors, date, body.hidden, notes, dict(body.left))


def _heading_styles(office: Office) -> dict[str, int]:
    """Levels by style id: names stay English in the file whatever the program speaks, ids do not."""
    found: dict[str, int] = {}
    style = ""
    for kind, tag, said in office.events("word/styles.xml"):
        if kind != "start":
            continue
        if tag == "style":
            style = said.get("styleId", "")
        elif tag == "name" and (match := re.fullmatch(r"(?i)heading ([1-6])", said.get("val", ""))):
            found[style] = int(match[1])
        elif tag == "name" and said.get("val", "").lower() == "title":
            found[style] = 1
        elif tag == "outlineLvl" and said.get("val", "").isdigit():
            found.setdefault(style, min(int(said["val"]) + 1, 6))
    return found


class _Body:
    """Walks the main part once. Text boxes come twice in it, once for old programs: that one is skipped."""

    def __init__(self, handed: Handed, headings: dict[str, int]) -> None:
        self._theirs = handed.theirs
        self._headings = headings
        self.blocks: list[str] = []
        self.left: Counter[str] = Counter()
        self.hidden = False
        self._length = 0
        self._path: list[str] = []
        self._skip = 0  # depth below which nothing is read: deleted, by somebody else, or drawn a second time
        self._line: list[str] = []
        self._tables: list[list[list[str]]] = []  # rows of cells; a table may stand in a cell of another
        self._cells: list[list[str]] = []  # the paragraphs of each cell that is open
        self._level = 0
        self._bullet = self._unseen = self._white = self._filled = False

    def read(self, found: Iterator[Event]) -> None:
        for kind, tag, said in found:
            if kind == "text":
                if self._path and self._path[-1] == "t" and not self._skip:
                    self._words(tag)
            elif kind == "start":
                self._path.append(tag)
                self._start(tag, said)
            else:
                self._end(tag)
                self._path.pop()
            if self._length > LONGEST_TEXT:
                self.left["too_long"] += 1
                break
        self._end_paragraph()

    def _start(self, tag: str, said: dict[str, str]) -> None:
        if self._skip:
            return
        if tag in ("del", "moveFrom", "Fallback") and "rPr" not in self._path[:-1]:
            self._skip = len(self._path)
            self.hidden |= tag != "Fallback"
        elif tag in ("ins", "moveTo") and not self._theirs(said.get("author", "")) and "rPr" not in self._path[:-1]:
            self._skip = len(self._path)
            self.left["other_change"] += 1
        elif tag == "r":
            self._unseen = self._white = False
        elif tag == "pStyle":
            self._level = self._headings.get(said.get("val", ""), 0)
        elif tag == "numPr":
            self._bullet = True
        elif tag == "tbl":
            self._tables.append([])
        elif tag == "tr" and self._tables:
            self._tables[-1].append([])
        elif tag == "tc":
            self._cells.append([])
        elif tag in ("tab", "ptab") and self._path[-2:-1] == ["r"]:
            self._line.append("\t")
        elif tag in ("br", "cr"):
            self._line.append("\n")
        elif tag in ("vanish", "webHidden", "sz", "color", "shd", "highlight"):
            self._look(tag, said)

    def _look(self, tag: str, said: dict[str, str]) -> None:
        """Letters nobody can see (rights.md IMP-10). White is the colour of a table's head, so there it is read."""
        value = said.get("val", "")
        if tag in ("vanish", "webHidden") and "r" in self._path:
            self._unseen = value not in ("0", "false")
        elif tag == "sz" and value.isdigit() and "r" in self._path:
            self._unseen |= int(value) <= _TINY
        elif tag == "color" and "r" in self._path:
            self._white = value.upper() in ("FFFFFF", "WHITE") and not self._tables
        elif tag in ("shd", "highlight"):
            self._filled = True

    def _words(self, text: str) -> None:
        if self._unseen or (self._white and not self._filled):
            self.hidden = True
            return
        self._line.append(text)
        self._length += len(text)

    def _end(self, tag: str) -> None:
        if self._skip:
            self._skip = 0 if len(self._path) == self._skip else self._skip
            return
        if tag == "p":
            self._end_paragraph()
        elif tag == "tc" and self._cells:
            self._end_cell()
        elif tag == "tbl" and self._tables:
            self._end_table()

    def _end_paragraph(self) -> None:
        text = "".join(self._line).strip()
        level, bullet = self._level, self._bullet
        self._line.clear()
        self._level = 0
        self._bullet = self._filled = False
        if not text:
            return
        if self._cells:
            self._cells[-1].append(" ".join(text.split()))
        elif level:
            self.blocks.append(f"{'#' * level} {' '.join(text.split())}")
        else:
            self.blocks.append(("• " if bullet else "") + plain(text))

    def _end_cell(self) -> None:
        words = " ".join(self._cells.pop())
        if self._tables and self._tables[-1]:
            self._tables[-1][-1].append(words)

    def _end_table(self) -> None:
        written = "\n".join(lines(self._tables.pop()))
        if self._cells:
            self._cells[-1].append(written)
        elif written:
            self.blocks.append(written)


def _notes(found: Iterator[Event]) -> Iterator[Note]:
    author, date, words = "", "", [""]
    for kind, tag, said in found:
        if kind == "start" and tag == "comment":
            author, date, words = said.get("author", ""), said.get("date", ""), [""]
        elif kind == "text":
            words[-1] += tag
        elif kind == "end" and tag == "p":
            words.append("")
        elif kind == "end" and tag == "comment":
            yield Note(author, "\n".join(filter(None, words)).strip(), moment(date))
