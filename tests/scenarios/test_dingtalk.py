"""Whole dialogues that are DingTalk's own: answers by the address that came with the question and long after it,
buttons that are words, cards with forms, and what restarts and outages do. The dialogues all platforms have in
common are next door.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from adapters.model import Audience
from tests.platforms.dingtalk_state import Posted
from tests.scenarios.clock import Clock
from tests.scenarios.process import BotProcess
from tests.scenarios.stages.dingtalk import DingTalkStage, Server, dingtalk_card_stage, dingtalk_stage, stage_on
from tests.scenarios.world import FACTS, START, World, world

ROOM = "cidgeneral=="
RETRY = "How often does the payment retry job run?"
RETRIED = FACTS[1][2]
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    """Without a card template."""
    async with world(tmp_path, dingtalk_stage) as it:
        await it.persona()
        yield it


@pytest.fixture
async def c(tmp_path: Path) -> AsyncIterator[World]:
    """With one."""
    async with world(tmp_path, dingtalk_card_stage) as it:
        await it.persona()
        yield it


def standing(w: World, chat: str = ROOM) -> list[Posted]:
    """What stands of the bot in a chat, oldest first."""
    ding: Server = w.chat.ding
    return ding.standing(chat)


def private(w: World, id: str) -> list[Posted]:
    """What stands of the bot in its chat with somebody."""
    return standing(w, w.chat.ding.space.direct(id).id)


# ------------------------------------------------------------------ how an answer comes


async def test_soon_an_answer_comes_by_the_address_of_its_question_and_calls_the_asker(w: World) -> None:
    """D8: only so is it a real @."""
    await w.say(w.mei, UNKNOWN)
    await w.pass_time(minutes=60)
    await w.say(w.owner, "Four hours.", direct=True)
    answer = standing(w)[-1]
    assert "Four hours." in answer.shown
    assert (answer.how, answer.mentions) == ("webhook", (w.mei.id,))


async def test_later_it_comes_all_the_same_and_names_the_asker(w: World) -> None:
    """D5: the address is good for 90 minutes; after it the robot says it by itself."""
    await w.say(w.mei, UNKNOWN)
    await w.pass_time(minutes=100)
    await w.say(w.owner, "Four hours.", direct=True)
    answer = standing(w)[-1]
    assert answer.how == "group"
    assert "Four hours." in answer.shown
    assert "Mei" in answer.shown


async def test_with_cards_a_late_answer_really_calls_the_asker(c: World) -> None:
    await c.say(c.mei, UNKNOWN)
    await c.pass_time(minutes=100)
    await c.say(c.owner, "Four hours.", direct=True)
    answer = standing(c)[-1]
    assert "Four hours." in answer.shown
    assert (answer.how, answer.mentions) == ("card", (c.mei.id,))


async def test_two_askers_side_by_side_have_each_their_own_conversation(w: World) -> None:
    """There are no threads: what Ann asks next is about what she asked before, not about what Mei did."""
    await w.say(w.mei, RETRY)
    await w.say(w.ann, "Which queue do refunds go to?")
    [why] = await w.say(w.ann, "why")
    assert why.post.only_for.key == w.ann.key
    before = len(standing(w))
    await w.say(w.mei, "and how long does it wait before giving up?")
    told = [*standing(w)[before:], *private(w, w.owner.id)]  # the answer, or what its owner is shown to it
    after = "".join(each.shown for each in told)
    assert "gives up after 3 attempts" in after
    assert "refund" not in after


# ------------------------------------------------------------------ buttons that are words, cards, forms


async def test_a_button_without_a_card_says_words_and_the_owner_answers_in_words(w: World) -> None:
    """D17. There is no form: the bot says what to do instead, and a reply that quotes the card is the answer."""
    ding = w.chat.ding
    await w.say(w.mei, UNKNOWN)
    await w.say(w.ann, "Who ordered the badge printer in Porto?")
    first, _ = private(w, w.owner.id)
    assert UNKNOWN in first.shown
    assert (await ding.press(w.owner.id, first, "mine")).acked
    await w.settle()
    assert "reply to that message" in private(w, w.owner.id)[-1].shown
    ding.dm(w.owner.id, "Four hours.", quote=first.id)
    await w.settle()
    assert "Four hours." in standing(w)[-1].shown
    assert standing(w)[-1].mentions == (w.mei.id,)


async def test_a_reply_to_an_answer_goes_on_with_it(w: World) -> None:
    ding = w.chat.ding
    ding.dm(w.mei.id, RETRY)
    await w.settle()
    [answer] = private(w, w.mei.id)
    ding.dm(w.mei.id, "why", quote=answer.id)
    await w.settle()
    assert "The best source" in private(w, w.mei.id)[-1].shown


async def test_the_owner_who_never_wrote_fills_in_the_cards_form(c: World) -> None:
    """Nobody else sees the form; what is in it calls nobody."""
    ding = c.chat.ding
    await c.say(c.mei, UNKNOWN)
    [card] = private(c, c.owner.id)
    assert (await ding.press(c.owner.id, card, "mine")).acked
    await ding.next_form(c.owner.id)
    assert (await ding.submit(c.owner.id, card, {"text": "Four hours, @all Anna signed."})).acked
    await c.settle()
    answer = standing(c)[-1]
    assert "Four hours, @all Anna signed." in answer.shown
    assert answer.mentions == (c.mei.id,)
    [closed] = [posted for posted in private(c, c.owner.id) if posted.id == card.id]
    assert "Sent to Mei" in closed.shown


async def test_an_admin_retires_from_a_group_and_confirms_in_private(w: World) -> None:
    """CMD-02: the buttons are for the admin alone, so they do not stand in the group."""
    await w.say(w.admin, "/retire lin")
    assert standing(w) == []
    [sure] = private(w, w.admin.id)
    assert (await w.chat.ding.press(w.admin.id, sure, "confirm")).acked
    await w.settle()
    assert (await w.app.services.personas.get("lin")).state == "erased"


async def test_the_words_of_a_confirmation_confirm_nothing_from_others_or_elsewhere(w: World) -> None:
    """CMD-02: a button is words, and words can be copied."""
    w.chat.room("elsewhere", Audience(public=True))
    await w.say(w.admin, "/retire lin")
    [sure] = private(w, w.admin.id)
    for who, chat in ((w.mei, ROOM), (w.mei, sure.chat), (w.admin, "cidelsewhere==")):
        await w.chat.ding.press(who.id, structs.replace(sure, chat=chat), "confirm")
        await w.settle()
        assert (await w.app.services.personas.get("lin")).state == "live"


# ------------------------------------------------------------------ what goes wrong


def again(ding: Server, clock: Clock, *, cards: bool = False) -> AbstractAsyncContextManager[DingTalkStage]:
    @asynccontextmanager
    async def stage() -> AsyncIterator[DingTalkStage]:
        yield stage_on(ding, clock, cards=cards)

    return stage()


@pytest.mark.parametrize("cards", [False, True], ids=["messages", "cards"])
async def test_a_restart_in_between_changes_nothing(tmp_path: Path, cards: bool) -> None:
    """The addresses of questions are forgotten, the answer comes; old buttons still mean what they meant."""
    clock = Clock(START)
    async with Server(clock=clock.timestamp) as ding:
        async with world(tmp_path, lambda clock: again(ding, clock, cards=cards), clock=clock) as before:
            await before.persona()
            await before.say(before.mei, UNKNOWN)
        async with world(tmp_path, lambda clock: again(ding, clock, cards=cards), clock=clock) as w:
            [card] = private(w, w.owner.id)
            assert (await ding.press(w.owner.id, card, "decline")).acked
            await w.settle()
            assert "cannot answer" in standing(w)[-1].shown
            assert standing(w)[-1].how == ("card" if cards else "group")
            assert len(standing(w)) == 2


@pytest.mark.parametrize("cards", [False, True], ids=["messages", "cards"])
async def test_an_outage_of_twenty_minutes_loses_nothing(tmp_path: Path, cards: bool) -> None:
    """An answer that was due is said once it is over, and so is one to what was asked meanwhile: each once."""
    async with world(tmp_path, dingtalk_card_stage if cards else dingtalk_stage) as w:
        await w.persona()
        ding = w.chat.ding
        w.chat.later(120)
        ding.say(w.mei.id, ROOM, RETRY)
        await w.settle()
        links = ding.connections
        async with ding.outage():
            ding.say(w.ann.id, ROOM, UNKNOWN)
            for _ in range(20):
                w.clock.advance(60)
                await w.settle(delivered=False)
        await ding.connected(links + 1, within=15)
        await w.settle()
        await w.pass_time(minutes=10)
        assert [RETRIED in posted.shown for posted in standing(w)].count(True) == 1
        assert len(standing(w)) == 2
        assert [UNKNOWN in posted.shown for posted in private(w, w.owner.id)] == [True]


async def test_the_running_process_answers_asks_and_relays_and_stops_in_peace(tmp_path: Path) -> None:
    """`understudy run` itself, in stream mode."""
    clock = Clock(datetime.now(UTC))
    async with Server() as ding:
        async with world(tmp_path, lambda clock: again(ding, clock), clock=clock) as prepared:
            await prepared.persona()
            mei, owner = prepared.mei.id, prepared.owner.id
        async with BotProcess(ding, tmp_path) as bot:
            await bot.ready()
            ding.say(mei, ROOM, RETRY)
            assert RETRIED in (await ding.next_post(ROOM)).shown
            ding.say(mei, ROOM, UNKNOWN)
            while UNKNOWN not in (card := await ding.next_post(ding.space.direct(owner).id)).shown:
                pass
            assert (await ding.press(owner, card, "decline")).acked
            while "cannot answer" not in (await ding.next_post(ROOM)).shown:
                pass
            await asyncio.wait_for(ding.settled(), 10)
            assert await bot.stop() == 0
