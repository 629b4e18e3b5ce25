"""What the bot does by itself: months that begin, statements by letter or chat, and a stop told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from msgspec.structs import replace

from bots import keys
from bots.letters.sending import MAIL, Outgoing
from bots.licence import monthly, paying
from bots.operator import found
from bots.options import Mail
from persona_store.licence import terms
from persona_store.licence.book import LedgerBook
from persona_store.licence.ledger import Charge
from persona_store.protocols import Batch, Put
from tests.bots.services import idle
from tests.scenarios.world import World, live_persona

PER_CALL = terms.terms("per_call", price="0.50", orgs=("acme",))


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        await live_persona(it.app, licence=PER_CALL)
        yield it


async def used(w: World, price: int = 50) -> None:
    book = LedgerBook(w.app.services.store)
    due = Charge("acme", "lin", "urn:uuid:1", "call", price, "CNY")
    await w.app.services.store.commit(book.enter(await book.open("lin", "acme"), [due], w.clock.now()))


def waited(w: World, days: int) -> None:
    w.clock.advance(timedelta(days=days).total_seconds())


async def posts(w: World) -> int:
    return (await w.app.services.store.backlog()).by_kind.get("post", 0)


async def test_a_statement_goes_to_the_private_address_with_its_files(w: World) -> None:
    """Work accounts end; what somebody earned is sent where they can still read it."""
    services = w.app.services
    object.__setattr__(services, "mail", Mail(host="mail.example", sender="bot@example.com"))
    address = keys.of_subject("lin", "address")
    await services.store.commit(Batch(puts=(Put(address, services.seal("lin@home.example", address)),)))
    await used(w)
    waited(w, 29)
    await monthly.look(services)
    claim = await services.store.claim((MAIL,), lease=60)
    assert claim is not None
    letter = services.unseal(claim.job.body, MAIL, Outgoing)
    assert letter.to == "lin@home.example"
    parts = message_from_bytes(letter.raw, policy=policy.default).iter_attachments()
    assert [part.get_filename() for part in parts] == [
        "lin-acme-2026-06.json",
        "lin-acme-2026-06.json.jws",
        "lin-acme-2026-06.html",
    ]
    assert await posts(w) == 1, "the owner hears of it in the chat, the subject by letter"


async def test_each_thing_is_done_once_however_often_somebody_looks(w: World) -> None:
    await used(w)
    waited(w, 62)
    for _ in range(3):
        await monthly.look(w.app.services)
    assert len(await LedgerBook(w.app.services.store).statements("lin", "acme")) == 2
    # June to owner and subject; July, in which nothing was used, because June is owed; the stop to owner and admin
    assert await posts(w) == 6


async def test_of_a_month_in_which_nothing_happened_nobody_is_told(w: World) -> None:
    waited(w, 29)
    await monthly.look(w.app.services)
    [signed] = await LedgerBook(w.app.services.store).statements("lin", "acme")
    assert signed.statement.last == 0
    assert await posts(w) == 0


async def test_a_stop_is_told_anew_when_a_payment_is_doubted(w: World) -> None:
    services = w.app.services
    await used(w)
    waited(w, 62)
    await monthly.look(services)
    before = await posts(w)
    persona = await found(w.app, "lin")
    await services.store.commit(await paying.paid(services, persona, "acme", "2026-06", "operator:cli"))
    await services.store.commit(await paying.contested(services, persona, "acme", "2026-06", "chat:U0LIN"))
    doubted = await posts(w)
    await monthly.look(services)
    await monthly.look(services)
    assert (doubted - before, await posts(w) - doubted) == (3, 2)


async def test_after_a_death_no_month_begins_until_it_is_undone(w: World) -> None:
    services = w.app.services
    monthly_terms = terms.terms("subscription", price="9", orgs=("acme",))
    await live_persona(w.app, "sub", "Sub", licence=monthly_terms)
    persona = await found(w.app, "sub")
    dead = replace(persona, state="deceased", state_at=w.clock.now() + timedelta(days=1))
    await services.store.commit(Batch(puts=(services.personas.put(dead),)))
    waited(w, 60)
    await monthly.look(services)
    account = (await LedgerBook(services.store).open("sub", "acme")).account
    assert account.begun == ("2026-06",)
    await services.store.commit(Batch(puts=(services.personas.put(persona),)))
    await monthly.look(services)
    account = (await LedgerBook(services.store).open("sub", "acme")).account
    assert account.begun == ("2026-06", "2026-07", "2026-08")
