"""Whole dialogues that are Feishu's own: threads and topics, forms as cards, the menu, an owner who never wrote,
and what restarts and outages do. The dialogues all platforms have in common are next door.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.model import Audience
from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_state import Posted
from tests.scenarios.clock import Clock
from tests.scenarios.process import BotProcess
from tests.scenarios.stages.feishu import FeishuStage, feishu_stage, stage_on
from tests.scenarios.world import FACTS, START, World, world

ROOM = "oc_general"
RETRY = "How often does the payment retry job run?"
RETRIED = FACTS[1][2]
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, feishu_stage) as it:
        await it.persona()
        yield it


def standing(w: World, chat: str = ROOM) -> list[Posted]:
    """What stands of the bot in a chat, oldest first."""
    feishu: FeishuServer = w.chat.feishu
    return feishu.standing(chat)


def private(w: World, id: str) -> list[Posted]:
    """What stands of the bot in its private chat with somebody."""
    return standing(w, w.chat.feishu.space.direct(id).id)


# ------------------------------------------------------------------ where an answer stands


async def test_an_answer_days_later_stands_in_the_thread_of_its_question_and_calls_the_asker(w: World) -> None:
    """F15, F16: below the question, however long ago that was, with a real @; never beside it."""
    feishu = w.chat.feishu
    asked = feishu.say(w.mei.id, ROOM, UNKNOWN)
    await w.settle()
    [card] = w.to(w.owner)
    await w.pass_time(days=5)
    await w.press(w.owner, card, "mine", text="Four hours.")
    answer = standing(w)[-1]
    assert "Four hours." in answer.shown
    assert answer.root == asked
    assert answer.thread
    assert answer.mentions == (w.mei.id,)


async def test_a_question_that_was_recalled_is_answered_in_private(w: World) -> None:
    """E9: nothing stands there any more that an answer could hang from."""
    asked = w.chat.feishu.say(w.mei.id, ROOM, UNKNOWN)
    await w.settle()
    [told] = standing(w)
    w.chat.feishu.recall(asked)
    await w.settle()
    await w.say(w.owner, "Four hours.", direct=True)
    assert any("Four hours." in posted.shown for posted in private(w, w.mei.id))
    assert [posted.message_id for posted in standing(w)] == [told.message_id]


async def test_in_a_group_of_topics_the_answer_stays_in_its_topic(w: World) -> None:
    w.chat.room("topics", Audience(public=True))
    w.chat.feishu.space.chats["oc_topics"].kind = "topic"
    first = w.chat.feishu.say(w.mei.id, "oc_topics", RETRY)
    second = w.chat.feishu.say(w.ann.id, "oc_topics", "Which queue do refunds go to?")
    await w.settle()
    answers = {posted.root: posted for posted in standing(w, "oc_topics")}
    assert RETRIED in answers[first].shown
    assert "refund-slow" in answers[second].shown
    assert answers[first].thread != answers[second].thread


# ------------------------------------------------------------------ cards, forms, menu


async def test_the_owner_who_never_wrote_answers_in_a_form_that_can_be_sent_once(w: World) -> None:
    """The form is a card in the owner's private chat; what was sent leaves one line of it."""
    feishu = w.chat.feishu
    asked = feishu.say(w.mei.id, ROOM, UNKNOWN)
    await w.settle()
    [card] = private(w, w.owner.id)
    assert UNKNOWN in card.shown
    assert (await feishu.press(w.owner.id, card, "mine")).acked
    form = private(w, w.owner.id)[-1]
    assert (await feishu.submit(w.owner.id, form, {"text": "Four hours, <at id=all></at> Anna signed."})).acked
    await w.settle()
    answer = standing(w)[-1]
    assert answer.root == asked
    assert "Four hours, <at id=all></at> Anna signed." in answer.shown
    assert answer.mentions == (w.mei.id,)
    [left] = [posted for posted in private(w, w.owner.id) if posted.message_id == form.message_id]
    assert left.buttons == []


async def test_a_reply_to_one_of_several_questions_answers_that_one(w: World) -> None:
    """The card says that a reply to it is enough; nobody is asked which question was meant."""
    feishu = w.chat.feishu
    asked = feishu.say(w.mei.id, ROOM, UNKNOWN)
    await w.settle()
    feishu.say(w.ann.id, ROOM, "Who ordered the badge printer in Porto?")
    await w.settle()
    first, _ = private(w, w.owner.id)
    feishu.dm(w.owner.id, "Four hours.", quote=first.message_id)
    await w.settle()
    answer = standing(w)[-1]
    assert "Four hours." in answer.shown
    assert answer.root == asked


