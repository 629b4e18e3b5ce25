"""Whole dialogues on Slack: people talk, press and submit on the local server; the bot is all of it.

What the adapter alone must do is in tests/adapters/slack; here a person's experience is followed from end to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots import keys
from bots.app import App
from tests.platforms.slack import SlackServer
from tests.platforms.slack_state import Posted
from tests.scenarios.process import BotProcess
from tests.scenarios.slack_world import (
    ADMIN,
    ANN,
    BOTH,
    GUEST,
    MEI,
    MIXED,
    OWNER,
    RETRIED,
    RETRY,
    ROOM,
    SECRET,
    UNKNOWN,
    at_rest,
    bot_on,
    furnish,
    prepare,
    standing,
)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        furnish(server)
        yield server


@pytest.fixture
async def app(slack: SlackServer, tmp_path: Path) -> AsyncIterator[App]:
    async with bot_on(slack, tmp_path) as app:
        yield app


def ask(slack: SlackServer, text: str, *, who: str = MEI, room: str = ROOM, thread: str = "") -> str:
    return slack.say(who, room, f"{slack.mention} {text}", thread=thread)


async def next_in_room(slack: SlackServer, words: str) -> Posted:
    """The next thing in the channel that says this."""
    while words not in (posted := await slack.next_post(ROOM)).shown:
        pass
    return posted


# ------------------------------------------------------------------ asking


async def test_a_question_is_answered_in_its_thread_with_label_quote_owner_and_buttons(
    slack: SlackServer, app: App
) -> None:
    asked = ask(slack, RETRY)
    answer = await slack.next_post(ROOM)
    assert answer.thread == asked
    assert answer.shown.startswith("[AI-generated · Lin's notes · not the person]")
    assert answer.text.startswith("[AI-generated")
    assert RETRIED in answer.shown
    assert "Lan" in answer.shown
    assert [b["action_id"].split(":")[2] for b in answer.buttons] == ["up", "down", "human", "why"]


async def test_why_is_told_to_who_asks_alone(slack: SlackServer, app: App) -> None:
    ask(slack, RETRY)
    answer = await slack.next_post(ROOM)
    assert (await slack.press(ANN, answer, "why")).acked
    why = await slack.next_post()
    assert (why.how, why.user) == ("chat.postEphemeral", ANN)


async def test_a_direct_message_is_answered_and_followed_up(slack: SlackServer, app: App) -> None:
    slack.dm(ANN, RETRY)
    here = slack.space.direct(ANN).id
    assert RETRIED in (await slack.next_post(here)).shown
    slack.dm(ANN, "and which queue do refunds go to?")
    assert "refund-slow" in (await slack.next_post(here)).shown


async def test_a_follow_up_in_the_thread_needs_no_mention(slack: SlackServer, app: App) -> None:
    asked = ask(slack, RETRY)
    await slack.next_post(ROOM)
    slack.say(MEI, ROOM, "and which queue do refunds go to?", thread=asked)
    again = await slack.next_post(ROOM)
    assert again.thread == asked
    assert "refund-slow" in again.shown


async def test_talk_in_the_channel_is_neither_kept_nor_answered(slack: SlackServer, app: App) -> None:
    """P2: what is said without us is none of our business, also in the thread of others."""
    root = slack.say(MEI, ROOM, "canary-5521 is the number")
    slack.say(ANN, ROOM, "is it?", thread=root)
    await at_rest(app, slack)
    assert standing(slack) == []
    assert [k async for k, _ in app.services.store.scan(keys.SEEN)] == []


async def test_a_guest_gets_one_line_and_nothing_of_the_material(slack: SlackServer, app: App) -> None:
    """WHK-14."""
    ask(slack, RETRY, who=GUEST, room=MIXED)
    line = await slack.next_post(MIXED)
    assert "members of this team" in line.shown
    await at_rest(app, slack)
    assert len(standing(slack, MIXED)) == 1


async def test_private_evidence_never_reaches_the_public_channel(slack: SlackServer, app: App) -> None:
    """T06: it is offered to the asker alone, who may read it, and given in their direct chat."""
    ask(slack, SECRET)
    offer = await slack.next_post()
    assert (offer.how, offer.user) == ("chat.postEphemeral", MEI)
    assert "river" not in offer.shown + offer.text
    assert (await slack.press(MEI, offer, "private")).acked
    answer = await slack.next_post(slack.space.direct(MEI).id)
    assert "river" in answer.shown
    await at_rest(app, slack)
    assert standing(slack) == []


async def test_who_may_not_read_a_private_source_learns_nothing_of_it(slack: SlackServer, app: App) -> None:
    """T09: Ann gets what anybody gets to whom nothing is known."""
    ask(slack, SECRET, who=ANN)
    told = await slack.next_post(ROOM)
    assert "Lan" in told.shown
    await at_rest(app, slack)
    assert not any("river" in posted.shown + posted.text for posted in standing(slack))
    assert slack.space.ephemerals == []


async def test_where_everyone_may_read_it_private_evidence_is_quoted(slack: SlackServer, app: App) -> None:
    ask(slack, SECRET, room=BOTH)
    assert "river" in (await slack.next_post(BOTH)).shown


# ------------------------------------------------------------------ the owner


async def test_unknown_goes_to_the_owner_and_the_words_come_back_under_their_name(
    slack: SlackServer, app: App
) -> None:
    """The owner writes in a modal; what could call the whole channel in it calls nobody."""
    asked = ask(slack, UNKNOWN)
    told = await slack.next_post(ROOM)
    assert told.thread == asked
    assert "Lan" in told.shown
    card = await slack.next_post(slack.space.direct(OWNER).id)
    assert UNKNOWN in card.shown
    assert (await slack.press(OWNER, card, "mine")).acked
    view = await slack.next_view()
    words = {view["blocks"][0]["block_id"]: "Four hours, <!here> Anna signed it."}
    assert (await slack.submit(OWNER, view, words)).acked
    answer = await slack.next_post(ROOM)
    assert answer.thread == asked
    assert answer.shown.startswith("[Answered by a person · Lan]")
    assert "Four hours, <!here> Anna signed it." in answer.shown
    assert "<!here>" not in answer.text
    assert f"<@{MEI}>" in answer.shown


async def test_the_owner_edits_the_draft_that_did_not_please(slack: SlackServer, app: App) -> None:
    asked = ask(slack, RETRY)
    answer = await slack.next_post(ROOM)
    assert (await slack.press(ANN, answer, "human")).acked
    card = await slack.next_post(slack.space.direct(OWNER).id)
    assert (await slack.press(OWNER, card, "edit")).acked
    view = await slack.next_view()
    field = view["blocks"][0]
    assert field["element"]["initial_value"] == RETRIED
    changed = RETRIED.replace("15", "20")
    assert (await slack.submit(OWNER, view, {field["block_id"]: changed})).acked
    corrected = await next_in_room(slack, changed)
    assert corrected.thread == asked
    assert "Answered by a person" in corrected.shown


async def test_what_the_owner_said_is_known_the_next_time(slack: SlackServer, app: App) -> None:
    ask(slack, UNKNOWN)
    await slack.next_post(slack.space.direct(OWNER).id)
    slack.dm(OWNER, "Four hours on weekdays, for the Lisbon warehouse.")
    await next_in_room(slack, "Answered by a person")
    await at_rest(app, slack)
    ask(slack, UNKNOWN, who=ANN)
    assert "Four hours on weekdays" in (await slack.next_post(ROOM)).shown


async def test_a_plain_reply_in_the_owners_direct_chat_is_enough(slack: SlackServer, app: App) -> None:
    asked = ask(slack, UNKNOWN)
    await slack.next_post(slack.space.direct(OWNER).id)
    slack.dm(OWNER, "Four hours on weekdays.")
    assert (await next_in_room(slack, "Four hours on weekdays.")).thread == asked


async def test_a_reply_below_the_card_answers_that_question(slack: SlackServer, app: App) -> None:
    """Two questions wait; hanging from one of the cards tells which is meant."""
    first = ask(slack, UNKNOWN)
    card = await slack.next_post(slack.space.direct(OWNER).id)
    ask(slack, "who signs the contract with the Porto carrier?", who=ANN)
    await slack.next_post(slack.space.direct(OWNER).id)
    slack.dm(OWNER, "Four hours on weekdays.", thread=card.ts)
    assert (await next_in_room(slack, "Four hours on weekdays.")).thread == first


async def test_i_will_look_is_no_answer(slack: SlackServer, app: App) -> None:
    ask(slack, UNKNOWN)
    await slack.next_post(slack.space.direct(OWNER).id)
    slack.dm(OWNER, "I'll look into it")
    await at_rest(app, slack)
    assert not any("Answered by a person" in posted.shown for posted in standing(slack))


# ------------------------------------------------------------------ commands


async def test_a_command_is_answered_for_its_author_alone(slack: SlackServer, app: App) -> None:
    assert (await slack.slash(ADMIN, ROOM, "status")).acked
    answer = await slack.next_post()
    assert (answer.how, answer.user) == ("chat.postEphemeral", ADMIN)


async def test_in_a_thread_where_slack_has_no_commands_a_bang_does(slack: SlackServer, app: App) -> None:
    asked = ask(slack, RETRY)
    await slack.next_post(ROOM)
    slack.say(ANN, ROOM, "!understudy why", thread=asked)
    why = await slack.next_post()
    assert (why.how, why.user, why.thread) == ("chat.postEphemeral", ANN, asked)


async def test_retiring_by_command_takes_two_steps_and_ends_in_a_certificate(slack: SlackServer, app: App) -> None:
    """Whoever waits is told, what was known is gone, and the name gets a plain sentence."""
    waiting = ask(slack, UNKNOWN)
    await slack.next_post(slack.space.direct(OWNER).id)
    await at_rest(app, slack)
    assert (await slack.slash(ADMIN, ROOM, "retire lin")).acked
    while not (sure := await slack.next_post()).buttons or sure.user != ADMIN:
        pass
    assert (await app.services.personas.get("lin")).state == "live"
    assert (await slack.press(ADMIN, sure, "confirm")).acked
    assert (await next_in_room(slack, "has been retired")).thread == waiting
    while "Certificate" not in (await slack.next_post()).shown:
        pass
    assert (await app.services.personas.get("lin")).state == "erased"
    ask(slack, RETRY, who=ANN)
    gone = await slack.next_post(ROOM)
    assert "retired" in gone.shown
    assert RETRIED not in gone.shown


async def test_nobody_but_an_admin_retires(slack: SlackServer, app: App) -> None:
    assert (await slack.slash(MEI, ROOM, "retire lin")).acked
    assert (await slack.next_post()).buttons == []
    assert (await app.services.personas.get("lin")).state == "live"


async def test_when_the_app_is_removed_the_workspaces_words_are_forgotten(slack: SlackServer, app: App) -> None:
    """P3: questions, threads, outcomes and open escalations of that workspace."""
    ask(slack, RETRY)
    await slack.next_post(ROOM)
    ask(slack, UNKNOWN, who=ANN)
    await slack.next_post(slack.space.direct(OWNER).id)
    await at_rest(app, slack)
    slack.uninstall()
    await at_rest(app, slack)
    for prefix in (keys.THREAD, keys.OUTCOME, keys.ESCALATION, keys.OPEN, keys.ASKED):
        assert [k async for k, _ in app.services.store.scan(prefix)] == []


# ------------------------------------------------------------------ what goes wrong


async def test_a_mention_and_its_twin_are_one_question(slack: SlackServer, app: App) -> None:
    """S3: both arrive, under two event ids."""
    ask(slack, RETRY)
    await slack.next_post(ROOM)
    await at_rest(app, slack)
    mine = [d for d in slack.log if d.payload["event"].get("user") == MEI]
    assert {d.payload["event"]["type"] for d in mine} == {"message", "app_mention"}
    assert len(slack.called("chat.postMessage")) == 1


async def test_twenty_deliveries_of_one_question_are_one_answer(slack: SlackServer, app: App) -> None:
    """WHK-08: seen once more when it was answered long ago, too."""
    ask(slack, RETRY)
    await slack.next_post(ROOM)
    await slack.settled()
    event = slack.log[0].payload["event"]
    again = await asyncio.gather(*(slack.event(event) for _ in range(20)))
    await at_rest(app, slack)
    assert all(d.acked for d in again)
    assert len(slack.called("chat.postMessage")) == 1


async def test_told_to_wait_it_waits_and_says_it_once(slack: SlackServer, app: App) -> None:
    """S10: Retry-After is obeyed to the second."""
    slack.faults.add("429", on="chat.postMessage", seconds=1)
    ask(slack, RETRY)
    await slack.next_post(ROOM)
    await at_rest(app, slack)
    first, second = slack.called("chat.postMessage")
    assert second.at - first.at >= 1
    assert len(standing(slack)) == 1


@pytest.mark.parametrize("kind", ["500", "502", "503", "reset", "lost"])
async def test_whatever_slack_does_to_the_post_it_stands_there_once(
    slack: SlackServer, app: App, kind: str
) -> None:
    """After an answer that never came a look at the thread tells whether it was placed."""
    slack.faults.add(kind, on="chat.postMessage")
    ask(slack, RETRY)
    await slack.next_post(ROOM)
    await at_rest(app, slack, within=15)
    assert len(standing(slack)) == 1


@pytest.mark.parametrize("kind", ["drop", "disconnect", "reorder", "redeliver"])
async def test_whatever_slack_does_to_the_delivery_there_is_one_answer(
    slack: SlackServer, app: App, kind: str
) -> None:
    slack.mention_twin = False
    slack.faults.add(kind, on="app_mention")
    asked = ask(slack, RETRY)
    slack.dm(ANN, RETRY)
    while (answer := await slack.next_post(within=15)).channel != ROOM:
        pass
    await at_rest(app, slack, within=15)
    assert answer.thread == asked
    assert len(standing(slack)) == 1
    assert slack.faults.happened == [(kind, "app_mention")]


# ------------------------------------------------------------------ by HTTP


async def test_over_signed_http_the_running_process_answers_asks_and_relays(
    slack: SlackServer, tmp_path: Path
) -> None:
    """`understudy run` itself, with Slack calling its web port."""
    await prepare(tmp_path)
    async with BotProcess(slack, tmp_path, slack_mode="http") as bot:
        await bot.ready()
        slack.request_url = f"http://127.0.0.1:{bot.port}/slack/events"
        asked = ask(slack, RETRY)
        answer = await slack.next_post(ROOM)
        assert answer.thread == asked
        assert RETRIED in answer.shown
        ask(slack, UNKNOWN, who=ANN)
        card = await slack.next_post(slack.space.direct(OWNER).id)
        assert (await slack.press(OWNER, card, "mine")).acked
        view = await slack.next_view()
        assert (await slack.submit(OWNER, view, {view["blocks"][0]["block_id"]: "Four hours."})).acked
        await next_in_room(slack, "Four hours.")
        await slack.settled()
        assert all(delivery.acked for delivery in slack.log)
        assert slack.connections == 0
        assert await bot.stop() == 0
