"""The book gives out what the subject signed and still means, or nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from persona_store.clock import ManualClock
from persona_store.consent import signing
from persona_store.consent.book import Chain, ConsentBook
from persona_store.consent.draft import Choices, draft
from persona_store.consent.policy import Ask, Origin, allow
from persona_store.errors import Conflict, Refused
from persona_store.protocols import Batch, Put, Store

DAY = 86_400


class Subject:
    """Somebody with a key of their own who signs for the persona `lin`."""

    def __init__(self, store: Store, clock: ManualClock, private: Ed25519PrivateKey, choices: Choices) -> None:
        self.book = ConsentBook(store, clock)
        self.choices = choices
        self._store = store
        self._clock = clock
        self._private = private

    async def draft(self, **changes: object) -> bytes:
        return draft(replace(self.choices, **changes), self._clock.now(), await self.book.newest("lin"))

    async def add(self, raw: bytes, *, private: Ed25519PrivateKey | None = None, persona: str = "lin") -> None:
        private = private or self._private
        batch = await self.book.add(persona, raw, signing.sign(raw, private), signing.public_key(private))
        await self._store.commit(batch)

    async def sign(self, **changes: object) -> bytes:
        raw = await self.draft(**changes)
        await self.add(raw)
        return raw

    async def answerable(self) -> str:
        """The code with which retrieving is denied, or nothing."""
        return allow(await self.book.current("lin"), Ask("retrieve", self._clock.now())).code


@pytest.fixture
def subject(store: Store, clock: ManualClock, private: Ed25519PrivateKey, choices: Choices) -> Subject:
    return Subject(store, clock, private, choices)


async def tamper(store: Store, change: object) -> None:
    """Somebody who may write to the store changes the stored chain."""
    stored = await store.get("consent/lin/chain")
    assert stored is not None
    chain = change(msgspec.json.decode(stored, type=Chain))  # type: ignore[operator]  # a lambda each time
    await store.commit(Batch(puts=(Put("consent/lin/chain", msgspec.json.encode(chain)),)))


async def test_without_a_record_there_is_no_consent(subject: Subject) -> None:
    assert await subject.book.current("lin") is None
    assert await subject.answerable() == "CONSENT_MISSING"
    assert await subject.book.key("lin") == ("consent/lin/chain", None)
    assert await subject.book.history("lin") == ()


async def test_the_signed_bytes_are_kept_as_they_were_signed(subject: Subject, private: Ed25519PrivateKey) -> None:
    raw = await subject.sign()
    chain = await subject.book.chain("lin")
    assert chain is not None
    assert chain.records[-1].raw == raw
    signing.verify(raw, chain.records[-1].signature, signing.public_key(private))
    assert await subject.answerable() == ""


@pytest.mark.parametrize("case", ["missing", "expired", "declined", "other_person", "employer_signed", "unsigned"])
async def test_imp_23_nothing_is_read_under_a_record_that_gives_no_consent(
    subject: Subject, clock: ManualClock, case: str
) -> None:
    """IMP-23: each ends in a CONSENT_ code, and importing is denied for every item that there could be."""
    employer = signing.generate_key()
    code = ""
    try:
        match case:
            case "expired":
                raw = await subject.draft(days=1)
                clock.advance(3 * DAY)
                await subject.add(raw)
            case "declined":
                await subject.add((await subject.draft()).replace(b'"consent_given"', b'"refused"'))
            case "other_person":
                raw = await subject.draft()
                await subject.add(raw, persona="maya")
                await subject.add(raw)
            case "employer_signed":
                raw = await subject.draft()
                public = signing.public_key(signing.generate_key())  # the subject's, as the installation knows it
                await subject.book.add("lin", raw, signing.sign(raw, employer), public)
            case "unsigned":
                raw = await subject.draft()
                await subject.book.add("lin", raw, "", signing.public_key(employer))
    except Refused as refused:
        code = refused.code
    item = Origin("slack_export", "C1", clock.now(), by_subject=True)
    decision = allow(await subject.book.current("lin"), Ask("import", clock.now(), origin=item))
    assert not decision.ok
    assert (code, decision.code) == {
        "missing": ("", "CONSENT_MISSING"),
        "expired": ("CONSENT_EXPIRED", "CONSENT_MISSING"),
        "declined": ("", "CONSENT_DECLINED"),
        "other_person": ("CONSENT_OTHER_PERSON", "CONSENT_MISSING"),
        "employer_signed": ("CONSENT_INVALID", "CONSENT_MISSING"),
        "unsigned": ("CONSENT_INVALID", "CONSENT_MISSING"),
    }[case]


async def test_t35_a_second_record_signed_by_another_key_is_refused(subject: Subject) -> None:
    """The first key is pinned: neither owner nor employer can amend in the subject's name."""
    await subject.sign()
    raw = await subject.draft(facets=("work_knowledge", "communication_style"))
    with pytest.raises(Refused) as refused:
        await subject.add(raw, private=signing.generate_key())
    assert refused.value.code == "CONSENT_INVALID"


async def test_t35_an_older_record_cannot_be_replayed(subject: Subject) -> None:
    first = await subject.sign(facets=("work_knowledge", "communication_style"))
    await subject.sign()
    with pytest.raises(Refused) as refused:
        await subject.add(first)
    assert refused.value.code == "CONSENT_INVALID"
    consent = await subject.book.current("lin")
    assert consent is not None
    assert not consent.facets.communication_style


