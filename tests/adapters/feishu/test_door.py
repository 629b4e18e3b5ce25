"""The door events come in by: what is taken, what is refused, and what a stop does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.feishu.door import Door


async def test_what_a_stop_did_not_wait_for_is_not_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is said, not thrown: whoever brought the event still has it to answer."""
    monkeypatch.setattr("adapters.feishu.door.LAST_ANSWERS", 0.01)
    inside = asyncio.Event()

    async def hang(payload: dict[str, Any]) -> None:
        inside.set()
        await asyncio.Event().wait()

    door = Door(hang)
    taking = asyncio.create_task(door.take({}))
    await inside.wait()
    await door.close()
    assert await taking == (False, None)
    assert await door.take({}) == (False, None)


async def test_a_disk_that_hangs_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feishu brings again what was refused; what is inside is only held."""
    monkeypatch.setattr("adapters.feishu.door.MOST", 3)
    monkeypatch.setattr("adapters.feishu.door.ANSWER_WITHIN", 0.01)
    disk = asyncio.Event()
    begun = 0

    async def slowly(payload: dict[str, Any]) -> None:
        nonlocal begun
        begun += 1
        await disk.wait()

    door = Door(slowly)
    assert [await door.take({}) for _ in range(10)] == [(False, None)] * 10
    assert begun == 3
    disk.set()
    await asyncio.gather(*door._inside)
    assert await door.take({}) == (True, None)
