"""New material is a difference that owner and subject read, in private, and nobody what was not theirs to read."""

from __future__ import annotations

from datetime import timedelta

from msgspec import structs

from bots import telling
from bots.distilling import distil_by_rules
from bots.operator import OPERATOR
from persona_store.model import Passage, Persona
from persona_store.protocols import Batch
from tests.scenarios.world import World, passages

PITFALL = "Never retry a refund by hand, otherwise the bank pays it twice."
SECRET = "Never mention the merger with Initech in a ticket, otherwise the deal is off."


def said(w: World, id: str, text: str, readers: tuple[str, ...] | None = None) -> Passage:
    own = next(p for p in passages(w.chat.name, w.clock.now(), w.chat.person_id) if p.by_subject)
    keys = readers and tuple(f"{w.chat.name}:{w.chat.person_id(reader)}" for reader in readers)
    at = w.clock.now() - timedelta(days=3)
    return structs.replace(own, id=id, thread=id, text=text, readers=keys, at=at)


async def distilled(w: World, persona: Persona, *more: Passage) -> None:
    await (await w.app.services.library.file(persona.name)).add(more)
    await distil_by_rules(w.app.services, persona, OPERATOR, progress=lambda done, total: None)
    await w.settle()


async def test_the_owner_reads_what_is_new_in_private_and_once(w: World) -> None:
    persona = await w.persona()
    await distilled(w, persona, said(w, "new1", PITFALL))
    [told] = w.to(w.owner)
    assert any(PITFALL in quote.text for quote in told.post.card.quotes)
    assert "statements are new" in told.post.card.text
    assert w.in_room() == []
    await distilled(w, persona)  # the same again
    assert len(w.to(w.owner)) == 1


async def test_what_the_owner_could_not_read_is_counted_and_not_quoted(w: World) -> None:
    persona = await w.persona()
    await distilled(w, persona, said(w, "new2", SECRET, readers=("U0LIN", "U0SEC")))
    for told in w.to(w.owner):
        assert "Initech" not in str(told.post.card)


async def test_what_was_distilled_right_before_the_end_is_told_to_nobody(w: World) -> None:
    persona = await w.persona()
    gone = structs.replace(persona, state="erasing")
    told = telling.job(w.app.services, persona.name, 0, 1)
    await w.app.services.store.commit(Batch(puts=(w.app.services.personas.put(gone),), jobs=(told,)))
    await w.settle()
    assert w.posts == []
