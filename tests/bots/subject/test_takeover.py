"""Paper into one's own hands: only by a letter to the private address on it, by page and command line."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from bots import keys
from bots.consenting import PAPER, in_force
from bots.operator import addressed, found, switch
from bots.subject import takeover
from persona_store import jws
from persona_store.consent import proposal, receipt, signing
from persona_store.errors import Refused
from persona_store.protocols import Batch, Put
from tests.bots.letters.postbox import LIN, Postbox
from tests.bots.letters.stage import running, text_of
from tests.bots.subject.stage import Visitor, fresh, token_in, visiting
from tests.bots.subject.stage import proposal as offered
from tests.scenarios.world import World

Both = tuple[World, Postbox]
TICKS = {"sources": [0, 1], "facets": [0], "audiences": [0, 1], "recipients": [], "days": 90, "cooling_off_days": 0}


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    async with running() as (w, post):
        await paper(w)
        post.box.clear()
        yield w, post


async def paper(w: World, address: str = LIN) -> None:
    """As `consent paper --mail` keeps it."""
    services = w.app.services
    persona = await fresh(w, subject="chat:U0LIN")
    asked = offered(w.clock.now())
    proof = f"paper sha256:{'0' * 64}; witnesses: A; B" + takeover.bound(services, address)
    raw = proposal.given(
        asked, proposal.everything(asked), w.clock.now(), language="en", method="paper", proof=proof
    )
    private = services.vault.signing_key(PAPER)
    signature = signing.sign(raw, private)
    batch = await in_force(services, persona, raw, signature, jws.public_bytes(private), "operator:cli")
    await services.store.commit(batch.plus(addressed(w.app, "lin", address)))
    await w.settle()


async def link(w: World, post: Postbox) -> str:
    """The token of the letter, which nobody else is shown."""
    before = len(w.posts)
    await w.app.services.store.commit(await takeover.ask(w.app.services, await found(w.app, "lin"), "operator:cli"))
    await w.settle()
    assert len(w.posts) == before
    return token_in(text_of(post.mails[-1]))


async def test_the_whole_way_from_the_letter_to_ones_own_key(both: Both) -> None:
    w, post = both
    async with visiting(w, await link(w, post)) as lin:
        offer = await lin.do("open")
        assert (offer["takes_over"], offer["amends"], offer["address"]) == (True, False, LIN)
        signed = await lin.sign(TICKS)
        statement = receipt.check(msgspec.json.encode(signed["receipt"]))
        assert statement.subject_key == jws.key_id(signing.public_key(lin.key))
        consent = await w.app.services.consents.current("lin")
        assert consent is not None
        assert consent.event.method == "web_device_key"
        assert (await lin.do("open"))["place"]["method"] == "web_device_key"
        status, entered = await lin.prove()  # the key alone leads back, too
        assert status == 200
        narrower = await lin.sign({**TICKS, "audiences": [0]})
        assert narrower["effective_at"]


async def test_2b_a_paper_in_ones_own_hands_is_still_somebody_elses_wish(both: Both) -> None:
    """Another key signs the next record; what was due for the paper is due for that as well."""
    w, post = both
    async with visiting(w, await link(w, post)) as lin:
        await lin.sign(TICKS)
    w.clock.advance(8 * 86_400)
    with pytest.raises(Refused, match="NOT_APPROVED"):
        await switch(w.app, await found(w.app, "lin"), "live")


async def test_the_link_takes_over_once(both: Both) -> None:
    w, post = both
    token = await link(w, post)
    async with visiting(w, token) as lin, visiting(w, token) as other:
        await lin.sign(TICKS)
        assert (await other.raw("open"))[0] == 404


async def test_what_it_opens_is_the_takeover_and_nothing_else(both: Both) -> None:
    w, post = both
    async with visiting(w, await link(w, post)) as lin:
        for verb in ("held", "export", "withdraw", "approve", "decline", "close", "alive"):
            assert (await lin.raw(verb))[0] == 404, verb


async def test_nobody_signs_more_than_the_paper_granted(both: Both) -> None:
    w, post = both
    async with visiting(w, await link(w, post)) as lin:
        assert await lin.refused("draft", ticks={**TICKS, "sources": [0, 7]}) == "CONSENT_TICKS"
        assert await lin.refused("draft", ticks={**TICKS, "days": 400}) == "CONSENT_TICKS"


async def test_an_address_that_was_changed_later_gets_no_link(both: Both) -> None:
    """An admin who puts their own address into the store is found out by the hash in the signed record."""
    w, post = both
    services, key = w.app.services, keys.of_subject("lin", "address")
    await services.store.commit(Batch(puts=(Put(key, services.seal("admin@acme.example", key)),)))
    with pytest.raises(Refused, match="TAKEOVER"):
        await takeover.ask(services, await found(w.app, "lin"), "operator:cli")
    assert post.box == []


async def test_a_place_or_a_request_takes_nothing_over(both: Both) -> None:
    """From the account at work, which an employer can open, comes the wish, and never the link."""
    w, post = both
    await w.say(w.subject, "mine", direct=True)
    async with visiting(w, token_in(w.to(w.subject)[-1].post.card.text)) as lin:
        shown = await lin.do("draft", ticks=TICKS)
        wanted = {"signature": signing.sign(shown["record"].encode(), lin.key), "public_key": lin.public}
        assert await lin.refused("sign", **wanted) == "CONSENT_INVALID"
        assert await lin.do("takeover") == {"done": True}
        await w.settle()
        assert len(post.box) == 1
        assert await lin.refused("takeover") == "ASK_THROTTLED"


async def test_a_stolen_draft_signed_by_another_key_needs_the_link(both: Both) -> None:
    w, post = both
    token = await link(w, post)
    async with visiting(w, token) as lin:
        await lin.sign(TICKS)
        insider = Visitor(lin.session, lin.url, lin.token)
        shown = await insider.do("draft", ticks=TICKS)
        wanted = {"signature": signing.sign(shown["record"].encode(), insider.key), "public_key": insider.public}
        assert await insider.refused("sign", **wanted) == "CONSENT_INVALID"


async def test_without_an_address_on_the_paper_there_is_no_way_but_anew() -> None:
    async with running() as (w, post):
        await paper(w, address="")
        with pytest.raises(Refused, match="TAKEOVER"):
            await takeover.ask(w.app.services, await found(w.app, "lin"), "operator:cli")
