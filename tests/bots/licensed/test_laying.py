"""An offer that is laid before the subject: who hears of it, how often, and what nobody hears."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from bots.letters import sending
from bots.licensed import laying, records
from bots.operator import found
from persona_store.consent import draft, licensing, parsing, signing
from persona_store.errors import Conflict, Refused
from persona_store.model import GONE
from persona_store.protocols import Batch
from tests.bots.letters import stage
from tests.bots.letters.postbox import LIN
from tests.bots.subject.licensing import at_home as on_the_page
from tests.bots.subject.licensing import laid, licensed, offers, wishes
from tests.bots.subject.stage import linked, token_in, visiting
from tests.scenarios.world import KEY, World, folder, world

DAY = 86400


@pytest.fixture
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(path) as it:
            yield linked(it)


async def test_the_subject_gets_a_link_to_their_own_place(w: World) -> None:
    await w.persona()
    assert (await laid(w)).told == ("chat",)
    await w.settle()
    text = w.to(w.subject)[-1].post.card.text
    assert "globex would like a licence" in text
    assert not [p for p in w.posts if "globex" in p.post.card.text and p not in w.to(w.subject)]
    async with visiting(w, token_in(text)) as lin:
        lin.key = KEY
        await licensed(lin)


async def test_who_left_gets_it_at_home_with_a_link_of_its_own() -> None:
    async with stage.running() as (w, post):
        await stage.at_home(w)
        assert (await laid(w)).told == ("chat", "mail")
        await w.settle()
        letter = next(each for each in post.mails if "globex" in str(each["Subject"]))
        assert str(letter["To"]) == LIN
        by_letter = token_in(stage.text_of(letter))
        assert by_letter != token_in(w.to(w.subject)[-1].post.card.text)
        async with visiting(w, by_letter) as lin:
            assert [each["org"] for each in await offers(lin)] == ["globex"]
        assert await sending.address_of(w.app.services, "lin") == LIN


async def test_one_that_is_put_right_takes_the_first_ones_place_and_tells_nobody(w: World) -> None:
    await w.persona()
    await laid(w)
    await w.settle()
    posts = len(w.posts)
    w.clock.advance(20 * DAY)
    done = await laid(w, days=60)
    await w.settle()
    assert (done.corrects, done.told, len(w.posts)) == (True, (), posts)
    [(_, there)] = await laying.all_of(w.app.services, "lin")
    assert there.proposal.days == 60
    assert there.until == w.clock.now() + timedelta(days=10), "that it was put right does not prolong it"


@pytest.mark.parametrize("declined", [True, False])
async def test_l04_an_organisation_asks_once_in_half_a_year(w: World, declined: bool) -> None:
    """In the same words whether they declined or never answered."""
    await w.persona()
    await laid(w)
    if declined:
        [(id, _)] = await laying.all_of(w.app.services, "lin")
        there = await laying.load(w.app.services, "lin", id)
        await w.app.services.store.commit(laying.declined(w.app.services, there))
    said = []
    for days in (30, 90, 89):
        w.clock.advance(days * DAY)
        with pytest.raises(Refused) as refused:
            await laid(w)
        assert refused.value.code == "ASK_THROTTLED"
        said.append(str(refused.value))
    assert len(set(said)) == 1
    assert "declin" not in said[0]
    await laid(w, "initech")  # another one's wish is another matter
    w.clock.advance(DAY)
    assert not (await laid(w)).corrects
    statuses = {there.org: there.status for _, there in await laying.all_of(w.app.services, "lin")}
    assert statuses["globex"] == "open"


async def test_after_a_yes_they_may_be_asked_about_something_further(w: World) -> None:
    async with visiting(w) as lin:
        await on_the_page(w, lin)
        await laid(w)
        await licensed(lin)
        w.clock.advance(40 * DAY)
        done = await laid(w, days=30)
        assert (done.corrects, done.told) == (False, ("chat",))


@pytest.mark.parametrize(
    ("org", "more", "code"),
    [
        ("globex", {"sources": ("slack",)}, "ORIGIN_NOT_LICENSABLE"),
        ("../x", {}, "ORGANISATION"),
        ("globex", {"owner": "chat:U0LIN"}, "OWNER_SUBJECT"),
        ("globex", {"deputy": "mail:lin@x"}, "OWNER_SUBJECT"),  # another account of theirs
        ("globex", {"uses": ("any purpose",)}, "CONSENT_SCHEMA"),
        ("globex", {"facets": ()}, "CONSENT_NOTHING"),
        ("globex", {"sources": ("correction",)}, "CONSENT_NOTHING"),
    ],
)
async def test_what_nobody_could_sign_bothers_nobody(w: World, org: str, more: dict[str, Any], code: str) -> None:
    await w.persona()
    services = w.app.services
    await services.store.commit(await services.directory.bind("chat:U0LIN", "mail:lin@x"))
    with pytest.raises(Refused) as refused:
        await laid(w, org, **more)
    assert refused.value.code == code
    assert await laying.all_of(services, "lin") == []


async def test_where_there_is_no_key_that_could_sign(w: World) -> None:
    persona = await w.persona()
    bare = structs.replace(persona, name="new", state="draft")
    await w.app.services.store.commit(Batch(puts=(w.app.services.personas.put(bare),)))
    with pytest.raises(Refused, match="CONSENT_MISSING"):
        await laying.lay(w.app.services, bare, "globex", wishes(), "operator:cli")
    for state in ("deceased", *GONE):
        gone = structs.replace(persona, state=state)  # type: ignore[arg-type]  # each is one
        with pytest.raises(Refused, match=r"ILLEGAL_STATE|RETIRED"):
            await laying.lay(w.app.services, gone, "globex", wishes(), "operator:cli")


async def test_no_link_goes_over_an_open_wire(w: World) -> None:
    await w.persona()
    object.__setattr__(w.app.services, "link_base", "http://bot.corp.example")
    with pytest.raises(Refused, match="LINK_INSECURE"):
        await laid(w)
    assert await laying.all_of(w.app.services, "lin") == []


async def test_what_changed_meanwhile_is_not_written_over(w: World) -> None:
    """Of two who lay one at once the second looks again: else the first one's link would lead to nothing."""
    await w.persona()
    persona = await found(w.app, "lin")
    both = [await laying.lay(w.app.services, persona, "globex", wishes(), "operator:cli") for _ in range(2)]
    await w.app.services.store.commit(both[0].batch)
    with pytest.raises(Conflict):
        await w.app.services.store.commit(both[1].batch)


async def test_what_is_offered_is_readable_in_no_backup(w: World) -> None:
    await w.persona()
    await laid(w)
    raw = b"".join([value async for _, value in w.app.services.store.scan("subject/lin/offer/")])
    assert raw
    assert b"globex" not in raw


async def test_a_licence_says_what_was_offered_word_for_word(w: World) -> None:
    """The boxes, all of them ticked, are what the command line would have drafted from the same offer."""
    async with visiting(w) as lin:
        await on_the_page(w, lin)
        await laid(w)
        await licensed(lin)
        chain = await records.of(w.app.services, "lin", "globex")
        assert chain is not None
        mine = parsing.parse(chain.records[0].raw)
        wanted = structs.replace(wishes(), controller="globex", language="en")
        theirs = parsing.parse(draft.draft(licensing.choices(wanted, "globex"), w.clock.now()))
        same = {"record_id": "", "pii_principal_id": "", "event": mine.event}
        assert structs.replace(mine, **same) == structs.replace(theirs, **same)
        assert chain.public_key == signing.public_key(KEY)
