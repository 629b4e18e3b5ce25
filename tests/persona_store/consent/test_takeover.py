"""A paper's key hands over once, to one key, for one record; and counts for nothing from then on (T35, §2A)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from persona_store.backends import open_store
from persona_store.clock import ManualClock
from persona_store.consent import proposal, signing
from persona_store.consent.book import Chain, ConsentBook, holding
from persona_store.consent.draft import Choices, draft
from persona_store.consent.parsing import parse
from persona_store.errors import Refused

NOW = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)
PAPER, OWN, ADMIN = (signing.generate_key() for _ in range(3))


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[ConsentBook]:
    """With one record, on paper."""
    clock = ManualClock(NOW)
    store = await open_store(f"sqlite://{tmp_path}/store.db", clock=clock)
    made = ConsentBook(store, clock)
    raw = first("paper")
    await store.commit(await made.add("lin", raw, signing.sign(raw, PAPER), signing.public_key(PAPER)))
    yield made
    await store.close()


def first(method: str) -> bytes:
    choices = Choices(owner="slack:U1", sources=("doc",), audiences=("slack:*",), method=method)
    return draft(choices, NOW)


async def following(book: ConsentBook) -> bytes:
    before = await book.newest("lin")
    assert before is not None
    offered = proposal.proposed(parse(before), NOW.date())
    return proposal.narrowed(before, proposal.everything(offered), NOW, language="en")


async def added(book: ConsentBook, raw: bytes, key: Ed25519PrivateKey, endorsement: str = "") -> None:
    batch = await book.add("lin", raw, signing.sign(raw, key), signing.public_key(key), endorsement)
    await book._store.commit(batch)


async def taken_over(book: ConsentBook) -> None:
    raw = await following(book)
    await added(book, raw, OWN, signing.endorse(raw, signing.public_key(OWN), PAPER))


async def test_from_then_on_only_the_subjects_own_key_counts(book: ConsentBook) -> None:
    await taken_over(book)
    chain = await book.chain("lin")
    assert chain is not None
    assert [chain.key_of(each) for each in chain.records] == [signing.public_key(PAPER), signing.public_key(OWN)]
    raw = await following(book)
    await added(book, raw, OWN)
    later = await following(book)
    with pytest.raises(Refused, match="CONSENT_INVALID"):
        await added(book, later, PAPER)
    chain = await book.chain("lin")
    assert chain is not None
    assert holding(chain, NOW) == parse(raw)


async def test_there_is_no_second_time(book: ConsentBook) -> None:
    """Neither the paper's key nor the Subject's own can name yet another."""
    await taken_over(book)
    raw = await following(book)
    for by in (PAPER, OWN):
        endorsement = signing.endorse(raw, signing.public_key(ADMIN), by)
        with pytest.raises(Refused, match="CONSENT_INVALID"):
            await added(book, raw, ADMIN, endorsement)


async def test_another_key_or_record_than_the_endorsed_one_is_refused(book: ConsentBook) -> None:
    raw, other = await following(book), await following(book)
    endorsement = signing.endorse(raw, signing.public_key(OWN), PAPER)
    for record, key in ((raw, ADMIN), (other, OWN)):
        with pytest.raises(Refused, match="CONSENT_INVALID"):
            await added(book, record, key, endorsement)


async def test_without_the_papers_hand_nobody_takes_over(book: ConsentBook) -> None:
    raw = await following(book)
    with pytest.raises(Refused, match="CONSENT_INVALID"):
        await added(book, raw, OWN)
    for by in (OWN, ADMIN):
        with pytest.raises(Refused, match="CONSENT_INVALID"):
            await added(book, raw, OWN, signing.endorse(raw, signing.public_key(OWN), by))


async def test_a_record_signed_on_a_device_is_taken_over_by_nobody(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    store = await open_store(f"sqlite://{tmp_path}/other.db", clock=clock)
    book = ConsentBook(store, clock)
    raw = first("web_device_key")
    await store.commit(await book.add("lin", raw, signing.sign(raw, OWN), signing.public_key(OWN)))
    after = await following(book)
    with pytest.raises(Refused, match="CONSENT_INVALID"):
        await added(book, after, ADMIN, signing.endorse(after, signing.public_key(ADMIN), OWN))
    await store.close()


@pytest.mark.parametrize("field", ["key", "endorsement"])
async def test_what_is_changed_of_a_takeover_in_the_store_is_noticed(book: ConsentBook, field: str) -> None:
    await taken_over(book)
    chain = await book.chain("lin")
    assert chain is not None
    last = msgspec.structs.replace(chain.records[-1], **{field: b"" if field == "key" else ""})
    with pytest.raises(Refused, match="CONSENT_INVALID"):
        holding(Chain(chain.public_key, (*chain.records[:-1], last)), NOW)
