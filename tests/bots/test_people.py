"""Reaching a human: where they are now, under which account, and in which language."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.errors import Unreachable
from adapters.model import Person
from bots import keys
from bots.people import language, reach, shown
from persona_store.protocols import Batch, Put
from tests.bots.services import idle
from tests.scenarios.world import World


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


async def test_who_left_is_reached_under_their_other_account(w: World) -> None:
    services = w.app.services
    other = w.chat.add("U0OWN2", "Zhou Lan")
    await services.store.commit(await services.directory.bind(w.owner.key, other.key))
    assert await reach(services, w.owner.key) == w.owner
    del w.chat.people["U0OWN"]
    assert await reach(services, w.owner.key) == other
    del w.chat.people["U0OWN2"]
    assert await reach(services, w.owner.key) is None


async def test_on_a_platform_that_does_not_run_here_nobody_is_reached(w: World) -> None:
    assert await reach(w.app.services, "feishu:ou_1") is None


async def test_a_platform_that_is_away_for_a_moment_makes_nobody_disappear(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The post for them waits; the deputy is not bothered."""

    async def away(id: str) -> Person:
        raise Unreachable("chat", "timed out")

    monkeypatch.setattr(w.chat, "person", away)
    reached = await reach(w.app.services, w.owner.key)
    assert reached is not None
    assert reached.key == w.owner.key


async def test_the_language_somebody_chose_goes_before_what_they_are_spoken_to_in(w: World) -> None:
    services = w.app.services
    assert await language(services, w.mei) == "en"
    assert await language(services, w.mei, "zh-CN") == "zh-CN"
    await services.store.commit(Batch(puts=(Put(keys.language(w.mei.key), b"en"),)))
    assert await language(services, w.mei, "zh-CN") == "en"


def test_nobody_is_shown_as_a_dash_and_a_stranger_by_their_id() -> None:
    assert [shown(None), shown(Person("chat", "U1")), shown(Person("chat", "U1", "Mei"))] == ["–", "U1", "Mei"]
