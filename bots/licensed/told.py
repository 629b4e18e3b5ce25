"""What the Subject signed last about whether a licence stands: kept, so that a download that was lost is none.

It goes as soon as something else is signed (bots/licensed/records.py): what is here is still so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from bots import keys
from bots.services import Services
from persona_store.protocols import Batch, Put


class Told(Struct, frozen=True):
    """`text` is what is published at the `addresses`, or sent to the organisation, whose `contact` the record
    names."""

    org: str
    standing: Literal["stands", "revoked"]
    at: datetime
    text: str
    addresses: tuple[str, ...]
    contact: str


def keep(services: Services, persona: str, told: Told) -> Batch:
    """It goes with the persona; whoever signed has the text."""
    key = _key(persona, told.org)
    return Batch(puts=(Put(key, services.seal(told, key)),))


def forget(persona: str, org: str) -> Batch:
    return Batch(deletes=(_key(persona, org),))


async def of(services: Services, persona: str, org: str) -> Told | None:
    return await services.read(_key(persona, org), Told)


async def all_of(services: Services, persona: str) -> list[Told]:
    """The newest first."""
    found = [told async for _, told in services.all(keys.of_subject(persona, "standing/"), Told)]
    return sorted(found, key=lambda told: told.at, reverse=True)


def _key(persona: str, org: str) -> str:
    return keys.of_subject(persona, f"standing/{keys.short(org)}")
