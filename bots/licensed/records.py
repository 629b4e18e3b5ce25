"""The records by which a persona may run at other organisations, kept beside its own and apart from it.

They hang on none of the employer's: each is a chain of its own, for one organisation, signed with the key of whom
it is about. They go with the persona; whoever signed and whoever received one has the file.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from bots import keys
from bots.audit import line
from bots.licensed import told
from bots.services import Services
from persona_store.consent import licensing, parsing, receipt, signing
from persona_store.consent.book import Chain, ConsentBook, holding
from persona_store.consent.draft import digest
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, Put

FORM = "understudy.licence/1"


class LicenceFile(Struct, frozen=True, forbid_unknown_fields=True):
    """What the Subject takes home: with it and their key they can end it wherever they are."""

    form: str
    record: str
    signature: str
    public_key: str  # base64url

    @property
    def raw(self) -> bytes:
        return self.record.encode()

    @property
    def key(self) -> bytes:
        return receipt.decoded(self.public_key)

    @property
    def consent(self) -> Consent:
        return parsing.parse(self.raw)


def file(raw: bytes, signature: str, public_key: bytes) -> bytes:
    made = LicenceFile(FORM, raw.decode(), signature, receipt.encoded(public_key))
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def read(raw: bytes) -> LicenceFile:
    """Raises Refused LICENCE_FILE unless it is one whose signature holds, CONSENT_SCHEMA for an impossible
    record."""
    try:
        held = msgspec.json.decode(raw, type=LicenceFile)
        signing.verify(held.raw, held.signature, held.key)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _no_file(str(error)[:80]) from None
    except Refused as refused:
        raise _no_file(refused.what) from None
    if held.form != FORM or len(held.consent.licence.orgs) != 1:
        raise _no_file("it is of another form")
    return held


def book(services: Services, persona: str) -> ConsentBook:
    """Of all organisations at which this persona may run; asked by `name`."""
    return ConsentBook(services.store, services.clock, prefix=f"{keys.LICENSED}{persona}/")


def name(org: str) -> str:
    """An organisation as the book calls it; domains have dots."""
    return keys.short("licensed", org)


async def of(services: Services, persona: str, org: str) -> Chain | None:
    """What was signed for this organisation, verified."""
    return await book(services, persona).chain(name(org))


def digest_of(chain: Chain, record: Consent) -> str:
    """By what packs and statements name a record of this chain."""
    return next(digest(each.raw) for each in chain.records if parsing.parse(each.raw).record_id == record.record_id)


async def organisations(services: Services, persona: str) -> list[str]:
    """Every one for which something was signed, whatever became of it."""
    scan = services.store.scan(f"{keys.LICENSED}{persona}/")
    chains = [msgspec.json.decode(stored, type=Chain) async for _, stored in scan]
    return sorted(parsing.parse(chain.records[-1].raw).licence.orgs[0] for chain in chains)


async def all_of(services: Services, persona: str) -> list[tuple[str, Chain]]:
    """Each of them with what was signed, verified. Raises Refused CONSENT_INVALID for what was tampered with."""
    found = [(org, await of(services, persona, org)) for org in await organisations(services, persona)]
    return [(org, chain) for org, chain in found if chain is not None]


async def standing(services: Services, persona: str) -> tuple[str, ...]:
    """The organisations whose licence was neither revoked here nor is over."""
    now = services.clock.now()
    return tuple(org for org, chain in await all_of(services, persona) if now < holding(chain, now).ends_at)


async def keep(services: Services, persona: Persona, org: str, raw: bytes, signature: str, public: bytes) -> Batch:
    """A Batch after which the persona may be packed for this organisation. Raises Refused LICENCE_RECORD,
    ORIGIN_NOT_LICENSABLE, LICENCE_KEY, RETIRED, ILLEGAL_STATE, or as a consent that is added."""
    signable(persona)
    record = parsing.parse(raw)
    licensing.checked(record, org)
    over, noted, stored = await _over(services, persona.name, org)
    if digest(raw) in over:
        what = f"this licence for {org!r} was revoked, and nobody undoes that"
        raise Refused("LICENCE_RECORD", what, "the subject signs another one")
    guard = (await services.personas.unchanged(persona), await services.consents.key(persona.name), (noted, stored))
    own = await services.consents.chain(persona.name)
    if own is None or own.key != public:
        what = f"the licence is not signed with the key of whom {persona.name!r} is about"
        raise Refused("LICENCE_KEY", what, "the subject signs it with the key of their consent: --key FILE")
    if any(parsing.parse(each.raw).pii_principal_id == record.pii_principal_id for each in own.records):
        what = "this is a record of the persona itself, and no record apart from it"
        raise Refused("LICENCE_RECORD", what, "`understudy consent licence` drafts one")
    batch = await book(services, persona.name).add(name(org), raw, signature, public)
    action = "licence.given" if record.event.type == "consent_given" else "licence.amended"
    audited = line(
        services, persona.name, action, persona.subject, record_id=record.record_id, decision=org, code=digest(raw)
    )
    return batch.plus(told.forget(persona.name, org)).plus(Batch(unchanged=guard, log=(audited,)))


def signable(persona: Persona) -> None:
    """Raises Refused RETIRED, ILLEGAL_STATE where nobody is left who signs for it."""
    if persona.state in GONE:
        what = f"persona {persona.name!r} is being erased, or is erased"
        raise Refused("RETIRED", what, "there is nothing to do")
    if persona.state == "deceased":
        what = f"the subject of {persona.name!r} is reported dead, and nobody else signs a licence"
        raise Refused("ILLEGAL_STATE", what, "there is nothing to do")


async def revoked(services: Services, persona: str, org: str, by: str) -> Batch:
    """A Batch after which nothing is packed for it any more; empty where that is so already. What was signed
    goes: a licence that is given anew begins anew, and no word about this one is about that. The hashes stay, so
    that whoever has its file does not put it in force again."""
    key, stored = await book(services, persona).key(name(org))
    held = await of(services, persona, org)
    if held is None:
        return Batch()
    over, noted, before = await _over(services, persona, org)
    hashes = (*over, *(digest(each.raw) for each in held.records))
    record = parsing.parse(held.records[-1].raw)
    audited = line(services, persona, "licence.revoked", by, record_id=record.record_id, decision=org)
    ended = Batch(
        puts=(Put(noted, services.seal(hashes, noted)),),
        deletes=(key,),
        unchanged=((key, stored), (noted, before)),
        log=(audited,),
    )
    return ended.plus(told.forget(persona, org))


async def _over(services: Services, persona: str, org: str) -> tuple[tuple[str, ...], str, bytes | None]:
    """(the hashes of the records that were revoked, where that is kept, its bytes)."""
    key = keys.of_subject(persona, f"revoked/{name(org)}")
    hashes, stored = await services.read_raw(key, tuple[str, ...])
    return hashes or (), key, stored


def _no_file(problem: str) -> Refused:
    what = f"this is no file of a licence: {problem}"
    return Refused("LICENCE_FILE", what, "give the file that `understudy consent licence` wrote")
