"""Answers that appear while they are read, and the sign that one is on its way: both end, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from adapters.dingtalk import CardAdapter, create
from adapters.errors import Unreachable
from adapters.model import Button, Card, Post, Thread
from tests.adapters.dingtalk.harness import ROOM, DingTalkHarness, config_for, connected
from tests.adapters.dingtalk.test_connection import until
from tests.adapters.dingtalk.test_sending import asked, post
from tests.platforms.dingtalk_state import Card as StoredCard

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
    """Neither end of it came through: then its state is set with the text."""
    async with connected(cards=True, stream=True) as h:
        await streamed(h)
        h.ding.faults.add("slow", on="card/instances/put")  # the look whether it is there
        h.ding.faults.add("slow", on="card/streaming")
        h.ding.faults.add("500", on="card/streaming", times=3)
        h.ding.faults.add("reset", on="card/instances/put", times=2)  # aiohttp tries a PUT twice
        with pytest.raises(Unreachable):
            await h.adapter.post(h.room, Post("k1", Card(LONG, label="AI answer")))
        assert h.ding.spins((await found(h)).out_track_id)
        receipt = await h.adapter.post(h.room, Post("k1", Card(LONG, label="AI answer")))
        assert "Paragraph 5." in h.ding.space.cards[receipt.message_id].params["content"]
        assert len(h.ding.space.cards[receipt.message_id].carriers) == 1
        assert not h.ding.spins(receipt.message_id)


async def found(h: DingTalkHarness) -> StoredCard:
    (card,) = h.ding.space.cards.values()
    return card


async def test_a_stop_in_the_middle_of_a_text_ends_it_whole() -> None:
    """D13: nobody comes back to a card that spins."""
    async with connected(cards=True, stream=True) as h:
        posting = asyncio.create_task(h.adapter.post(h.room, Post("k1", Card(LONG, label="AI answer"))))
        await until(lambda: len(h.ding.called("card/streaming")) > 0)
        posting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await posting
        card = await found(h)
        assert "Paragraph 5." in card.params["content"]
        assert not h.ding.spins(card.out_track_id)


async def test_a_process_that_died_in_the_middle_of_a_text_leaves_it_to_the_next() -> None:
    """A card that stands is not yet an answer: whoever looks for it must not take it for one, and who repeats it
    finishes it and places no second."""
    async with connected(cards=True, stream=True) as h:
        posting = asyncio.create_task(h.adapter.post(h.room, Post("k1", Card(LONG, label="AI answer"))))
        await until(lambda: len(h.ding.called("card/streaming")) > 0)
        h.ding.down = True
        posting.cancel()
        with contextlib.suppress(asyncio.CancelledError, Unreachable):
            await posting
        h.ding.down = False
        assert h.ding.spins((await found(h)).out_track_id)
        other = create(config_for(h.ding, card_template=h.ding.card_template, stream=True))
        assert isinstance(other, CardAdapter)
        assert await other.find(h.room, "k1") is None
        receipt = await other.post(h.room, Post("k1", Card(LONG, label="AI answer")))
        card = await found(h)
        assert (card.out_track_id, len(card.carriers)) == (receipt.message_id, 1)
        assert "Paragraph 5." in card.params["content"]
        assert not h.ding.spins(card.out_track_id)
        await other.close()


async def test_a_sign_stands_while_an_answer_is_on_its_way() -> None:
    """D16: a reaction on the question; it goes with the answer."""
    async with connected() as h:
        thread = (await asked(h)).thread
        await h.adapter.working(thread, "reads")
        assert [id for id, _ in h.ding.space.emotions] == [thread.anchor]
        await h.adapter.post(thread, post("k1"))
        await until(lambda: h.ding.space.emotions == [])


async def test_who_has_said_something_does_not_wait_for_the_sign_to_go() -> None:
    """Until the receipt is written down, a crash would have it said twice."""
    async with connected() as h:
        thread = (await asked(h)).thread
        await h.adapter.working(thread, "reads")
        h.ding.faults.add("slow", on="robot/emotion/recall", seconds=0.5)
        async with asyncio.timeout(0.4):
            await h.adapter.post(thread, post("k1"))
        await h.adapter.close()  # and it goes all the same
        assert h.ding.space.emotions == []


async def test_a_sign_that_is_refused_is_not_tried_again() -> None:
    async with connected() as h:
        thread = (await asked(h)).thread
        h.ding.granted.discard("qyapi_robot_sendmsg")
        for _ in range(3):
            await h.adapter.working(thread, "reads")
        assert len(h.ding.called("robot/emotion/reply")) == 1
        await h.adapter.working(Thread("dingtalk", ROOM), "reads")  # nothing to react to: no error either


async def test_signs_that_nobody_took_away_are_not_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.dingtalk.status.MOST", 1)
    async with connected() as h:
        for n in (1, 2):
            await h.adapter.working((await asked(h, n)).thread, "reads")
        assert len(h.adapter._status._standing) == 1
