"""How somebody writes, in numbers: a tally of their own messages that takes the same memory for any number of them.

Only the Subject's messages are measured. Those of others say whether a message is a reply, and what is usual
here, so that a phrase everybody uses is nobody's habit; nothing of theirs can be read out of what is kept. The
result does not depend on the order of threads, only on the order within each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import heapify, heappushpop
from math import log

from persona_store.distill.model import StyleAspect
from persona_store.distill.style_counts import Counted, count, reply_shapes
from persona_store.distill.style_examples import example
from persona_store.distill.style_frequent import Frequent, Item, Sketch, cite, hashed
from persona_store.distill.style_phrases import openings, phrases
from persona_store.distill.style_prose import Prose, prose
from persona_store.model import Passage

LONGEST_COUNTED = 5_000
"""Characters and sentences are counted up to here; what is longer counts as this long."""
MOST_THREADS = 50_000
"""Threads whose last speaker is remembered; the ones begun longest ago are forgotten first."""
FEWEST_USUAL = 100
"""Messages of others below which nothing is known about what is usual."""
ENOUGH_USUAL, ONE_IN = 20_000, 8
"""After so many messages of others only one in ONE_IN is looked at, drawn by the hash of its id."""
MORE_THAN_USUAL = 3.0
"""How many times as often as others somebody says a phrase that is called theirs."""
FEWEST_PHRASE = 3
"""Messages that must have an opening, a phrase or an emoji; they must stand in at least two threads."""
SHOWN = 12
MOST_LOOKED_AT = 2_000
_OPENING = "^"  # before what the sketch counts as an opening
_EXAMPLES = 64

Measures = Mapping[str, float]


class Histogram:
    """How often each whole number came: exact, and of bounded size."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()

    def add(self, value: int) -> None:
        self.counts[min(value, LONGEST_COUNTED)] += 1

    def quantile(self, share: float) -> float:
        """The least value that this share of them does not exceed; 0 of none."""
        left = share * self.counts.total()
        for value, times in sorted(self.counts.items()):
            left -= times
            if left <= 1e-9:
                return float(value)
        return 0.0

    def share_from(self, value: int) -> float:
        total = self.counts.total()
        return sum(times for each, times in self.counts.items() if each >= value) / total if total else 0.0


