"""What the page is given to show: the notice, every grant as a box of its own, in the reader's language."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from bots.people import reach
from bots.services import Services
from bots.subject import requests
from bots.subject.passes import Opened
from persona_store.consent import notice, summary
from persona_store.consent.proposal import Proposal
from persona_store.consent.record import AfterDeath, AudienceGrant, Facet, Licence, Recipient, SourceGrant
from persona_store.errors import Refused


class Box(Struct, frozen=True):
    """`grant` is what stands in the record if it is ticked: the page compares before it signs."""

    text: str
    grant: SourceGrant | Facet | AudienceGrant | Recipient


class Boxes(Struct, frozen=True):
    sources: tuple[Box, ...]
    facets: tuple[Box, ...]
    audiences: tuple[Box, ...]
    recipients: tuple[Box, ...]
    uses: tuple[str, ...]
    licence: tuple[str, ...]  # what use costs, in words
    terms: Licence
    days: int
    cooling_off_days: int
    after_death: AfterDeath


class Offer(Struct, frozen=True, tag="request", tag_field="view"):
    """A request as its subject sees it. `amends`: there is a record already, and its key signs this one, too.
    `takes_over`: there is one on paper, and a key of their own comes in its place. `address`: where it was
    mailed."""

    display_name: str
    controller: str
    contact: str
    owner: str
    deputy: str
    boxes: Boxes
    notice: str
    notice_sha256: str
    amends: bool
    until: datetime
    takes_over: bool = False
    address: str = ""


async def offer(services: Services, held: Opened, lang: str) -> Offer:
    """Raises Refused REQUEST_CLOSED."""
    request = await requests.load(services, held.held.persona)
    persona = await services.personas.get(held.held.persona)
    if request is None or persona is None or request.status != "open":
        raise Refused("REQUEST_CLOSED", "this request is closed", "write `mine` to the bot to open it again")
    proposal = request.proposal
    return Offer(
        display_name=persona.display_name,
        controller=summary.controller(proposal.controller, lang),
        contact=proposal.contact,
        owner=await _called(services, proposal.owner),
        deputy=await _called(services, proposal.deputy),
        boxes=boxes(proposal, lang),
        notice=notice.text(lang).decode(),
        notice_sha256=notice.sha256(lang),
        amends=await services.consents.newest(persona.name) is not None,
        until=held.held.until,
        address=request.address,
    )


async def _called(services: Services, key: str) -> str:
    """By name where a platform tells it, and as the record has it: that is what is signed."""
    person = await reach(services, key) if key else None
    return f"{person.name} ({key})" if person is not None and person.name else key


def shown_notice(lang: str) -> dict[str, str]:
    return {"notice": notice.text(lang).decode(), "notice_sha256": notice.sha256(lang)}


def boxes(proposal: Proposal, lang: str) -> Boxes:
    return Boxes(
        sources=tuple(Box(summary.source(each, lang), each) for each in proposal.sources),
        facets=tuple(Box(summary.facet(each, lang), each) for each in proposal.facets),
        audiences=tuple(Box(summary.audience(each, lang), each) for each in proposal.audiences),
        recipients=tuple(Box(summary.recipient(each, lang), each) for each in proposal.recipients),
        uses=tuple(summary.use(each, lang) for each in proposal.uses),
        licence=tuple(summary.licence(proposal.licence, lang)),
        terms=proposal.licence,
        days=proposal.days,
        cooling_off_days=proposal.cooling_off_days,
        after_death=proposal.after_death,
    )
