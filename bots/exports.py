"""What left the installation in a file, noted for the certificate: an erasure does not reach it, and says so.

A note has the kind, the day, and who or what it went to, as whoever exported it named it. Notes go with the
persona; what the certificate says is made of them before (rights.md §2C: list residuals honestly).
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from bots import keys
from bots.services import Services
from persona_store.certificate import Residual
from persona_store.protocols import Put

LONGEST = 120  # characters of a name that somebody typed
LICENSED = "licensed"


class Exported(Struct, frozen=True):
    what: str  # bundle | skill | page | report | data: the subject's own copy | licensed: by a record of its own
    to: str
    at: datetime


def note(services: Services, persona: str, what: str, to: str) -> Put:
    """Rides on the change that makes the file, or is committed before it is written."""
    now = services.clock.now()
    key = f"{keys.EXPORTED}{persona}/{now:%Y%m%dT%H%M%S%f}-{keys.short(what, to)}"
    told = "".join(c if c.isprintable() else " " for c in to)[:LONGEST]
    return Put(key, services.seal(Exported(what, told, now), key))


async def noted(services: Services, persona: str) -> list[Exported]:
    """Oldest first."""
    found = []
    async for key, raw in services.store.scan(f"{keys.EXPORTED}{persona}/"):
        found.append(services.unseal(raw, key, Exported))
    return found


async def residuals(services: Services, persona: str) -> tuple[Residual, ...]:
    return tuple(map(_residual, await noted(services, persona)))


def _residual(each: Exported) -> Residual:
    if each.what == LICENSED:
        return Residual(
            where="licensed copy",
            why=f"packed on {each.at:%Y-%m-%d} for {each.to}, under a record between it and the subject",
            who_to_ask="the subject, whose signed revocation ends it there",
            until="that record ends or is revoked",
        )
    return Residual(
        where=f"exported {each.what}",
        why=f"written on {each.at:%Y-%m-%d} to {each.to}: a file out of this installation's reach",
        who_to_ask="whoever was given it; they must delete it when the subject withdraws",
        until="they do",
    )
