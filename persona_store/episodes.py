"""Passages → episodes → runs: what belongs together is found together, and found in pieces of a page at most.

An episode is a thread of a chat (question, clarifications, answer, "that fixed it") or one piece of a document.
A run is a stretch of an episode of about 900 characters; neighbouring runs share a message, so that a question
and the answer right below it are never torn apart. All messages of a run have the same readers: whoever may
read one of them may read the run, and what somebody may not read never lends its words to what they may.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from persona_store.model import Passage
from persona_store.splitting import is_split

RUN_CHARS = 900

Episode = tuple[str, str]


class Message(Struct, frozen=True):
    """A passage with the term ids it was cut into, in order; `body` of them are its text's, the rest its title's or
    its question's."""

    passage: Passage
    sequence: array[int]
    body: int


class Run(Struct, frozen=True):
    number: int  # counts up for ever: postings stay sorted by appending
    episode: Episode
    messages: tuple[Message, ...]
    length: int  # in terms
    norm: float  # of the vector of 1 + log(frequency), for the cosine
    last_at: datetime
    readers: tuple[str, ...] | None


def episode_of(passage: Passage) -> Episode:
    if is_split(passage) or passage.source == "correction" or not passage.thread:
        # a document's sections stand alone, and so do an owner's answers
        return ("", passage.id)
    return (passage.container, passage.thread)


def stretches(messages: Iterable[Message]) -> Iterator[tuple[Message, ...]]:
    """The runs of an episode, given its messages in order of time."""
    held: list[Message] = []
    fresh = False  # whether `held` has a message that no earlier run had
    for message in messages:
        apart = held and held[-1].passage.readers != message.passage.readers
        if held and (apart or _chars(held) + len(message.passage.text) > RUN_CHARS):
            if fresh:
                yield tuple(held)
            overlap = not apart and len(held[-1].passage.text) <= RUN_CHARS // 2
            held = held[-1:] if overlap else []
        held.append(message)
        fresh = True
    if fresh:
        yield tuple(held)


def _chars(messages: list[Message]) -> int:
    return sum(len(message.passage.text) for message in messages)
