"""Offering a persona beyond the organisation: to whom, what has to be filed for it, and that it was.

Use inside the organisation needs no filing (生成式人工智能服务管理暂行办法 2(3)). Offered to others, it waits until
the numbers are recorded (生成式办法 17; 算法推荐 24; 深度合成 19, 20; rights.md L24).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, structs

from bots.assessment import watching
from bots.audit import line
from bots.services import Services
from persona_store.errors import Refused
from persona_store.model import GONE, Filing, FilingKind, Offered, Persona
from persona_store.papers import FILINGS, filed, unfiled
from persona_store.protocols import Batch

ARTICLES: Mapping[FilingKind, tuple[str, ...]] = {
    "algorithm": ("互联网信息服务算法推荐管理规定 24", "互联网信息服务深度合成管理规定 19"),
    "service": ("生成式人工智能服务管理暂行办法 17",),
    "security": ("生成式人工智能服务管理暂行办法 17", "互联网信息服务深度合成管理规定 20"),
}
"""Where each duty stands."""
KINDS: tuple[FilingKind, ...] = tuple(ARTICLES)
LONGEST = 120


class Item(Struct, frozen=True):
    """A line of the checklist."""

    kind: FilingKind
    articles: tuple[str, ...]
    filing: Filing | None


def checklist(persona: Persona) -> tuple[Item, ...]:
    """What whom it is offered to calls for; () inside the organisation."""
    return tuple(Item(kind, ARTICLES[kind], filed(persona, kind)) for kind in FILINGS[persona.offered_to])


async def record(
    services: Services, persona: Persona, kind: FilingKind | None, number: str, authority: str, on: date, by: str
) -> Batch:
    """A Batch that keeps what an authority confirmed; without a kind, for everything that is still open. Raises
    Refused FILING where that is nothing, or what was typed is none."""
    _alive(persona)
    kinds = (kind,) if kind else unfiled(persona)
    if not kinds:
        what = f"nothing is open to be filed for {persona.name!r}, which is offered to {persona.offered_to}"
        raise Refused("FILING", what, "name what it is for with --kind, or see `understudy persona offer`")
    for what, text in (("--number", number), ("--authority", authority)):
        if not text or len(text) > LONGEST or not text.isprintable():
            raise Refused("FILING", f"{what} {text[:40]!r} cannot be", f"write up to {LONGEST} plain characters")
    if on > services.clock.now().date():
        raise Refused("FILING", f"--on {on} is still to come", "record it once it is confirmed")
    filings = (*persona.filings, *(Filing(each, number, authority, on) for each in kinds))
    return await _changed(
        services, persona, structs.replace(persona, filings=filings), "filed", by, "+".join(kinds)
    )


async def offer(services: Services, persona: Persona, to: Offered, by: str) -> Batch:
    """A Batch after which it is offered to somebody else. One that is live, and may not be offered there, falls
    silent in the same moment."""
    _alive(persona)
    after = structs.replace(persona, offered_to=to)
    return await _changed(services, persona, after, "offered", by, to)


async def _changed(services: Services, before: Persona, after: Persona, action: str, by: str, code: str) -> Batch:
    audited = line(services, after.name, action, by, decision="done", code=code)
    if after.state in ("live", "assessed") and (silenced := await watching.look(services, after, kept=before)).puts:
        return silenced.plus(Batch(log=(audited,)))
    return Batch(
        puts=(services.personas.put(after),),
        unchanged=(await services.personas.unchanged(before),),
        log=(audited,),
    )


def _alive(persona: Persona) -> None:
    if persona.state in GONE:
        raise Refused("RETIRED", f"persona {persona.name!r} is retired", "there is nothing left to offer")
