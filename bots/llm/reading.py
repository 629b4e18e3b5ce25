"""Finds the answer in what a model wrote: JSON that fits, in whatever it is wrapped. Pure, in linear time.

Models put a fence round JSON, a sentence before it or a remark after it. Every place where it may begin is tried in
the order below, and the first that fits is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from bots.llm.thinking import answer_in

T = TypeVar("T")

PLACES = 8
"""How many opening brackets are tried: JSON that fits stands early, and text made of brackets must cost nothing."""

_FENCE = re.compile(r"^[ \t]*```[^\n`]*\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
_STOPS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[][{}]', re.DOTALL)  # possessive: a string never closed is read once
_OPENING = re.compile(r"[{\[]")
_PATH = re.compile(r"`(\$[^`]*)`$")


class Unfit(ValueError):
    """What was wrong: `reason` in the decoder's words, which may quote the answer and go back to the model only;
    `place` is the path of what did not fit, or empty, and may be shown."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(place or "no JSON")
        self.reason = reason
        self.place = place


def value_in(text: str, kind: type[T]) -> T:
    """Raises Unfit with what the likeliest place lacked."""
    first: Unfit | None = None
    for candidate in _candidates(answer_in(text)):
        try:
            return _decoded(candidate, kind)
        except Unfit as unfit:
            if first is None or (unfit.place and not first.place):
                first = unfit
    raise first or Unfit("there is no JSON in it")


def _decoded(text: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        where = _PATH.search(str(error))
        raise Unfit(str(error), where[1] if where else "$") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Unfit(str(error)) from None
    except RecursionError:
        raise Unfit("it is nested too deep") from None


def _candidates(text: str) -> Iterator[str]:
    whole = text.strip()
    if whole.startswith(("{", "[")):
        yield whole
    for found in _FENCE.finditer(text):
        yield found[1]
    end = 0
    for _ in range(PLACES):
        opening = _OPENING.search(text, end)
        if opening is None:
            return
        end = _closing(text, opening.start())
        if end < 0:
            return
        yield text[opening.start() : end]


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` is closed, or -1. A bracket inside a string counts for nothing."""
    depth = 0
    for stop in _STOPS.finditer(text, start):
        sign = stop[0]
        if sign in "{[":
            depth += 1
        elif sign in "]}":
            depth -= 1
            if depth == 0:
                return stop.end()
    return -1
