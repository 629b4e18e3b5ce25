"""A passage → its sentences, each as a verbatim part of the text, without what somebody else said in it.

Lines of mail are wrapped and lines of chat are not, so a line break ends a sentence only where the line above it is
short. Code, quoted lines, "On … wrote:" and what follows a signature are no sentences of the author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

READ = 20_000
"""Characters of a passage that are read; a message longer than that is a log or a dump."""
WRAPPED, WRAPPED_BEFORE_LOWER = 50, 40
"""A line at least this long may have been wrapped; what stands below goes on with it."""

Kind = Literal["prose", "item"]

_ITEM = re.compile(
    r"\s{0,12}(?:[-*•·]\s+|\d{1,2}(?:[.)]\s+|[、．)）]\s*)|[(（]\d{1,2}[)）]\s*|第[一二三四五六七八九十]{1,2}步"
    r"|步骤\s*[\d一二三四五六七八九十]{1,2}|(?:step|Step)\s+\d{1,2}\b)"
)
_NUMBERED = re.compile(r"\s*(?:[(（]?\d|第|步骤|[Ss]tep)")
_QUOTED = re.compile(
    r"\s{0,3}(?:>|[A-Z]\w{0,20}>\s|On\b.{5,120}\b(?:wrote|writes):?\s*$|.{0,80}\b(?:wrote|writes|said|schrieb)\b"
    r".{0,60}:\s*$|Am\s.{5,90}:\s*$|\*\s.{1,60}<.{1,60}>.{0,40}:\s*$|-{3,}\s?(?:Original|Forwarded|原始|转发)"
    r"|.{0,40}(?:写道|说过?|回复)[：:]\s*$|发件人[：:]|From:\s|引用[：:])"
)
_ATTRIBUTION = re.compile(
    r"On (?:\d{1,2} )?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w{0,6},?\s"
    r".{0,30}\d{4}\b|(?:On\b.{5,120}|.{0,80})\b(?:wrote|writes|schrieb|said)\b.{0,60}:\s*$|Am\s.{5,90}:\s*$"
    r"|\*\s.{1,60}<.{1,60}>.{0,40}:\s*$|.{0,40}(?:写道|说过)[：:]\s*$"
)
_SIGNATURE = re.compile(r"(?:--\s*|_{5,}|-{5,})$")
_END = re.compile(r"[。！？!?]+[」』”’）)\"']*|\.{1,3}[\"')]{0,3}(?=\s)|…{1,6}(?=\s)")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|mr|mrs|ms|dr|st|[a-z])|^\s*\d{1,2})\.$", re.IGNORECASE
)


class Sentence(Struct, frozen=True):
    """`text[start:end]` of the passage it was cut from. `block` counts the paragraphs and items: sentences of one
    block stand side by side."""

    start: int
    end: int
    block: int
    kind: Kind = "prose"
    numbered: bool = False


def sentences(text: str) -> list[Sentence]:
    """In order; linear in the length of the text."""
    found: list[Sentence] = []
    for block, (start, end, kind) in enumerate(_blocks(text[:READ])):
        numbered = kind == "item" and _NUMBERED.match(text, start) is not None
        for first, last in _cut(text, start, end):
            found.append(Sentence(first, last, block, kind, numbered))
    return found


def _blocks(text: str) -> Iterator[tuple[int, int, Kind]]:
    """Stretches of lines that belong together."""
    held: tuple[int, int, Kind] | None = None
    fenced, place, above, quoted = False, 0, 0, False
    for line in text.split("\n"):
        start, end = place, place + len(line)
        place = end + 1
        bare = line.strip()
        if _SIGNATURE.match(line):
            break
        fence = bare.startswith(("```", "~~~"))
        quoted = bool(bare) and (quoted or _ATTRIBUTION.match(line) is not None)  # up to the next empty line
        apart = fence or fenced or not bare or bare.startswith("#") or quoted or _foreign(line)
        if fence and not (len(bare) > 3 and bare.endswith("```")):
            fenced = not fenced
        item = not apart and _ITEM.match(line) is not None
        wrapped = above >= (WRAPPED_BEFORE_LOWER if bare[:1].islower() else WRAPPED)
        goes_on = held is not None and not apart and not item and (wrapped or line[:1] in " \t")
        if held is not None and not goes_on:
            yield held
            held = None
        if apart:
            continue
        held = (held[0], end, held[2]) if held else (start, end, "item" if item else "prose")
        above = len(bare)
    if held:
        yield held


def holds_foreign(text: str) -> bool:
    """Whether any line of it is somebody else's."""
    return any(_QUOTED.match(line) for line in text.split("\n"))


def _foreign(line: str) -> bool:
    """Quoted from somebody, or indented as code is."""
    return _QUOTED.match(line) is not None or (line[:1] in " \t" and _code(line))


def _code(line: str) -> bool:
    return (line.startswith("\t") or line.startswith("    ")) and _ITEM.match(line) is None


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begun, looked, ticks = start, start, 0
    for match in _END.finditer(text, start, end):
        ticks, looked = ticks + text.count("`", looked, match.start()), match.start()
        if ticks % 2 and text.find("`", match.end(), end) >= 0:
            continue  # inside code
        if match[0].startswith(".") and _ABBREVIATED.search(text[max(begun, match.end() - 12) : match.end()]):
            continue
        if (
            match[0][0] in "!?"
            and match.end() < end
            and not text[match.end()].isspace()
            and text[match.end()] < "\u3000"
        ):
            continue  # `swap!`, `empty?`, an address with a query
        yield from _stripped(text, begun, match.end())
        begun = match.end()
    yield from _stripped(text, begun, end)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    start, end = start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
    if end > start:
        yield start, end
