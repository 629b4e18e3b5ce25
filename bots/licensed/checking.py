"""Whether the licence a persona runs by still stands: what its Subject signed, handed in or read at the address
that the record names.

A revocation is a withdrawal: silence in the same commit, then erasure with a certificate, and nobody undoes it.
What cannot be reached is no revocation; but after a day without a word from there nothing is said any more, until
there is one again (rights.md T36).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Literal

import msgspec
from msgspec import Struct, structs

from adapters.model import Post
from bots import cards, keys
from bots.audit import line
from bots.licensed import records
from bots.licensed.taking import GRACE
from bots.outbox import queue
from bots.people import own_language, person_of, reach
from bots.retiring import Retiring
from bots.services import Services
from bots.wording import say
from persona_store.consent import parsing
from persona_store.consent.book import Chain
from persona_store.consent.draft import digest
from persona_store.errors import Refused, StoreError
from persona_store.licensed import address
from persona_store.licensed import standing as statements
from persona_store.licensed.address import Unreached
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, Put

EVER = datetime.min.replace(tzinfo=UTC)
EVERY = 3600.0  # seconds between two looks
LICENSOR = person_of("understudy:licence")  # on whose word it ends: the Subject's signature, brought by whomever

Fetch = Callable[[str], Awaitable[str]]
log = logging.getLogger(__name__)


class Seen(Struct, frozen=True):
    """`until` when it may answer without another look; `why` it could not be reached, "" where it was, or where the
    record names no address."""

    standing: Literal["stands", "revoked", "unreached", "unnamed"]
    until: datetime | None = None
    why: str = ""


async def revocation(services: Services, text: str) -> tuple[Persona, str]:
    """Which persona this text ends: one that runs here by the licence, or one that was packed here, and then for
    which organisation. Raises Refused STANDING if it ends none; a text that says the licence stands does not."""
    for persona in await services.personas.all():
        if await _ends(text, services.consents.chain(persona.name)):
            return persona, ""
        for org in await records.organisations(services, persona.name):
            if await _ends(text, records.of(services, persona.name, org)):
                return persona, org
    what = "this ends no licence that is known here"
    raise Refused(
        "STANDING", what, "give the whole text that the subject's `understudy consent revoke-licence` made"
    )


async def _ends(text: str, held: Awaitable[Chain | None]) -> bool:
    try:
        chain = await held
        return chain is not None and _said(text, chain) == "revoked"
    except Refused:  # it says something else; or the record was tampered with, and gives no rights to be ended
        return False


async def look(services: Services, persona: Persona, fetch: Fetch = address.fetch) -> Seen:
    """Ask every address the record names. The word of one counts, a revocation before all others."""
    chain = await services.consents.chain(persona.name)
    record = await services.consents.current(persona.name)
    if chain is None or record is None:  # nothing was signed yet: nothing is known of when it has to be seen
        return Seen("unnamed", persona.stands_until)
    if not (addresses := address.named(record.withdrawal.methods)):
        return Seen("unnamed")
    said, why = await _asked(addresses, chain, fetch)
    if "revoked" in said:
        return Seen("revoked")
    return Seen("stands", services.clock.now() + GRACE) if said else Seen("unreached", why=why)


async def _asked(addresses: Iterable[str], chain: Chain, fetch: Fetch) -> tuple[set[str], str]:
    said: set[str] = set()
    why = ""
    for each in addresses:
        try:
            said.add(_said(await fetch(each), chain))
        except Unreached as unreached:
            why = str(unreached)
        except Refused:  # whatever is there, the Subject did not sign it: as if nothing was
            why = "what it answered is not what the subject signed about this record"
    return said, why


def _said(text: str, chain: Chain) -> str:
    """What was said of an earlier record counts if it was said since the newest was signed."""
    signed = [parsing.parse(each.raw).event.time for each in chain.records]
    since = (*(signed[-1] for _ in signed[1:]), EVER)
    named = {digest(each.raw): at for each, at in zip(chain.records, since, strict=True)}
    return statements.read(text, chain.public_key, named).standing


async def check(services: Services, retiring: Retiring, persona: Persona, fetch: Fetch = address.fetch) -> Seen:
    """Look, and do what follows; of what the persona is by then, since looking takes its time."""
    seen = await look(services, persona, fetch)
    if seen.standing == "revoked":
        now = await services.personas.get(persona.name)
        if now is not None and now.state not in GONE:
            await services.store.commit(await ended(services, retiring, now))
        return seen
    raw = await services.personas.raw(persona.name)
    if raw is None or (persona := msgspec.json.decode(raw, type=Persona)).state in GONE:
        return seen
    if seen.standing == "unreached":
        log.warning("whether the licence of %s stands could not be seen: %s", persona.name, seen.why)
        await services.store.commit(await _told(services, persona))
        seen = structs.replace(seen, until=persona.stands_until or services.clock.now() + GRACE)
    if seen.until != persona.stands_until:
        await services.store.commit(_noted(services, persona, raw, seen))
    return seen


async def check_all(services: Services, retiring: Retiring, fetch: Fetch = address.fetch) -> None:
    """Every persona whose record names an address; a running bot does this hourly."""
    for persona in await services.personas.all():
        if persona.state in GONE:
            continue
        try:
            await check(services, retiring, persona, fetch)
        except (
            Refused,
            StoreError,
        ) as error:  # tampered with, broken, or changed just now: looked at the next time
            log.warning("the licence of %s: %s", persona.name, error)


async def ended(services: Services, retiring: Retiring, persona: Persona) -> Batch:
    """The Batch that silences; the erasure follows as after any withdrawal."""
    audited = line(services, persona.name, "licence.revoked", LICENSOR.key)
    begun = await retiring.begin(persona, LICENSOR, "withdraw", None, services.lang)
    return begun.plus(Batch(log=(audited,)))


def _noted(services: Services, persona: Persona, before: bytes, seen: Seen) -> Batch:
    noted = structs.replace(persona, stands_until=seen.until)
    return Batch(
        puts=(services.personas.put(noted),),
        unchanged=((services.personas.key(persona.name), before),),
        log=(line(services, persona.name, "licence.seen", LICENSOR.key, decision=seen.standing),),
    )


async def _told(services: Services, persona: Persona) -> Batch:
    """Its owner hears once that it fell silent, and why."""
    if persona.stands_until is None or services.clock.now() < persona.stands_until:
        return Batch()
    told = keys.unchecked(persona.name)
    since = persona.stands_until.isoformat()
    owner = await reach(services, persona.owner)
    if owner is None or await services.store.get(told) == since.encode():
        return Batch()
    lang = await own_language(services, owner)
    text = say(
        lang, "licensed.unchecked", name=persona.display_name, since=f"{persona.stands_until:%Y-%m-%d %H:%M}"
    )
    post = Post(f"unchecked:{persona.name}:{since}", cards.notice(text, lang=lang, tone="admin"))
    return queue(services, post, to=owner).plus(Batch(puts=(Put(told, since.encode()),)))
