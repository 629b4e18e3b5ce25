"""T40: floods of questions on every stage; what is over costs no search, and no right is ever rationed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots import keys
from bots.options import Limits
from tests.scenarios.stages import STAGES
from tests.scenarios.world import World, world

RETRY = "How often does the payment retry job run?"
LIMITS = Limits(asker_per_minute=3, asker_per_day=7, persona_per_minute=5, persona_per_day=0)


@pytest.fixture(params=sorted(STAGES))
async def w(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, STAGES[request.param], limits=LIMITS) as it:
        yield it


def said(w: World, words: str) -> int:
    return len([each for each in w.posts if words in each.post.card.text])


async def test_t40_a_flood_of_one_person_is_a_few_answers_one_notice_and_silence(w: World) -> None:
    await w.persona()
    for _ in range(25):
        await w.chat.say(w.mei, RETRY)
    await w.settle()
    assert len([each for each in w.posts if each.post.card.quotes]) == 3
    assert said(w, "Please wait a minute") == 1
    assert len(w.posts) == 4
    [answer] = await w.say(w.ann, RETRY)
    assert answer.post.card.quotes, "nobody else is kept waiting"
    w.clock.advance(61)
    [answer] = await w.say(w.mei, RETRY)
    assert answer.post.card.quotes


async def test_t40_a_day_has_its_end(w: World) -> None:
    await w.persona()
    for _ in range(5):
        await w.say(w.mei, RETRY)
        w.clock.advance(40)
        await w.say(w.mei, RETRY)
        w.clock.advance(40)
    assert len([each for each in w.posts if each.post.card.quotes]) == 7
    assert said(w, "tomorrow") == 1


async def test_t40_a_persona_that_many_ask_says_so_to_each_once(w: World) -> None:
    await w.persona()
    askers = [w.chat.add(f"U1{n}", f"Asker {n}") for n in range(8)]
    for _ in range(2):
        for asker in askers:
            await w.say(asker, RETRY)
    assert len([each for each in w.posts if each.post.card.quotes]) == 5
    assert said(w, "try again in a minute") == 8


async def test_t40_whoever_asked_too_much_may_still_say_no(w: World) -> None:
    """L05: withdrawing, pausing and being forgotten are never counted."""
    await w.persona()
    for _ in range(5):
        await w.say(w.subject, RETRY, direct=True)
        await w.say(w.admin, RETRY, direct=True)
    assert said(w, "Please wait a minute") == 2
    await w.say(w.admin, "/pause lin")
    assert (await w.app.services.personas.get("lin")).state == "suspended"
    await w.say(w.subject, "withdraw", direct=True)
    assert (await w.app.services.personas.get("lin")).state == "erased"
    [told] = await w.say(w.subject, "forget", direct=True)
    assert "Forgotten" in told.post.card.text


async def test_t40_commands_are_counted_as_well(w: World) -> None:
    await w.persona()
    for _ in range(6):
        await w.say(w.mei, "help", direct=True)
    assert said(w, "Please wait a minute") == 1
    assert len(w.posts) == 4


async def test_t40_what_was_counted_of_a_persona_goes_with_it(w: World) -> None:
    """L12."""
    await w.persona()
    await w.say(w.mei, RETRY)
    store = w.app.services.store
    assert [key async for key, _ in store.scan(keys.TALLY)]
    await w.say(w.subject, "withdraw", direct=True)
    assert [key async for key, _ in store.scan(keys.TALLY)] == []
