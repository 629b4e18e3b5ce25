"""From a plain iterator that reads files to an asynchronous one that leaves the event loop free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


async def pulled(items: Iterator[T], *, at_once: int = 500) -> AsyncIterator[T]:
    """Each handful is read in a worker thread; one at a time, so that the iterator needs no lock."""
    while chunk := await asyncio.to_thread(lambda: list(islice(items, at_once))):
        for item in chunk:
            yield item
