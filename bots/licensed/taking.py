"""A pack that another installation made for this organisation: looked at whole before anything of it is kept.

What the sender's program leaves out is not taken on trust: every passage has to be of a kind that may be licensed,
the Subject's own words and covered by the record, or the pack as a whole is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, structs

from bots import accountability
from bots.audit import line
from bots.services import Services
from persona_store import bundle, names
from persona_store.bundle import Bundle
from persona_store.consent import licensing, parsing
from persona_store.consent.book import Chain, holding
from persona_store.consent.draft import digest
from persona_store.consent.policy import Ask, allow
from persona_store.consent.record import DIRECT, Consent
from persona_store.consented import origin_of
from persona_store.distill.book import FacetBook
from persona_store.distill.distil import granted
from persona_store.distill.model import Facet
from persona_store.errors import Refused
from persona_store.licensed import address, canary
from persona_store.model import Passage, Persona
from persona_store.protocols import Batch
from persona_store.withheld.book import WithheldBook

TOGETHER = 1000  # passages written in one transaction
DRAWN = ("rules", "interview")  # how a statement may have come to be said
LONGEST_PHRASE = 300  # characters of the one sentence that is there to be known again
GRACE = timedelta(hours=24)
"""So long it goes on where it cannot be seen whether the licence still stands (rights.md T36)."""


class Taken(Struct, frozen=True):
    persona: Persona
    passages: int
    facets: int


async def take(services: Services, opened: Bundle, draft: Persona, organisation: str, actor: str) -> Taken:
    """A new persona that runs here under its licence; `draft` gives name and times, and chats where they are to be
    narrower than the record's. Cut off, it can be taken again. Raises Refused ORGANISATION_UNSET, LICENCE_ORG,
    PACK_EXPIRED, LICENCE_MISSING, LICENCE_RECORD, ORIGIN_NOT_LICENSABLE, PACK_MIXED, or the consent's code."""
    now, name = services.clock.now(), names.checked(draft.name)
    chain, record = licence(opened, organisation, now)
    looked_at(opened, record, now)
    persona = _persona(draft, opened, record, now)
    created = await services.personas.create(persona)
    consented = await services.consents.add_chain(name, chain)
    # What a try that was cut off left there is nobody's yet, and may have been somebody else's.
    await services.library.forget(name)
    services.vault.shred(name)
    services.vault.create_key(name)
    passages, facets = await _kept(services, opened, name, record, now)
    terms = _terms(opened)
    audited = line(
        services, name, "imported", actor, record_id=record.record_id, code=terms.pack,
        refs=(opened.signer, opened.statement.content),
    )  # fmt: skip
    asked = await accountability.ask(services, persona)  # who answers for it says so themselves
    await services.store.commit(created.plus(consented).plus(asked).plus(Batch(log=(audited,))))
    return Taken(persona, passages, facets)


def licence(opened: Bundle, organisation: str, now: datetime) -> tuple[Chain, Consent]:
    """The record that lets it run here. Raises Refused unless it is for this organisation, and in time."""
    terms = _terms(opened)
    if not organisation:
        what = "this installation does not say which organisation it is"
        raise Refused(
            "ORGANISATION_UNSET", what, f"set rights.organisation, to {terms.organisation!r} if you are it"
        )
    if terms.organisation != organisation:
        what = f"it is for {terms.organisation!r}, and this is {organisation!r}"
        raise Refused("LICENCE_ORG", what, "the subject licenses it to this organisation, in a record of its own")
    if now >= terms.expires:
        what = f"it could be taken in until {terms.expires:%Y-%m-%d %H:%M} UTC"
        raise Refused("PACK_EXPIRED", what, "have it packed again")
    records = tuple(each.record for each in opened.lines() if isinstance(each, bundle.Consented))
    if all(digest(each.raw) != terms.record for each in records):
        what = "the record it was packed under is not in it"
        raise Refused("LICENCE_MISSING", what, "have it packed again")
    chain = Chain(opened.head.consent_key, records)
    record = holding(chain, now)
    for each in records:  # also one that will only count once it has cooled off
        licensing.checked(parsing.parse(each.raw), organisation)
    if not (decision := allow(record, Ask("license", now, recipient=organisation))).ok:
        raise Refused(decision.code, f"{opened.head.name!r} may not run here", decision.fix)
    return chain, record


