"""Vectors of texts: packed into a byte a number, kept side by side, and compared. One of the rooms of numpy.

A number of an embedding is worth little by itself: with eight bits of each, cosines move by less than a thousandth,
and a passage takes 400 bytes in place of 1,500.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[numpy.float32]

LARGEST = 8192  # numbers of a vector; no model has more
_BLOCK = 1024  # rows that are widened at once: what fits into a processor's cache


def unit(vector: Sequence[float]) -> Numbers:
    """The vector with length 1. Raises ValueError for one without direction, or with what is no number."""
    numbers = numpy.asarray(vector, dtype=numpy.float32)
    length = float(numpy.linalg.norm(numbers)) if numbers.ndim == 1 and 0 < numbers.size <= LARGEST else 0.0
    if not math.isfinite(length) or length < 1e-12:
        raise ValueError("no vector")
    return numpy.asarray(numbers / numpy.float32(length), dtype=numpy.float32)


def pack(vector: Sequence[float]) -> bytes:
    """Its direction in a byte a number, the largest as 127 or -127. Raises ValueError as `unit` does."""
    numbers = unit(vector)
    step = float(numpy.abs(numbers).max()) / 127
    return bytes(numpy.rint(numbers / step).astype(numpy.int8).tobytes())


class Matrix:
    """Packed vectors under names, each with the number of the group it is compared in."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self.ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._bytes = numpy.zeros((64, dimensions), numpy.int8)
        self._steps = numpy.zeros(64, numpy.float32)
        self._groups = numpy.zeros(64, numpy.uint8)

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, id: str) -> bool:
        return id in self._rows

    @property
    def groups(self) -> NDArray[numpy.uint8]:
        return self._groups[: len(self.ids)]

    def row(self, id: str) -> int | None:
        return self._rows.get(id)

    def put(self, id: str, packed: bytes, group: int) -> None:
        """In place of what it had. Raises ValueError for a vector of another kind."""
        if len(packed) != self.dimensions:
            raise ValueError("a vector of another length")
        at = self._rows.get(id)
        if at is None:
            at = self._rows[id] = len(self.ids)
            self.ids.append(id)
            if at == len(self._bytes):
                self._grow()
        numbers = numpy.frombuffer(packed, numpy.int8)
        length = float(numpy.linalg.norm(numbers.astype(numpy.float32)))
        self._bytes[at] = numbers
        self._steps[at] = 1 / length if length else 0.0  # so that what rounding did to its length is undone
        self._groups[at] = group

    def drop(self, ids: Iterable[str]) -> None:
        """The last one takes the place of each."""
        for id in ids:
            at = self._rows.pop(id, None)
            if at is None:
                continue
            last = self.ids.pop()
            if last != id:
                self.ids[at] = last
                self._rows[last] = at
                end = len(self.ids)
                self._bytes[at], self._steps[at] = self._bytes[end], self._steps[end]
                self._groups[at] = self._groups[end]
            self._bytes[len(self.ids)] = 0  # nothing that was taken out stays in memory

    def times(self, vector: Numbers) -> Numbers:
        """The cosine of each row and a vector of length 1."""
        # Not `@`: that is BLAS with a thread for each core; they spin, and a busy machine takes 20 times as long.
        found = numpy.empty(len(self.ids), numpy.float32)
        for at in range(0, len(found), _BLOCK):
            end = min(at + _BLOCK, len(found))
            numpy.einsum("ij,j->i", self._bytes[at:end].astype(numpy.float32), vector, out=found[at:end])
        return numpy.asarray(found * self._steps[: len(found)], dtype=numpy.float32)

    def at(self, rows: Sequence[int]) -> Numbers:
        """Some rows, each of length 1."""
        chosen = numpy.asarray(rows, dtype=numpy.intp)
        return numpy.asarray(self._bytes[chosen] * self._steps[chosen, None], dtype=numpy.float32)

    def _grow(self) -> None:
        self._bytes = numpy.concatenate([self._bytes, numpy.zeros_like(self._bytes)])
        self._steps = numpy.concatenate([self._steps, numpy.zeros_like(self._steps)])
        self._groups = numpy.concatenate([self._groups, numpy.zeros_like(self._groups)])
