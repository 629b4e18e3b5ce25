"""One owner and one deputy, each by their own word; with nobody left it falls silent within five minutes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.errors import NotFound, Unreachable
from bots import accountability
from bots.operator import found
from persona_store.errors import Refused
from tests.bots.subject.stage import asked, fresh, linked
from tests.scenarios.world import World, folder, world


@pytest.fixture
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(Path(path)) as it:
            yield linked(it)


async def test_the_asked_say_yes_themselves(w: World) -> None:
    """Its hash stays with the persona, a line in the log."""
    await asked(w, await fresh(w))
    for who, role in ((w.owner, "owner"), (w.deputy, "deputy")):
        card = w.to(who)[-1]
        assert role in card.post.card.text
        await w.press(who, card, "accept")
    persona = await found(w.app, "lin")
    assert set(persona.accepted) == {"chat:U0OWN", "chat:U0DEP"}
    assert all(each.startswith("sha256:") for each in persona.accepted.values())
    lines = b"".join([entry.body async for entry in w.app.services.store.log()])
    assert b"accepted.owner" in lines
    assert b"accepted.deputy" in lines


async def test_nobody_accepts_for_somebody_else(w: World) -> None:
    """Not an admin, not the deputy for the owner; and a second press does nothing."""
    await asked(w, await fresh(w))
    card = w.to(w.owner)[-1]
    for other in (w.admin, w.deputy, w.mei):
        await w.press(other, card, "accept")
    assert (await found(w.app, "lin")).accepted == {}
    await w.press(w.owner, card, "accept")
    before = await w.app.services.personas.raw("lin")
    said = await w.press(w.owner, card, "accept")
    assert "accepted for" not in said[-1].post.card.text
    assert await w.app.services.personas.raw("lin") == before


async def test_who_was_replaced_meanwhile_accepts_nothing(w: World) -> None:
    """And who comes after them is asked in turn."""
    await asked(w, await fresh(w))
    card = w.to(w.owner)[-1]
    await w.say(w.admin, f"/understudy owner lin {w.ann.key}", chat=f"dm-{w.admin.id}", direct=True)
    await w.press(w.owner, card, "accept")
    assert (await found(w.app, "lin")).accepted == {}
    await w.press(w.ann, w.to(w.ann)[-1], "accept")
    assert set((await found(w.app, "lin")).accepted) == {w.ann.key}


async def test_typed_only_for_those_who_are_named(w: World) -> None:
    persona = await fresh(w)
    with pytest.raises(Refused) as refused:
        await accountability.typed(w.app.services, persona, "chat:U0MEI", "en")
    assert refused.value.code == "NOT_ASKED"
    with pytest.raises(Refused):
        await accountability.typed(w.app.services, persona, "", "en")


def gone(w: World, *ids: str) -> None:
    """Their accounts are not active any more."""

    async def person(id: str) -> object:
        if id in ids:
            raise NotFound("chat", "deactivated")
        return w.chat.people[id]

    w.chat.person = person


async def test_with_one_of_the_two_left_it_goes_on(w: World) -> None:
    await w.persona()
    for missing in ("U0OWN", "U0DEP"):
        gone(w, missing)
        await w.pass_time(minutes=10)
        assert (await found(w.app, "lin")).state == "live"


async def test_with_nobody_left_it_is_silent_within_five_minutes(w: World) -> None:
    """L18: told to its subject and the admins, and nothing is answered any more."""
    await w.persona()
    await w.settle()
    gone(w, "U0OWN", "U0DEP")
    w.clock.advance(299)
    await w.settle()
    persona = await found(w.app, "lin")
    assert (persona.state, persona.reason) == ("suspended", accountability.NOBODY)
    assert "paused" in w.to(w.subject)[-1].post.card.text
    assert "/understudy owner lin" in w.to(w.admin)[-1].post.card.text
    posts = await w.say(w.mei, "Which queue do refunds go to?")
    assert not any(p.post.card.quotes for p in posts)


async def test_a_platform_that_is_away_proves_nothing(w: World) -> None:
    await w.persona()

    async def person(id: str) -> object:
        raise Unreachable("chat", "down")

    w.chat.person = person
    await w.pass_time(minutes=30)
    assert (await found(w.app, "lin")).state == "live"


async def test_an_account_elsewhere_still_counts(w: World) -> None:
    """Somebody with one account gone and another on a platform that does not run here may still be there."""
    await w.persona()
    services = w.app.services
    await services.store.commit(await services.directory.bind("chat:U0OWN", "elsewhere:u1"))
    gone(w, "U0OWN", "U0DEP")
    await w.pass_time(minutes=30)
    assert (await found(w.app, "lin")).state == "live"


async def test_l05_a_withdrawal_while_a_platform_is_asked_is_not_written_over(w: World) -> None:
    """Asking takes its time; what was read before it is not what is kept any more."""
    await w.persona()
    await w.settle()
    services = w.app.services

    async def person(id: str) -> object:
        persona = await found(w.app, "lin")
        if persona.state == "live":
            await services.store.commit(await w.app.retiring.begin(persona, w.subject, "withdraw", None, "en"))
        raise NotFound("chat", "deactivated")

    w.chat.person = person
    await accountability.watch(services)
    assert (await found(w.app, "lin")).state in ("erasing", "erased")
