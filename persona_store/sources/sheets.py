"""Tables: .xlsx, .csv and .tsv. Each row is a line that repeats the names of its columns, so that it can be quoted.

Formulas are read as the value that was last computed, macros and links to elsewhere not at all.
Format: ECMA-376 part 1, 18.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from persona_store.errors import Refused
from persona_store.sources.office import Office
from persona_store.sources.paper import LONGEST_TEXT, Handed, Note, Paper, place, plain
from persona_store.sources.texts import decoded

MOST_COLUMNS = 200
LONGEST_CELL = 4000


def read_csv(handed: Handed) -> Paper:
    text = decoded(handed)
    try:
        dialect = csv.Sniffer().sniff(text[:4000], ",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if handed.name.lower().endswith(".tsv") else csv.excel
    rows = csv.reader(text.split("\n"), dialect)
    try:
        return Paper("\n".join(lines(rows)))
    except csv.Error as error:
        raise Refused("CSV_BROKEN", f"{handed.name!r} is no table: {error}", "save it anew") from None


def read_xlsx(handed: Handed) -> Paper:
    office = Office(handed)
    authors, title, date = office.said()
    book = _Book(office)
    blocks: list[str] = []
    length = 0
    for name, part in book.sheets():
        written = "\n".join(lines(book.rows(part)))
        length += len(written)
        if written:
            blocks.append(f"{place(name)}\n\n{written}")
        if length > LONGEST_TEXT:
            return Paper("\n\n".join(blocks), title, authors, date, book.hidden, left={"too_long": 1})
    return Paper("\n\n".join(blocks), title, authors, date, book.hidden, tuple(book.notes()))


def lines(rows: Iterable[list[str]]) -> Iterator[str]:
    """`service: gateway · port: 8080`. A first row that names its columns is said with every other."""
    head: list[str] | None = None
    length = count = 0
    for row in rows:
        cells = [" ".join(cell.split())[:LONGEST_CELL] for cell in row[:MOST_COLUMNS]]
        if not any(cells):
            continue
        if head is None:
            head = cells if _names_columns(cells) else []
            if head:
                continue
        count += 1
        labels = head + [""] * (len(cells) - len(head))
        said = [f"{label}: {cell}" if label else cell for label, cell in zip(labels, cells, strict=False) if cell]
        line = plain(" · ".join(said))
        length += len(line)
        if length > LONGEST_TEXT:
            return
        yield line
    if head and not count:  # it was no head, there is nothing below it
        yield plain(" · ".join(filter(None, head)))


def _names_columns(cells: list[str]) -> bool:
    found = [cell for cell in cells if cell]
    short = all(len(cell) <= 40 and not re.fullmatch(r"[-+]?[\d.,%\s:/-]+", cell) for cell in found)
    return len(found) > 1 and len(set(found)) == len(found) and len(found) >= len(cells) - 1 and short


# ------------------------------------------------------------------ workbooks

_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # 18.8.30, and those of East Asia


class _Book:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._main = next((part for part in office.parts if part.endswith("workbook.xml")), "")
        self._targets = office.targets(self._main)
        self._words = list(self._shared())
        self._dates = self._date_styles()
        self.hidden = False

    def sheets(self) -> Iterator[tuple[str, str]]:
        """(name, part), in order. A sheet nobody sees is left out."""
        for kind, tag, said in self._office.events(self._main):
            if kind == "start" and tag == "sheet":
                if said.get("state", "visible") != "visible":
                    self.hidden = True
                else:
                    yield said.get("name", ""), self._targets.get(said.get("id", ""), "")

    def _shared(self) -> Iterator[str]:
        """The texts that cells refer to, without what is written above a character to tell how it is read (rPh)."""
        words, reading, length = "", False, 0
        part = next((part for part in self._targets.values() if part.endswith("sharedStrings.xml")), "")
        for kind, tag, _ in self._office.events(part):
            if kind == "text" and not reading:
                words += tag if len(words) < LONGEST_CELL else ""
            elif tag == "rPh":
                reading = kind == "start"
            elif tag == "si" and kind == "start":
                words = ""
            elif tag == "si":
                yield words
                length += len(words)
                if length > 2 * LONGEST_TEXT:
                    return

    def _date_styles(self) -> frozenset[int]:
        """Which cell styles show a number as a date."""
        own, found, inside, place_ = set(_DATES), set(), False, 0
        part = next((part for part in self._targets.values() if part.endswith("styles.xml")), "")
        for kind, tag, said in self._office.events(part):
            if kind == "start" and tag == "numFmt":
                code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", said.get("formatCode", ""))
                if re.search(r"[yd]|h+:m", code, re.I) and said.get("numFmtId", "").isdigit():
                    own.add(int(said["numFmtId"]))
            elif tag == "cellXfs":
                inside = kind == "start"
            elif kind == "start" and tag == "xf" and inside:
                if said.get("numFmtId", "").isdigit() and int(said["numFmtId"]) in own:
                    found.add(place_)
                place_ += 1
        return frozenset(found)

    def rows(self, part: str) -> Iterator[list[str]]:
        cells: list[str] = []
        value, said_of_cell, inside = "", {}, False
        skipped: set[int] = set()
        row_hidden = False
        for kind, tag, said in self._office.events(part):
            if kind == "text":
                value += tag if inside and len(value) < LONGEST_CELL else ""
            elif tag == "col" and kind == "start" and said.get("hidden") in ("1", "true"):
                skipped.update(range(_number(said.get("min")), min(_number(said.get("max")), 16_384) + 1))
            elif tag == "row" and kind == "start":
                cells, row_hidden = [], said.get("hidden") in ("1", "true")
            elif tag == "c" and kind == "start":
                value, said_of_cell = "", said
            elif tag in ("v", "t"):
                inside = kind == "start"
            elif tag == "c":
                column = _column(said_of_cell.get("r", "")) or len(cells) + 1
                if column <= MOST_COLUMNS and column not in skipped:
                    cells.extend([""] * (column - len(cells)))
                    cells[column - 1] = self._shown(said_of_cell, value)
                self.hidden |= column in skipped and bool(value)
            elif tag == "row" and not row_hidden:
                yield cells
            elif tag == "row":
                self.hidden |= any(cells)

    def _shown(self, said: dict[str, str], value: str) -> str:
        kind = said.get("t", "n")
        if kind == "s":
            return self._words[int(value)] if value.isdigit() and int(value) < len(self._words) else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "n" and _number(said.get("s")) in self._dates:
            return _date(value)
        return value

    def notes(self) -> Iterator[Note]:
        for part in self._office.parts:
            if re.fullmatch(r"xl/(?:comments/)?comments?\d*\.xml", part):
                yield from self._notes(part)

    def _notes(self, part: str) -> Iterator[Note]:
        authors: list[str] = []
        author, words, within = "", "", ""
        for kind, tag, said in self._office.events(part):
            if kind == "text":
                words += tag if within in ("author", "t") else ""
            elif kind == "start":
                within = tag
                if tag in ("author", "comment"):
                    words = ""
                if tag == "comment":
                    number = _number(said.get("authorId"))
                    author = authors[number] if number < len(authors) else "?"
            else:
                within = ""
                if tag == "author":
                    authors.append(words)
                elif tag == "comment":
                    yield Note(author, words.strip())


def _number(value: str | None) -> int:
    return int(value) if value and value.isdigit() and len(value) < 9 else 0


def _column(reference: str) -> int:
    """`BC12` is 55."""
    found = 0
    for letter in re.match(r"[A-Z]{0,3}", reference)[0]:  # type: ignore[index]  # it matches the empty text too
        found = found * 26 + ord(letter) - 64
    return found


def _date(value: str) -> str:
    """Days since the end of 1899, as a day or a time."""
    try:
        days = float(value)
        at = datetime(1899, 12, 30) + timedelta(days=days)
    except (ValueError, OverflowError):
        return value
    at = (at + timedelta(milliseconds=500)).replace(microsecond=0)
    if days < 1:
        return f"{at:%H:%M}"
    return f"{at:%Y-%m-%d}" if days == int(days) else f"{at:%Y-%m-%d %H:%M}"
