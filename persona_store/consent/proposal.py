"""What a Subject is asked to agree to, and what they ticked of it: pure, from both to the bytes of a record.

Nothing of a proposal is granted before it is ticked, one by one; nothing that was not proposed can be ticked; and
what is amended this way only ever gets narrower (PIPL 14, 23, 25, 29; 「不签空白或模糊授权」).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, TypeVar

from msgspec import Meta, Struct, structs

from persona_store.consent import draft, notice, parsing
from persona_store.consent.record import (
    AfterDeath,
    AudienceGrant,
    Consent,
    Event,
    Excluded,
    Facet,
    Facets,
    Id,
    Licence,
    Notice,
    Recipient,
    SourceGrant,
    encode,
)
from persona_store.errors import Refused
from persona_store.licence import terms

T = TypeVar("T")
MOST = 200
Places = Annotated[tuple[Annotated[int, Meta(ge=0, lt=MOST)], ...], Meta(max_length=MOST)]
Words = Annotated[tuple[Id, ...], Meta(max_length=MOST)]


class Proposal(Struct, frozen=True):
    """Each entry of a tuple is a box of its own. `days` and `cooling_off_days`: the longest term, the shortest
    wait; the Subject may choose a shorter and a longer one."""

    owner: str
    deputy: str
    sources: tuple[SourceGrant, ...]
    facets: tuple[Facet, ...]
    audiences: tuple[AudienceGrant, ...]
    recipients: tuple[Recipient, ...]
    uses: tuple[str, ...]
    days: int
    cooling_off_days: int
    controller: str
    contact: str
    jurisdiction: tuple[str, ...] = ("CN",)
    lia_ref: str = ""
    workers_notice_ref: str = ""
    licence: Licence = terms.NONE
    after_death: AfterDeath = "delete"  # the Subject may choose the other, whatever was proposed


class Ticks(Struct, frozen=True, forbid_unknown_fields=True):
    """What the Subject chose: places in the tuples of the proposal, and what is out whatever else is granted."""

    sources: Places
    facets: Places
    audiences: Places
    recipients: Places
    days: Annotated[int, Meta(ge=1, le=parsing.LONGEST.days)]
    cooling_off_days: Annotated[int, Meta(ge=0, le=90)]
    containers: Words = ()
    keywords: Words = ()
    people: Words = ()
    after_death: AfterDeath | None = None


def proposed(consent: Consent, today: date) -> Proposal:
    """A record as the proposal for one that grants less."""
    return Proposal(
        owner=consent.owner.id,
        deputy=consent.deputy.id if consent.deputy else "",
        sources=consent.scope.sources,
        facets=tuple(facet for facet in draft.FACETS if getattr(consent.facets, facet)),
        audiences=consent.audiences,
        recipients=consent.recipients,
        uses=consent.uses,
        days=max(1, (consent.term.end - today).days),
        cooling_off_days=0,
        controller=consent.pii_controllers[0].party,
        contact=consent.pii_controllers[0].contact,
        jurisdiction=consent.jurisdiction,
        lia_ref=consent.lia_ref or "",
        workers_notice_ref=consent.workers_notice_ref or "",
        licence=consent.licence,
        after_death=consent.term.after_death,
    )


def given(
    proposal: Proposal,
    ticks: Ticks,
    now: datetime,
    *,
    language: str,
    method: str = "web_device_key",
    proof: str = "",
    withdrawal: tuple[str, ...] = (),
    previous: bytes | None = None,
    assessment_ref: str | None = None,
) -> bytes:
    """The bytes to be signed. Raises Refused CONSENT_TICKS for what was not proposed, CONSENT_NOTHING if one of
    what, from where and for whom is left open: that would be no yes to anything."""
    sources, facets, audiences, recipients = _ticked(proposal, ticks)
    if ticks.cooling_off_days < proposal.cooling_off_days:
        raise _refused(f"a cooling-off of {ticks.cooling_off_days} days is shorter than what was proposed")
    choices = draft.Choices(
        owner=proposal.owner,
        deputy=proposal.deputy,
        sources=(),
        grants=sources,
        audiences=tuple(f"{each.platform}:{each.chat}" for each in audiences),
        direct=False,
        facets=facets,
        uses=proposal.uses,
        days=ticks.days,
        cooling_off_days=ticks.cooling_off_days,
        excluded_containers=ticks.containers,
        excluded_keywords=ticks.keywords,
        excluded_people=ticks.people,
        recipients=recipients,
        controller=proposal.controller,
        contact=proposal.contact,
        jurisdiction=proposal.jurisdiction,
        lia_ref=proposal.lia_ref,
        workers_notice_ref=proposal.workers_notice_ref,
        assessment_ref=assessment_ref,
        language=language,
        method="paper" if method == "paper" else "web_device_key",
        proof=proof,
        withdrawal=withdrawal or ("dm:withdraw", "cli"),
        licence=proposal.licence,
        after_death=ticks.after_death or proposal.after_death,
    )
    return draft.draft(choices, now, previous=previous)


def narrowed(
    previous: bytes, ticks: Ticks, now: datetime, *, language: str, assessment_ref: str | None = None
) -> bytes:
    """The record that amends `previous` and grants no more than it. It holds at once; or, while the one before
    still cools off, not a moment earlier than that would have. `assessment_ref` is the newest assessment's, if
    there is one since."""
    before = parsing.parse(previous)
    sources, facets, audiences, recipients = _ticked(proposed(before, now.date()), ticks)
    now = now.replace(microsecond=0)
    excluded = before.scope.excluded
    left = max(timedelta(0), before.effective_at - now)
    record = structs.replace(
        before,
        record_id=f"urn:uuid:{uuid.uuid4()}",
        prev_record=draft.digest(previous),
        language=language,
        recipients=recipients,
        privacy_notice=Notice(notice.uri(language), notice.VERSION, notice.sha256(language), shown_at=now),
        scope=structs.replace(
            before.scope,
            sources=sources,
            excluded=Excluded(
                _joined(excluded.containers, ticks.containers),
                _joined(excluded.keywords, ticks.keywords),
                _joined(excluded.people, ticks.people),
            ),
        ),
        facets=Facets(**{facet: facet in facets for facet in draft.FACETS}),
        audiences=audiences,
        assessment_ref=assessment_ref or before.assessment_ref,
        term=structs.replace(
            before.term,
            end=min(before.term.end, now.date() + timedelta(days=ticks.days)),
            after_death=ticks.after_death or before.term.after_death,
        ),
        voluntariness=structs.replace(before.voluntariness, cooling_off_days=left.days + (left.seconds > 0)),
        event=Event("amended", now, "web_device_key", language),
    )
    raw = encode(record)
    parsing.parse(raw)
    return raw


def everything(proposal: Proposal) -> Ticks:
    """All boxes; for a paper on which they were ticked by hand."""
    return Ticks(
        sources=tuple(range(len(proposal.sources))),
        facets=tuple(range(len(proposal.facets))),
        audiences=tuple(range(len(proposal.audiences))),
        recipients=tuple(range(len(proposal.recipients))),
        days=proposal.days,
        cooling_off_days=proposal.cooling_off_days,
    )


def _ticked(
    proposal: Proposal, ticks: Ticks
) -> tuple[tuple[SourceGrant, ...], tuple[Facet, ...], tuple[AudienceGrant, ...], tuple[Recipient, ...]]:
    if ticks.days > proposal.days:
        raise _refused(f"a term of {ticks.days} days is longer than what was proposed")
    sources = _chosen("sources", proposal.sources, ticks.sources)
    facets = _chosen("facets", proposal.facets, ticks.facets)
    audiences = _chosen("audiences", proposal.audiences, ticks.audiences)
    if not (facets and audiences and any(source.kind != "correction" for source in sources)):
        what = "nothing is granted while what is taken, from where, or who gets answers is left open"
        raise Refused("CONSENT_NOTHING", what, "tick one of each, or decline")
    return sources, facets, audiences, _chosen("recipients", proposal.recipients, ticks.recipients)


def _chosen(what: str, offered: Sequence[T], places: Sequence[int]) -> tuple[T, ...]:
    if len(set(places)) != len(places) or any(place >= len(offered) for place in places):
        raise _refused(f"`{what}` names something that was not proposed")
    return tuple(offered[place] for place in sorted(places))


def _joined(before: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*before, *more)))


def _refused(problem: str) -> Refused:
    return Refused("CONSENT_TICKS", problem, "choose among what the page shows")
