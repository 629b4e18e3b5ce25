"""An endpoint for vectors one can rely on: right in number and length, in time, or one line that says why not."""

from __future__ import annotations

import asyncio
import random
from array import array
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from bots.embedding.reading import NoVectors, vectors_in
from bots.llm import failures
from bots.llm.failures import Broken, Status, Where
from bots.llm.habits import Habits, Json
from bots.llm.trying import Trying
from persona_store.errors import ModelMalformed
from persona_store.meaning import PATIENCE
from persona_store.protocols import Clock

IN_TIME = 0.9 * PATIENCE
"""Seconds of one attempt for a question, shorter than whoever asked will wait: so that an endpoint that hangs is
told from a caller who went away, and is left alone after a while."""


class Wire(Protocol):
    """What carries one request. Raises Broken or Status."""

    async def embed(self, body: Json) -> bytes: ...


class Way(Struct, frozen=True):
    """How texts are handed over. `dimensions`: asked for, 0 = what the model has. The prefixes are what the model
    was taught to expect before a question and before a passage (e5: `query:` and `passage:`)."""

    dimensions: int = 0
    query_prefix: str = ""
    passage_prefix: str = ""
    batch: int = 32

    def written(self, text: str, *, question: bool) -> str:
        prefix = self.query_prefix if question else self.passage_prefix
        return f"{prefix} {text}" if prefix else text


class EndpointEmbedder:
    """Implements persona_store.protocols.Embedder. `timeout`: seconds for one batch, second tries included."""

    measured = False

    def __init__(
        self,
        wire: Wire,
        *,
        model: str,
        recipient: str,
        private: bool,
        way: Way,
        clock: Clock,
        timeout: float,
        width: int = 2,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.recipient = recipient
        self.private = private
        self._wire = wire
        self._model = model
        self._way = way
        self._timeout = timeout
        self._where = Where(recipient, model, section="embedding")
        self.trying = Trying(self._where, clock, patience=timeout, chance=chance)
        self._turns = asyncio.Semaphore(width)  # of passages; a question waits for none of them
        self._packed = True
        self._length = way.dimensions

    def __repr__(self) -> str:
        return f"EndpointEmbedder({self._model!r} at {self.recipient!r})"

    @property
    def name(self) -> str:
        return f"{self.recipient} {self._model} {self._way.passage_prefix!r}"

    async def embed(self, texts: Sequence[str], *, question: bool) -> list[Sequence[float]]:
        written = [self._way.written(text, question=question) for text in texts]
        found: list[Sequence[float]] = []
        for at in range(0, len(written), self._way.batch):
            found += await self._batch(written[at : at + self._way.batch], question)
        return found

    async def _batch(self, written: list[str], question: bool) -> list[array[float]]:
        async def once(habits: Habits) -> list[array[float]]:
            async with asyncio.timeout(IN_TIME if question else self._timeout) as hurry:
                try:
                    return await self._asked(written)
                except Status as status:
                    if not (self._packed and status.status in failures.UNSUITED and "encoding" in status.said):
                        raise
                    self._packed = False  # an older server: plain numbers it knows
                    return await self._asked(written)
                except asyncio.CancelledError:
                    if hurry.expired():
                        raise Broken("slow") from None
                    raise

        try:
            if question:
                return await self.trying.persist(once, structured=False)
            async with self._turns, asyncio.timeout(self._timeout):
                return await self.trying.persist(once, structured=False)
        except TimeoutError:
            raise failures.of_connection(Broken("slow"), self._where) from None

    async def _asked(self, written: list[str]) -> list[array[float]]:
        body: Json = {"model": self._model, "input": written}
        body["encoding_format"] = "base64" if self._packed else "float"
        if self._way.dimensions:
            body["dimensions"] = self._way.dimensions
        raw = await self._wire.embed(body)
        try:
            vectors = vectors_in(raw, len(written))
        except NoVectors as none:
            if not none.answered:
                raise Broken("odd") from None
            raise self._malformed(none.why) from None
        length = len(vectors[0])
        if self._length and length != self._length:
            raise self._malformed(f"vectors of {length} numbers in place of {self._length}")
        self._length = length
        return vectors

    def _malformed(self, why: str) -> ModelMalformed:
        what = f"{self.recipient} answers with {why}"
        return ModelMalformed("MODEL_MALFORMED", what, "check embedding.model and embedding.dimensions")
