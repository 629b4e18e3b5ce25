"""What is kept of a report that a Subject has died, for as long as their persona is (rights.md L13)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from bots import keys
from bots.services import Services
from persona_store.consent.record import AfterDeath


class Report(Struct, frozen=True):
    """`by`: who reported it, as it was typed; `evidence`: SHA-256 of what shows it, a certificate of death, say;
    `until`: so long the Subject can undo it."""

    by: str
    evidence: str
    at: datetime
    until: datetime
    after: AfterDeath


async def reported(services: Services, persona: str) -> Report | None:
    return await services.read(key(persona), Report)


def key(persona: str) -> str:
    return keys.of_subject(persona, "death")
