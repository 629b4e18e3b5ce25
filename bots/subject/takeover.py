"""A record on paper passes into the Subject's own hands: from one record to the next, their own key signs.

What a paper proves is the word of two witnesses and of whoever typed it in. So the way out of it must not be the
operator's either. It begins with a link that goes by letter to the private address that was given with the paper,
is shown to nobody and works once; the paper's record holds a keyed hash of that address, so that it cannot be
exchanged later. Behind the link the Subject signs the next record on their own device; the key under the paper
endorses that key, for that record, and counts for nothing from then on (persona_store/consent/book.py).
"""

from __future__ import annotations

import re
from datetime import timedelta

from bots import keys
from bots.audit import line
from bots.consenting import PAPER, in_force
from bots.letters import sending, writing
from bots.services import Services
from bots.subject import passes, signing, telling
from bots.subject.passes import Opened
from bots.subject.signing import Draft, Signed
from persona_store.consent import notice, parsing
from persona_store.consent import signing as signatures
from persona_store.consent.proposal import Ticks
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch, Put

GOOD_FOR = timedelta(days=14)
AGAIN = timedelta(days=1)
_BOUND = re.compile(r"; address hmac:([0-9a-f]{32})\Z")


def bound(services: Services, address: str) -> str:
    """What a paper's proof says of the address: nothing to whoever does not have both."""
    return f"; address hmac:{services.vault.stand_in('paper address', address)}" if address else ""


async def ask(services: Services, persona: Persona, actor: str) -> Batch:
    """A Batch that sends the link. Raises Refused TAKEOVER where there is no paper or no address to go by, MAIL
    where nothing sends, ASK_THROTTLED for the second within a day, LINK_INSECURE."""
    consent = await _paper(services, persona)
    address = await sending.address_of(services, persona.name)
    if not address or bound(services, address) not in _proof(consent):
        what = f"no private address was given with the paper of {persona.name!r}, or it is not that one any more"
        raise Refused("TAKEOVER", what, "the subject withdraws, and is asked anew: `understudy consent request`")
    if not sending.set_up(services):
        raise Refused("MAIL", "no mail server is set up, and the link goes by letter alone", "set mail.host")
    key = keys.of_subject(persona.name, "takeover")
    now = services.clock.now()
    if await services.store.get(key) is not None:
        raise Refused("ASK_THROTTLED", "the link was sent within the last day", "look into the private mailbox")
    token, issued = passes.issue(services, persona.name, "takeover", persona.subject, now + GOOD_FOR)
    link = passes.link(services, token) if passes.reachable(services) else ""
    lang = writing.language(consent, services.lang)
    letter = writing.takeover(persona, link, token, now + GOOD_FOR, lang)
    audited = line(services, persona.name, "takeover.asked", actor)
    mark = Batch(puts=(Put(key, b"", now + AGAIN),), absent=(key,), log=(audited,))
    return mark.plus(issued).plus(await sending.queue(services, persona.name, address, letter))


async def offer(services: Services, held: Opened, lang: str) -> telling.Offer:
    """What stands on the paper, as boxes: all of it, or less."""
    persona = await signing.persona_of(services, held.held.persona)
    consent = await _paper(services, persona)
    proposal = await signing.narrowest(services, persona.name)
    if proposal is None:  # _paper has raised
        raise _none(persona.name)
    return telling.Offer(
        display_name=persona.display_name,
        controller=proposal.controller,
        contact=proposal.contact,
        owner=consent.owner.id,
        deputy=consent.deputy.id if consent.deputy else "",
        boxes=telling.boxes(proposal, lang),
        notice=notice.text(lang).decode(),
        notice_sha256=notice.sha256(lang),
        amends=False,
        until=held.held.until,
        takes_over=True,
        address=await sending.address_of(services, persona.name),
    )


async def to_sign(services: Services, held: Opened, ticks: Ticks, lang: str) -> Draft:
    await _paper(services, await signing.persona_of(services, held.held.persona))
    return await signing.to_narrow(services, held, ticks, lang)


async def sign(services: Services, held: Opened, signature: str, public_key: bytes, address: str) -> Signed:
    """The record with the Subject's signature, and the paper's key under theirs; the link is spent in the same
    commit. Raises Refused CONSENT_INVALID, CONSENT_NO_DRAFT, TAKEOVER."""
    persona = await signing.persona_of(services, held.held.persona)
    await _paper(services, persona)
    raw, waiting = await signing.drafted(services, persona.name)
    signatures.verify(raw, signature, public_key)  # before anything is endorsed
    endorsement = signatures.endorse(raw, public_key, services.vault.signing_key(PAPER))
    actor = held.held.who or persona.subject
    batch = await in_force(services, persona, raw, signature, public_key, actor, endorsement)
    batch = batch.plus(waiting).plus(held.spent)
    return await signing.finished(services, persona, raw, signature, public_key, address, batch)


async def _paper(services: Services, persona: Persona) -> Consent:
    raw = await services.consents.newest(persona.name)
    consent = parsing.parse(raw) if raw is not None else None
    if consent is None or consent.event.method != "paper":
        raise _none(persona.name)
    return consent


def _proof(consent: Consent) -> str:
    found = [each.ref for each in consent.lawful_basis if _BOUND.search(each.ref)]
    return found[0] if found else ""


def _none(name: str) -> Refused:
    return Refused(
        "TAKEOVER", f"the newest record of {name!r} is not on paper", "its subject's own key signs already"
    )
