"""Finder of what the Subject knows about: named things they speak of more than others do, with how much."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable
from functools import lru_cache
from math import log

from persona_store.distill.candidates import Best, Candidate, cited
from persona_store.distill.cues import cues
from persona_store.distill.model import Citation, facet_id
from persona_store.distill.scene import Line, Scene
from persona_store.distill.spotter import Known
from persona_store.distill.things import worth
from persona_store.distill.vocabulary import Word
from persona_store.model import Passage
from persona_store.tokens import named

FEWEST = 5
"""Episodes in which it is spoken of."""
NAMED = 0.5
"""Of the passages that speak of it, those in which it is written like a name."""
MORE = 1.5
"""Times as often as this person speaks in general."""
MOSTLY = 0.9
"""Of those who speak of it, this person: then it is theirs, however much they speak."""
_PLAIN_WORD = re.compile(r"\b[a-z]{2,}\b")
_FEW_WORDS = 4
_TELLS = frozenset(
    {"reason", "directs", "standard", "pitfall", "workflow", "decision", "responsibility", "trade_off"}
)
_NO_KNOWLEDGE = frozenset({"unsure", "joking", "reported", "personal", "own_trouble", "boundary", "supposed"})
"""What is not said of something one knows."""
QUOTED = 20_000  # words for which a place is remembered
PLACES = 3
PLACES_KEPT = 6
"""More than are shown: some of them may stand elsewhere on the page already."""


class Systems:
    def __init__(self) -> None:
        self._places: dict[str, list[tuple[float, str, Citation]]] = {}

    def see(self, scene: Scene, best: Best) -> None:
        for line in scene.lines:
            if line.question or line.shows.keys() & _NO_KNOWLEDGE or not 20 <= len(line.text) <= 300:
                continue
            if not _talks(line.text):
                continue
            for term in named(line.text):
                if worth(term):
                    self._keep(term, line.passage, line.text, _says_much(line))

    def _keep(self, term: str, passage: Passage, text: str, shows: int) -> None:
        if term not in self._places and len(self._places) >= QUOTED:
            return
        heap = self._places.setdefault(term, [])
        entry = (shows - abs(len(text) - 120) / 120, passage.id, cited(passage, text))
        if any(passage.id == id or text == citation.quote for _, id, citation in heap):
            return  # the same line again and again is a signature
        if len(heap) < PLACES_KEPT:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)

    def ended(self, known: Known) -> Iterable[Candidate]:
        vocabulary = known.vocabulary
        for term in sorted(self._places):
            word = vocabulary.words.get(term)
            if word is None or word.episodes < FEWEST or word.named < NAMED * word.passages:
                continue
            others = vocabulary.said_by_others(term)
            share = word.passages / (word.passages + others)
            usual = vocabulary.own / max(1, vocabulary.own + vocabulary.others)
            if len(self._places[term]) < PLACES:
                continue
            places = [each for *_, each in sorted(self._places[term], key=lambda entry: (-entry[0], entry[1]))]
            if (share >= MORE * usual or share >= MOSTLY) and not _no_thing(word, places, known):
                yield _candidate(term, word, share, usual, places)


def _says_much(line: Line) -> int:
    """A line that says how or why tells more of what one knows than one that mentions it, and one that leans on
    another tells less."""
    return len(line.shows.keys() & _TELLS) - line.leans - line.dangling


def _talks(text: str) -> bool:
    """No address and no signature, which are made of names and numbers."""
    return len(_PLAIN_WORD.findall(text)) >= _FEW_WORDS or not text.isascii()


def _no_thing(word: Word, places: list[Citation], known: Known) -> bool:
    """A name of somebody, a month or a day is written like the name of a thing."""
    if any(_somebody(written).search(each.quote) for written in word.written for each in places):
        return True
    common = cues().words("no_system")
    return any(each.lower() in common or known.colleagues.is_name(each) for each in word.written)


@lru_cache(maxsize=4096)
def _somebody(written: str) -> re.Pattern[str]:
    """The word where it does what only people do, or is thanked, asked or told."""
    name = re.escape(written)
    return re.compile(
        rf"\b(?:[Tt]hanks to|[Tt]hank|[Cc][Cc](?:ing|'ed|'d)?|[Hh]i|[Hh]ello|[Hh]ey|[Dd]ear|[Aa]sk(?:ed)?|told"
        rf"|[Pp]ing) {name}\b"
        rf"|\b{name} (?:says?|said|told|thinks|wrote|pointed|mentioned|suggested|asked|knows|explained|did|is such"
        rf"|has (?:explained|said|written)|and I|himself|herself)\b"
        rf"|\bI and {name}\b|[A-Z]\w+, and {name}\b|\b[A-Z][a-z]+ and {name} (?:are|have|wrote|think)\b"
    )


def _candidate(term: str, word: Word, share: float, usual: float, places: list[Citation]) -> Candidate:
    written = word.written.most_common(1)[0][0]
    much = min(1.0, log(1 + word.episodes) / log(50)) * min(1.0, 0.5 + share - usual)
    return Candidate(
        aspect="system",
        id=facet_id("system", term),
        text=places[0].quote,
        citations=tuple(places),
        about=frozenset({term}),
        cue=round(0.45 + 0.45 * much, 3),
        subject=written,
        measures=(("passages", float(word.passages)), ("share", round(share, 3))),
        whole=True,
    )
