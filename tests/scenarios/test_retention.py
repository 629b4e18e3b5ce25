"""T42: nothing is kept longer than it is said to be, also when the process was down when its time came."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bots import keys
from bots.options import Limits
from tests.scenarios.clock import Clock
from tests.scenarios.world import START, World, world

RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"
LIMITS = Limits()
TALK = (keys.THREAD, keys.OUTCOME)


async def kept(w: World, *prefixes: str) -> list[str]:
    return [key for prefix in prefixes async for key, _ in w.app.services.store.scan(prefix)]


def raw(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.glob("understudy.db*"))


async def talked(w: World) -> str:
    """Answered, asked of a human who answered, and counted; returns what one of the keys is called."""
    await w.persona()
    await w.say(w.mei, RETRY)
    await w.say(w.ann, UNKNOWN)
    [asked] = [each for each in w.to(w.owner) if UNKNOWN in each.post.card.text]
    await w.press(w.owner, asked, "mine", text="Two days, as for every warehouse.")
    [outcome, *_] = await kept(w, keys.OUTCOME)
    return outcome


@pytest.mark.parametrize("days", [29, 31])
async def test_t42_what_was_asked_is_kept_for_thirty_days(tmp_path: Path, days: int) -> None:
    """L23 as well: questions, threads, and the settled ones of a human."""
    async with world(tmp_path, limits=LIMITS) as w:
        name = await talked(w)
        await w.pass_time(days=days)
        await w.pass_time(minutes=20)  # so often it is swept
        there = bool(await kept(w, *TALK, keys.ESCALATION))
        assert there == (days == 29)
        assert (name.encode() in raw(tmp_path)) == (days == 29), "not even its name is in the file"


@pytest.mark.parametrize("hours", [24, 26])
async def test_t42_that_an_event_was_seen_is_known_for_a_day(tmp_path: Path, hours: int) -> None:
    async with world(tmp_path, limits=LIMITS) as w:
        await w.persona()
        await w.say(w.mei, RETRY)
        await w.pass_time(hours=hours)
        await w.pass_time(minutes=20)
        assert bool(await kept(w, keys.SEEN)) == (hours == 24)


async def test_t42_a_process_that_was_down_sweeps_before_it_serves(tmp_path: Path) -> None:
    """Down for five weeks: by the time the first question is even taken, nothing of the old ones is in the file."""
    async with world(tmp_path, limits=LIMITS) as w:
        name = await talked(w)
    assert name.encode() in raw(tmp_path)
    clock = Clock(START + timedelta(days=35))
    async with world(tmp_path, clock=clock, limits=LIMITS) as w:
        found: list[bool] = []
        receive = w.app.inbox.receive

        async def watched(event: object) -> None:
            found.append(name.encode() in raw(tmp_path))
            await receive(event)  # type: ignore[arg-type]  # whatever the stage brings

        w.app.inbox.receive = watched  # type: ignore[method-assign]  # looks over its shoulder
        [answer] = await w.say(w.mei, RETRY)
        assert answer.post.card.quotes
        assert found == [False]


async def test_t42_nothing_but_what_has_no_end_is_kept_for_ever(tmp_path: Path) -> None:
    """A year later: who the personas are, what was agreed, the log, what people chose; and no word of a talk."""
    async with world(tmp_path, limits=LIMITS) as w:
        await talked(w)
        await w.say(w.mei, "lang en", direct=True)
        w.clock.advance(timedelta(days=364).total_seconds())
        await w.pass_time(minutes=20)
        left = {key.partition("/")[0] for key in await kept(w, "")}
        talk = {
            "thread",
            "outcome",
            "escalation",
            "asked",
            "drafted",
            "seen",
            "receipt",
            "placed",
            "posted",
            "asks",
        }
        assert left & (talk | {"asks", "tally"}) == set()
