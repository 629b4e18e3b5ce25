"""L12: recalled, or rewritten where a tenant's time for recalling is over."""

from __future__ import annotations

from adapters.model import Card, Post
from tests.adapters.feishu.harness import connected

MARKED = Post("gone", Card("Removed.", label="notice"))


async def test_l12_past_the_time_for_recalling_a_card_is_marked() -> None:
    async with connected("ws") as h:
        receipt = await h.adapter.post(h.room, Post("k1", Card("Lin does.", label="AI answer")))
        h.feishu.faults.add("error", on="im.message.delete", code="230026")
        assert await h.adapter.retract(receipt, MARKED) == "marked"
        [standing] = await h.standing()
        assert "Removed." in standing.text
        assert "Lin does" not in standing.text
        assert await h.adapter.retract(receipt, MARKED) == "deleted"
        assert await h.adapter.retract(receipt, MARKED) == "gone"
        assert await h.standing() == []
