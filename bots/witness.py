"""A checkpoint of the audit log for somebody who does not run the server to hold: on request, and with the message
that tells the end of a persona. Nobody is sent one unasked (rights.md §2D)."""

from __future__ import annotations

from bots.runtime import CHECKPOINTS
from bots.said import Said
from bots.services import Services
from bots.wording import say
from persona_store import audit
from persona_store.protocols import Batch

HOLDERS = frozenset(("subject", "owner", "deputy", "admin"))


async def shown(services: Services, lang: str) -> str:
    """The note as it has to be kept, to the letter, and what to do with it."""
    note = await audit.checkpoint(services.store, services.vault.signing_key(CHECKPOINTS))
    return say(lang, "witness.note") + "\n\n```\n" + note.decode().rstrip("\n") + "\n```"


async def checkpoint(services: Services, said: Said) -> Batch:
    """For those whom a rewritten log would wrong, of whatever persona."""
    roles = [await services.directory.roles(said.author, persona) for persona in await services.personas.all()]
    if not await services.directory.is_admin(said.author) and not any(HOLDERS & each for each in roles):
        return said.tell(services, say(said.lang, "witness.nobody"))
    return said.tell(services, await shown(services, said.lang))
