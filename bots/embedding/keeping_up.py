"""Vectors on the go: what was imported, learnt or changed gets one within seconds, while the bot runs."""

from __future__ import annotations

import logging

from bots.services import Services
from persona_store.errors import ModelError, Refused, StoreError
from persona_store.model import Persona
from persona_store.vector_book import VectorBook

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds
LATER = 60.0  # … after it did not answer
ACTOR = "system"


async def keep_up(services: Services) -> None:
    """Until cancelled; at once where no embedder is set."""
    if services.meaning is None:
        return
    while True:
        try:
            answered = await _round(services)
        except Exception as error:  # whatever it is, the bot answers by words meanwhile
            log.error("no vectors are made: %s", type(error).__name__, exc_info=log.isEnabledFor(10))
            answered = False
        await services.clock.sleep(LOOK_EVERY if answered else LATER)


async def _round(services: Services) -> bool:
    """Every persona that is there to be asked. False where the embedder does not answer."""
    if services.meaning is None or not await services.meaning.ready():
        return False
    for persona in await services.personas.all():
        if persona.state != "live":
            continue
        try:
            await catch_up(services, persona)
        except ModelError as error:
            log.warning("vectors are made later: %s", error)
            return False
        except Refused:
            continue  # consent was taken back, or it is frozen: as it should be
        except StoreError as error:
            log.warning("no vectors for now: %s", type(error).__name__)
    return True


async def catch_up(services: Services, persona: Persona) -> int:
    """How many were made. Costs next to nothing where nothing changed: the index is not even opened."""
    from bots.embedding.making import make, require_named  # needs numpy, which is there once an embedder is set

    if services.meaning is None:
        return 0
    record = await require_named(services, persona)
    file = await services.library.file(persona.name)
    if not await VectorBook(file.sealed, services.meaning.space).behind(record):
        return 0
    made = await make(services, persona, ACTOR, lambda done, total: None)
    if made.made:
        log.info("made %d vectors", made.made)
    return made.made
