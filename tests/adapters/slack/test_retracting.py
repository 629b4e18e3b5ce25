"""L12: what was said is taken back, or marked, in a workspace that lets nothing be deleted."""

from __future__ import annotations

import pytest

from adapters.errors import NotFound
from adapters.model import Card, Post, Receipt, Thread
from tests.adapters.slack.harness import connected

LONG = "\n\n".join(f"Paragraph {n}. " + "word " * 100 for n in range(60))
MARKED = Post("gone", Card("Removed.", label="notice"))


async def test_l12_where_nothing_may_be_deleted_every_part_is_marked() -> None:
    async with connected("socket") as h:
        receipt = await h.adapter.post(h.room, Post("k1", Card(LONG, label="AI answer")))
        assert receipt.also
        h.slack.undeletable = True
        assert await h.adapter.retract(receipt, MARKED) == "marked"
        standing = await h.standing()
        assert len(standing) == 1 + len(receipt.also)
        assert all("Removed." in each.text for each in standing)
        assert not any("Paragraph" in each.text for each in standing)


async def test_l12_a_chat_out_of_reach_is_not_taken_for_a_message_that_is_gone() -> None:
    async with connected("socket") as h:
        with pytest.raises(NotFound):
            await h.adapter.retract(Receipt("1.1", Thread("slack", "C404", "T1")), MARKED)


async def test_l12_an_ephemeral_is_gone_by_itself() -> None:
    async with connected("socket") as h:
        receipt = await h.adapter.post(h.room, Post("k1", Card("psst", label="AI answer"), only_for=h.ana))
        assert await h.adapter.retract(receipt, MARKED) == "gone"