def _terms(opened: Bundle) -> bundle.Licensed:
    if opened.licensed is None:
        raise Refused("BUNDLE_FORMAT", "it was not packed for another organisation", "take it in as it is")
    return opened.licensed


def looked_at(opened: Bundle, record: Consent, now: datetime) -> None:
    """Raises Refused for one thing that may not be in it, and none of it is taken: it was made by something else
    than this program."""
    terms = _terms(opened)
    ask = Ask("license", now, recipient=terms.organisation, released=bool(terms.release))
    phrases = 0
    for each in opened.lines():
        if isinstance(each, bundle.Withheld):
            raise _mixed("it carries what the subject kept back elsewhere")
        if isinstance(each, bundle.Distilled) and each.facet.by not in DRAWN:
            raise _mixed("it carries statements that were not drawn from it")
        if not isinstance(each, bundle.Told):
            continue
        if each.passage.facet == canary.UNCOVERED:
            phrases += 1
            if phrases > 1 or each.passage.by_subject or len(each.passage.text) > LONGEST_PHRASE:
                raise _mixed("it carries something that no record could cover")
            continue
        _passage_looked_at(each.passage, record, ask)


def _passage_looked_at(passage: Passage, record: Consent, ask: Ask) -> None:
    decision = allow(record, structs.replace(ask, facet=passage.facet, origin=origin_of(passage)))
    if not decision.ok:
        raise Refused(decision.code, "it holds something that the licence does not cover", decision.fix)
    if passage.readers is not None or passage.url or passage.author or passage.question:
        raise _mixed("it says where something stood, or who could read it there")


def _mixed(problem: str) -> Refused:
    return Refused("PACK_MIXED", f"this is no pack as they are made: {problem}", "have it packed again")


def _persona(draft: Persona, opened: Bundle, record: Consent, now: datetime) -> Persona:
    """Who answers and where is what the record says; an account of the first organisation is nobody here."""
    granted_chats = tuple(f"{each.platform}:{each.chat}" for each in record.audiences if each.chat != DIRECT)
    looked = address.named(record.withdrawal.methods)
    return structs.replace(
        draft,
        display_name=opened.head.display_name or draft.name,
        aliases=opened.head.aliases if record.facets.name_avatar else (),
        subject="",
        owner=record.owner.id,
        deputy=record.deputy.id if record.deputy else "",
        chats=draft.chats or granted_chats,
        offered_to="licensed_org",  # as it is for the filing (rights.md L24), until an admin says otherwise
        stands_until=now + GRACE if looked else None,
    )


async def _kept(services: Services, opened: Bundle, name: str, record: Consent, now: datetime) -> tuple[int, int]:
    """The passages first: without the persona nobody reads them, and with it they have to be there."""
    file = await services.library.file(name)
    waiting: list[Passage] = []
    facets: list[Facet] = []
    struck: list[str] = []
    count = 0
    for each in opened.lines():
        match each:
            case bundle.Struck(hash=hash):
                struck.append(hash)
            case bundle.Ruled(rule=rule):
                await WithheldBook(file.sealed).choose(rule)
            case bundle.Distilled(facet=facet):
                facets.append(facet)
            case bundle.Told(passage=passage):
                waiting.append(passage)
                count += passage.facet != canary.UNCOVERED
        if len(waiting) >= TOGETHER:
            await file.add(waiting)
            waiting = []
    await file.add(waiting)
    book, kinds = FacetBook(file.sealed), granted(record, now)
    await book.keep_struck(struck)
    kept = [facet for facet in facets if facet.kind in kinds]
    if kept:
        await book.keep(kept, now)
    return count, len((await book.portrait()).facets)
