"""Checkpoints of the audit log for those who do not run the server to hold: on request, with every message that
tells the going live or the end of a persona, and to each of its Owner and Subject once a month, never more
(rights.md §2D).

Only who holds an older one can tell that a log was cut off or written anew; so they have to get them unasked.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime, timedelta

import msgspec

from adapters.model import Post
from bots import cards, keys
from bots.letters import sending, writing
from bots.outbox import queue
from bots.people import own_language, reach
from bots.said import Said
from bots.services import Services
from bots.subject import passes
from bots.wording import say
from persona_store import audit
from persona_store.errors import StoreError
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, Put

CHECKPOINTS = "checkpoints"  # which of the installation's keys signs the log
log = logging.getLogger(__name__)

HOLDERS = frozenset(("subject", "owner", "deputy", "admin"))
EVERY = timedelta(days=30)
NOTHING_TO_HOLD = ("draft", "requested", *GONE)
"""States in which there is nothing yet, or nothing more, that somebody holds a proof of."""


async def note(services: Services) -> bytes:
    """The log as it stands now, signed (c2sp.org/tlog-checkpoint)."""
    return await audit.checkpoint(services.store, services.vault.signing_key(CHECKPOINTS))


def told(note: bytes, lang: str) -> str:
    """The note as it has to be kept, to the letter, and what to do with it."""
    return say(lang, "witness.note") + "\n\n```\n" + note.decode().rstrip("\n") + "\n```"


async def shown(services: Services, lang: str) -> str:
    return told(await note(services), lang)


async def checkpoint(services: Services, said: Said) -> Batch:
    """For those whom a rewritten log would wrong, of whatever persona."""
    roles = [await services.directory.roles(said.author, persona) for persona in await services.personas.all()]
    if not await services.directory.is_admin(said.author) and not any(HOLDERS & each for each in roles):
        return said.tell(services, say(said.lang, "witness.nobody"))
    return said.tell(services, await shown(services, said.lang))


# ------------------------------------------------------------------ once a month


def held(services: Services, *who: str) -> Batch:
    """They were given one now: the month begins anew."""
    now = services.clock.now()
    puts = (Put(keys.witnessed(each), msgspec.json.encode(now), now + 3 * EVERY) for each in who if each)
    return Batch(puts=tuple(puts))


async def monthly(services: Services) -> None:
    """Whoever was given none for a month gets one, for all the personas that are theirs together."""
    theirs: defaultdict[str, list[Persona]] = defaultdict(list)
    for persona in await services.personas.all():
        if persona.state not in NOTHING_TO_HOLD:
            for who in {persona.subject, persona.owner} - {""}:
                theirs[who].append(persona)
    for who, personas in theirs.items():
        try:
            await _monthly(services, who, personas)
        except StoreError as error:  # another process was first, or one is being erased: the next time
            log.info("a checkpoint: %s", type(error).__name__)


async def _monthly(services: Services, who: str, personas: list[Persona]) -> None:
    key = keys.witnessed(who)
    before = await services.store.get(key)
    now = services.clock.now()
    if before is not None and now - msgspec.json.decode(before, type=datetime) < EVERY:
        return
    batch = held(services, who).plus(Batch(unchanged=((key, before),)))
    if before is not None:  # the first month begins when they are first seen
        batch = batch.plus(await _given(services, who, personas, now))
    await services.store.commit(batch)


async def _given(services: Services, who: str, personas: list[Persona], now: datetime) -> Batch:
    """By letter to a Subject whose private address is known, else by direct message."""
    made = await note(services)
    for persona in personas:
        if who == persona.subject:
            sent = await _mailed(services, persona, made, now)
            if sent.jobs:
                return sent
    person = await reach(services, who)
    if person is None:
        return Batch()
    lang = await own_language(services, person)
    text = say(lang, "witness.monthly") + "\n\n" + told(made, lang)
    post = Post(f"witness:{keys.short(who, now.isoformat())}", cards.notice(text, lang=lang))
    return queue(services, post, to=person)


async def _mailed(services: Services, persona: Persona, made: bytes, now: datetime) -> Batch:
    address = await sending.address_of(services, persona.name)
    link, issued = passes.to_place(services, persona.name, persona.subject)
    letter = writing.checkpoint(persona, await services.consent(persona.name), made, link, now)
    sent = await sending.queue(services, persona.name, address, letter)
    return sent.plus(issued) if sent.jobs else Batch()
