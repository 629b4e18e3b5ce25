"""The licences for other organisations on the Subject's own page: what is offered, what they gave, what they ended,
and a small method for each thing they may do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from bots.licensed import laying, offering, records, told
from bots.services import Services
from bots.subject import offered, revoking
from bots.subject.wanted import Wanted
from persona_store.consent import licensing, parsing, summary
from persona_store.consent.book import Chain, holding
from persona_store.consent.record import Consent
from persona_store.licensed import address
from persona_store.model import Persona


class Waiting(Struct, frozen=True):
    """An offer that can be answered. `brought`: by the Subject, as a file."""

    id: str
    org: str
    until: datetime
    brought: bool
    declined: bool


class Given(Struct, frozen=True):
    """`state`: it does not count yet; it stands; an earlier one stands until it counts; its last day is over."""

    org: str
    state: Literal["cooling", "stands", "amended", "over"]
    effective_at: datetime
    last_day: str
    lines: tuple[str, ...]
    addresses: tuple[str, ...]


class Ended(Struct, frozen=True):
    """Revoked here; the text is kept, for them to save again."""

    org: str
    at: datetime
    addresses: tuple[str, ...]
    contact: str


class Licences(Struct, frozen=True):
    """`may`: whether the Subject can sign one here. Not while their record is on paper, since a licence needs a key
    of their own; nor where the persona itself runs by a licence."""

    may: Literal["sign", "paper", "elsewhere"]
    offers: tuple[Waiting, ...]
    given: tuple[Given, ...]
    ended: tuple[Ended, ...]


async def overview(services: Services, persona: Persona, wanted: Wanted, actor: str) -> Licences:
    """Raises Refused CONSENT_INVALID for what was tampered with."""
    offers = [
        Waiting(id, laid.org, laid.until, laid.brought, laid.status == "declined")
        for id, laid in await laying.all_of(services, persona.name)
    ]
    held = await records.all_of(services, persona.name)
    ended = [
        Ended(each.org, each.at, each.addresses, each.contact)
        for each in await told.all_of(services, persona.name)
        if each.standing == "revoked"
    ]
    now = services.clock.now()
    given = tuple(_given(org, chain, now, wanted.lang) for org, chain in held)
    return Licences(await _may(services, persona), tuple(offers), given, tuple(ended))


async def _may(services: Services, persona: Persona) -> Literal["sign", "paper", "elsewhere"]:
    raw = await services.consents.newest(persona.name)
    own = parsing.parse(raw) if raw is not None else None
    if own is None or licensing.apart(own):
        return "elsewhere"
    return "paper" if own.event.method == "paper" else "sign"


def _given(org: str, chain: Chain, now: datetime, lang: str) -> Given:
    record = parsing.parse(chain.records[-1].raw)
    return Given(
        org=org,
        state=_state(record, holding(chain, now), now),
        effective_at=record.effective_at,
        last_day=record.last_day.isoformat(),
        lines=tuple(summary.lines(record, lang)),
        addresses=address.named(record.withdrawal.methods),
    )


def _state(newest: Consent, holds: Consent, now: datetime) -> Literal["cooling", "stands", "amended", "over"]:
    if now >= newest.ends_at:
        return "over"
    if now >= newest.effective_at:
        return "stands"
    return "amended" if holds.record_id != newest.record_id and now < holds.ends_at else "cooling"


# ------------------------------------------------------------------ what may be done


async def _bring(services: Services, persona: Persona, wanted: Wanted, actor: str) -> Any:
    """The organisation sent the Subject its file: nobody here has to lay it before them."""
    id, batch = await laying.bring(services, persona, *offering.read(wanted.text.encode()))
    await services.store.commit(batch)
    return {"offer": id}


async def _read(services: Services, persona: Persona, wanted: Wanted, actor: str) -> Any:
    return await offered.read(services, persona, wanted)


async def _draft(services: Services, persona: Persona, wanted: Wanted, actor: str) -> Any:
    return await offered.to_sign(services, persona, wanted)


async def _sign(services: Services, persona: Persona, wanted: Wanted, actor: str) -> Any:
    return await offered.sign(services, persona, wanted)


async def _decline(services: Services, persona: Persona, wanted: Wanted, actor: str) -> Any:
    await offered.decline(services, persona, wanted)
    return {"done": True}


async def _files(services: Services, persona: Persona, wanted: Wanted, actor: str) -> Any:
    return await offered.files(services, persona, wanted.org) or None


async def _revoke_draft(services: Services, persona: Persona, wanted: Wanted, actor: str) -> Any:
    return await revoking.to_sign(services, persona, wanted.org)


async def _revoke(services: Services, persona: Persona, wanted: Wanted, actor: str) -> Any:
    signatures, public = wanted.signatures, wanted.key
    return await revoking.revoke(services, persona, wanted.org, signatures, public, wanted.lang, actor)


Verb = Callable[[Services, Persona, Wanted, str], Awaitable[Any]]
VERBS: Mapping[str, Verb] = {
    "licences": overview,
    "licence_files": _files,
    "offer_bring": _bring,
    "offer_read": _read,
    "offer_draft": _draft,
    "offer_sign": _sign,
    "offer_decline": _decline,
    "revoke_draft": _revoke_draft,
    "revoke": _revoke,
}
"""What the Subject's own pass opens (bots/subject/deeds.py). Each gets who acts, for the log."""