async def test_a_reply_to_an_answer_goes_on_with_it(w: World) -> None:
    feishu = w.chat.feishu
    feishu.dm(w.mei.id, RETRY)
    await w.settle()
    [answer] = private(w, w.mei.id)
    feishu.dm(w.mei.id, "why", quote=answer.message_id)
    await w.settle()
    assert "The best source" in private(w, w.mei.id)[-1].shown


async def test_the_menu_speaks_for_whoever_chose_from_it(w: World) -> None:
    w.chat.feishu.menu(w.mei.id, "help")
    await w.settle()
    [told] = private(w, w.mei.id)
    assert "forget removes it" in told.shown
    w.chat.feishu.menu(w.ann.id, "personas")
    await w.settle()
    [told] = private(w, w.ann.id)
    assert "Lin's notes" in told.shown


async def test_an_admin_retires_from_a_group_and_confirms_in_private(w: World) -> None:
    """CMD-02: the buttons are for the admin alone, so they do not stand in the group."""
    w.chat.feishu.say(w.admin.id, ROOM, "/retire lin")
    await w.settle()
    assert standing(w) == []
    [sure] = private(w, w.admin.id)
    assert not (await w.chat.feishu.press(w.mei.id, sure, "confirm")).toast
    await w.settle()
    assert (await w.app.services.personas.get("lin")).state == "live"
    assert (await w.chat.feishu.press(w.admin.id, sure, "confirm")).acked
    await w.settle()
    assert (await w.app.services.personas.get("lin")).state == "erased"


# ------------------------------------------------------------------ what goes wrong


def again(feishu: FeishuServer, clock: Clock) -> AbstractAsyncContextManager[FeishuStage]:
    @asynccontextmanager
    async def stage() -> AsyncIterator[FeishuStage]:
        yield stage_on(feishu, clock)

    return stage()


async def test_a_restart_in_between_changes_nothing(tmp_path: Path) -> None:
    """The owner's card, the form and the thread are good after it."""
    clock = Clock(START)
    async with FeishuServer(clock=clock.timestamp) as feishu:
        async with world(tmp_path, lambda clock: again(feishu, clock), clock=clock) as before:
            await before.persona()
            asked = feishu.say(before.mei.id, ROOM, UNKNOWN)
            await before.settle()
        async with world(tmp_path, lambda clock: again(feishu, clock), clock=clock) as w:
            [card] = private(w, w.owner.id)
            assert (await feishu.press(w.owner.id, card, "mine")).acked
            form = private(w, w.owner.id)[-1]
            assert (await feishu.submit(w.owner.id, form, {"text": "Four hours."})).acked
            await w.settle()
            assert [posted.root for posted in standing(w)] == [asked, asked]
            assert "Four hours." in standing(w)[-1].shown


@pytest.mark.parametrize("refused", [False, True], ids=["503", "refused"])
async def test_an_outage_of_twenty_minutes_loses_nothing(w: World, refused: bool) -> None:
    """An answer that was due is said once it is over, and so is one to what was asked meanwhile: each once."""
    feishu = w.chat.feishu
    w.chat.later(120)
    first = feishu.say(w.mei.id, ROOM, RETRY)
    await w.settle()
    async with feishu.outage(refused=refused):
        second = feishu.say(w.ann.id, ROOM, UNKNOWN)
        for _ in range(20):
            w.clock.advance(60)
            await w.settle(delivered=False)
    await w.settle()
    await w.pass_time(minutes=10)
    assert sorted(posted.root for posted in standing(w)) == sorted([first, second])
    assert [UNKNOWN in posted.shown for posted in private(w, w.owner.id)] == [True]


async def test_the_running_process_answers_asks_and_relays_and_stops_in_peace(tmp_path: Path) -> None:
    """`understudy run` itself, over the long connection."""
    clock = Clock(datetime.now(UTC))
    async with FeishuServer() as feishu:
        async with world(tmp_path, lambda clock: again(feishu, clock), clock=clock) as prepared:
            await prepared.persona()
            mei, owner = prepared.mei.id, prepared.owner.id
        async with BotProcess(feishu, tmp_path) as bot:
            await bot.ready()
            asked = feishu.say(mei, ROOM, RETRY)
            answer = await feishu.next_post(ROOM)
            assert answer.root == asked
            assert RETRIED in answer.shown
            asked = feishu.say(mei, ROOM, UNKNOWN)
            while UNKNOWN not in (card := await feishu.next_post(feishu.space.direct(owner).id)).shown:
                pass
            assert (await feishu.press(owner, card, "decline")).acked
            while "cannot answer" not in (told := await feishu.next_post(ROOM)).shown:
                pass
            assert told.root == asked
            await asyncio.wait_for(feishu.settled(), 10)
            assert await bot.stop() == 0
