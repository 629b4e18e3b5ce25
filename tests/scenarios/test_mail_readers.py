"""What stood in a mail is told to those it went to, once an admin has said who they are in the chat."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from persona_store.model import Passage
from tests.scenarios.world import World, world

QUESTION = "Which customers got the ledger migration discount?"


def from_a_mail(w: World) -> Passage:
    """In a container that the world's consent names."""
    return Passage(
        id="<a@corp.example>",
        source="slack_export",
        container="G0SEC",
        container_name="lin@corp.example",
        thread="thread-1",
        author="mail:lin@corp.example",
        author_name="Lin Zhou",
        by_subject=True,
        at=w.clock.now() - timedelta(days=30),
        text="Only Lisbon and Porto got the ledger migration discount, because their customers moved first.",
        title="Ledger migration discount for customers",
        readers=("mail:lin@corp.example", "mail:mei@corp.example"),
    )


async def test_an_address_is_nobody_in_the_chat_until_an_admin_says_whose_it_is(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.persona()
        await (await w.app.services.library.file("lin")).add([from_a_mail(w)])
        before = await w.say(w.mei, QUESTION, direct=True)
        assert all("Lisbon" not in str(posted.post.card.quotes) for posted in before)
        await w.say(w.admin, f"/bind {w.mei.key} mail:mei@corp.example", direct=True)
        [answer] = await w.say(w.mei, QUESTION, direct=True)
        assert "Lisbon and Porto" in answer.post.card.quotes[0].text
        others = await w.say(w.ann, QUESTION, direct=True)
        assert all("Lisbon" not in str(posted.post.card.quotes) for posted in others)
