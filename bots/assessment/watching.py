"""A persona that has outgrown what was assessed falls silent, and owner and admins are told what changed.

Looked at when the bot starts and every hour after: a record, the settings or an offer may have changed meanwhile,
by whatever way (PIPL 55; GDPR 35(11); rights.md L14).
"""

from __future__ import annotations

import logging

from adapters.model import Post
from bots import cards, keys
from bots.assessment.footprint import Change
from bots.assessment.keeping import papers_of, stands, told
from bots.audit import line
from bots.outbox import queue
from bots.people import own_language, reach
from bots.services import Services
from bots.wording import say
from persona_store.errors import Refused, StoreError
from persona_store.model import Persona
from persona_store.papers import in_order
from persona_store.personas import transition
from persona_store.protocols import Batch

LOOK_EVERY = 3600.0  # seconds
STALE = "papers"  # why a persona is suspended: what has to be on paper does not cover it (any more)
log = logging.getLogger(__name__)


async def watch(services: Services) -> None:
    for persona in await services.personas.all():
        if persona.state not in ("live", "assessed"):
            continue
        try:
            await services.store.commit(await look(services, persona))
        except StoreError as error:  # changed this very moment, or broken: again in an hour; the others now
            log.warning("the papers of %s: %s", persona.name, type(error).__name__)


async def look(services: Services, persona: Persona, *, kept: Persona | None = None) -> Batch:
    """A Batch after which it is silent if its papers are not in order; one that only was assessed is no longer.
    `kept`: how it is kept, where what is looked at is what it is about to be. Raises Conflict."""
    kept = kept or persona
    consent = await services.consent(persona.name)
    if consent is None:
        return Batch()  # nothing is said without it, whatever else there is
    papers = await papers_of(services, persona, consent)
    if persona.state == "assessed":
        return await _changed(services, persona, kept, "") if papers.assessment != "valid" else Batch()
    try:
        in_order(persona, consent, papers)
    except Refused as refused:
        log.warning("%s is suspended: %s", persona.name, refused.code)
        changes = (await stands(services, persona, consent)).changes
        batch = await _changed(services, persona, kept, refused.code)
        for who in dict.fromkeys((persona.owner, *services.directory.admins)):
            batch = batch.plus(await _tell(services, persona, who, refused.code, changes))
        return batch
    return Batch()


async def _changed(services: Services, persona: Persona, kept: Persona, code: str) -> Batch:
    after = transition(persona, "stale", services.clock.now(), STALE if code else "")
    return Batch(
        puts=(services.personas.put(after),),
        unchanged=(await services.personas.unchanged(kept),),
        log=(line(services, persona.name, "assessment.stale", "", decision="done", code=code),),
    )


async def _tell(services: Services, persona: Persona, who: str, code: str, changes: tuple[Change, ...]) -> Batch:
    person = await reach(services, who) if who else None
    if person is None:
        return Batch()
    lang = await own_language(services, person)
    lines = "".join(f"\n- {each}" for each in told(changes, lang))
    text = say(lang, f"assessment.stopped_{code}", name=persona.display_name, id=persona.name, changes=lines)
    key = f"papers:{keys.short(persona.name, person.key, services.clock.now().isoformat())}"
    return queue(services, Post(key, cards.notice(text, lang=lang, tone="admin")), to=person)
