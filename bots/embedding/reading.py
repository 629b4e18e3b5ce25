"""What an endpoint answers with: vectors, as numbers or packed. Pure, and trusts nothing of it.

https://platform.openai.com/docs/api-reference/embeddings; packed is little-endian 32 bit in base64.
"""

from __future__ import annotations

import base64
import binascii
import math
import sys
from array import array
from typing import Any

import msgspec

LONGEST = 8192  # numbers of a vector


class NoVectors(Exception):
    """`answered`: it is an answer, though not to what was asked."""

    def __init__(self, why: str, *, answered: bool) -> None:
        super().__init__(why)
        self.why = why
        self.answered = answered


def vectors_in(raw: bytes, expected: int) -> list[array[float]]:
    """As many as were asked for, in the order of the texts, all of one length. Raises NoVectors."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise NoVectors("no JSON", answered=False) from None
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        raise NoVectors("no data", answered=False)
    if len(data) != expected or not all(isinstance(each, dict) for each in data):
        raise NoVectors(f"{len(data)} vectors for {expected} texts", answered=True)
    found: dict[int, array[float]] = {}
    for place, each in enumerate(data):
        at = each.get("index", place)
        if type(at) is not int or not 0 <= at < expected or at in found:
            raise NoVectors("vectors of no text", answered=True)
        found[at] = _vector(each.get("embedding"))
    if len({len(vector) for vector in found.values()}) > 1:
        raise NoVectors("vectors of several lengths", answered=True)
    return [found[at] for at in range(expected)]


def _vector(value: Any) -> array[float]:
    vector = _unpacked(value) if isinstance(value, str) else _listed(value)
    if not 1 < len(vector) <= LONGEST:
        raise NoVectors("a vector of no length", answered=True)
    size = math.fsum(number * number for number in vector)
    if not math.isfinite(size) or size < 1e-12:
        raise NoVectors("a vector without direction", answered=True)
    return vector


def _unpacked(text: str) -> array[float]:
    vector = array("f")
    try:
        vector.frombytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise NoVectors("a vector that cannot be unpacked", answered=True) from None
    if sys.byteorder == "big":
        vector.byteswap()
    return vector


def _listed(value: Any) -> array[float]:
    if not isinstance(value, list) or not all(type(number) in (int, float) for number in value):
        raise NoVectors("a vector of no numbers", answered=True)
    try:
        return array("f", value)
    except OverflowError:
        raise NoVectors("a vector of no numbers", answered=True) from None
