"""Lines of words that belong together: what one row says, and what several lines of a message are as one text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from persona_store.sources.picture import SURE, Line, around, overlap

GAP = "[…]"
"""Stands where a line could not be read: a sentence that lost its "not" must not look whole."""

_ENDS = re.compile(r"[.!?。！？；;:：]['\"”’)）]?$")
_UNIT = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef][，。！？；：、”’）》」』…!?,.;:)]*")
"""A character and what may not begin a line after it."""
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


def rows(lines: Iterable[Line], *, apart: float = 1e9) -> list[Line]:
    """What stands beside each other, as one line each, from top to bottom. `apart`: further away than so many
    heights it is another line."""
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.box[1] + line.box[3], line.box[0])):
        for row in found:
            high = min(row[-1].box[3] - row[-1].box[1], line.box[3] - line.box[1])
            whole = around(*(each.box for each in row))
            gap = max(line.box[0] - whole[2], whole[0] - line.box[2])
            if overlap(whole, line.box) > 0.5 * high and gap < apart * high:
                row.append(line)
                break
        else:
            found.append([line])
    return sorted(map(_as_one, found), key=lambda line: line.box[1])


def _as_one(row: list[Line]) -> Line:
    if len(row) == 1:
        return row[0]
    row = sorted(row, key=lambda line: line.box[0])
    sure = min(line.sure for line in row)
    boldest = max(row, key=lambda line: line.ink)
    return Line(
        " ".join(line.text.strip() for line in row), sure, around(*(x.box for x in row)), row[0].fill, boldest.ink
    )


def height(lines: Sequence[Line]) -> float:
    """Of the usual line, in pixels."""
    return sorted(line.box[3] - line.box[1] for line in lines)[len(lines) // 2] if lines else 1.0


def as_text(lines: Sequence[Line], right: float) -> str:
    """Lines of one message, top to bottom. A line that ends where the next word would not have fitted before
    `right`, where the room for words ends, goes on in the next one."""
    text = ""
    for number, line in enumerate(lines):
        words = " ".join(line.text.split()) if line.sure >= SURE else GAP
        above = lines[number - 1]
        if not words or (words == GAP and text.endswith(GAP)):
            continue
        near = line.box[1] - above.box[3] < 0.9 * (line.box[3] - line.box[1])
        if not text:
            text = words
        elif near and _wrapped(above, words, right):
            text += words if _WIDE.match(text[-1]) or _WIDE.match(words[0]) else f" {words}"
        else:
            text += f"\n{words}"
    return text.strip()


def _wrapped(above: Line, below: str, right: float) -> bool:
    """Chinese breaks after any character, other scripts before a whole word. After a full stop it may be either,
    and a line of its own loses nothing."""
    if _ENDS.search(above.text):
        return False
    letter = (above.box[2] - above.box[0]) / max(1.0, _width(above.text))
    wide = _UNIT.match(below)
    room = letter * (_width(wide[0]) if wide else 1 + _width(below.split(" ")[0]))
    return above.box[2] + room > right - 0.35 * letter


def _width(text: str) -> float:
    return len(text) + len(_WIDE.findall(text))
