"""Offers on the Subject's own page: laid there by an admin, or brought by the Subject, and theirs to take or leave.

An offer is fixed as boxes the moment it is laid, so that what is read is what is signed. An organisation asks once:
for a month its offer may be put right, and after that not be repeated before half a year is over. Whether it was
declined is known to this sealed record and to nobody else: whoever lays one sees the same either way (PIPL 16;
rights.md L04).
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct, structs

from adapters.model import Post
from bots import cards, keys
from bots.audit import line
from bots.letters import sending, writing
from bots.licensed import records
from bots.outbox import queue
from bots.people import own_language, person_of
from bots.services import Services
from bots.subject import passes
from bots.wording import say
from persona_store.consent import draft, licensing, parsing
from persona_store.consent.draft import Choices
from persona_store.consent.proposal import Proposal, Ticks, everything, given, proposed
from persona_store.consent.record import Excluded
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch, Put

OPEN_FOR = passes.TO_PLACE
"""As long as the link that is sent with it: so long it can be signed, and put right."""
AGAIN = OPEN_FOR + timedelta(days=180)
"""From the day it was laid: half a year after the last moment at which it could have been declined."""
MOST = 20  # that the Subject brought, at one time


class Laid(Struct, frozen=True):
    """`excluded`: what the offer itself leaves out. `brought`: by the Subject, as a file they were sent. `record`
    and `standing` are the bytes that wait for a signature, if they went that far; the second only with an address.
    """

    org: str
    proposal: Proposal
    excluded: Excluded
    at: datetime
    brought: bool = False
    status: Literal["open", "declined"] = "open"
    record: bytes = b""
    standing: bytes = b""

    @property
    def until(self) -> datetime:
        return self.at + OPEN_FOR

    @property
    def version(self) -> str:
        """Of what is offered: who read another one is told so, and signs nothing."""
        return hashlib.sha256(msgspec.json.encode((self.org, self.proposal, self.excluded))).hexdigest()

    def leaving_out(self, ticks: Ticks) -> Ticks:
        """What the Subject chose, and what the offer leaves out itself."""
        return structs.replace(
            ticks,
            containers=_joined(self.excluded.containers, ticks.containers),
            keywords=_joined(self.excluded.keywords, ticks.keywords),
            people=_joined(self.excluded.people, ticks.people),
        )


class Laying(NamedTuple):
    """A Batch after which it lies there, whether it put one right that was there before, and how the Subject hears:
    `chat`, `mail`, or not by us."""

    batch: Batch
    corrects: bool
    told: tuple[str, ...] = ()


class Found(NamedTuple):
    """With the bytes it was read from: what was decided on must still be so."""

    laid: Laid
    key: str
    raw: bytes


def offered(wishes: Choices, org: str, now: datetime) -> tuple[Proposal, Excluded]:
    """What an organisation would like, as boxes. Raises Refused for what no licence may say."""
    wanted = licensing.choices(structs.replace(wishes, controller=org), org)
    record = parsing.parse(draft.draft(wanted, now))
    licensing.checked(record, org)
    boxes = structs.replace(proposed(record, now.date()), cooling_off_days=wanted.cooling_off_days)
    given(boxes, everything(boxes), now, language=record.language)  # ticked whole, it is a yes to something
    return boxes, record.scope.excluded


async def lay(services: Services, persona: Persona, org: str, wishes: Choices, by: str) -> Laying:
    """By an admin. The Subject hears of a new one by direct message and by letter; of one that is put right they
    hear nothing. Raises Refused ASK_THROTTLED, OWNER_SUBJECT, CONSENT_MISSING, LICENCE_SUBLICENSE, LINK_INSECURE,
    or what `offered` raises."""
    now = services.clock.now()
    laid = await _checked(services, persona, Laid(org, *offered(wishes, org, now), at=now))
    key = _key(persona.name, _id("laid", org))
    before, raw = await services.read_raw(key, Laid)
    if before is not None and not now < before.until:
        what = f"the subject of {persona.name!r} had an offer of {org!r} already; it is not available"
        fix = f"they may take one to their own page at any time; ask again after {before.at + AGAIN:%Y-%m-%d}"
        raise Refused("ASK_THROTTLED", what, fix)
    if before is not None:
        laid = structs.replace(laid, at=before.at, status=before.status)
    batch = Batch(
        puts=(_put(services, key, laid),),
        unchanged=((key, raw), await services.personas.unchanged(persona)),
        log=(line(services, persona.name, "licence.offered", by, decision=org),),
    )
    if before is not None:
        return Laying(batch, corrects=True)
    told, ways = await _tell(services, persona, laid)
    return Laying(batch.plus(told), corrects=False, told=ways)


async def bring(services: Services, persona: Persona, org: str, wishes: Choices) -> tuple[str, Batch]:
    """By the Subject: (its id, a Batch after which it lies there). Nobody is told, and no log has it. Raises
    Refused as `lay` does, but for asking too often; OFFERS_FULL."""
    now = services.clock.now()
    laid = await _checked(services, persona, Laid(org, *offered(wishes, org, now), at=now, brought=True))
    id = _id("brought", org)
    lie = [other for other, there in await all_of(services, persona.name) if there.brought]
    if id not in lie and len(lie) >= MOST:
        what = f"{MOST} offers that the subject brought lie here already"
        raise Refused("OFFERS_FULL", what, "each closes after a month")
    put = _put(services, _key(persona.name, id), laid)
    return id, Batch(puts=(put,), unchanged=(await services.personas.unchanged(persona),))


async def all_of(services: Services, persona: str) -> list[tuple[str, Laid]]:
    """Those that can be answered, with their ids: the newest first."""
    prefix, now = _key(persona, ""), services.clock.now()
    found = [(key.removeprefix(prefix), laid) async for key, laid in services.all(prefix, Laid)]
    return sorted((each for each in found if now < each[1].until), key=lambda each: each[1].at, reverse=True)


async def load(services: Services, persona: str, id: str, version: str = "") -> Found:
    """Raises Refused OFFER_CLOSED where there is none (any more), OFFER_CHANGED where it is not that version."""
    key = _key(persona, id)
    laid, raw = await services.read_raw(key, Laid)
    if laid is None or raw is None or not services.clock.now() < laid.until:
        raise Refused("OFFER_CLOSED", "this offer is closed", "the organisation makes another one")
    if version and version != laid.version:
        raise Refused("OFFER_CHANGED", "the organisation changed its offer meanwhile", "read it again")
    return Found(laid, key, raw)


def changed(services: Services, found: Found, laid: Laid) -> Batch:
    return Batch(puts=(_put(services, found.key, laid),), unchanged=((found.key, found.raw),))


def taken(found: Found) -> Batch:
    """It was a yes: the organisation may ask for something further whenever there is cause."""
    return Batch(deletes=(found.key,), unchanged=((found.key, found.raw),))


def declined(services: Services, found: Found) -> Batch:
    """No reason is asked for, nobody is told, and no log has it. It can be read, and signed, after all."""
    return changed(services, found, structs.replace(found.laid, status="declined", record=b"", standing=b""))


async def _checked(services: Services, persona: Persona, laid: Laid) -> Laid:
    records.signable(persona)
    own = await services.consents.current(persona.name)
    if own is None:
        what = f"persona {persona.name!r} has no consent, and a licence is signed with its key"
        raise Refused("CONSENT_MISSING", what, f"first: `understudy consent request {persona.name} …`")
    licensing.kept_there(own, f"persona {persona.name!r}")
    mine = await services.directory.identities(persona.subject) if persona.subject else frozenset()
    if mine & {laid.proposal.owner, laid.proposal.deputy}:
        what = "who a persona is about cannot be who answers for what it does not know"
        raise Refused("OWNER_SUBJECT", what, "name somebody of the organisation")
    return laid


async def _tell(services: Services, persona: Persona, laid: Laid) -> tuple[Batch, tuple[str, ...]]:
    """A link of its own for each way: whoever reads one does not have the other. Raises Refused LINK_INSECURE."""
    batch, day = Batch(), laid.until.date().isoformat()
    ways: list[str] = []
    if persona.subject:
        subject = person_of(persona.subject)
        lang = await own_language(services, subject)
        link, issued = _link(services, persona, laid)
        text = say(lang, "licensed.offered", org=laid.org, name=persona.display_name, link=link, until=day)
        post = Post(f"offered:{keys.short(link)}", cards.notice(text, lang=lang, tone="admin", links=(link,)))
        batch = batch.plus(issued).plus(queue(services, post, to=subject))
        ways.append("chat")
    address = await sending.address_of(services, persona.name)
    if address and sending.set_up(services):
        lang = writing.language(await services.consents.current(persona.name), services.lang)
        link, issued = _link(services, persona, laid)
        letter = writing.offered(persona, laid.org, link, day, lang)
        batch = batch.plus(issued).plus(await sending.queue(services, persona.name, address, letter))
        ways.append("mail")
    return batch, tuple(ways)


def _link(services: Services, persona: Persona, laid: Laid) -> tuple[str, Batch]:
    token, issued = passes.issue(services, persona.name, "place", persona.subject, laid.until)
    return passes.link(services, token), issued


def _put(services: Services, key: str, laid: Laid) -> Put:
    """One that was laid is kept longer than it can be answered: it is not to be laid again so soon."""
    return Put(key, services.seal(laid, key), laid.until if laid.brought else laid.at + AGAIN)


def _key(persona: str, id: str) -> str:
    return keys.of_subject(persona, f"offer/{id}")


def _id(how: str, org: str) -> str:
    """An offer that was brought is apart from one that was laid: whoever lays one does not learn of the other."""
    return keys.short("offer", how, org)


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))
