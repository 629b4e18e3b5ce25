"""Ending a licence from the Subject's page: drafted here, signed in their browser, and valid wherever it is taken
in. Nobody undoes it."""

from __future__ import annotations

from msgspec import Struct

from bots import keys
from bots.licensed import records, told
from bots.licensed.told import Told
from bots.services import Services
from bots.subject import offered, signing
from bots.subject.offered import File
from bots.wording import say
from persona_store.consent import parsing
from persona_store.consent.book import Chain
from persona_store.consent.draft import digest
from persona_store.errors import Refused
from persona_store.licensed import address, standing
from persona_store.model import Persona
from persona_store.protocols import Batch, Put


class Revocation(Struct, frozen=True):
    """The bytes to be signed: a statement for each record of the licence, the newest's first. The other side may
    not have taken in the last amendment, and is ended all the same."""

    org: str
    statements: tuple[str, ...]


class Revoked(Struct, frozen=True):
    """What to hand over, and where: to whom the record names, and at the addresses they look at."""

    org: str
    files: tuple[File, ...]
    addresses: tuple[str, ...]
    contact: str


async def to_sign(services: Services, persona: Persona, org: str) -> Revocation:
    """Raises Refused LICENCE_MISSING."""
    chain, now = await _held(services, persona, org), services.clock.now()
    newest_first = chain.records[: -standing.MOST - 1 : -1]
    said = tuple(standing.statement(digest(each.raw), org, "revoked", now) for each in newest_first)
    key = _key(persona, org)
    waiting = Put(key, services.seal(said, key), now + signing.DRAFT_KEPT)
    still = await services.personas.unchanged(persona)
    await services.store.commit(Batch(puts=(waiting,), unchanged=(still,)))
    return Revocation(org, tuple(each.decode() for each in said))


async def revoke(
    services: Services,
    persona: Persona,
    org: str,
    signatures: tuple[str, ...],
    public: bytes,
    lang: str,
    actor: str,
) -> Revoked:
    """From this commit on nothing is packed for them, and the text is kept to be saved again. Raises Refused
    LICENCE_MISSING, LICENCE_KEY, CONSENT_NO_DRAFT, STANDING."""
    guard = await records.book(services, persona.name).key(records.name(org))
    chain = await _held(services, persona, org)
    if public != chain.key:
        what = "that is not the key that signed this licence"
        raise Refused("LICENCE_KEY", what, "give the key of the consent")
    key = _key(persona, org)
    said, stored = await services.read_raw(key, tuple[bytes, ...])
    if said is None:
        raise signing.no_draft()
    if len(signatures) != len(said):
        raise Refused("STANDING", "not each of the statements is signed", "sign it with the key of the consent")
    signed = tuple(zip(said, signatures, strict=True))
    for each in signed:
        offered.verified(*each, public)
    newest, now = chain.records[-1].raw, services.clock.now()
    record = parsing.parse(newest)
    text = standing.as_text(signed, say(lang, "licensed.revoked_words", org=org))
    # Read as the other side will: amended meanwhile, it would end nothing.
    standing.read(text, public, {digest(newest): record.event.time})
    addresses, contact = address.named(record.withdrawal.methods), record.pii_controllers[0].contact
    batch = await records.revoked(services, persona.name, org, actor)
    batch = batch.plus(told.keep(services, persona.name, Told(org, "revoked", now, text, addresses, contact)))
    await services.store.commit(batch.plus(Batch(deletes=(key,), unchanged=(guard, (key, stored)))))
    return Revoked(org, await offered.files(services, persona, org), addresses, contact)


async def _held(services: Services, persona: Persona, org: str) -> Chain:
    chain = await records.of(services, persona.name, org)
    if chain is None:
        what = f"there is no licence of {persona.name!r} for {org!r} here"
        raise Refused("LICENCE_MISSING", what, "with the file of the licence: `understudy consent revoke-licence`")
    return chain


def _key(persona: Persona, org: str) -> str:
    return keys.of_subject(persona.name, f"revoking/{records.name(org)}")
