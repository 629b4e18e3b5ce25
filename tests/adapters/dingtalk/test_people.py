"""Who is behind a staffId: at most ten minutes old, and only what the directory says of that very id."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.dingtalk.people import People
from adapters.errors import NotFound
from tests.adapters.dingtalk.harness import LIN, connected


async def test_a_profile_is_believed_for_ten_minutes_and_asked_for_once() -> None:
    now = 1000.0
    async with connected() as h:
        h.adapter._people._ticks = lambda: now
        people = await asyncio.gather(*(h.adapter.person(LIN) for _ in range(9)))
        assert {person.name for person in people} == {"Lin"}
        assert len(h.ding.called("topapi/v2/user/get")) == 1
        now = 1599.0
        assert h.adapter._people.known(LIN) is not None
        now = 1601.0
        assert h.adapter._people.known(LIN) is None
        await h.adapter.person(LIN)
        assert len(h.ding.called("topapi/v2/user/get")) == 2


class Confused:
    """A directory that answers something else than was asked; ours, being sound, never does."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer, self.asked = answer, 0

    async def old(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked += 1
        return self.answer


@pytest.mark.parametrize("answer", [{"result": {"userid": "other", "name": "X"}}, {"result": "?"}, {}])
async def test_what_is_not_said_of_this_id_says_nothing(answer: dict[str, Any]) -> None:
    people = People(Confused(answer), lambda: 0.0)  # type: ignore[arg-type]  # all of it that is used
    with pytest.raises(NotFound):
        await people.person("staff_lin")
    assert people.known("staff_lin") is None


async def test_an_encrypted_id_is_never_asked_for() -> None:
    directory = Confused({"result": {"userid": "x:abc"}})
    people = People(directory, lambda: 0.0)  # type: ignore[arg-type]  # all of it that is used
    for id in ("x:abc", "$:LWCP_v1:$abc"):
        assert (await people.person(id)).external
    assert directory.asked == 0
