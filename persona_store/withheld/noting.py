"""A Cut → the notes that outlive it: how its words are remembered, and what is still known of their topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from persona_store.episodes import episode_of
from persona_store.model import Passage
from persona_store.withheld.book import Note
from persona_store.withheld.cutting import Cut, Knife
from persona_store.withheld.hints import Mac, hint


def noted(passage: Passage, cut: Cut, before: Passage | None, knife: Knife, mac: Mac) -> Iterator[Note]:
    """`passage` as it was before it was cut. Words of others leave no hint: nobody would be asked for them."""
    for held in cut.held:
        told = hint(passage, held, before, mac) if passage.quotable else None
        mark = knife.mark(held.text)
        if told is not None or mark is not None:
            yield Note(held.kind, mark, told)


def with_before(episode: Sequence[Passage]) -> Iterator[tuple[Passage, Passage | None]]:
    """Each passage of an episode, in order of time, with what somebody else had said last before it."""
    before: Passage | None = None
    for passage in episode:
        yield passage, before
        if not passage.by_subject:
            before = passage


def grouped(passages: Iterable[Passage]) -> Iterator[Sequence[Passage]]:
    """By episode, in order of time."""
    found: dict[tuple[str, str], list[Passage]] = {}
    for passage in passages:
        found.setdefault(episode_of(passage), []).append(passage)
    for members in found.values():
        yield sorted(members, key=lambda passage: (passage.at, passage.id))
