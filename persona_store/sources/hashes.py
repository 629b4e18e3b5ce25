"""Many 64-bit hashes in little memory: about 17 bytes each, where a set of numbers takes a hundred."""

from __future__ import annotations

import secrets
from array import array

WIDTH = 64
MASK = (1 << WIDTH) - 1
FULL = 0.6
"""Share of the places that are taken before there are twice as many."""


class Hashes:
    """Each hash has a number, from 0 on in the order they came.

    Open addressing with linear probing. Where a hash is looked for depends on a secret odd factor
    (Dietzfelbinger's multiply-shift), so that nobody can choose ids that all meet in one place.
    """

    def __init__(self) -> None:
        self._hashes = array("Q")
        self._factor = secrets.randbits(WIDTH) | 1
        self._bits = 10
        self._places = self._empty()

    def __len__(self) -> int:
        return len(self._hashes)

    def __getitem__(self, number: int) -> int:
        return self._hashes[number]

    def find(self, value: int) -> int:
        """Its number, -1 if it is not here."""
        return self._places[self._place(value)] - 1

    def number(self, value: int) -> int:
        """Its number; it is here from now on."""
        place = self._place(value)
        if taken := self._places[place]:
            return taken - 1
        self._hashes.append(value)
        self._places[place] = len(self._hashes)
        if len(self._hashes) > FULL * (1 << self._bits):
            self._grow()
        return len(self._hashes) - 1

    def add(self, value: int) -> bool:
        """Whether it is new."""
        known = len(self._hashes)
        return self.number(value) == known

    def _place(self, value: int) -> int:
        """Where it stands, or would."""
        places, hashes, last = self._places, self._hashes, (1 << self._bits) - 1
        at = (value * self._factor & MASK) >> (WIDTH - self._bits)
        while (taken := places[at]) and hashes[taken - 1] != value:
            at = (at + 1) & last
        return at

    def _grow(self) -> None:
        self._bits += 1
        self._places = self._empty()
        for number, value in enumerate(self._hashes, start=1):
            self._places[self._place(value)] = number

    def _empty(self) -> array[int]:
        return array("I", bytes(4 << self._bits))


def of(ident: str) -> int:
    """Python's keyed hash of it: another one in every process, so that nobody can make two that are equal."""
    return hash(ident) & MASK
