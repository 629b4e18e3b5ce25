"""Saying things: by which way, once, whole, and what becomes of each refusal."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.dingtalk import CardAdapter, create
from adapters.dingtalk.calls import Calls
from adapters.errors import NotFound, RateLimited, Rejected, Unauthorised, Unreachable
from adapters.model import Button, Card, Message, Person, Post, Receipt
from adapters.secret import Secret
from tests.adapters.dingtalk.harness import ANA, LIN, DingTalkHarness, config_for, connected
from tests.platforms.dingtalk import DingTalkServer


def post(key: str, text: str = "Lin approves them.", **more: object) -> Post:
    return Post(key, Card(text, label="AI answer"), **more)  # type: ignore[arg-type]  # the caller knows Post


async def asked(h: DingTalkHarness, count: int = 1) -> Message:
    """Ana asks in the room, by which the room can be replied to."""
    await h.say(h.ana, "who approves?", chat=h.room)
    event = await h.host.event(count)
    assert isinstance(event, Message)
    return event


# which way -----------------------------------------------------------------------------------------------------


async def test_a_quick_answer_goes_by_the_address_it_came_with() -> None:
    """And costs no quota; the mention notifies."""
    async with connected() as h:
        thread = (await asked(h)).thread
        await h.adapter.post(thread, post("k1", mention=(h.ana,)))
        posted = await h.ding.next_post()
        assert (posted.how, posted.mentions) == ("webhook", (ANA,))
        assert "@Ana" in posted.shown
        assert not h.ding.called("robot/groupMessages/send")


async def test_a_direct_message_goes_by_the_robot_api_so_that_it_can_be_taken_back() -> None:
    async with connected() as h:
        await h.dm(h.lin, "hello")
        thread = (await h.host.event()).thread  # type: ignore[union-attr]  # a Message
        first = await h.adapter.post(thread, post("k1", "I have asked Ana."))
        await h.adapter.post(thread, post("k2", "Ana says yes.", replaces=first.message_id))
        (standing,) = await h.standing()
        assert "Ana says yes." in standing.text


async def test_a_late_answer_in_a_group_is_recalled_for_the_one_that_replaces_it() -> None:
    async with connected() as h:
        first = await h.adapter.post(h.room, post("k1", "I have asked Lin."))
        await h.adapter.post(h.room, post("k2", "Lin says yes.", replaces=first.message_id))
        assert len(await h.standing()) == 1


async def test_what_cannot_be_recalled_stands_above_what_replaces_it() -> None:
    """Said by webhook, or by somebody else's robot: the new words are due all the same."""
    async with connected() as h:
        thread = (await asked(h)).thread
        first = await h.adapter.post(thread, post("k1", "I have asked Lin."))
        await h.adapter.post(thread, post("k2", "Lin says yes.", replaces=first.message_id))
        assert ["Lin says yes." in each.text for each in await h.standing()] == [False, True]


