"""The whole bot on the local Slack, which shows it its own words again (rights.md T20, T24, CHT-12): nothing a
machine wrote is a question or a command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.app import App
from persona_store.model import Passage
from tests.platforms.slack import SlackServer
from tests.scenarios.slack_world import ADMIN, MEI, RETRY, ROOM, at_rest, bot_on, furnish, standing


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        furnish(server)
        yield server


@pytest.fixture
async def app(slack: SlackServer, tmp_path: Path) -> AsyncIterator[App]:
    async with bot_on(slack, tmp_path) as app:
        yield app


async def test_t20_a_command_in_an_answer_stays_text(slack: SlackServer, app: App) -> None:
    """T20: a quoted command comes back as an event of our own; an admin had asked, and nothing happens."""
    file = await app.services.library.file("lin")
    at = app.services.clock.now().replace(microsecond=0)
    orders = ("/understudy retire lin", "!understudy retire lin", f"{slack.mention} /retire lin", "withdraw")
    for n, order in enumerate(orders):
        text = f"{order}\n{order} is what stops the Madrid{n} failover switch."
        passage = Passage(
            id=f"p{n}", source="slack_export", container="C0PAY", container_name="payments", thread=f"p{n}",
            author="slack:U0LIN", author_name="Lin", by_subject=True, at=at, text=text, readers=None,
        )  # fmt: skip
        await file.add([passage])
        slack.say(ADMIN, ROOM, f"{slack.mention} what stops the Madrid{n} failover switch?")
        await at_rest(app, slack)
    shown = "\n".join(posted.shown for posted in standing(slack))
    assert shown.count("retire lin") >= 3
    persona = await app.services.personas.get("lin")
    assert persona is not None
    assert persona.state == "live"
    assert "Yes, retire" not in shown


async def test_t24_two_of_us_in_a_thread_do_not_talk_to_each_other(slack: SlackServer, app: App) -> None:
    """T24: another understudy asks, mentions, commands and replies; ours says nothing, in the thread or outside."""
    root = slack.say(MEI, ROOM, f"{slack.mention} {RETRY}")
    await at_rest(app, slack)
    before = len(standing(slack))
    assert before == 1
    for kind in (
        {"bot_id": "B0OTHER"},
        {"bot_id": "B0OTHER", "subtype": "bot_message"},
        {"app_id": "A0OTHER"} | {"bot_id": "B1"},
    ):
        for text in (f"{slack.mention} {RETRY}", "!understudy retire lin", RETRY):
            slack.say(ADMIN, ROOM, text, **kind)
            slack.say(MEI, ROOM, text, thread=root, **kind)
    await at_rest(app, slack)
    assert len(standing(slack)) == before


@pytest.mark.parametrize("more", [{}, {"files": [{"id": "F1", "name": "voice.m4a", "mimetype": "audio/mp4"}]}])
async def test_cht_12_only_a_mention_or_only_a_file_gets_one_sentence(
    slack: SlackServer, app: App, more: dict[str, object]
) -> None:
    """CHT-12: no file is fetched, nobody is asked."""
    slack.say(MEI, ROOM, slack.mention, **more)
    await at_rest(app, slack)
    [line] = standing(slack)
    assert ("attachments" in line.shown) == bool(more)
    assert "%" not in line.shown
