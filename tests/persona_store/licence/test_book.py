"""Ledgers in the store: two who enter at once, something entered twice, and what outlives the persona."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from persona_store.backends import open_store
from persona_store.clock import ManualClock
from persona_store.errors import Conflict, Refused
from persona_store.licence import statement
from persona_store.licence.book import LedgerBook
from persona_store.licence.verifying import verify
from persona_store.protocols import Store
from tests.persona_store.licence.books import call

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def store(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite:///{tmp_path / 'x.db'}", clock=clock)
    yield store
    await store.close()


async def test_what_is_entered_is_read_in_order_month_by_month(store: Store) -> None:
    book = LedgerBook(store)
    for days in (0, 0, 2, 3, 4):
        at = NOW + timedelta(days=days)
        await store.commit(book.enter(await book.open("lin", "acme"), [call(), call()], at))
    lines = [raw async for raw in book.lines("lin", "acme")]
    assert verify(lines).lines == 10
    assert len(await book.read("lin", "acme", "2026-11")) == 6
    assert [(await book.open("lin", "acme")).account] == await book.accounts("lin") == await book.accounts()


async def test_of_two_who_enter_at_once_one_reads_again(store: Store) -> None:
    book = LedgerBook(store)
    opened = await book.open("lin", "acme")
    await store.commit(book.enter(opened, [call()], NOW))
    with pytest.raises(Conflict):
        await store.commit(book.enter(opened, [call()], NOW))
    assert (await book.open("lin", "acme")).account.n == 1


async def test_the_same_thing_is_entered_once(store: Store) -> None:
    book = LedgerBook(store)
    first, second = await book.enter_once(call(), "q1", NOW), await book.enter_once(call(), "q1", NOW)
    await store.commit(first)
    with pytest.raises(Conflict):
        await store.commit(second)
    assert (await book.enter_once(call(), "q1", NOW)).puts == ()
    await store.commit(await book.enter_once(call(), "q2", NOW))
    assert (await book.open("lin", "acme")).account.n == 2


async def test_a_month_is_stated_once_and_closed_with_it(store: Store) -> None:
    book = LedgerBook(store)
    await store.commit(book.enter(await book.open("lin", "acme"), [call()], NOW))
    opened = await book.open("lin", "acme")
    lines = await book.read("lin", "acme", "2026-11")
    made = statement.make(opened.account, "2026-11", lines, (), NOW)
    signed = statement.sign(made, Ed25519PrivateKey.generate())
    await store.commit(book.stated(opened, signed))
    with pytest.raises(Conflict):
        await store.commit(book.stated(await book.open("lin", "acme"), signed))
    assert await book.statement("lin", "acme", "2026-11") == signed
    await store.commit(book.enter(await book.open("lin", "acme"), [call()], NOW))
    assert len(await book.read("lin", "acme", "2026-12")) == 1


async def test_after_the_end_of_its_persona_it_is_kept_for_a_while_also_what_comes_late(
    store: Store, clock: ManualClock
) -> None:
    book, until = LedgerBook(store), NOW + timedelta(days=100)
    for persona in ("lin", "lina"):
        for org in ("acme", "globex"):
            charge = call(org=org)
            opened = await book.open(persona, org)
            await store.commit(book.enter(opened, [charge], NOW))
    assert await book.keep_until("lin", until)
    assert not await book.keep_until("nobody", until)
    await store.commit(book.enter(await book.open("lin", "acme"), [call()], NOW + timedelta(days=9)))
    clock.advance(timedelta(days=99).total_seconds())
    await store.sweep()
    assert len([raw async for raw in book.lines("lin", "acme")]) == 2
    clock.advance(timedelta(days=2).total_seconds())
    await store.sweep()
    assert [account.persona for account in await book.accounts()] == ["lina", "lina"]
    assert [raw async for raw in book.lines("lin", "acme")] == []


@pytest.mark.parametrize("org", ["", "../x", "a/b", "ACME", "a b", "x" * 64])
async def test_no_name_leads_out_of_its_room(store: Store, org: str) -> None:
    with pytest.raises(Refused, match="LICENCE_ORG"):
        await LedgerBook(store).open("lin", org)
