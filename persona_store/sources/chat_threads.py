"""What belongs together in a chat: threads, and episodes of what is said outside of them. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

GAP = 20 * 60.0
"""Seconds of silence after which what is said in a chat, outside of threads, is another episode."""

LONGEST = 40
"""Messages after which an episode ends even so: a busy chat never falls silent, and context must stay near."""

POST = 60
"""Characters from which on a message says something by itself, rather than being a line of a conversation."""


class Turn(Protocol):
    """A message as far as its place in the conversation goes."""

    @property
    def id(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def who(self) -> str: ...
    @property
    def root(self) -> str:
        """The id that names its thread, "" outside of threads."""
        ...

    @property
    def length(self) -> int: ...


def threads(turns: Sequence[Turn]) -> dict[str, str]:
    """For each message of a chat, in order of time, the id that names its thread or episode.

    Most teams answer below each other without opening a thread. Such messages form an episode until it falls
    silent; it is named by its first message, so a later export of the same chat names it the same. What one person
    posts at length, post after post with nobody answering, is no dialogue: each post stands alone.
    """
    opened = {turn.root for turn in turns}
    found: dict[str, str] = {}
    start, count, last, alone = "", 0, 0.0, ""
    for turn in turns:
        if turn.root or turn.id in opened:
            found[turn.id] = turn.root or turn.id
            continue
        post = turn.who if turn.length >= POST else ""
        if not start or turn.seconds - last > GAP or count >= LONGEST or (post and post == alone):
            start, count, alone = turn.id, 0, post
        elif post != alone:
            alone = ""
        found[turn.id], count, last = start, count + 1, turn.seconds
    return found


def roots(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each linked id the one that names all that hang together: where its links lead in the end. Links go from
    what belongs to what it belongs to."""
    above: dict[str, str] = {}

    def top(ident: str) -> str:
        while (up := above.get(ident, ident)) != ident:
            above[ident] = above.get(up, up)
            ident = up
        return ident

    for lower, upper in links:
        low, high = top(lower), top(upper)
        if low != high:
            above[low] = high
    return {ident: top(ident) for ident in {*above, *above.values()}}
