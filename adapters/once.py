"""Several who ask the same thing at the same moment, and one question: a mention and its twin come together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """One call in flight per key. Who gives up waiting does not end it for the others."""

    def __init__(self) -> None:
        self._asking: dict[str, asyncio.Task[T]] = {}

    async def ask(self, key: str, question: Callable[[], Coroutine[Any, Any, T]]) -> T:
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(question())
            asking.add_done_callback(lambda done: self._end(key, done))
        return await asyncio.shield(asking)

    def _end(self, key: str, done: asyncio.Task[T]) -> None:
        self._asking.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen, even if everybody stopped waiting for it
