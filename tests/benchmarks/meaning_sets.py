"""The questions of the benchmarks, with vectors of passages and questions by the model on this machine.

Making them takes a second for ten passages of a chat, and a minute for a hundred pages; a folder keeps them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy

from bots.embedding.local import LENGTH, LocalEmbedder
from persona_store.clock import SystemClock
from persona_store.index import Index, View
from persona_store.meaning import shown
from persona_store.meant import Near
from persona_store.nearness import Ground, background
from persona_store.vectors import pack
from tests.benchmarks.confidence_sets import askings

Vectors = dict[str, Any]
"""A vector for each id."""


class Kept:
    """Vectors of one set, by id, in a file; what is not there yet is made."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.npz"
        self._passages: Vectors = {}
        self._questions: Vectors = {}
        if self._path.exists():
            kept = numpy.load(self._path)
            self._passages = dict(zip(kept["ids"], kept["vec"].astype(numpy.float32), strict=True))
            self._questions = dict(zip(kept["qids"], kept["qvec"].astype(numpy.float32), strict=True))

    def passages(self, texts: dict[str, str]) -> Vectors:
        return self._with(self._passages, texts, question=False)

    def questions(self, texts: dict[str, str]) -> Vectors:
        return self._with(self._questions, texts, question=True)

    def _with(self, known: Vectors, texts: dict[str, str], *, question: bool) -> Vectors:
        wanting = [id for id in texts if id not in known]
        if wanting:
            made = asyncio.run(_made([shown(texts[id]) for id in wanting], question))
            known.update(zip(wanting, made, strict=True))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            both = (self._passages, self._questions)
            ids, questions = (numpy.array(list(each), str) for each in both)
            vec, qvec = (numpy.array(list(each.values()), numpy.float16).reshape(-1, LENGTH) for each in both)
            numpy.savez(self._path, ids=ids, vec=vec, qids=questions, qvec=qvec)
        return known


async def _made(texts: list[str], question: bool) -> list[Any]:
    embedder = LocalEmbedder(SystemClock())
    try:
        return [numpy.array(vector, numpy.float32) for vector in await embedder.embed(texts, question=question)]
    finally:
        await embedder.close()


Meant = tuple[Index, list[dict[str, Any]], Callable[[dict[str, Any]], Callable[[View], Near]]]
"""(what a persona knows, the questions it is asked, how near everything is to one of them)"""


def meant(data: Path, name: str, folder: Path, *, personas: int = 0) -> Iterator[Meant]:
    """`personas`: only so many of a set's, by name; 0 = all."""
    source, _, kind = name.partition(", ")
    kept = Kept(folder, source)
    for number, (index, _, questions) in enumerate(askings(data, name)):
        if personas and number == personas:
            return
        texts = {m.passage.id: m.passage.text for run in index.runs.values() for m in run.messages}
        vectors = kept.passages(texts)
        ground = empty(folder)
        for id in texts:
            ground.put(index.passages[id], pack(vectors[id]))
        asked = kept.questions({_id(each["id"], kind): each["text"] for each in questions})
        yield index, questions, nearness_of(ground, index, asked, kind)


def empty(folder: Path) -> Ground:
    """Without any passage yet."""
    around = Kept(folder, "background").passages({text: text for text in background()})
    return Ground(list(around.values()), measured=True)


def nearness_of(
    ground: Ground, index: Index, asked: Vectors, kind: str = ""
) -> Callable[[dict[str, Any]], Callable[[View], Near]]:
    def of(question: dict[str, Any]) -> Callable[[View], Near]:
        vector: Sequence[float] = asked[_id(question["id"], kind)]
        return lambda view: ground.nearness(index, view, vector)

    return of


def _id(id: str, kind: str) -> str:
    """A question that is asked of a small team as well is the same question."""
    return id.split("/", 2)[2] if kind == "small" else id
