"""L12: what DingTalk lets a robot take back, and what it does not, said as such."""

from __future__ import annotations

import pytest

from adapters.errors import Rejected
from adapters.model import Card, Message, Post
from tests.adapters.dingtalk.harness import DingTalkHarness, connected

LONG = " ".join(f"word{n}" for n in range(4000))
MARKED = Post("gone", Card("Removed.", label="notice"))


async def asked(h: DingTalkHarness) -> Message:
    await h.say(h.ana, "who approves?", chat=h.room)
    event = await h.host.event(1)
    assert isinstance(event, Message)
    return event


async def test_l12_a_direct_reply_has_no_name_and_cannot_be_taken_back() -> None:
    """Honestly refused, so that the certificate can say so."""
    async with connected() as h:
        receipt = await h.adapter.post((await asked(h)).thread, Post("k1", Card("Lin does.", label="AI answer")))
        with pytest.raises(Rejected, match="direct reply"):
            await h.adapter.retract(receipt, MARKED)


@pytest.mark.parametrize("direct", [True, False])
async def test_l12_what_the_robot_said_is_recalled_with_all_its_parts(direct: bool) -> None:
    async with connected() as h:
        where = await h.adapter.direct(h.lin) if direct else h.private
        receipt = await h.adapter.post(where, Post("k1", Card(LONG, label="AI answer")))
        assert receipt.also
        assert await h.adapter.retract(receipt, MARKED) == "deleted"
        assert await h.standing() == []


async def test_l12_a_card_keeps_its_place_and_loses_its_words() -> None:
    async with connected(cards=True) as h:
        receipt = await h.adapter.post((await asked(h)).thread, Post("k1", Card("Lin does.", label="AI answer")))
        assert await h.adapter.retract(receipt, MARKED) == "marked"
        [standing] = await h.standing()
        assert "Removed." in standing.text
        assert "Lin does" not in standing.text
