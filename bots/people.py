"""Reaching a human: which of their identities, on a platform that runs here, and how they are called there."""

from __future__ import annotations

import logging

from msgspec import structs

from adapters.errors import AdapterError, NotFound, Rejected, Unauthorised
from adapters.model import Person
from adapters.protocol import HasPeople
from bots import keys
from bots.services import Services

log = logging.getLogger(__name__)


def person_of(key: str, name: str = "") -> Person:
    platform, _, id = key.partition(":")
    return Person(platform=platform, id=id, name=name)


def shown(person: Person | None) -> str:
    """How a human is called in a sentence; a dash for nobody."""
    return (person.name or person.id) if person else "–"


async def reach(services: Services, key: str) -> Person | None:
    """The human behind `key` where we can write to them, or None: left, deactivated, or on no platform of ours.
    The identity the admin named comes first."""
    identities = await services.directory.identities(key)
    for candidate in sorted(identities, key=lambda k: (k != key, k)):
        person = person_of(candidate)
        adapter = services.adapters.get(person.platform)
        if adapter is None:
            continue
        if not isinstance(adapter, HasPeople):
            return person
        try:
            return await adapter.person(person.id)
        except AdapterError as error:
            if not isinstance(error, NotFound):
                # The platform is away, not the human: what we know is enough to queue a post for them.
                return person
            log.warning("%s is not on %s any more", candidate, person.platform)
    return None


async def profile(services: Services, person: Person) -> Person:
    """Somebody as their platform knows them now: an event does not always tell a guest from a colleague (rights.md
    T10). Raises AdapterError when the platform is away: to be waited for, as any failed job is."""
    adapter = services.adapters.get(person.platform)
    if person.external or not isinstance(adapter, HasPeople):
        return person
    try:
        return await adapter.person(person.id)
    except NotFound:
        return structs.replace(person, external=True)
    except (Rejected, Unauthorised):
        # We lack the right to look people up (`doctor` says so): what the event itself says has to do.
        return person


async def language(services: Services, person: Person, default: str = "") -> str:
    """What they chose with `/understudy lang`, else what they are spoken to in, else the installation's."""
    raw = await services.store.get(keys.language(person.key))
    return raw.decode() if raw else default or services.lang


async def own_language(services: Services, person: Person, default: str = "") -> str:
    """For whoever is written to about somebody else's words: what they chose, else what they last wrote in, else
    the language of those words."""
    raw = await services.store.get(keys.spoke(person.key))
    return await language(services, person, raw.decode() if raw else default)