@pytest.mark.parametrize("cards", [False, True])
async def test_somebody_from_outside_is_answered_where_they_asked_and_nowhere_else(
    cards: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """They have no staffId: no robot can write to them (D6)."""
    async with connected(cards=cards) as h:
        await h.say(h.guest, "who approves?", chat=h.room)
        in_room = (await h.host.event(1)).thread  # type: ignore[union-attr]  # a Message
        await h.adapter.post(in_room, post("k1", "Colleagues only.", only_for=h.guest))
        await h.dm(h.guest, "who approves?")
        alone = (await h.host.event(2)).thread  # type: ignore[union-attr]  # as above
        await h.adapter.post(alone, post("k2", "Colleagues only."))
        assert [posted.how for posted in h.ding.standing()] == ["card" if cards else "webhook", "webhook"]
        h.ding.webhooks.clear()
        with pytest.raises(NotFound):
            await h.adapter.post(alone, post("k3"))
        assert "a card was refused" not in caplog.text  # none was tried


# once, and whole -----------------------------------------------------------------------------------------------


async def test_parts_that_stand_are_not_placed_again() -> None:
    words = " ".join(f"word{n}" for n in range(6000))
    async with connected() as h:
        h.ding.faults.add("503", on="robot/oToMessages/batchSend")
        thread = await h.adapter.direct(h.lin)
        with pytest.raises(Unreachable):
            await h.adapter.post(thread, post("k1", words))
        h.ding.faults.add("slow", on="robot/oToMessages/batchSend")  # the first passes, the second does not
        h.ding.faults.add("429", on="robot/oToMessages/batchSend")
        with pytest.raises(RateLimited):
            await h.adapter.post(thread, post("k1", words))
        assert len(await h.standing()) == 1
        await h.adapter.post(thread, post("k1", words))
        shown = [standing.text for standing in await h.standing()]
        assert sum(text.count("word0 ") for text in shown) == 1
        assert "word5999" in shown[-1]


async def test_a_message_whose_fate_is_unknown_is_told_as_such_and_may_be_said_again() -> None:
    """DingTalk lets nobody look. An answer twice is better than perhaps none; a card is never twice."""
    async with connected() as h:
        h.fail("lost")
        with pytest.raises(Unreachable) as caught:
            await h.adapter.post(h.room, post("k1"))
        assert caught.value.placed
        await h.adapter.post(h.room, post("k1"))
        assert len(await h.standing()) == 2


async def test_a_card_is_not_placed_twice_whatever_happened_and_whoever_asks() -> None:
    """Not even by a process that knows nothing of the first try; although DingTalk would deliver it once more."""
    async with connected(cards=True) as h:
        h.fail("lost")
        with pytest.raises(Unreachable):
            await h.adapter.post(h.room, post("k1"))
        other = create(config_for(h.ding, card_template=h.ding.card_template))
        assert isinstance(other, CardAdapter)
        found = await other.find(h.room, "k1")
        assert found is not None
        assert await other.find(h.room, "k2") is None
        await h.adapter.post(h.room, post("k1"))
        assert [standing.id for standing in await h.standing()] == [found.message_id]
        await other.close()


async def test_a_long_card_is_whole_once_its_last_part_stands() -> None:
    words = " ".join(f"word{n}" for n in range(6000))
    async with connected(cards=True) as h:
        assert isinstance(h.adapter, CardAdapter)
        h.ding.faults.add("slow", on="card/instances/createAndDeliver")
        h.ding.faults.add("reset", on="card/instances/createAndDeliver")
        with pytest.raises(Unreachable):
            await h.adapter.post(h.room, post("k1", words))
        assert await h.adapter.find(h.room, "k1") is None
        await h.adapter.post(h.room, post("k1", words))
        assert await h.adapter.find(h.room, "k1") is not None
        shown = [standing.text for standing in await h.standing()]
        assert sum(text.count("word0 ") for text in shown) == 1
        assert all(text.startswith("AI answer") for text in shown)


# refusals ------------------------------------------------------------------------------------------------------


async def test_a_long_card_that_was_begun_is_finished_by_whoever_comes_next() -> None:
    """A part that stands is not delivered once more, even by a process that does not know it was placed."""
    words = " ".join(f"word{n}" for n in range(6000))
    async with connected(cards=True) as h:
        h.ding.faults.add("slow", on="card/instances/createAndDeliver")
        h.ding.faults.add("429", on="card/instances/createAndDeliver")
        with pytest.raises(RateLimited):
            await h.adapter.post(h.room, post("k1", words))
        other = create(config_for(h.ding, card_template=h.ding.card_template))
        await other.post(h.room, post("k1", words))
        shown = [standing.text for standing in await h.standing()]
        assert sum(text.count("word0 ") for text in shown) == 1
        assert "word5999" in shown[-1]
        await other.close()


@pytest.mark.parametrize("left", [True, False])
async def test_a_direct_message_that_http_200_says_was_sent_and_was_not(left: bool) -> None:
    """D6: whoever left is in one list, whoever had too much in another."""
    async with connected() as h:
        thread = await h.adapter.direct(h.lin)
        if left:
            h.ding.space.users[LIN].left = True
        else:
            h.ding.flow_controlled.add(LIN)
        with pytest.raises(NotFound if left else RateLimited):
            await h.adapter.post(thread, post("k1"))
        assert await h.standing() == []


async def test_a_card_that_http_200_says_was_delivered_and_was_not() -> None:
    """Its words go as a message; where nothing can be delivered, that is the end of it."""
    async with connected(cards=True) as h:
        h.ding.faults.add("undelivered", on="card/deliver")
        await h.adapter.post(h.room, post("k1"))
        assert [posted.how for posted in h.ding.standing()] == ["group"]
        with pytest.raises(NotFound):
            await h.adapter.post(h.nowhere, post("k2"))


@pytest.mark.parametrize("code", ["300001", "310000", "400013"])
async def test_what_a_reply_address_refuses_goes_by_the_robot_api(code: str) -> None:
    """D5: whatever its reason, the answer is due; and it is not tried again."""
    async with connected() as h:
        thread = (await asked(h)).thread
        h.ding.faults.add("error", on="robot/sendBySession", code=code)
        await h.adapter.post(thread, post("k1"))
        await h.adapter.post(thread, post("k2"))
        assert [posted.how for posted in h.ding.standing()] == ["group", "group"]
        assert len(h.ding.called("robot/sendBySession")) == 1


@pytest.mark.parametrize("why", ["unpublished", "permission"])
async def test_words_whose_card_is_refused_go_as_a_message(why: str, caplog: pytest.LogCaptureFixture) -> None:
    """D13: a template that is not published, a permission nobody applied for. `doctor` names it; people are
    answered."""
    async with connected(cards=True) as h:
        if why == "permission":
            h.ding.granted.discard("Card.Instance.Write")
        else:
            h.ding.space.templates[h.ding.card_template].published = False
        await h.adapter.post(h.room, post("k1"))
        assert [posted.how for posted in h.ding.standing()] == ["group"]
        assert "a card was refused" in caplog.text


async def test_without_the_permission_for_cards_nothing_waits_for_one() -> None:
    """Neither a repeat, which looks for its card first, nor what replaces another."""
    async with connected(cards=True) as h:
        assert isinstance(h.adapter, CardAdapter)
        h.ding.granted.discard("Card.Instance.Write")
        assert await h.adapter.find(h.room, "k1") is None
        first = await h.adapter.post(h.room, post("k1", "I have asked Lin."))
        await h.adapter.post(h.room, post("k2", "Lin says yes.", replaces=first.message_id))
        (standing,) = await h.standing()
        assert "Lin says yes." in standing.text


async def test_a_robot_that_may_not_send_is_unauthorised_with_where_to_click() -> None:
    async with connected() as h:
        h.ding.granted.discard("qyapi_robot_sendmsg")
        with pytest.raises(Unauthorised, match="Permission Management") as caught:
            await h.adapter.post(h.room, post("k1"))
        assert "qyapi_robot_sendmsg" in str(caught.value)


async def test_a_message_that_was_no_card_is_said_anew_and_taken_back() -> None:
    """A template was set after the first was said."""
    async with connected() as before, connected(cards=True, ding=None) as h:
        del before
        h.ding.space.templates[h.ding.card_template].published = False
        first = await h.adapter.post(h.room, post("k1", "I have asked Lin."))
        h.ding.space.templates[h.ding.card_template].published = True
        await h.adapter.post(h.room, post("k2", "Lin says yes.", replaces=first.message_id))
        assert [posted.how for posted in h.ding.standing()] == ["card"]
        assert isinstance(h.adapter, CardAdapter)
        with pytest.raises(NotFound):
            await h.adapter.edit(Receipt("nothing", h.room), post("k3"))


async def test_a_rewritten_card_keeps_its_place_and_loses_its_buttons() -> None:
    async with connected(cards=True) as h:
        buttons = (Button("send", "Send"),)
        first = await h.adapter.post(h.room, Post("k1", Card("Can you?", label="AI", buttons=buttons)))
        await h.adapter.post(h.room, post("k2", "Lin says yes.", replaces=first.message_id))
        (posted,) = h.ding.standing()
        assert posted.buttons == ()
        assert posted.out_track_id == first.message_id


# tokens --------------------------------------------------------------------------------------------------------


async def test_one_token_for_many_calls_and_a_new_one_before_it_ends() -> None:
    """D14: two hours, and both worlds have their own."""
    now = 0.0
    async with DingTalkServer() as ding:
        ding.space.add_user(ANA, "Ana")
        adapter = create(config_for(ding))
        adapter._calls._ticks = lambda: now
        for n in range(5):
            await adapter.post(await adapter.direct(Person("dingtalk", ANA)), post(f"k{n}"))
            await adapter.person(ANA)
        assert (len(ding.called("oauth2/accessToken")), len(ding.called("gettoken"))) == (1, 1)
        now = 7200 - 200.0
        await adapter.post(await adapter.direct(Person("dingtalk", ANA)), post("late"))
        assert len(ding.called("oauth2/accessToken")) == 2
        await adapter.close()


@pytest.mark.parametrize("way", ["new", "old"])
async def test_a_token_that_is_worth_nothing_any_more_is_renewed_once(way: str) -> None:
    async with connected() as h:
        await h.adapter.post(h.room, post("k1"))
        await h.adapter.person(LIN)
        h.ding.revoke_tokens()
        if way == "new":
            await h.adapter.post(h.room, post("k2"))
            assert len(await h.standing()) == 2
        else:
            h.adapter._people.forget([LIN])
            assert (await h.adapter.person(LIN)).name == "Lin"


async def test_many_calls_at_once_ask_for_one_token() -> None:
    async with connected() as h:
        h.ding.revoke_tokens()
        h.adapter._calls._tokens.clear()
        asked_before = len(h.ding.called("oauth2/accessToken"))
        await asyncio.gather(*(h.adapter.post(h.room, post(f"k{n}")) for n in range(10)))
        assert len(h.ding.called("oauth2/accessToken")) == asked_before + 1


async def test_many_calls_whose_token_is_refused_renew_it_once() -> None:
    """Each finds it worthless by itself; who comes later must not throw the new one away."""
    async with connected() as h:
        await h.adapter.post(h.room, post("k0"))
        asked_before = len(h.ding.called("oauth2/accessToken"))
        h.ding.revoke_tokens()
        await asyncio.gather(*(h.adapter.post(h.room, post(f"k{n}")) for n in range(1, 11)))
        assert len(h.ding.called("oauth2/accessToken")) == asked_before + 1


async def test_a_reply_address_that_is_not_dingtalks_is_not_called() -> None:
    """It comes with a message: what is asked for there would be our answer, sent to a stranger."""
    async with connected() as h:
        calls = h.adapter._calls
        for url in (
            "https://evil.example/robot/sendBySession?session=x",
            "http://oapi.dingtalk.com/robot/sendBySession",
            "https://dingtalk.com.evil.example/x",
            "https://oapi.dingtalk.com@evil.example/x",
            "http://127.0.0.1:1/x",
            "http://[",
            "",
        ):
            assert not calls.trusts(url), url
        assert calls.trusts("https://oapi.dingtalk.com/robot/sendBySession?session=x")
        assert calls.trusts(h.ding.url + "/robot/sendBySession?session=x")


async def test_a_redirect_is_not_followed() -> None:
    """It would carry the secret, or a token, to wherever it points."""
    reached = []

    async def move(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async def elsewhere(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.json_response({})

    app = web.Application()
    app.add_routes([web.post("/v1.0/oauth2/accessToken", move), web.post("/elsewhere", elsewhere)])
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        calls = Calls("id", Secret("secret"), url, url, time.monotonic)
        with pytest.raises(Rejected, match="307"):
            await calls.identify()
        await calls.close()
    assert reached == []


async def test_garbage_from_a_gateway_is_not_taken_for_an_answer() -> None:
    async with connected() as h:
        h.ding.faults.add("502", on="robot/groupMessages/send")
        with pytest.raises(Unreachable) as caught:
            await h.adapter.post(h.room, post("k1"))
        assert caught.value.placed
        h.ding.faults.add("error", on="robot/groupMessages/send", code="what.is.this")
        with pytest.raises(Rejected):
            await h.adapter.post(h.room, post("k2"))


async def test_a_full_minute_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """20 messages a minute by one address."""
    async with connected() as h:
        thread = (await asked(h)).thread
        begun = time.monotonic()
        for n in range(20):
            await h.adapter.post(thread, post(f"k{n}"))
        with pytest.raises(RateLimited) as caught:
            await h.adapter.post(thread, post("k20"))
        assert caught.value.retry_after == 60
        assert time.monotonic() - begun < 5


async def test_a_mention_is_in_the_first_part_alone() -> None:
    """Nobody is called twice for one answer."""
    words = " ".join(f"word{n}" for n in range(6000))
    async with connected() as h:
        thread = (await asked(h)).thread
        await h.adapter.post(thread, post("k1", words, mention=(h.ana,)))
        called = ["at" in call.body for call in h.ding.called("robot/sendBySession")]
        assert called == [True] + [False] * (len(called) - 1)
        assert len(called) > 1


async def test_what_was_said_is_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.dingtalk.sender.REMEMBERED", 2)
    async with connected() as h:
        for n in range(4):
            await h.adapter.post(h.room, post(f"k{n}"))
        assert list(h.adapter._sender._fates) == ["k2", "k3"]


async def test_nobody_there_is_told_from_cut_off() -> None:
    """What found nobody had no effect: it can be repeated without a thought."""
    calls = Calls("id", Secret("secret"), "http://127.0.0.1:1", "http://127.0.0.1:1", time.monotonic)
    with pytest.raises(Unreachable) as caught:
        await calls.identify()
    assert not caught.value.placed
    assert "127.0.0.1" not in str(caught.value)
    await calls.close()


async def test_an_answer_that_does_not_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.dingtalk.calls.LARGEST", 1000)

    async def flood(request: web.Request) -> web.Response:
        return web.json_response({"accessToken": "t", "expireIn": 7200, "more": "x" * 200_000})

    app = web.Application()
    app.add_routes([web.post("/v1.0/oauth2/accessToken", flood)])
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        calls = Calls("id", Secret("secret"), url, url, time.monotonic)
        with pytest.raises(Unreachable, match="no JSON object"):
            await calls.identify()
        await calls.close()
