"""A drill of the end: the silence of a retirement, measured and taken back, with nothing erased (NIST MANAGE 2.4).

The persona is silenced as a retirement begins, by one commit of its state, so that what is measured is what would
happen. Then it is watched how long anything that was in hand still goes out, and it speaks again. A drill that is
cut off leaves it suspended: on the safe side, and `resume` lifts that.
"""

from __future__ import annotations

import asyncio
import time

from msgspec import Struct

from bots import gate, keys
from bots.assessment.keeping import papers_of
from bots.audit import line
from bots.services import Services
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.personas import transition
from persona_store.protocols import Batch

DRILL = "drill"
LOOK_EVERY = 0.01  # seconds
WATCHED = 60.0  # seconds: as long as a silence may take (rights.md L05)


class Drill(Struct, frozen=True):
    """Seconds from the decision until nothing new could be said, and until nothing that was in hand was left.
    `placed`: posts that went out in between; `waiting`: jobs that were due when it began; `ended`: in hand was
    nothing more within the time watched."""

    persona: str
    silent: float
    quiet: float
    placed: int
    waiting: int
    ended: bool


async def drill(services: Services, persona: Persona, by: str) -> Drill:
    """Raises Refused ILLEGAL_STATE unless it is live: what is silent already measures nothing."""
    if persona.state != "live":
        what = f"persona {persona.name!r} is {persona.state}, and a drill is about one that speaks"
        raise Refused("ILLEGAL_STATE", what, f"`understudy persona live {persona.name}` first")
    before, waiting = await _placed(services, persona.name), (await services.store.backlog()).waiting
    began = time.monotonic()
    suspended = transition(persona, "suspend", services.clock.now(), DRILL)
    await _become(services, persona, suspended, by)
    seen = await services.personas.get(persona.name)
    consent = await services.consent(persona.name)
    if gate.check(seen, consent, None, "post", services.clock.now()) is None:
        raise Refused("DRILL", f"persona {persona.name!r} would still speak after it was silenced", "report this")
    silent = time.monotonic() - began
    while not (ended := not (await services.store.backlog()).claimed) and time.monotonic() - began < WATCHED:  # noqa: ASYNC110  # what is in hand is other processes', too
        await asyncio.sleep(LOOK_EVERY)
    quiet = time.monotonic() - began
    placed = len(await _placed(services, persona.name) - before)
    consent = await services.consent(persona.name)
    papers = await papers_of(services, suspended, consent)
    resumed = transition(suspended, "resume", services.clock.now(), consent=consent, papers=papers)
    await _become(services, suspended, resumed, by)
    return Drill(persona.name, round(silent, 4), round(quiet, 4), placed, waiting, ended)


async def _become(services: Services, before: Persona, after: Persona, by: str) -> None:
    """Raises Conflict if somebody else changed it meanwhile: their word counts, and a drill undoes nobody's."""
    put = services.personas.put(after)
    audited = line(services, before.name, f"{DRILL}.{after.state}", by, decision="done")
    unchanged = await services.personas.unchanged(before)
    await services.store.commit(Batch(puts=(put,), unchanged=(unchanged,), log=(audited,)))


async def _placed(services: Services, name: str) -> set[str]:
    return {key async for key, _ in services.store.scan(f"{keys.POSTED}{name}/")}
