"""A passage → what stays of it and what is kept back, sentence by sentence where that leaves something to quote.

A gap is shown as `[…]`, so that nobody takes two sentences for one. What leans on a sentence that is kept back goes
with it: the next sentence ("otherwise …"), the code below it. Where what is left says nothing by itself, the whole
passage is kept back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property

from msgspec import Struct, structs

from persona_store.distill.candidates import content
from persona_store.distill.scene import Line
from persona_store.distill.sentences import READ, Sentence, sentences
from persona_store.model import Passage
from persona_store.redaction import says_something
from persona_store.tokens import fold
from persona_store.withheld.categories import signs, under
from persona_store.withheld.levels import Category, Rule

GAP = "[…]"
FEWEST = 3
"""Content terms: a sentence of fewer is neither remembered by its words nor worth keeping alone."""

Marks = Mapping[bytes, str]
"""What was kept back before, by keyed hash of its words → its kind: a Category, or ITEM."""
ITEM = "item"

_AROUND = re.compile(r"^(?:\[…\]|[\s>*•·|\-–—#])*(?:\d{1,2}[.)、]\s*)?|[\s。！？!?.…;；,，:：*]+$")
_SPACE = re.compile(r"\s+")
_GAPS = re.compile(r"\[…\](?:\s*\[…\])+")


class Held(Struct, frozen=True):
    """Words that are kept back, as they stood; `kind` is the Category, or ITEM for what was pointed at."""

    text: str
    kind: str
    reason: str


class Cut(Struct, frozen=True):
    """`passage` is what stays, None if nothing does. Without `held` it is the passage as it came."""

    passage: Passage | None
    held: tuple[Held, ...] = ()


class Knife:
    """What is kept back, ready to be applied. `mac` names words under the persona's key; `quotes` are words of a
    passage that are known to belong to a category, by passage id: what distilling found there."""

    def __init__(
        self,
        rule: Rule,
        marks: Marks,
        mac: Callable[[bytes], bytes],
        quotes: Mapping[str, Collection[tuple[str, Category]]] | None = None,
    ) -> None:
        self._rule = rule
        self._marks = marks
        self._mac = mac
        self._quotes = quotes or {}

    def cut(self, passage: Passage) -> Cut:
        """The Subject's own words and what others say about the Subject are held to the rule; what was kept back
        once is taken out wherever it stands word for word, whoever repeats it."""
        ruled = bool(self._rule.levels) and (passage.by_subject or passage.described)
        known = self._quotes.get(passage.id, ())
        if not ruled and not known and not self._marks:
            return Cut(passage)
        title = self._title(passage, ruled) if passage.title else ""
        units = list(_units(passage))
        why = [self._why(unit, ruled, known) for unit in units]
        if not any(why):
            return Cut(passage if title == passage.title else structs.replace(passage, title=title))
        _lean(units, why)
        held = tuple(
            Held(unit.text, kind, reason)
            for unit, told in zip(units, why, strict=True)
            if told
            for kind, reason in [told]
        )
        if len(passage.text) > READ or not _worth(passage, units, why):
            return Cut(None, _rest(passage, units, why, held))
        return Cut(structs.replace(passage, text=_without(passage.text, units, why), title=title), held)

    def whole(self, passage: Passage, kind: str = ITEM) -> Cut:
        """All of it: the subject pointed at it."""
        units = list(_units(passage))
        return Cut(
            None, tuple(Held(unit.text, kind, "item") for unit in units) or (Held(passage.text, kind, "item"),)
        )

    def mark(self, words: str) -> bytes | None:
        """How these words are remembered; None for what is too short to be anybody's own."""
        plain = _plain(words)
        return self._mac(b"kept back\0" + plain.encode(errors="surrogatepass"))[:16] if _own(plain) else None

    def _why(self, unit: Unit, ruled: bool, known: Collection[tuple[str, Category]]) -> tuple[str, str] | None:
        """(kind, reason) if the unit is kept back."""
        if self._marks:
            for words in unit.wordings:
                mark = self.mark(words)
                if mark is not None and mark in self._marks:
                    return self._marks[mark], "mark"
        for quote, category in known:
            if unit.text.strip() in quote or quote in unit.text:
                return category, "facet"
        if ruled and unit.line is not None:
            for sign in signs(unit.line):
                if self._rule.keeps_back(sign.category, sign.strength):
                    return sign.category, sign.reason
        return None

    def _title(self, passage: Passage, ruled: bool) -> str:
        """Headings stay, as they say where something stood; one that says the thing itself does not."""
        parts = passage.title.split(" › ")
        return " › ".join(GAP if self._says_it(passage, part, ruled) else part for part in parts)

    def _says_it(self, passage: Passage, heading: str, ruled: bool) -> bool:
        if not _own(_plain(heading)) or _names_a_category(heading):
            return False
        whole = Sentence(0, len(heading), 0)
        alone = structs.replace(passage, text=heading, title="", facet="work_knowledge")
        unit = Unit(alone, 0, len(heading), Line(alone, 0, whole, None))
        return self._why(unit, ruled, ()) is not None


