"""The questions of the benchmarks, with vectors of passages and questions by the model on this machine.

Making them takes a second for ten passages of a chat, and a minute for a hundred pages; a folder keeps them.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
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
    """Vectors of one set, by what they are of, in a file; what is not there yet is made."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.npz"
        self._known: Vectors = {}
        if self._path.exists():
            kept = numpy.load(self._path)
            self._known = dict(zip(kept["of"], kept["vectors"].astype(numpy.float32), strict=True))

    def passages(self, texts: dict[str, str]) -> Vectors:
        return self._with(texts, question=False)

    def questions(self, texts: dict[str, str]) -> Vectors:
        return self._with(texts, question=True)

    def _with(self, texts: dict[str, str], *, question: bool) -> Vectors:
        of = {id: _of(text, question) for id, text in texts.items()}
        wanting = {key: texts[id] for id, key in of.items() if key not in self._known}
        if wanting:
            made = asyncio.run(_made([shown(text) for text in wanting.values()], question))
            self._known.update(zip(wanting, made, strict=True))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            vectors = numpy.array(list(self._known.values()), numpy.float16).reshape(-1, LENGTH)
            numpy.savez(self._path, of=numpy.array(list(self._known), str), vectors=vectors)
        return {id: self._known[key] for id, key in of.items()}


def _of(text: str, question: bool) -> str:
    return hashlib.sha256(f"{question} {shown(text)}".encode()).hexdigest()[:20]


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
        asked = kept.questions({each["id"]: each["text"] for each in questions})
        yield index, questions, nearness_of(ground, index, asked)


def empty(folder: Path) -> Ground:
    """Without any passage yet."""
    around = Kept(folder, "background").passages({text: text for text in background()})
    return Ground(list(around.values()), measured=True)


def nearness_of(ground: Ground, index: Index, asked: Vectors) -> Callable[[dict[str, Any]], Callable[[View], Near]]:
    return lambda question: lambda view: ground.nearness(index, view, asked[question["id"]])
