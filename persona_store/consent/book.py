"""The consent records of every persona as the Subject signed them, and which of them holds now.

Records form a chain: each names the one before it by hash and is signed with the key of the first, which is pinned
when it is added (trust on first use; nobody can replace it, an owner or employer least of all). The newest record
whose cooling-off is over holds. A withdrawal ends every record there is: nothing falls back to an older one.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct

from persona_store import names
from persona_store.consent import parsing, signing
from persona_store.consent.draft import digest
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.protocols import Batch, Clock, Put, Store

PREFIX = "consent/"
GRANTING = ("consent_given", "amended")


class Signed(Struct, frozen=True):
    """The bytes that were signed, never written anew, and what became of them."""

    raw: bytes
    signature: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    key: bytes = b""  # the Subject's own, where from this record on it signs in the place of the paper's
    endorsement: str = ""  # of that key, by the one before it, for this record


class Chain(Struct, frozen=True):
    """All records of one persona, oldest first, and the key that signed the first."""

    public_key: bytes
    records: tuple[Signed, ...]

    @property
    def key(self) -> bytes:
        """The key that signs now: the first record's, or the Subject's own since it took over from a paper."""
        return next((record.key for record in reversed(self.records) if record.key), self.public_key)

    def key_of(self, signed: Signed) -> bytes:
        """The key that signed one of its records."""
        upto = Chain(self.public_key, self.records[: self.records.index(signed) + 1])
        return upto.key


class _Verified(NamedTuple):
    stored: bytes
    chain: Chain
    consents: tuple[Consent, ...]


class ConsentBook:
    """`prefix`: where the chains are kept, each under a name; a book of licences has one of its own for each
    persona (bots/licensed/records.py)."""

    def __init__(self, store: Store, clock: Clock, *, prefix: str = PREFIX) -> None:
        self._store = store
        self._clock = clock
        self._prefix = prefix
        self._verified: dict[str, _Verified] = {}

    async def current(self, persona: str) -> Consent | None:
        """The record that holds now; one that was withdrawn says so in its `event`. Raises Refused
        CONSENT_INVALID if what is stored is not what was signed."""
        verified = await self._read(persona)
        return None if verified is None else _holding(verified.consents, self._clock.now())

    async def chain(self, persona: str) -> Chain | None:
        """Everything that was signed, verified; for receipts, `consent show` and the next amendment."""
        verified = await self._read(persona)
        return None if verified is None else verified.chain

    async def newest(self, persona: str) -> bytes | None:
        """The bytes of the record that an amendment follows; what `draft` wants as `previous`."""
        verified = await self._read(persona)
        return None if verified is None else verified.chain.records[-1].raw

    async def history(self, persona: str) -> tuple[Consent, ...]:
        """All records, oldest first, verified; empty if there is none."""
        verified = await self._read(persona)
        return () if verified is None else verified.consents

    async def key(self, persona: str) -> tuple[str, bytes | None]:
        """Store key and present bytes, for `Batch.unchanged`: they change with every record and withdrawal."""
        key = self._key(persona)
        return key, await self._store.get(key)

    async def add(
        self, persona: str, raw: bytes, signature: str, public_key: bytes, endorsement: str = ""
    ) -> Batch:
        """A Batch that adds a record. `endorsement`: by the key of a paper, for the Subject's own that signs this
        one. Raises Refused CONSENT_INVALID, CONSENT_SCHEMA, CONSENT_EXPIRED or CONSENT_OTHER_PERSON."""
        key, stored = await self.key(persona)
        before = Chain(public_key, ()) if stored is None else _decode(stored)
        if public_key != before.key and not endorsement:
            raise _invalid("it is signed with another key than the first record", "sign with the subject's key")
        new = Signed(raw, signature)
        if endorsement:
            new = Signed(raw, signature, key=public_key, endorsement=endorsement)
        chain = Chain(before.public_key, (*before.records, new))
        newest = _verify(chain)[-1]
        if self._clock.now() >= newest.ends_at:
            raise Refused("CONSENT_EXPIRED", f"the record ended on {newest.term.end}", "sign one that lasts longer")
        await self._only_here(persona, newest)
        return Batch(puts=(Put(key, msgspec.json.encode(chain)),), unchanged=((key, stored),))

    async def add_chain(self, persona: str, chain: Chain) -> Batch:
        """A Batch that takes over all records of a persona that came from another installation. Raises Refused as
        `add` does, and CONSENT_INVALID if it has some here already."""
        key, stored = await self.key(persona)
        if stored is not None:
            raise _invalid(f"{persona!r} has a consent already", "give the persona another name")
        if not chain.records:
            raise _invalid("there is no record in it", "have it made by this program")
        newest = _verify(chain)[-1]
        if newest.event.type not in GRANTING or self._clock.now() >= newest.ends_at:
            raise Refused(
                "CONSENT_EXPIRED", f"the record ended on {newest.last_day}", "the subject signs a new one"
            )
        await self._only_here(persona, newest)
        return Batch(puts=(Put(key, msgspec.json.encode(chain)),), unchanged=((key, None),))

    async def withdraw(self, persona: str, by: str, now: datetime) -> Batch:
        """A Batch that ends every record of the persona for ever; empty if that has happened already. Who may is
        the caller's to check: the Subject alone, and nobody else's approval."""
        key, stored = await self.key(persona)
        if stored is None:
            raise Refused("CONSENT_MISSING", f"{persona!r} has no consent to withdraw", "there is nothing to do")
        chain = _decode(stored)
        if all(record.withdrawn_at for record in chain.records):
            return Batch()
        ended = tuple(
            record if record.withdrawn_at else msgspec.structs.replace(record, withdrawn_at=now, withdrawn_by=by)
            for record in chain.records
        )
        value = msgspec.json.encode(msgspec.structs.replace(chain, records=ended))
        return Batch(puts=(Put(key, value),), unchanged=((key, stored),))

    def _key(self, persona: str) -> str:
        return f"{self._prefix}{names.checked(persona)}/chain"

    async def _read(self, persona: str) -> _Verified | None:
        """The chain, verified anew whenever its bytes are not the ones verified last."""
        _, stored = await self.key(persona)
        if stored is None:
            self._verified.pop(persona, None)
            return None
        known = self._verified.get(persona)
        if known is None or known.stored != stored:
            chain = _decode(stored)
            known = self._verified[persona] = _Verified(stored, chain, _verify(chain))
        return known

    async def _only_here(self, persona: str, newest: Consent) -> None:
        """A record is about one person and made for one persona; it cannot be carried over to another."""
        async for key, stored in self._store.scan(self._prefix):
            if key == self._key(persona):
                continue
            for record in _decode(stored).records:
                if parsing.parse(record.raw).pii_principal_id == newest.pii_principal_id:
                    raise Refused(
                        "CONSENT_OTHER_PERSON",
                        f"this record belongs to the persona {key.split('/')[-2]!r}",
                        f"the subject of {persona!r} signs one of their own",
                    )


def holding(chain: Chain, now: datetime) -> Consent:
    """The record of a chain that holds at that time. Raises Refused CONSENT_INVALID unless all are signed."""
    return _holding(_verify(chain), now)


def _verify(chain: Chain) -> tuple[Consent, ...]:
    """Every record as it now counts. Raises Refused unless each is signed and follows the one before it."""
    consents: list[Consent] = []
    link: str | None = None
    key = chain.public_key
    for record in chain.records:
        consent = parsing.parse(record.raw)
        if record.key or record.endorsement:
            _taken_over(record, consent, key, consents)
            key = record.key
        signing.verify(record.raw, record.signature, key)
        if consent.prev_record != link:
            raise _invalid("`prev_record` does not name the newest record", "amend the newest record")
        if consents and consent.pii_principal_id != consents[-1].pii_principal_id:
            what = "the record is about another person than the first one"
            raise Refused("CONSENT_OTHER_PERSON", what, "the subject of the first record signs the next")
        link = digest(record.raw)
        consents.append(consent)
    return tuple(map(_counting, consents, chain.records))


def _taken_over(record: Signed, consent: Consent, key: bytes, before: list[Consent]) -> None:
    """The one way in which another key may follow: from a paper's to the Subject's own, once, and with the paper's
    key under exactly this record and key. From then on the paper's counts for nothing."""
    if not before or before[-1].event.method != "paper" or consent.event.method == "paper" or record.key == key:
        raise _invalid("only a record on paper can be taken over by another key", "sign with the subject's key")
    signing.verify_endorsement(record.raw, record.key, record.endorsement, key)


def _counting(consent: Consent, record: Signed) -> Consent:
    if record.withdrawn_at is None:
        return consent
    event = msgspec.structs.replace(consent.event, type="withdrawn", time=record.withdrawn_at)
    return msgspec.structs.replace(consent, event=event)


def _holding(consents: tuple[Consent, ...], now: datetime) -> Consent:
    """The newest record that is effective. While it cools off the one before it goes on, unless that one ended."""
    for consent in reversed(consents):
        if consent.event.type not in GRANTING:
            break
        if max(consent.effective_at, consent.term.start) <= now:
            return consent
    return consents[-1]


def _decode(stored: bytes) -> Chain:
    try:
        return msgspec.json.decode(stored, type=Chain)
    except msgspec.MsgspecError:
        raise _invalid("the stored record cannot be read", "restore the store, or sign anew") from None


def _invalid(problem: str, fix: str) -> Refused:
    return Refused("CONSENT_INVALID", f"the consent record was not accepted: {problem}", fix)
