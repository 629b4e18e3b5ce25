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
from adapters.model import Button, Card, Message, Person, Post, Receipt, Thread
from adapters.secret import Secret
from tests.adapters.dingtalk.harness import ANA, LIN, ROOM, DingTalkHarness, config_for, connected
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
async def test_somebody_from_outside_is_answered_where_they_asked_and_nowhere_else(cards: bool) -> None:
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
    async with connected(cards=True) as h:
        with pytest.raises(NotFound, match="not in this group"):
            await h.adapter.post(h.nowhere, post("k1"))


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


# streaming, and the sign of work -------------------------------------------------------------------------------

LONG = "\n\n".join(f"Paragraph {n}. " + "Invoices need signatures. " * 12 for n in range(6))


async def streamed(h: DingTalkHarness) -> None:
    assert isinstance(h.adapter, CardAdapter)
    assert h.adapter._sender._streamer is not None
    h.adapter._sender._streamer._pace = 0.0


async def test_a_long_answer_grows_and_ends_whole_with_its_buttons() -> None:
    async with connected(cards=True, stream=True) as h:
        await streamed(h)
        card = Card(LONG, label="AI answer", buttons=(Button("up", "👍", "o1"),))
        receipt = await h.adapter.post(h.room, Post("k1", card))
        written = [call.body for call in h.ding.called("card/streaming")]
        assert len(written) > 3
        assert all(body["content"].startswith("**AI answer**") for body in written)
        assert [body["isFinalize"] for body in written] == [False] * (len(written) - 1) + [True]
        (standing,) = await h.standing()
        assert "Paragraph 5." in standing.text
        assert [button.text for button in h.posted(receipt).buttons] == ["👍"]
        assert not h.ding.spins(receipt.message_id)


@pytest.mark.parametrize("fault", ["permission", "reset", "500"])
async def test_a_stream_that_breaks_ends_whole_and_finished(fault: str) -> None:
    """D13: a card that is never finalised spins for ever."""
    async with connected(cards=True, stream=True) as h:
        await streamed(h)
        if fault == "permission":
            h.ding.granted.discard("Card.Streaming.Write")
        else:
            h.ding.faults.add("slow", on="card/streaming")
            h.ding.faults.add(fault, on="card/streaming")
        receipt = await h.adapter.post(h.room, Post("k1", Card(LONG, label="AI answer")))
        (standing,) = await h.standing()
        assert "Paragraph 5." in standing.text
        assert not h.ding.spins(receipt.message_id)
        if fault == "permission":
            calls = len(h.ding.called("card/streaming"))
            await h.adapter.post(h.room, Post("k2", Card(LONG, label="AI answer")))
            assert len(h.ding.called("card/streaming")) == calls  # never tried again


async def test_a_card_that_was_cut_off_in_the_middle_is_made_whole_by_the_next_try() -> None:
    async with connected(cards=True, stream=True) as h:
        await streamed(h)
        h.ding.faults.add("slow", on="card/streaming")
        h.ding.faults.add("500", on="card/streaming", times=2)
        h.ding.faults.add("reset", on="card/instances/put", times=2)  # aiohttp tries a PUT twice
        with pytest.raises(Unreachable):
            await h.adapter.post(h.room, Post("k1", Card(LONG, label="AI answer")))
        receipt = await h.adapter.post(h.room, Post("k1", Card(LONG, label="AI answer")))
        assert "Paragraph 5." in h.ding.space.cards[receipt.message_id].params["content"]
        assert len(h.ding.space.cards[receipt.message_id].carriers) == 1
        assert not h.ding.spins(receipt.message_id)


async def test_a_sign_stands_while_an_answer_is_on_its_way() -> None:
    """D16: a reaction on the question; it goes with the answer."""
    async with connected() as h:
        thread = (await asked(h)).thread
        await h.adapter.working(thread, "reads")
        assert [id for id, _ in h.ding.space.emotions] == [thread.anchor]
        await h.adapter.post(thread, post("k1"))
        assert h.ding.space.emotions == []


async def test_a_sign_that_is_refused_is_not_tried_again() -> None:
    async with connected() as h:
        thread = (await asked(h)).thread
        h.ding.granted.discard("qyapi_robot_sendmsg")
        for _ in range(3):
            await h.adapter.working(thread, "reads")
        assert len(h.ding.called("robot/emotion/reply")) == 1
        await h.adapter.working(Thread("dingtalk", ROOM), "reads")  # nothing to react to: no error either


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
