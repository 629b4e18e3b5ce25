"""The stages themselves: every adapter has one, and what they take down was really shown."""

from pathlib import Path

import pytest

from adapters import ADAPTERS
from tests.scenarios.stages import STAGES
from tests.scenarios.stages.wire import WireStage
from tests.scenarios.world import World, world

RETRY = "How often does the payment retry job run?"


def test_every_adapter_has_a_stage() -> None:
    assert {name.partition("-")[0] for name in STAGES} == {"scripted", *ADAPTERS}


async def test_what_was_said_is_found_on_the_platform(w: World) -> None:
    """The stage's own record and the platform's agree on where an answer stands."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY, id="q")
    if isinstance(w.chat, WireStage):
        assert (w.chat._where[answer.id].platform, answer.thread.chat) == (w.chat.name, "general")
        assert "every 15 minutes" in w.chat.shown(w.chat._cards[answer.id, answer.post.key])


@pytest.mark.parametrize("stage", sorted(set(STAGES) - {"scripted"}))
async def test_a_post_whose_words_are_not_shown_is_noticed(tmp_path: Path, stage: str) -> None:
    async with world(tmp_path, STAGES[stage]) as w:
        await w.persona()
        real = w.chat.shown
        w.chat.shown = lambda card: real(card).replace("15", "20")
        with pytest.raises(AssertionError, match="is not shown"):
            await w.say(w.mei, RETRY)


@pytest.mark.parametrize("stage", sorted(set(STAGES) - {"scripted"}))
async def test_a_post_that_stands_elsewhere_is_noticed(tmp_path: Path, stage: str) -> None:
    async with world(tmp_path, STAGES[stage]) as w:
        await w.persona()
        w.chat.place = lambda card: ("elsewhere", "")
        with pytest.raises(AssertionError, match="stands in elsewhere"):
            await w.say(w.mei, RETRY)
