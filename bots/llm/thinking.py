"""Models that think aloud: what stands between `<think>` and `</think>` is not the answer. Pure.

Only at the very beginning, where such models put it; an answer that speaks of the tag keeps it. Some servers
swallow the opening tag with the template and send the closing one alone.
"""

from __future__ import annotations

OPEN, CLOSE = "<think>", "</think>"


def answer_in(text: str) -> str:
    """The text without its thinking; empty if the thinking never ended."""
    begun = text.lstrip()
    if begun.startswith(OPEN):
        return begun.partition(CLOSE)[2].strip()
    if begun[:1] in ("{", "["):
        return text
    head, closed, rest = text.partition(CLOSE)
    return rest.strip() if closed and OPEN not in head else text


class Filter:
    """The same for an answer that comes in pieces: `feed` gives what may be shown so far, `end` the rest. Thinking
    whose opening tag was swallowed cannot be told from an answer here, and is shown."""

    def __init__(self) -> None:
        self._kept = ""
        self._state = "start"  # start | thinking | after | answer

    def feed(self, piece: str) -> str:
        if self._state == "answer":
            return piece
        if self._state == "after":
            return self._after(piece)
        self._kept += piece
        if self._state == "start":
            begun = self._kept.lstrip()
            if OPEN.startswith(begun[: len(OPEN)]) and len(begun) < len(OPEN):
                return ""
            if not begun.startswith(OPEN):
                return self._answer(self._kept)
            self._state, self._kept = "thinking", begun[len(OPEN) :]
        _, closed, rest = self._kept.partition(CLOSE)
        if not closed:
            self._kept = self._kept[-len(CLOSE) :]  # enough to see a tag that comes in two pieces
            return ""
        return self._after(rest)

    def end(self) -> str:
        return self._answer(self._kept) if self._state == "start" else ""

    def _after(self, text: str) -> str:
        self._state, self._kept = "after", ""
        shown = text.lstrip()
        return self._answer(shown) if shown else ""

    def _answer(self, text: str) -> str:
        self._state, self._kept = "answer", ""
        return text
