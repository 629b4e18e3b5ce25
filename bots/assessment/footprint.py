"""What an assessment is about, in one place: whatever of this gets wider afterwards makes it stale.

Facets, purposes, audiences, kinds of source, recipients, the model that is asked, the platforms that are connected,
the law it falls under and whom it is offered to: that and nothing else. Whatever gets narrower was assessed already
(PIPL 55; GDPR 35(11); rights.md L14). Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import msgspec
from msgspec import Struct

from bots.assessment.installation import Installation
from persona_store.consent.draft import FACETS
from persona_store.consent.record import DIRECT, EVERY, Consent, Recipient
from persona_store.model import Offered, Persona

Aspect = Literal[
    "facets", "purposes", "audiences", "sources", "recipients", "models", "platforms", "jurisdiction", "offered_to"
]
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)


class Footprint(Struct, frozen=True):
    """Each tuple is sorted, so that the same reach has one digest. Audiences are `platform:chat`; `offered_to`
    names the narrower offers as well, so that a wider one adds to it."""

    facets: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    models: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    jurisdiction: tuple[str, ...] = ()
    offered_to: tuple[str, ...] = ()


class Change(Struct, frozen=True):
    """One thing that was not there, or not so far, when it was assessed."""

    aspect: Aspect
    item: str


def footprint(persona: Persona, consent: Consent, where: Installation) -> Footprint:
    """How far this persona reaches, as configured now. A model counts where it would be asked: on machines of one's
    own, or where the record names it."""
    named = {recipient.name for recipient in consent.recipients}
    offers: tuple[Offered, ...] = get_args(Offered)
    return Footprint(
        facets=tuple(facet for facet in FACETS if getattr(consent.facets, facet)),
        purposes=_sorted(consent.purposes),
        audiences=_sorted(f"{grant.platform}:{grant.chat}" for grant in consent.audiences),
        sources=_sorted(grant.kind for grant in consent.scope.sources),
        recipients=tuple(sorted(consent.recipients, key=lambda each: (each.name, each.region))),
        models=(where.model,) if where.model and (where.private or where.model in named) else (),
        platforms=where.platforms,
        jurisdiction=_sorted(consent.jurisdiction),
        offered_to=offers[: offers.index(persona.offered_to) + 1],
    )


def digest(reach: Footprint) -> str:
    """`sha256:…` of its canonical JSON."""
    return "sha256:" + hashlib.sha256(canonical(reach)).hexdigest()


def canonical(value: Struct) -> bytes:
    """The one spelling that is hashed and signed: UTF-8, keys sorted, no blanks. Nothing in it is a float."""
    return msgspec.json.encode(value, order="sorted")


def widened(assessed: Footprint, now: Footprint) -> tuple[Change, ...]:
    """What `now` has beyond what was assessed, in the order of the aspects; () if nothing."""
    return tuple(_wider(assessed, now))


def _wider(assessed: Footprint, now: Footprint) -> Iterator[Change]:
    for aspect in ASPECTS:
        if aspect == "recipients":
            new = (each for each in now.recipients if not any(_within(each, old) for old in assessed.recipients))
            yield from (Change(aspect, recipient_told(each)) for each in new)
            continue
        before = frozenset(getattr(assessed, aspect))
        for item in getattr(now, aspect):
            if item not in before and not (aspect == "audiences" and _is_one_of_all(item, before)):
                yield Change(aspect, item)


def _within(now: Recipient, old: Recipient) -> bool:
    """The same party at the same place, that keeps it no longer and trains no more than it did."""
    same = (now.name, now.role, now.region) == (old.name, old.role, old.region)
    return same and now.retention_days <= old.retention_days and now.trains <= old.trains


def _is_one_of_all(audience: str, before: frozenset[str]) -> bool:
    """`slack:*` was assessed, and `slack:C1` is one of those; `dm` is not."""
    platform, _, chat = audience.partition(":")
    return chat != DIRECT and f"{platform}:{EVERY}" in before


def recipient_told(each: Recipient) -> str:
    """As it is typed: who, where, for how many days."""
    return f"{each.name}:{each.region}:{each.retention_days}" + (":trains" if each.trains else "")


def _sorted(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(items)))
