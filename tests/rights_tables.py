"""The tables in docs/consent.md and docs/threat-model.md: each row, and the tests that are named after it.

A test belongs to a row by its name (`test_l05_…`) or by the row's name in its docstring (`L05`), which may stand in
the docstring of its module for all of them. `python -m tests.rights_tables` writes the tables anew;
tests/test_rights.py fails when they are not current.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.rights_rows import DESIGNS, OBLIGATIONS, TERMS, THREATS, Row

ROOT = Path(__file__).parents[1]
PAGES = {
    "docs/consent.md": (*OBLIGATIONS, *TERMS, *DESIGNS),
    "docs/threat-model.md": THREATS,
}
BEGIN, END = "<!-- rows: python -m tests.rights_tables -->", "<!-- end of rows -->"
SHOWN = 4  # tests of a row that are named; the others are counted
IN_WORDS = re.compile(r"\b(?:L\d\d|P[1-8]|T\d\d)\b|§2[A-D]")
RANGE = re.compile(r"\b([LT])(\d\d)[–-][LT]?(\d\d)\b")
ABUSE = {
    "imp_01": "T28", "imp_02": "T28", "imp_07": "T28", "imp_03": "T29", "imp_04": "T29", "imp_05": "T29",
    "imp_08": "T30", "imp_09": "T30", "imp_11": "T31", "imp_12": "T31", "imp_13": "T32",
}  # fmt: skip
"""Inputs of the abuse suite (rights.md §5) that are a threat's test."""
IN_NAMES = re.compile(r"_(l\d\d|t\d\d|p[1-8])(?=_)")


def ids_in(text: str) -> set[str]:
    """`L17–L22` names all of them."""
    found = set(IN_WORDS.findall(text))
    for kind, first, last in RANGE.findall(text):
        found |= {f"{kind}{number:02}" for number in range(int(first), int(last) + 1)}
    return found


def tests() -> Iterator[tuple[str, str, frozenset[str]]]:
    """(file, test, the rows it is named after)."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        everywhere = ids_in(ast.get_docstring(module) or "")
        for node in _functions(module.body):
            if node.name.startswith("test_"):
                everyone = everywhere | {row for name, row in ABUSE.items() if name in node.name}
                named = {found.upper() for found in IN_NAMES.findall(node.name)}
                rows = named | ids_in(ast.get_docstring(node) or "") | everyone
                yield path.relative_to(ROOT).as_posix(), node.name, frozenset(rows)


def _functions(body: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Those of classes too."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body)


def by_row() -> Mapping[str, Sequence[tuple[str, str]]]:
    """The tests of each row; those that carry it in their name first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file, name, rows in tests():
        for row in rows:
            found.setdefault(row, []).append((file, name))
    for row, named in found.items():
        named.sort(key=lambda test: (f"_{row.lower()}_" not in test[1], test))
    return found


def table(rows: Sequence[Row], found: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    sourced = any(row.source and row.source != "–" for row in rows)
    head = ("row", "says", *(("from",) if sourced else ()), "tests")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in rows:
        cells = (
            f'<a id="{anchor(row.id)}"></a>{row.id}',
            row.what,
            *((row.source or "–",) if sourced else ()),
            _tests(row, found.get(row.id, ())),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def anchor(id: str) -> str:
    """What other pages link to, the printed assessment among them."""
    return id.lower().removeprefix("§")


def _tests(row: Row, found: Sequence[tuple[str, str]]) -> str:
    shown = [f"[{name.removeprefix('test_')}](../{file})" for file, name in found[:SHOWN]]
    more = len(found) - len(shown)
    words = " · ".join(shown) + (f" and {more} more" if more else "")
    reason = f"none is named after it: {row.untested}" if row.untested else ""
    return "; ".join(filter(None, (words, reason))) or "**none yet**"


def page(name: str, found: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """The page with its table as it has to be. Raises ValueError if it has no place for one."""
    text = (ROOT / name).read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{name} has no lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{table(PAGES[name], found)}\n\n{END}{after}"


if __name__ == "__main__":
    tested = by_row()
    for name in PAGES:
        (ROOT / name).write_text(page(name, tested), encoding="utf-8")