async def test_t35_a_record_that_does_not_follow_the_newest_is_refused(
    subject: Subject, choices: Choices, start: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        await subject.add(draft(choices, start, previous=draft(choices, start)))  # an amendment of nothing we hold
    assert refused.value.code == "CONSENT_INVALID"


async def test_an_amendment_is_about_the_same_person(subject: Subject) -> None:
    await subject.sign()
    raw = (await subject.draft()).replace(b'"pii_principal_id": "p_', b'"pii_principal_id": "p_0')
    with pytest.raises(Refused) as refused:
        await subject.add(raw)
    assert refused.value.code == "CONSENT_OTHER_PERSON"


@pytest.mark.parametrize("part", ["raw", "signature", "key", "order", "dropped", "json"])
async def test_t35_whatever_is_changed_in_the_store_is_noticed(
    subject: Subject, store: Store, private: Ed25519PrivateKey, part: str
) -> None:
    """CMD-06. Also after it was read before: what was verified is never taken for what is stored now."""
    await subject.sign()
    await subject.sign()
    assert await subject.answerable() == ""
    if part == "json":
        await store.commit(Batch(puts=(Put("consent/lin/chain", b"{"),)))
    else:
        await tamper(store, lambda chain: {
            "raw": lambda: replace(chain, records=(
                *chain.records[:-1],
                replace(chain.records[-1], raw=chain.records[-1].raw.replace(b"false", b"true", 1)),
            )),
            "signature": lambda: replace(chain, records=(
                *chain.records[:-1], replace(chain.records[-1], signature=chain.records[0].signature)
            )),
            "key": lambda: replace(chain, public_key=bytes(32)),
            "order": lambda: replace(chain, records=chain.records[::-1]),
            "dropped": lambda: replace(chain, records=chain.records[1:]),
        }[part]())  # fmt: skip
    with pytest.raises(Refused) as refused:
        await subject.book.current("lin")
    assert refused.value.code == "CONSENT_INVALID"


async def test_a_withdrawal_ends_every_record_and_is_final(
    subject: Subject, store: Store, clock: ManualClock
) -> None:
    """Nothing falls back to an older record, and withdrawing twice changes nothing."""
    await subject.sign()
    await subject.sign(cooling_off_days=7)
    await store.commit(await subject.book.withdraw("lin", "local:lin", clock.now()))
    assert await subject.answerable() == "CONSENT_WITHDRAWN"
    clock.advance(30 * DAY)
    assert await subject.answerable() == "CONSENT_WITHDRAWN"
    assert await subject.book.withdraw("lin", "local:lin", clock.now()) == Batch()


async def test_only_a_new_record_of_the_subject_follows_a_withdrawal(
    subject: Subject, store: Store, clock: ManualClock
) -> None:
    await subject.sign()
    await store.commit(await subject.book.withdraw("lin", "local:lin", clock.now()))
    await subject.sign(cooling_off_days=1)
    assert await subject.answerable() == "CONSENT_COOLING"
    clock.advance(DAY)
    assert await subject.answerable() == ""
    events = [consent.event.type for consent in await subject.book.history("lin")]
    assert events == ["withdrawn", "amended"]


async def test_a_record_that_cools_off_leaves_the_one_before_in_force(subject: Subject, clock: ManualClock) -> None:
    await subject.sign()
    await subject.sign(cooling_off_days=7, facets=("work_knowledge", "communication_style"))
    holding = []
    for _ in range(8):
        consent = await subject.book.current("lin")
        assert consent is not None
        holding.append(consent.facets.communication_style)
        clock.advance(DAY)
    assert holding == [False] * 7 + [True]


async def test_the_newest_effective_record_counts_even_when_an_older_one_lasts_longer(
    subject: Subject, clock: ManualClock
) -> None:
    await subject.sign(days=90)
    await subject.sign(days=10)
    clock.advance(11 * DAY)
    assert await subject.answerable() == "CONSENT_EXPIRED"


async def test_a_record_of_refusal_ends_consent_at_once(subject: Subject) -> None:
    await subject.sign()
    await subject.add((await subject.draft()).replace(b'"amended"', b'"withdrawn"'))
    assert await subject.answerable() == "CONSENT_WITHDRAWN"


async def test_a_commit_that_relied_on_the_consent_fails_once_it_is_withdrawn(
    subject: Subject, store: Store, clock: ManualClock
) -> None:
    """L05: an answer in flight rides on `unchanged=await book.key(...)` and is not posted."""
    await subject.sign()
    guard = await subject.book.key("lin")
    await store.commit(await subject.book.withdraw("lin", "local:lin", clock.now()))
    with pytest.raises(Conflict):
        await store.commit(Batch(puts=(Put("answer", b"x"),), unchanged=(guard,)))


async def test_two_who_add_at_the_same_time_do_not_overwrite_each_other(
    subject: Subject, store: Store, private: Ed25519PrivateKey
) -> None:
    raws = [await subject.draft(), await subject.draft()]
    first, second = [
        await subject.book.add("lin", raw, signing.sign(raw, private), signing.public_key(private)) for raw in raws
    ]
    await store.commit(first)
    with pytest.raises(Conflict):
        await store.commit(second)


async def test_withdrawing_what_was_never_given_says_so(subject: Subject, start: datetime) -> None:
    with pytest.raises(Refused) as refused:
        await subject.book.withdraw("lin", "local:lin", start)
    assert refused.value.code == "CONSENT_MISSING"


async def test_another_process_sees_a_withdrawal_at_its_next_look(
    subject: Subject, store: Store, clock: ManualClock
) -> None:
    other = ConsentBook(store, clock)
    await subject.sign()
    assert allow(await other.current("lin"), Ask("retrieve", clock.now())).ok
    await store.commit(await subject.book.withdraw("lin", "local:lin", clock.now() + timedelta(seconds=1)))
    assert allow(await other.current("lin"), Ask("retrieve", clock.now())).code == "CONSENT_WITHDRAWN"