class Unit:
    """A sentence, or a stretch between sentences: a line of code, a heading, words quoted from somebody."""

    def __init__(self, passage: Passage, start: int, end: int, line: Line | None = None) -> None:
        self.start = start
        self.end = end
        self.text = passage.text[start:end]
        self.line = line

    @cached_property
    def wordings(self) -> list[str]:
        """Itself, and the sentences in a line that was quoted or indented."""
        if self.line is not None:
            return [self.text]
        bare = self.text.lstrip("> \t|")
        return [bare, *(bare[each.start : each.end] for each in sentences(bare))]


def _units(passage: Passage) -> Iterator[Unit]:
    """All of the text but the blanks between, in order."""
    place, before = 0, None
    for sentence in sentences(passage.text):
        yield from _between(passage, place, sentence.start)
        line = Line(passage, 0, sentence, before)
        yield Unit(passage, sentence.start, sentence.end, line)
        place, before = sentence.end, sentence
    yield from _between(passage, place, len(passage.text))


def _between(passage: Passage, start: int, end: int) -> Iterator[Unit]:
    for line in passage.text[start:end].splitlines(keepends=True):
        if line.strip():
            yield Unit(passage, start, start + len(line.rstrip("\r\n")))
        start += len(line)


def _lean(units: list[Unit], why: list[tuple[str, str] | None]) -> None:
    """What says nothing without the one before it goes with it."""
    for place in range(1, len(units)):
        before = why[place - 1]
        if before is None or why[place] is not None:
            continue
        unit = units[place]
        beside = unit.line is not None and _same_block(units[place - 1], unit) and unit.line.leans
        below = unit.line is None and not unit.text.lstrip().startswith("#")
        if beside or below:
            why[place] = (before[0], "leans")


def _same_block(one: Unit, other: Unit) -> bool:
    first, second = _sentence(one), _sentence(other)
    return first is not None and second is not None and first.block == second.block


def _sentence(unit: Unit) -> Sentence | None:
    return unit.line.sentence if unit.line is not None else None


def _worth(passage: Passage, units: list[Unit], why: list[tuple[str, str] | None]) -> bool:
    """Whether a sentence is left that says something: on its own where it could be quoted, else at all."""
    left = (_plain(unit.text) for unit, told in zip(units, why, strict=True) if told is None)
    return any(_own(words) if passage.quotable else says_something(words) for words in left)


def _rest(
    passage: Passage, units: list[Unit], why: list[tuple[str, str] | None], held: tuple[Held, ...]
) -> tuple[Held, ...]:
    """Everything, in order; what would have stayed goes under the kind of what took it along."""
    kind = held[0].kind
    return tuple(
        Held(unit.text, told[0] if told else kind, told[1] if told else "rest")
        for unit, told in zip(units, why, strict=True)
    )


def _without(text: str, units: list[Unit], why: list[tuple[str, str] | None]) -> str:
    """The text with one GAP for each run of what is kept back; blanks and lines around it stay as they were."""
    parts: list[str] = []
    place, gap = 0, False
    for unit, told in zip(units, why, strict=True):
        if told is None:
            parts.append(text[place : unit.end])
        elif gap:
            pass  # the blanks inside a gap say nothing
        else:
            parts.append(text[place : unit.start] + GAP)
        place, gap = unit.end, told is not None
    parts.append(text[place:])
    return _GAPS.sub(GAP, "".join(parts))  # what was kept back before left gaps of its own


def _names_a_category(heading: str) -> bool:
    """ "Pitfalls" says where pitfalls stood, and not one of them."""
    return bool(under(heading))


def _plain(words: str) -> str:
    """The same words however they are wrapped, listed or ended."""
    folded = _SPACE.sub(" ", fold(words)).strip().casefold()
    return _AROUND.sub("", _AROUND.sub("", folded))


def _own(plain: str) -> bool:
    """Whether these words say so much that nobody else says them by chance."""
    return says_something(plain) and len(content(plain)) >= FEWEST
