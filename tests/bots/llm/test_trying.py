"""What a caller who goes away, or an answer that does not help, means for those who come after."""

from __future__ import annotations

import asyncio

import pytest

from bots.llm.breaker import FAILURES
from bots.llm.failures import Broken, Status, Where
from bots.llm.habits import Habits
from bots.llm.trying import ATTEMPTS, Trying
from persona_store.errors import ModelRefused, ModelUnavailable
from tests.bots.llm.rig import Hurried


class Script:
    """One attempt after the other ends in these."""

    def __init__(self, *ends: BaseException | str) -> None:
        self.ends = list(ends)

    async def __call__(self, habits: Habits) -> str:
        end = self.ends.pop(0)
        if isinstance(end, str):
            return end
        raise end


def trying() -> Trying:
    return Trying(Where("api.example", "m"), Hurried(), patience=60, chance=lambda: 0.0)


async def test_callers_who_go_away_say_nothing_about_the_endpoint() -> None:
    tried = trying()
    for _ in range(FAILURES + 1):
        with pytest.raises(asyncio.CancelledError):
            await tried.persist(Script(asyncio.CancelledError()), structured=False)
    assert await tried.persist(Script("yes"), structured=False) == "yes"


async def test_answers_that_do_not_help_are_answers() -> None:
    """A model that refuses, or an endpoint that refuses the key, is not down."""
    tried = trying()
    for _ in range(FAILURES + 1):
        with pytest.raises(ModelRefused):
            await tried.persist(Script(ModelRefused("MODEL_REFUSED", "no")), structured=False)
        with pytest.raises(ModelUnavailable, match="MODEL_KEY"):
            await tried.persist(Script(Status(401)), structured=False)
    assert tried.breaker.state == "closed"


async def test_failures_of_many_callers_add_up() -> None:
    tried = trying()
    with pytest.raises(ModelUnavailable, match="MODEL_CUT_OFF"):
        await tried.persist(Script(*[Broken("cut_off")] * ATTEMPTS), structured=False)
    with pytest.raises(ModelUnavailable, match="MODEL_DOWN"):
        await tried.persist(Script(*[Broken("cut_off")] * ATTEMPTS), structured=False)
    assert tried.breaker.state == "open"


async def test_being_busy_is_not_being_down() -> None:
    tried = trying()
    for _ in range(FAILURES):
        with pytest.raises(ModelUnavailable, match="MODEL_BUSY"):
            await tried.persist(Script(*[Status(429)] * ATTEMPTS), structured=False)
    assert tried.breaker.state == "closed"


async def test_an_account_without_money_is_not_asked_again() -> None:
    """OpenAI says so with the status of "slow down"."""
    script = Script(Status(429, "insufficient_quota", "insufficient_quota"), "yes")
    with pytest.raises(ModelUnavailable, match="MODEL_UNPAID"):
        await trying().persist(script, structured=False)
    assert script.ends == ["yes"]
