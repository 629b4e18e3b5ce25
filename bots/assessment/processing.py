"""The record of processing activities, over all personas, from the live configuration (GDPR 30(1); PIPL 55).

Nothing in it is counted and nothing dated by its making: the same configuration is the same record, byte for byte,
so that two of them show what changed in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
from msgspec import Struct

from bots.assessment import keeping, retention
from bots.assessment.footprint import footprint
from bots.services import Services
from persona_store import regions
from persona_store.consent.draft import FACETS
from persona_store.consent.record import AudienceGrant, Basis, Consent, Party, Recipient, SourceGrant
from persona_store.errors import Refused
from persona_store.model import GONE, Filing, Offered, Persona
from persona_store.papers import Need, Standing, needs

SCHEMA = "understudy.processing/1"
MEASURES = (
    "own_keys",
    "readers",
    "guests",
    "dropped",
    "secrets",
    "log",
    "label",
    "withdraw_alone",
    "erased_proven",
)
"""General technical and organisational measures (GDPR 30(1)(g)): those that hold whatever the configuration."""


class Activity(Struct, frozen=True):
    """What is done for one persona; without a record nothing is done, and the rest is empty."""

    persona: str
    name: str
    state: str
    record: str = ""  # id of the consent record that holds
    controllers: tuple[Party, ...] = ()  # (a)
    owner: str = ""
    deputy: str = ""
    purposes: tuple[str, ...] = ()  # (b)
    basis: tuple[Basis, ...] = ()
    lia_ref: str = ""
    workers_notice_ref: str = ""
    facets: tuple[str, ...] = ()  # (c) categories of data; the data subjects are the same for all
    sources: tuple[SourceGrant, ...] = ()
    audiences: tuple[AudienceGrant, ...] = ()  # (d)
    recipients: tuple[Recipient, ...] = ()
    abroad: tuple[str, ...] = ()  # (e) recipients outside the region
    models: tuple[str, ...] = ()
    ends: date | None = None  # (f) the last day, after which it is erased
    jurisdiction: tuple[str, ...] = ()
    offered_to: Offered = "internal"
    filings: tuple[Filing, ...] = ()
    assessment: Standing = "none"
    assessment_ref: str = ""
    needed: tuple[Need, ...] = ()


class Record(Struct, frozen=True):
    """`hours`: how long what is not a persona's material is kept, by kind."""

    schema_version: str
    platforms: tuple[str, ...]
    store: str
    model: str
    activities: tuple[Activity, ...]
    erased: tuple[str, ...]  # names of which only the name is left
    hours: dict[str, int]
    measures: tuple[str, ...] = MEASURES


class Drift(Struct, frozen=True):
    """One thing that two records say differently: whose, which field, before and now."""

    persona: str
    field: str
    before: str
    now: str


async def record(services: Services) -> Record:
    everyone = sorted(await services.personas.all(), key=lambda persona: persona.name)
    where = services.installation
    return Record(
        schema_version=SCHEMA,
        platforms=where.platforms,
        store=where.store,
        model=where.model,
        activities=tuple([await _activity(services, p) for p in everyone if p.state not in GONE]),
        erased=tuple(persona.name for persona in everyone if persona.state in GONE),
        hours=retention.hours(),
    )


async def _activity(services: Services, persona: Persona) -> Activity:
    consent = await services.consent(persona.name)
    if consent is None:
        return Activity(persona.name, persona.display_name, persona.state)
    papers = await keeping.papers_of(services, persona, consent)
    signed = await keeping.newest(services, persona.name)
    return Activity(
        persona=persona.name,
        name=persona.display_name,
        state=persona.state,
        record=consent.record_id,
        controllers=consent.pii_controllers,
        owner=persona.owner,
        deputy=persona.deputy,
        purposes=consent.uses,
        basis=consent.lawful_basis,
        lia_ref=consent.lia_ref or "",
        workers_notice_ref=consent.workers_notice_ref or "",
        facets=tuple(facet for facet in FACETS if getattr(consent.facets, facet)),
        sources=consent.scope.sources,
        audiences=consent.audiences,
        recipients=consent.recipients,
        abroad=_abroad(consent),
        models=footprint(persona, consent, services.installation).models,
        ends=consent.last_day,
        jurisdiction=consent.jurisdiction,
        offered_to=persona.offered_to,
        filings=persona.filings,
        assessment=papers.assessment,
        assessment_ref=keeping.document_hash(signed) if signed else "",
        needed=needs(persona, consent, papers),
    )


def _abroad(consent: Consent) -> tuple[str, ...]:
    return tuple(each.name for each in consent.recipients if regions.outside(each.region, consent.jurisdiction))


def encode(whole: Record) -> bytes:
    """A line a field, so that a diff of two shows what differs."""
    return msgspec.json.format(msgspec.json.encode(whole, order="sorted"), indent=2) + b"\n"


def read(raw: bytes) -> Record:
    """One that was kept. Raises Refused PROCESSING_FILE."""
    try:
        return msgspec.json.decode(raw, type=Record)
    except (msgspec.MsgspecError, RecursionError):
        what = "the file is no record of processing activities of this program"
        raise Refused("PROCESSING_FILE", what, "give one that `understudy ropa --out` wrote") from None


def drift(before: Record, now: Record) -> tuple[Drift, ...]:
    """What is different, activity by activity and field by field; () if nothing is."""
    return tuple(_drift(before, now))


def _drift(before: Record, now: Record) -> Iterator[Drift]:
    old, new = ({each.persona: each for each in whole.activities} for whole in (before, now))
    yield from _fields("", before, now, but=("activities",))
    for name in sorted({*old, *new}):
        one, other = old.get(name), new.get(name)
        if one is None or other is None:
            yield Drift(name, "", one.state if one else "", other.state if other else "")
        else:
            yield from _fields(name, one, other)


def _fields(name: str, before: Struct, now: Struct, but: tuple[str, ...] = ()) -> Iterator[Drift]:
    for field in before.__struct_fields__:
        one, other = getattr(before, field), getattr(now, field)
        if one != other and field not in but:
            yield Drift(name, field, _told(one), _told(other))


def _told(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
