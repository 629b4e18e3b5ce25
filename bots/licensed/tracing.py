"""Whose copy a text is: the phrase and tag of every pack that ever left, made again from the log and looked for.

The log says which pack went to whom and outlives the persona; they come from the installation's key. So
nothing else has to be kept, and nobody but this installation can say it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from bots.licensed.packing import seed_of
from bots.services import Services
from persona_store.audit import Line
from persona_store.licensed import canary


class Traced(Struct, frozen=True):
    """`by`: its phrase tells which pack it was; a tag only to whom it went, and then `pack` is the last one."""

    persona: str
    organisation: str
    pack: str
    at: datetime
    by: Literal["phrase", "tag"]


async def trace(services: Services, text: str) -> list[Traced]:
    """The packs from which something stands in this text, oldest first."""
    found: list[Traced] = []
    given: dict[tuple[str, str], Traced] = {}
    async for entry in services.store.log():
        if b'"licensed"' not in entry.body:
            continue  # most lines are about something else, and are not worth reading
        said = msgspec.json.decode(entry.body, type=Line)
        if said.action != "licensed":
            continue
        persona, org = said.persona, said.decision
        if canary.found(text, seed_of(services, persona, org, said.code)):
            found.append(Traced(persona, org, said.code, said.ts, "phrase"))
        if canary.tag(seed_of(services, persona, org)) in text:
            given[persona, org] = Traced(persona, org, said.code, said.ts, "tag")
    return sorted([*found, *given.values()], key=lambda each: each.at)
