"""Which organisation pays for what is asked where. Pure, but for reading and keeping what the operator said.

A record that names one organisation leaves no question. Where it names several, the operator says which chats are
whose; what is asked where nobody pays for it is not answered.
"""

from __future__ import annotations

from msgspec import Struct

from adapters.model import Thread
from bots import keys
from bots.services import Services
from persona_store.consent.record import Licence
from persona_store.errors import Refused
from persona_store.protocols import Batch, Put


class Chats(Struct, frozen=True):
    """`slack:C1` or `slack:*` → organisation."""

    of: dict[str, str] = {}


def payers(licence: Licence) -> tuple[str, ...]:
    """Who pays by a record: nobody where use costs nothing, whomever it names."""
    return licence.orgs if licence.model != "none" else ()


def payer(licence: Licence, where: Thread, chats: Chats) -> str:
    """The organisation, or "" where none can be told. A direct chat belongs to whom its whole platform does."""
    if len(licence.orgs) == 1:
        return licence.orgs[0]
    named = "" if where.direct else chats.of.get(where.chat_key, "")
    org = named or chats.of.get(f"{where.platform}:*", "")
    return org if org in licence.orgs else ""


async def payer_at(services: Services, persona: str, licence: Licence, where: Thread) -> str:
    """The same; what the operator said is read only where the record leaves a question."""
    return payer(licence, where, await chats_of(services, persona) if len(licence.orgs) > 1 else Chats())


async def chats_of(services: Services, persona: str) -> Chats:
    return await services.read(_key(persona), Chats) or Chats()


async def assign(services: Services, persona: str, licence: Licence, org: str, places: tuple[str, ...]) -> Batch:
    """A Batch after which what is asked in these chats is paid for by that organisation. Raises Refused LICENCE_ORG
    for one that the record does not name."""
    if org not in licence.orgs:
        known = ", ".join(licence.orgs) or "none"
        raise Refused("LICENCE_ORG", f"the record of {persona!r} does not name {org[:60]!r}", f"it names {known}")
    before, raw = await services.read_raw(_key(persona), Chats)
    after = Chats({**(before or Chats()).of, **dict.fromkeys(places, org)})
    key = _key(persona)
    return Batch(puts=(Put(key, services.seal(after, key)),), unchanged=((key, raw),))


def _key(persona: str) -> str:
    return keys.of_subject(persona, "licence-chats")