class Tally:
    """`add` every passage in order of time; own ones (`by_subject`) are measured."""

    def __init__(self) -> None:
        self.messages = self.replies = self.words = self.switches = 0
        self.chars, self.sentences, self.turns = Histogram(), Histogram(), Histogram()
        self.first_chars, self.reply_chars = Histogram(), Histogram()
        self.has: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self.letters = [0, 0, 0]
        self.openings, self.phrases, self.signs = Frequent(), Frequent(), Frequent(2_000)
        self.usual = Sketch()
        self.examples: dict[str, Item] = {}  # by measure
        self.sized: list[tuple[int, int, str, str, datetime]] = []  # (-rank, characters, passage, quote, at)
        self._last: dict[int, int] = {}  # thread → messages of the Subject in a row; 0 = somebody else spoke last

    def add(self, passage: Passage) -> None:
        thread = hashed(f"{passage.container}\0{passage.thread or passage.id}")
        if not passage.by_subject:
            self._others(passage, thread)
            return
        said = prose(passage.text)
        if said.words or said.code_block or said.link:
            self._own(passage, said, thread)

    def flush(self) -> Histogram:
        """The lengths of all turns, those included that nobody has answered yet."""
        turns = Histogram()
        turns.counts = self.turns.counts + Counter(min(n, LONGEST_COUNTED) for n in self._last.values() if n)
        return turns

    def _others(self, passage: Passage, thread: int) -> None:
        self._turn(thread, 0)
        if self.usual.messages >= ENOUGH_USUAL and hashed(passage.id) % ONE_IN:
            return
        said = prose(passage.text)
        begun = (_OPENING + said.text[start:end] for start, end in openings(said.text))
        self.usual.add((*phrases(said.text), *begun))

    def _turn(self, thread: int, now: int) -> int | None:
        before = self._last.get(thread)
        if before and not now:
            self.turns.add(before)
        if before is None and len(self._last) >= MOST_THREADS:
            forgotten = self._last.pop(next(iter(self._last)))
            if forgotten:
                self.turns.add(forgotten)
        self._last[thread] = (before or 0) + 1 if now else 0
        return before

    def _own(self, passage: Passage, said: Prose, thread: int) -> None:
        counted = count(said)
        before = self._turn(thread, 1)
        shapes = set(reply_shapes(said)) if before == 0 else set()
        self.messages += 1
        self.words += counted.total
        self.switches += counted.switches
        self.chars.add(counted.chars)
        self.sentences.add(counted.sentences)
        if before == 0:
            self.replies += 1
            self.reply_chars.add(counted.chars)
        elif before is None:
            self.first_chars.add(counted.chars)
        self.has.update(counted.has)
        self.has.update(shapes)
        self.closed.update(counted.words)
        self.letters = [a + b for a, b in zip(self.letters, counted.letters, strict=True)]
        self._habits(passage, said, counted, thread)
        self._cite(passage, counted, shapes)

    def _habits(self, passage: Passage, said: Prose, counted: Counted, thread: int) -> None:
        rank = hashed(passage.id)
        text = passage.text
        for start, end in openings(said.text):
            quote = said.text[start:end]
            item = self.openings.add(quote, thread)
            if quote in text:
                cite(item, rank, passage.id, quote, passage.at)
        for phrase, (start, end) in phrases(said.text).items():
            item = self.phrases.add(phrase, thread)
            if said.text[start:end] in text:
                cite(item, rank, passage.id, said.text[start:end], passage.at)
        for sign in set(counted.signs):
            cite(self.signs.add(sign, thread), rank, passage.id, sign, passage.at)

    def _cite(self, passage: Passage, counted: Counted, shapes: set[str]) -> None:
        quote = example(passage.text)
        if not quote:
            return
        rank = hashed(passage.id)
        for name in counted.has | shapes:
            cite(self.examples.setdefault(name, Item(0)), rank, passage.id, quote, passage.at)
        entry = (-rank, counted.chars, passage.id, quote, passage.at)
        if len(self.sized) < _EXAMPLES:
            self.sized.append(entry)
            if len(self.sized) == _EXAMPLES:
                heapify(self.sized)
        elif entry[0] > self.sized[0][0]:
            heappushpop(self.sized, entry)


# ------------------------------------------------------------------ from the tally to measures


def measures(
    tally: Tally, *, fewest: int = FEWEST_PHRASE, most: int = SHOWN
) -> dict[StyleAspect, dict[str, float]]:
    """By aspect: shares are of messages (`reply_…`: of replies; `word:…`: of words; `…_letters`: of letters), sizes
    are in characters, sentences or messages. `opening:X`, `phrase:X`, `emoji:X` and `word:X` are about X."""
    own, shares = max(1, tally.messages), _shares(tally)
    turns = tally.flush()
    made: dict[StyleAspect, dict[str, float]] = {
        "length": {
            **{f"chars_q{n}": tally.chars.quantile(n / 4) for n in (1, 2, 3)},
            **{f"sentences_q{n}": tally.sentences.quantile(n / 4) for n in (1, 2, 3)},
            "first_chars_median": tally.first_chars.quantile(0.5),
            "reply_chars_median": tally.reply_chars.quantile(0.5),
            "row_median": turns.quantile(0.5),
            "row_share": turns.share_from(2),
            **{name: shares.pop(name, 0.0) for name in ("one_liner", "long")},
        },
        "openings": {f"opening:{key}": item.messages / own for key, item in chosen_openings(tally, fewest, most)},
        "phrases": {
            **{f"phrase:{key}": item.messages / own for key, item in chosen_phrases(tally, fewest, most)},
            **{f"word:{word}": n / max(1, tally.words) for word, n in sorted(tally.closed.items()) if n >= fewest},
            "words": float(tally.words),
        },
        "emoji": {
            **{name: shares.pop(name, 0.0) for name in ("emoji", "shortcode", "smiley", "kaomoji")},
            **{f"emoji:{key}": item.messages / own for key, item in _often(tally.signs, fewest, most)},
        },
        "languages": {**_languages(tally), "mixed": shares.pop("mixed", 0.0)},
        "shapes": {
            **{name: shares.pop(name, 0.0) for name in ("code_block", "inline_code", "link", "list")},
            **{name: shares.pop(name) for name in sorted(shares) if name.startswith("reply_")},
            "reply": tally.replies / own,
            "replies": float(tally.replies),
        },
        "punctuation": shares,
    }
    return {aspect: {"messages": float(tally.messages), **_rounded(found)} for aspect, found in made.items()}


