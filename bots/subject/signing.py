"""From ticked boxes to a record in force: the bytes are made here and signed there, and no key ever comes here."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from bots import keys
from bots.assessment.keeping import latest_ref
from bots.consenting import in_force
from bots.informing import RECEIPTS as RECEIPTS  # what others here sign receipts with, too
from bots.letters.addresses import checked
from bots.services import Services
from bots.subject import passes, requests
from bots.subject.passes import Opened
from persona_store.consent import parsing, receipt, summary
from persona_store.consent.proposal import Proposal, Ticks, given, narrowed, proposed
from persona_store.consent.receipt import Receipt
from persona_store.errors import Refused
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, Put

DRAFT_KEPT = timedelta(hours=2)


class Draft(Struct, frozen=True):
    """What is shown right before signing: the very bytes, and what they say in plain lines."""

    record: str
    lines: tuple[str, ...]


class Signed(Struct, frozen=True):
    """What the Subject leaves with: their receipt, and the link by which they come back."""

    receipt: Receipt
    link: str
    effective_at: datetime


async def to_give(services: Services, held: Opened, ticks: Ticks, lang: str) -> Draft:
    """What was ticked of a request, as a record that can be signed. Raises Refused CONSENT_TICKS or
    CONSENT_NOTHING."""
    request = await _asked(services, held)
    previous = await services.consents.newest(request.persona)
    raw = given(
        request.proposal,
        ticks,
        services.clock.now(),
        language=lang,
        withdrawal=_ways(services),
        previous=previous,
        assessment_ref=await latest_ref(services, request.persona),
    )
    await services.store.commit(await requests.drafted(services, request, raw))
    return _shown(raw, lang)


async def give(services: Services, held: Opened, signature: str, public_key: bytes, address: str) -> Signed:
    """The record with its signature, in force; the link it was asked by is spent in the same commit, so that it
    signs once. Raises Refused CONSENT_INVALID, CONSENT_NO_DRAFT."""
    request = await _asked(services, held)
    persona = await persona_of(services, request.persona)
    if not request.draft:
        raise no_draft()
    batch = await in_force(services, persona, request.draft, signature, public_key, request.subject)
    batch = batch.plus(await requests.signed(services, request)).plus(held.spent)
    return await finished(services, persona, request.draft, signature, public_key, address, batch)


async def to_narrow(services: Services, held: Opened, ticks: Ticks, lang: str) -> Draft:
    """Less than what holds now, as a record that can be signed with the same key."""
    previous = await services.consents.newest(held.held.persona)
    if previous is None:
        raise Refused("CONSENT_MISSING", "there is no consent to change", "there is nothing to do")
    assessed = await latest_ref(services, held.held.persona)
    raw = narrowed(previous, ticks, services.clock.now(), language=lang, assessment_ref=assessed)
    key, until = _draft_key(held.held.persona), services.clock.now() + DRAFT_KEPT
    await services.store.commit(Batch(puts=(Put(key, services.seal(raw, key), until),)))
    return _shown(raw, lang)


async def narrow(services: Services, held: Opened, signature: str, public_key: bytes) -> Signed:
    persona = await persona_of(services, held.held.persona)
    raw, waiting = await drafted(services, persona.name)
    actor = held.held.who or persona.subject
    batch = await in_force(services, persona, raw, signature, public_key, actor)
    return await finished(services, persona, raw, signature, public_key, "", batch.plus(waiting))


async def drafted(services: Services, persona: str) -> tuple[bytes, Batch]:
    """(the bytes on the screen, a Batch after which they wait no more). Raises Refused CONSENT_NO_DRAFT."""
    key = _draft_key(persona)
    raw, stored = await services.read_raw(key, bytes)
    if raw is None:
        raise no_draft()
    return raw, Batch(deletes=(key,), unchanged=((key, stored),))


def no_draft() -> Refused:
    return Refused(
        "CONSENT_NO_DRAFT", "there is nothing that waits for a signature", "look at the record again first"
    )


async def narrowest(services: Services, persona: str) -> Proposal | None:
    """What stands, as boxes that can be unticked."""
    previous = await services.consents.newest(persona)
    return None if previous is None else proposed(parsing.parse(previous), services.clock.now().date())


def again(services: Services, persona: str, raw: bytes, signature: str, public_key: bytes, at: datetime) -> Receipt:
    return receipt.make(persona, raw, signature, public_key, services.vault.signing_key(RECEIPTS), at)


async def finished(
    services: Services,
    persona: Persona,
    raw: bytes,
    signature: str,
    public_key: bytes,
    address: str,
    batch: Batch,
) -> Signed:
    """Commits, and hands out what the Subject leaves with. Raises Refused ADDRESS for a private address that cannot
    be written to."""
    record, now = parsing.parse(raw), services.clock.now()
    token, issued = passes.issue(
        services, persona.name, "place", persona.subject, record.ends_at + passes.KEPT_AFTER
    )
    batch = batch.plus(issued)
    if address:
        address = checked(address)
        key = keys.of_subject(persona.name, "address")
        batch = batch.plus(Batch(puts=(Put(key, services.seal(address, key)),)))
    await services.store.commit(batch)
    made = again(services, persona.name, raw, signature, public_key, now)
    return Signed(made, passes.link(services, token), record.effective_at)


async def _asked(services: Services, held: Opened) -> requests.Request:
    request = await requests.load(services, held.held.persona)
    if request is None or request.status != "open":
        raise Refused("REQUEST_CLOSED", "this request is closed", "write `mine` to the bot to open it again")
    return request


async def persona_of(services: Services, name: str) -> Persona:
    """Raises Refused RETIRED once there is nothing to sign any more."""
    persona = await services.personas.get(name)
    if persona is None or persona.state in GONE:
        raise Refused("RETIRED", "it is being erased, or is erased", "there is nothing to sign any more")
    return persona


def _ways(services: Services) -> tuple[str, ...]:
    page = (f"{services.link_base}/subject",) if services.link_base else ()
    return ("dm:withdraw", *page, "cli")


def _shown(raw: bytes, lang: str) -> Draft:
    return Draft(raw.decode(), tuple(summary.lines(parsing.parse(raw), lang)))


def _draft_key(persona: str) -> str:
    return keys.of_subject(persona, "draft")
