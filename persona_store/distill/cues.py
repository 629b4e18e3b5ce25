"""The words by which a sentence shows what it is, read from `cues.txt`.

A cue is a few words in order. `…` between them is a gap inside the sentence, `a/b` is either, `_` joins the words
of one side, and `^` at its beginning means that a clause begins there. `@` is anybody who is mentioned, `~` is a
channel. Only cues one of whose words stands in the sentence are tried, and gaps are bounded: a sentence costs time
in proportion to its length.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from msgspec import Struct

from persona_store.distill.colleagues import MENTION
from persona_store.tokens import fold

STRENGTHS: Mapping[str, float] = {"strong": 0.7, "plain": 0.5, "weak": 0.35}
"""About how often a sentence with such a cue means what the cue says, as labelled by hand on chats, mails and
Chinese support (docs/benchmarks.md)."""

_CHINESE = re.compile("[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_GAP, _GAP_ZH = r"[^.!?\n]{0,60}?", r"[^。！？\n]{0,30}?"
_CLAUSE = (
    r"(?:^[\W\d_]{0,6}|[,;:(\u2013\u2014]\s*|\s-\s+|[。，；：！、]\s*"
    r"|\b(?:but|so|and|also|just|please|or|then|well|yeah|yes|no|ok|btw|fwiw|imo|:)\s+)"
)
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "`": "'"})
_INSIDE = re.compile(r"`[^`\n]{1,300}`|\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”|「[^」\n]{1,300}」|https?://\S{1,300}")
_ROOM = re.compile(r"(?<![\w#])#(?:\*\*)?[\w\u3400-\u9fff][\w\u3400-\u9fff.\-]{1,60}")
_WORDS = "words."
_MARKS = {"@": "xperson", "#": "xroom"}


class Cue(Struct, frozen=True):
    section: str
    strength: float
    pattern: re.Pattern[str]


class Cues:
    """What `cues.txt` says, ready to be looked up."""

    def __init__(self, text: str) -> None:
        self._latin: defaultdict[str, list[Cue]] = defaultdict(list)
        self._chinese: defaultdict[str, list[Cue]] = defaultdict(list)
        self._words: defaultdict[str, set[str]] = defaultdict(set)
        section, strength = "", 0.0
        for line in text.splitlines():
            phrase = line.partition("#")[0].strip()
            if phrase.startswith("["):
                section, _, name = phrase.strip("[]").partition(" ")
                strength = STRENGTHS[name or "plain"]
            elif phrase and section.startswith(_WORDS):
                self._words[section.removeprefix(_WORDS)].update(phrase.split())
            elif phrase:
                self._add(section, strength, phrase.replace("@", _MARKS["@"]).replace("~", _MARKS["#"]))
        anchors = sorted(self._chinese, key=len, reverse=True)
        self._anchors = re.compile(f"(?=({'|'.join(map(re.escape, anchors))}))")

    def _add(self, section: str, strength: float, phrase: str) -> None:
        chinese = _CHINESE.search(phrase) is not None
        cue = Cue(section, strength, _compiled(phrase, chinese))
        for anchor in _anchors(phrase, chinese):
            (self._chinese if chinese else self._latin)[anchor].append(cue)

    def words(self, name: str) -> frozenset[str]:
        """The words of the section `words.<name>`, which are a list and no cues."""
        return frozenset(self._words[name])

    def of(self, sentence: str) -> dict[str, float]:
        """Section → how strongly the sentence shows it."""
        read = legible(sentence)
        tried: dict[int, Cue] = {}
        for word in set(_WORD.findall(read)):
            tried.update((id(cue), cue) for cue in self._latin.get(word, ()))
        if _CHINESE.search(read):
            for found in set(self._anchors.findall(read)):
                for size in range(1, len(found) + 1):  # a shorter anchor may begin at the same place
                    tried.update((id(cue), cue) for cue in self._chinese.get(found[:size], ()))
        shown: dict[str, float] = {}
        for cue in tried.values():
            if shown.get(cue.section, 0.0) < cue.strength and cue.pattern.search(read):
                shown[cue.section] = cue.strength
        return shown


def legible(sentence: str) -> str:
    """As cues are looked up in it: folded, lower case, and blind to what stands in quotes, code and addresses."""
    blind = _INSIDE.sub(" x ", sentence)
    if "@" in blind or "#" in blind:
        blind = _ROOM.sub(_MARKS["#"], MENTION.sub(_MARKS["@"], blind))
    return fold(blind).translate(_APOSTROPHES).lower()


@cache
def cues() -> Cues:
    return Cues(files("persona_store.distill").joinpath("cues.txt").read_text(encoding="utf-8"))


def _compiled(phrase: str, chinese: bool) -> re.Pattern[str]:
    clause = phrase.startswith("^")
    parts: list[str] = []
    for unit in phrase.removeprefix("^").replace("…", " … ").split():
        if unit == "…":
            parts.append(_GAP_ZH if chinese else _GAP)
            continue
        sides = [re.escape(side.replace("_", " ")).replace(r"\ ", r"\s+") for side in unit.split("/")]
        parts.append(f"(?:{'|'.join(sides)})" if chinese else rf"\b(?:{'|'.join(sides)})(?![\w'])")
    joiner = r"\s*" if chinese else r"\s+"
    pattern = parts[0]
    for before, part in zip(parts, parts[1:], strict=False):
        gap = _GAP_ZH in (before, part) or _GAP in (before, part)
        pattern += part if gap else joiner + part
    return re.compile((_CLAUSE if clause else "") + pattern)


def _anchors(phrase: str, chinese: bool) -> list[str]:
    """The words of the unit that is longest at its shortest: one of them must stand in the sentence."""
    units = [unit for unit in phrase.removeprefix("^").replace("…", " ").split()]
    best = max(units, key=lambda unit: min(len(side) for side in unit.split("/")))
    sides = [side.replace("_", " ") for side in best.split("/")]
    if chinese:
        return sides
    return [max(_WORD.findall(side), key=len) for side in sides]
