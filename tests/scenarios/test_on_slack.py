"""The whole bot on the local Slack: the unmodified SDK, the real adapter, the real store, the real clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.slack import create as open_slack
from bots.app import App, open_app
from bots.operator import create, keep_consent, switch
from bots.options import Data, Settings, Store
from persona_store.consent import draft, signing
from persona_store.model import Passage, Persona, PersonaRules
from tests.adapters.slack.harness import config_for
from tests.platforms.slack import SlackServer
from tests.scenarios.world import FACTS

ROOM, ASKER, OWNER, DEPUTY, ADMIN, SUBJECT = "C1", "U1", "U2", "U3", "U4", "U5"
KEY = signing.generate_key()
RETRY = FACTS[1][2]
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"


async def a_persona(app: App) -> None:
    now = datetime.now(UTC)
    persona = Persona(
        name="lin",
        display_name="Lin's notes",
        state="draft",
        created_at=now,
        state_at=now,
        subject=f"slack:{SUBJECT}",
        owner=f"slack:{OWNER}",
        deputy=f"slack:{DEPUTY}",
        chats=("slack:*",),
        rules=PersonaRules(quiet_from="00:00", quiet_to="00:00"),
    )
    await create(app, persona)
    kept = await app.services.personas.get("lin")
    assert kept is not None
    wishes = draft.Choices(
        owner=f"slack:{OWNER}",
        sources=("slack_export",),
        containers=("*",),
        audiences=("slack:*",),
        cooling_off_days=0,
        learn=True,
        days=365,
    )
    raw = draft.draft(wishes, now)
    await keep_consent(app, kept, raw, signing.sign(raw, KEY), signing.public_key(KEY))
    await (await app.services.library.file("lin")).add(
        Passage(
            id=id,
            source="slack_export",
            container=ROOM,
            container_name="payments",
            thread=f"t{n // 2}",
            author=f"slack:{SUBJECT if who == 'U0LIN' else ASKER}",
            author_name="Lin Zhou" if who == "U0LIN" else "Mei",
            by_subject=who == "U0LIN",
            at=now - timedelta(days=30, minutes=-n),
            text=text,
            readers=readers,
        )
        for n, (id, who, text, readers) in enumerate(FACTS)
        if readers is None
    )
    await switch(app, kept, "live")


@asynccontextmanager
async def bot_on(slack: SlackServer, path: Path) -> AsyncIterator[App]:
    """The whole bot, connected to a Slack that has the people below, with one live persona."""
    settings = Settings(
        adapters=("slack",),
        admins=(f"slack:{ADMIN}",),
        data=Data(dir=path),
        store=Store(url=f"sqlite:///{path / 'understudy.db'}"),
    )
    adapter = open_slack(config_for(slack))
    async with open_app(settings, adapters={"slack": adapter}) as app:
        await a_persona(app)
        running = asyncio.create_task(app.run())
        try:
            await slack.connected()
            yield app
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await adapter.close()


def furnish(slack: SlackServer) -> None:
    for id, name in ((ASKER, "Mei"), (OWNER, "Lan"), (DEPUTY, "Tomas"), (ADMIN, "Maya"), (SUBJECT, "Lin")):
        slack.space.add_user(id, name)
    slack.space.add_user("U6", "Gast", is_ultra_restricted=True)
    slack.space.add_channel(ROOM, "general", [ASKER, OWNER, ADMIN, slack.space.bot_user])


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        furnish(server)
        async with bot_on(server, tmp_path):
            yield server


async def test_a_question_is_answered_with_the_quote_in_its_thread(slack: SlackServer) -> None:
    asked = slack.say(ASKER, ROOM, f"{slack.mention} how often does the payment retry job run?")
    answer = await slack.next_post(ROOM)
    assert answer.thread == asked
    assert RETRY in answer.shown
    assert answer.text.startswith(answer.shown.split("\n")[0])
    await slack.settled()
    assert all(d.acked for d in slack.log)
    assert len(slack.called("chat.postMessage")) == 1


async def test_not_sure_goes_to_the_owners_form_and_back_into_the_thread(slack: SlackServer) -> None:
    asked = slack.say(ASKER, ROOM, f"{slack.mention} {UNKNOWN}")
    told = await slack.next_post(ROOM)
    assert told.thread == asked
    assert "Lan" in told.shown
    wanted = await slack.next_post(slack.space.direct(OWNER).id)
    assert UNKNOWN in wanted.shown
    assert (await slack.press(OWNER, wanted, "mine")).acked
    view = await slack.next_view()
    assert (
        await slack.submit(OWNER, view, {view["blocks"][0]["block_id"]: "Four hours, <!here> Anna signed."})
    ).acked
    answer = await slack.next_post(ROOM)
    assert answer.thread == asked
    assert "Four hours, <!here> Anna signed." in answer.shown
    assert "<!here>" not in answer.text
    assert f"<@{ASKER}>" in answer.shown


async def test_a_reply_in_the_owners_direct_chat_is_enough(slack: SlackServer) -> None:
    asked = slack.say(ASKER, ROOM, f"{slack.mention} {UNKNOWN}")
    await slack.next_post(slack.space.direct(OWNER).id)
    slack.dm(OWNER, "Four hours on weekdays.")
    while "Four hours on weekdays." not in (answer := await slack.next_post(ROOM)).shown:
        pass
    assert answer.thread == asked


async def test_a_follow_up_needs_no_mention(slack: SlackServer) -> None:
    asked = slack.say(ASKER, ROOM, f"{slack.mention} how often does the payment retry job run?")
    await slack.next_post(ROOM)
    slack.say(ASKER, ROOM, "and after how many attempts does the payment retry job give up?", thread=asked)
    again = await slack.next_post(ROOM)
    assert again.thread == asked
    assert "3 attempts" in again.shown


async def test_twenty_deliveries_of_one_question_are_one_answer(slack: SlackServer) -> None:
    """WHK-08."""
    slack.say(ASKER, ROOM, f"{slack.mention} how often does the payment retry job run?")
    await slack.next_post(ROOM)
    await slack.settled()
    event = slack.log[0].payload["event"]
    await asyncio.gather(*(slack.event(event) for _ in range(20)))
    await asyncio.sleep(0.3)
    assert len(slack.called("chat.postMessage")) == 1


async def test_a_lost_answer_of_slack_does_not_double_ours(slack: SlackServer) -> None:
    slack.faults.add("lost", on="chat.postMessage")
    slack.say(ASKER, ROOM, f"{slack.mention} how often does the payment retry job run?")
    await slack.next_post(ROOM)
    await asyncio.sleep(3)
    placed = [m for m in slack.space.channels[ROOM].messages.values() if m["user"] == slack.space.bot_user]
    assert len(placed) == 1


async def test_commands_are_answered_for_their_author_alone(slack: SlackServer) -> None:
    assert (await slack.slash(ADMIN, ROOM, "status")).acked
    answer = await slack.next_post()
    assert (answer.how, answer.user) == ("chat.postEphemeral", ADMIN)


async def test_a_guest_gets_one_line_and_nothing_from_the_material(slack: SlackServer) -> None:
    """WHK-14."""
    slack.space.channels[ROOM].members.append("U6")
    slack.say("U6", ROOM, f"{slack.mention} how often does the payment retry job run?")
    answer = await slack.next_post()
    assert RETRY not in answer.shown
