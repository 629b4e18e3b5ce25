"""What is said often, in bounded memory: frequent items with where they stand, and a sketch of what is usual."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from datetime import datetime

from persona_store.distill.model import Citation

MOST_ITEMS = 10_000
_CITED = 2


class Item:
    """How many messages have it, whether they stand in more than one thread, and the examples to show."""

    __slots__ = ("cited", "messages", "thread", "threads")

    def __init__(self, thread: int) -> None:
        self.messages = 0
        self.thread = thread
        self.threads = 1  # 2 means two or more
        self.cited: tuple[tuple[int, Citation], ...] = ()


class Frequent:
    """Counts items up to `most` of them at a time; past twice that, the rarest are dropped. What is kept was seen
    at least as often as it says, and at most `missed` times more (lossy counting; Manku and Motwani, VLDB 2002).
    Below the limit it is exact, whatever the order."""

    def __init__(self, most: int = MOST_ITEMS) -> None:
        self.most = most
        self.missed = 0
        self.items: dict[str, Item] = {}

    def add(self, key: str, thread: int) -> Item:
        """One more message that has it."""
        item = self.items.get(key)
        if item is None:
            if len(self.items) >= 2 * self.most:
                self._drop()
            item = self.items[key] = Item(thread)
        item.messages += 1
        if item.thread != thread:
            item.threads = 2
        return item

    def _drop(self) -> None:
        ranked = sorted(self.items.items(), key=lambda pair: (-pair[1].messages, pair[0]))
        self.missed = max(self.missed, ranked[self.most][1].messages)
        self.items = dict(ranked[: self.most])


def cite(item: Item, rank: int, passage: str, quote: str, at: datetime) -> None:
    """Keeps the examples of the lowest rank (a hash of the passage's id): the same in whatever order they come."""
    if len(item.cited) < _CITED or rank < item.cited[-1][0]:
        both = {*item.cited, (rank, Citation(passage, quote, at))}
        item.cited = tuple(sorted(both, key=lambda pair: (pair[0], pair[1].passage, pair[1].quote))[:_CITED])


def hashed(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest())


class Sketch:
    """About how many messages have an item, never too few: a count-min sketch with conservative update (Cormode and
    Muthukrishnan, 2005; Estan and Varghese, 2002). One megabyte, and no item can be read out of it."""

    _ROWS, _BITS = 4, 16

    def __init__(self) -> None:
        self.messages = 0
        self._cells = [array("L", bytes(array("L").itemsize << self._BITS)) for _ in range(self._ROWS)]

    def add(self, keys: Iterable[str]) -> None:
        """The items of one message."""
        self.messages += 1
        for key in keys:
            places = self._places(key)
            least = min(row[place] for row, place in zip(self._cells, places, strict=True)) + 1
            for row, place in zip(self._cells, places, strict=True):
                row[place] = max(row[place], least)

    def rate(self, key: str) -> float:
        """The share of messages that have it, as if one more had."""
        seen = min(row[place] for row, place in zip(self._cells, self._places(key), strict=True))
        return (seen + 1) / (self.messages + 1)

    def _places(self, key: str) -> list[int]:
        number = hashed(key)
        return [number >> (self._BITS * row) & ((1 << self._BITS) - 1) for row in range(self._ROWS)]