def _rounded(found: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in found.items()}


def _shares(tally: Tally) -> dict[str, float]:
    own, replies = max(1, tally.messages), max(1, tally.replies)
    return {name: n / (replies if name.startswith("reply_") else own) for name, n in sorted(tally.has.items())}


def _languages(tally: Tally) -> dict[str, float]:
    total = max(1, sum(tally.letters))
    zh, latin, other = (n / total for n in tally.letters)
    return {
        "chinese_letters": zh,
        "latin_letters": latin,
        "other_letters": other,
        "switches": tally.switches / max(1, tally.messages),
    }


def _often(frequent: Frequent, fewest: int, most: int) -> list[tuple[str, Item]]:
    """The most frequent, in at least two threads; on a sample (fewest = 1) any."""
    often = [
        (key, item)
        for key, item in frequent.items.items()
        if item.messages >= fewest and item.threads >= min(2, fewest)
    ]
    return sorted(often, key=lambda pair: (-pair[1].messages, pair[0]))[:most]


def chosen_openings(tally: Tally, fewest: int, most: int) -> list[tuple[str, Item]]:
    """First those that are more theirs than others'; the rest by how often they come."""
    often = _often(tally.openings, fewest, MOST_LOOKED_AT)
    if tally.usual.messages >= FEWEST_USUAL:
        often.sort(
            key=lambda pair: (-max(0.0, _gain(tally, pair[1], _OPENING + pair[0])), -pair[1].messages, pair[0])
        )
    return _distinct(often, most)


def chosen_phrases(tally: Tally, fewest: int, most: int) -> list[tuple[str, Item]]:
    """What is said more often than usual: first what is said often and by few others."""
    often = _often(tally.phrases, fewest, MOST_LOOKED_AT)
    if tally.usual.messages < FEWEST_USUAL:
        return _distinct(often, most)
    gains = {key: _gain(tally, item, key) for key, item in often}
    more = [(key, item) for key, item in often if gains[key] >= item.messages * log(MORE_THAN_USUAL)]
    return _distinct(sorted(more, key=lambda pair: (-gains[pair[0]], pair[0])), most)


def _gain(tally: Tally, item: Item, key: str) -> float:
    """The log-likelihood that is gained by knowing that they say it more often than others."""
    return item.messages * log(item.messages / tally.messages / tally.usual.rate(key))


def _distinct(ranked: list[tuple[str, Item]], most: int) -> list[tuple[str, Item]]:
    """No two that say the same: of those that contain each other the longer stays if it has most messages."""
    kept: list[tuple[str, Item]] = []
    for key, item in ranked[: 10 * most]:
        overlapping = [other for other in kept if other[0] in key or key in other[0]]
        longer = all(len(key) > len(other) and 3 * item.messages >= 2 * was.messages for other, was in overlapping)
        if overlapping and longer:
            kept = [other for other in kept if other not in overlapping]
        elif overlapping:
            continue
        kept.append((key, item))
    return kept[:most]


def flat(made: Mapping[StyleAspect, Measures]) -> dict[str, float]:
    """All measures of all aspects by name."""
    return dict(_pairs(made))


def _pairs(made: Mapping[StyleAspect, Measures]) -> Iterator[tuple[str, float]]:
    for found in made.values():
        yield from found.items()
