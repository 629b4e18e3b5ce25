"""The episodes of a persona's material, one after the other, without holding it all."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import groupby

from persona_store.episodes import episode_of
from persona_store.evidence import EvidenceFile
from persona_store.model import Passage

TOGETHER = 2000  # passages fetched at once, or one episode if that is longer
LONGEST = 2000  # passages of an episode; a longer one is told in parts

Episode = Sequence[Passage]
"""What was said in one thread, or stands in one piece of a document, in order of time."""


async def episodes(file: EvidenceFile) -> AsyncIterator[Episode]:
    """Every passage is told exactly once, and an episode in one piece up to LONGEST. Two passes: which passages
    belong together (about 60 bytes each), then one episode after the other, in the order of their first passage.
    What is added meanwhile is left for the next time, and what is removed meanwhile is not told."""
    seqs, groups = array("q"), array("q")
    numbers: dict[int, int] = {}  # hash of an episode → its number, in order of appearance
    async for seq, passage in file.scan():
        seqs.append(seq)
        groups.append(numbers.setdefault(hash(episode_of(passage)), len(numbers)))
    numbers.clear()
    order = sorted(range(len(seqs)), key=groups.__getitem__)
    for batch in _batches(order, groups):
        by_episode: dict[tuple[str, str], list[Passage]] = {}
        for passage in await file.numbered(seqs[index] for index in batch):
            by_episode.setdefault(episode_of(passage), []).append(passage)
        for members in by_episode.values():
            members.sort(key=lambda passage: (passage.at, passage.id))
            for start in range(0, len(members), LONGEST):
                yield tuple(members[start : start + LONGEST])


def _batches(order: list[int], groups: array[int]) -> Iterator[list[int]]:
    """Whole episodes together, until there are TOGETHER passages."""
    batch: list[int] = []
    for _, members in groupby(order, key=groups.__getitem__):
        batch.extend(members)
        if len(batch) >= TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch
