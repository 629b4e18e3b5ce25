"""From an offer on the Subject's page to a licence that is signed there: the bytes are made here, looked at and
signed in their browser, and taken as from the command line. No key ever comes here."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct, structs

from bots.exchanging import SIGNS
from bots.licensed import laying, records, told, words
from bots.licensed.told import Told
from bots.services import Services
from bots.subject import signing, telling
from bots.subject.wanted import Wanted
from bots.wording import say
from persona_store import jws
from persona_store.consent import draft, licensing, notice, parsing, summary
from persona_store.consent.proposal import given
from persona_store.errors import Refused
from persona_store.licensed import address, standing
from persona_store.model import Persona

JSON, TEXT = "application/json", "text/plain"


class Offered(Struct, frozen=True):
    """An offer as its reader sees it. `amends`: there is a licence for them already, and its key signs this one,
    too."""

    id: str
    version: str
    org: str
    about: tuple[str, ...]
    owner: str
    deputy: str
    contact: str
    boxes: telling.Boxes
    leaves_out: tuple[str, ...]
    notice: str
    notice_sha256: str
    amends: bool
    declined: bool
    until: datetime


class Draft(Struct, frozen=True):
    """What is shown right before signing; `standing` are the bytes of what is published, "" without an address."""

    record: str
    lines: tuple[str, ...]
    standing: str


class File(Struct, frozen=True):
    name: str
    kind: str
    text: str


class Taken(Struct, frozen=True):
    """What the Subject leaves with: the licence, the receipt, and what to publish. `key`: by which the
    organisation knows that it was them."""

    org: str
    files: tuple[File, ...]
    addresses: tuple[str, ...]
    effective_at: datetime
    last_day: str
    key: str


async def read(services: Services, persona: Persona, wanted: Wanted) -> Offered:
    """Raises Refused OFFER_CLOSED."""
    laid = (await laying.load(services, persona.name, wanted.offer)).laid
    proposal, lang = laid.proposal, wanted.lang
    return Offered(
        id=wanted.offer,
        version=laid.version,
        org=laid.org,
        about=words.about(laid.org, (), lang),
        owner=proposal.owner,
        deputy=proposal.deputy,
        contact=proposal.contact,
        boxes=telling.boxes(proposal, lang),
        leaves_out=tuple(word for group in structs.astuple(laid.excluded) for word in group),
        notice=notice.text(lang).decode(),
        notice_sha256=notice.sha256(lang),
        amends=await records.of(services, persona.name, laid.org) is not None,
        declined=laid.status == "declined",
        until=laid.until,
    )


async def to_sign(services: Services, persona: Persona, wanted: Wanted) -> Draft:
    """What was ticked of the offer, as a record that can be signed. Raises Refused OFFER_CLOSED, OFFER_CHANGED,
    CONSENT_TICKS, CONSENT_NOTHING, ADDRESS_UNSAFE."""
    found = await laying.load(services, persona.name, wanted.offer, wanted.version)
    laid, now = found.laid, services.clock.now()
    addresses = (address.checked(wanted.told_at),) if wanted.told_at else ()
    held = await records.of(services, persona.name, laid.org)
    raw = given(
        laid.proposal,
        laid.leaving_out(wanted.chosen),
        now,
        language=wanted.lang,
        withdrawal=(*licensing.WAYS, *(address.METHOD + each for each in addresses)),
        previous=held.records[-1].raw if held else None,
    )
    record = parsing.parse(raw)
    licensing.checked(record, laid.org)
    stands = standing.statement(draft.digest(raw), laid.org, "stands", now) if addresses else b""
    waiting = structs.replace(laid, record=raw, standing=stands)
    await services.store.commit(laying.changed(services, found, waiting))
    lines = (*words.about(laid.org, addresses, wanted.lang), *summary.lines(record, wanted.lang))
    return Draft(raw.decode(), lines, stands.decode())


async def sign(services: Services, persona: Persona, wanted: Wanted) -> Taken:
    """In force; the offer is answered in the same commit, so that it is signed once. Raises Refused OFFER_CLOSED,
    OFFER_CHANGED, CONSENT_NO_DRAFT, NOTICE_CHANGED, LICENCE_KEY, STANDING, or as a consent that is added."""
    found = await laying.load(services, persona.name, wanted.offer, wanted.version)
    laid, now, public = found.laid, services.clock.now(), wanted.key
    if not laid.record:
        raise signing.no_draft()
    record = parsing.parse(laid.record)
    if now >= record.event.time + signing.DRAFT_KEPT:  # else the days to think it over would run before the yes
        raise signing.no_draft()
    notice.still_shown(record)
    batch = await records.keep(services, persona, laid.org, laid.record, wanted.signature, public)
    addresses = address.named(record.withdrawal.methods)
    if laid.standing:
        verified(laid.standing, wanted.standing, public)
        said = say(wanted.lang, "licensed.stands_words", org=laid.org)
        text = standing.as_text([(laid.standing, wanted.standing)], said)
        contact = record.pii_controllers[0].contact
        batch = batch.plus(
            told.keep(services, persona.name, Told(laid.org, "stands", now, text, addresses, contact))
        )
    await services.store.commit(batch.plus(laying.taken(found)))
    return Taken(
        org=laid.org,
        files=await files(services, persona, laid.org),
        addresses=addresses,
        effective_at=record.effective_at,
        last_day=record.last_day.isoformat(),
        key=SIGNS + jws.key_id(public),
    )


async def decline(services: Services, persona: Persona, wanted: Wanted) -> None:
    """Raises Refused OFFER_CLOSED."""
    found = await laying.load(services, persona.name, wanted.offer)
    await services.store.commit(laying.declined(services, found))


async def files(services: Services, persona: Persona, org: str) -> tuple[File, ...]:
    """Whatever there is for an organisation: the licence and its receipt while it is kept here, and what was signed
    last about whether it stands."""
    found: list[File] = []
    chain = await records.of(services, persona.name, org)
    if chain is not None:
        signed, now = chain.records[-1], services.clock.now()
        key = chain.key_of(signed)
        made = signing.again(services, persona.name, signed.raw, signed.signature, key, now)
        licence = records.file(signed.raw, signed.signature, key)
        found.append(File(f"licence-{org}.json", JSON, licence.decode()))
        receipt = msgspec.json.format(msgspec.json.encode(made))
        found.append(File(f"licence-{org}-receipt.json", JSON, receipt.decode()))
    last = await told.of(services, persona.name, org)
    if last is not None:
        name = "revoked" if last.standing == "revoked" else "standing"
        found.append(File(f"licence-{org}-{name}.txt", TEXT, last.text))
    return tuple(found)


def verified(said: bytes, signature: str, public: bytes) -> None:
    """Raises Refused STANDING unless this key signed these bytes as what tells whether a licence stands."""
    try:
        jws.verify(said, signature, public, standing.TYP)
    except jws.BadSignature as error:
        what = f"the statement's signature was not accepted: {error}"
        raise Refused("STANDING", what, "sign it with the key of the consent") from None
