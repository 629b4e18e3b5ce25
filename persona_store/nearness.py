"""How near a persona's passages are to a question by what they mean, in numbers that do so for every model.

Cosines of one model lie between 0.7 and 0.9, of another around zero, and with all models they are higher within a
language than across, whatever is said. So each is told by how many deviations it lies above the mean of what is
written in the passage's language. A persona of three passages has no mean worth the name: the sentences of
background.txt, which are nobody's, stand beside its own. Only what the reader may see takes part (rights.md T06).
One of the rooms of numpy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import TypeAlias

import numpy
from numpy.typing import NDArray

from persona_store.episodes import Run, episode_of
from persona_store.index import Index, View
from persona_store.meant import group_of
from persona_store.model import Passage
from persona_store.vectors import Matrix, Numbers, unit

NEAREST = 40  # passages whose runs are candidates
GROUPS = 2
LEAST = 1e-3  # of a deviation: where all is alike nothing stands out
Marks: TypeAlias = NDArray[numpy.bool_]


@cache
def background() -> tuple[str, ...]:
    """Sentences of work in both languages, of everybody and nobody."""
    lines = files("persona_store").joinpath("background.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


class Ground:
    """The vectors of one persona's passages, kept as the search index is: in memory, exact after every change."""

    def __init__(self, around: Sequence[Sequence[float]], *, measured: bool = False) -> None:
        """`around`: the vectors of `background()`, by the model that makes the others. `measured`: it is the one
        that the weights were fitted on."""
        self._measured = measured
        self._around = numpy.stack([unit(each) for each in around])
        self._around_groups = numpy.array([group_of(text) for text in background()])
        self.matrix = Matrix(self._around.shape[1])
        self._seen_by: dict[int, tuple[frozenset[int], Marks]] = {}

    def put(self, passage: Passage, packed: bytes) -> None:
        """Raises ValueError for a vector of another length."""
        self._seen_by.clear()
        self.matrix.put(passage.id, packed, group_of(passage.text))

    def drop(self, ids: Iterable[str]) -> None:
        self._seen_by.clear()
        self.matrix.drop(ids)

    def nearness(self, index: Index, view: View, asked: Sequence[float]) -> Nearness:
        """Raises ValueError where the question's vector is of another length."""
        question = unit(asked)
        if len(question) != self.matrix.dimensions:
            raise ValueError("a vector of another length")
        seen, cosines, groups = self._seen(index, view), self.matrix.times(question), self.matrix.groups
        spread = numpy.zeros((GROUPS, 2), numpy.float32)
        for group in range(GROUPS):
            around = self._around[self._around_groups == group] @ question
            both = numpy.concatenate([cosines[seen & (groups == group)], around])
            spread[group] = both.mean(), max(float(both.std()), LEAST)
        return Nearness(index, self.matrix, seen, question, cosines, spread, measured=self._measured)

    def _seen(self, index: Index, view: View) -> Marks:
        """Which rows these readers may see; the same for every question of theirs, until something changes."""
        if view.runs is None:
            return numpy.ones(len(self.matrix), bool)
        known = self._seen_by.get(id(view.runs))
        if known is None or known[0] is not view.runs:
            if len(self._seen_by) > 16:
                self._seen_by.clear()
            ids = {message.passage.id for number in view.runs for message in index.runs[number].messages}
            marks = numpy.fromiter((id in ids for id in self.matrix.ids), bool, len(self.matrix))
            known = self._seen_by[id(view.runs)] = (view.runs, marks)
        return known[1]


class Nearness:
    """Of one question to what one reader may see; implements persona_store/meant.py's Near."""

    def __init__(
        self,
        index: Index,
        matrix: Matrix,
        seen: Marks,
        question: Numbers,
        cosines: Numbers,
        spread: Numbers,
        *,
        measured: bool,
    ) -> None:
        """`spread`: mean and deviation of each group."""
        self.measured = measured
        self._index = index
        self._matrix = matrix
        self._seen = seen
        self._question = question
        self._spread = spread
        mean, deviation = spread[matrix.groups].T
        self._above = (cosines - mean) / deviation

    def runs(self, view: View) -> list[int]:
        above = numpy.where(self._seen, self._above, -numpy.inf)
        near = numpy.argpartition(-above, NEAREST)[:NEAREST] if len(above) > NEAREST else numpy.arange(len(above))
        found: dict[int, None] = {}
        for id in (self._matrix.ids[row] for row in near if above[row] > 0):
            passage = self._index.passages.get(id)
            for run in self._index.episode(episode_of(passage), view) if passage is not None else ():
                if any(message.passage.id == id for message in run.messages):
                    found[run.number] = None
        return list(found)

    def one(self, passage: Passage) -> float:
        row = self._matrix.row(passage.id)
        return 0.0 if row is None else float(self._above[row])

    def of(self, run: Run) -> dict[str, float]:
        rows = [
            (row, m.passage.quotable) for m in run.messages if (row := self._matrix.row(m.passage.id)) is not None
        ]
        if not rows:
            return {}
        numbers = [row for row, _ in rows]
        whole = self._matrix.at(numbers).sum(0)
        cosine = float(whole @ self._question) / (float(numpy.linalg.norm(whole)) or 1.0)
        mean, deviation = self._spread[self._matrix.groups[numbers]].mean(0)
        each = [float(self._above[row]) for row in numbers]
        own = [above for above, (_, quotable) in zip(each, rows, strict=True) if quotable]
        return {
            "whole": (cosine - float(mean)) / float(deviation),
            "one": max(each),
            "own": max(own, default=min(each)),
        }
