"""Distilling a persona, and what may be done with what came of it: compare, put back, strike.

Whoever calls this has looked who may: the operator at the command line, the Subject in the chat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from bots.audit import line
from bots.services import Services
from persona_store import skill
from persona_store.distill.book import FacetBook, Version
from persona_store.distill.difference import Difference, difference
from persona_store.distill.distil import Progress, distil, granted
from persona_store.distill.finder import Finder
from persona_store.distill.model import Facet, Portrait
from persona_store.distill.with_model import Told, merged
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch
from persona_store.withholding import kept_back


class Distilled(Struct, frozen=True):
    """What distilling made: a version (the newest again if nothing changed) and what is different in it."""

    version: Version
    difference: Difference
    portrait: Portrait


async def book_of(services: Services, persona: Persona) -> FacetBook:
    """Raises Refused KEY_GONE for a persona that is erased."""
    return FacetBook((await services.library.file(persona.name)).sealed)


async def distil_by_rules(
    services: Services, persona: Persona, actor: str, *, extra: Sequence[Finder] = (), progress: Progress
) -> Distilled:
    """Without model and network. Raises Refused if consent grants nothing of it."""
    file = await services.library.file(persona.name)
    consent = await services.consent(persona.name)
    found = await distil(file, consent, services.clock.now(), extra=extra, progress=progress)
    book = FacetBook(file.sealed)
    # What a model said before stands until it is asked again, as far as consent still names its kind.
    kinds = granted(consent, services.clock.now())
    kept = [facet for facet in (await book.portrait()).facets if facet.by == "model" and facet.kind in kinds]
    return await _keep(services, persona, [*found, *kept], actor, "rules")


async def distil_with_model(
    services: Services, persona: Persona, told: Told, actor: str, progress: Progress
) -> Distilled:
    """By rules, and with what a model said besides (persona_store/distill/with_model.py). What it had said before
    stands where it was not asked this time."""
    file = await services.library.file(persona.name)
    consent, now = await services.consent(persona.name), services.clock.now()
    found = await distil(file, consent, now, progress=progress)
    kinds = granted(consent, now)
    before = [f for f in (await FacetBook(file.sealed).portrait()).facets if f.by == "model" and f.kind in kinds]
    said = merged([*told.facets, *(before if told.left or told.failed else ())])
    return await _keep(services, persona, [*found, *said], actor, "model")


async def adopt(services: Services, persona: Persona, facets: Sequence[Facet], actor: str) -> Distilled:
    """Facets that came with material that was imported, beside what there is, as far as consent names their kinds
    and their words were kept."""
    file = await services.library.file(persona.name)
    kinds = granted(await services.consent(persona.name), services.clock.now())
    cited = {citation.passage for facet in facets for citation in facet.citations}
    there = {passage.id: passage for passage in await file.get(cited)}
    taken = [facet for facet in skill.held(facets, there) if facet.kind in kinds]
    standing = (await FacetBook(file.sealed).portrait()).facets
    return await _keep(services, persona, list({f.id: f for f in (*standing, *taken)}.values()), actor, "skill")


async def _keep(services: Services, persona: Persona, facets: list[Facet], actor: str, how: str) -> Distilled:
    book = await book_of(services, persona)
    before = await book.portrait()
    version = await book.keep(facets, services.clock.now(), "model" if how == "model" else "rules")
    after = await book.portrait()
    if version.number != before.version:
        audited = line(services, persona.name, "distilled", actor, decision=f"version={version.number}", code=how)
        await services.store.commit(Batch(log=(audited,)))
    return Distilled(version, difference(before, after), after)


async def roll_back(services: Services, persona: Persona, number: int, actor: str) -> Version:
    """A new version equal to an old one. Raises Refused VERSION_UNKNOWN."""
    version = await (await book_of(services, persona)).roll_back(number, services.clock.now())
    decision, code = f"version={version.number}", f"of={number}"
    audited = line(services, persona.name, "rolled_back", actor, decision=decision, code=code)
    await services.store.commit(Batch(log=(audited,)))
    return version


async def strike(
    services: Services, persona: Persona, ids: Iterable[str], actor: str, *, evidence: bool = True
) -> tuple[Facet, ...]:
    """Facets out of every version, never to come back; and, unless `evidence` is False, what they rest on is
    withheld: otherwise the same fact could still be quoted. Raises Refused FACET_UNKNOWN, and then nothing is
    struck."""
    book = await book_of(services, persona)
    ids = list(dict.fromkeys(ids))
    standing = {facet.id: facet for facet in (await book.portrait()).facets}
    if unknown := [id for id in ids if id not in standing]:
        raise Refused(
            "FACET_UNKNOWN",
            f"there is no facet {unknown[0][:40]!r}",
            f"see `understudy persona facets {persona.name}`",
        )
    rests_on = tuple(dict.fromkeys(c.passage for id in ids for c in standing[id].citations)) if evidence else ()
    audited = line(services, persona.name, "struck", actor, refs=tuple(ids))
    # Before anything goes: a crash in between must not bring it back with the next import.
    await services.store.commit(Batch(puts=kept_back(persona.name, rests_on), log=(audited,)))
    struck = await book.strike(ids)
    if rests_on:
        await (await services.library.file(persona.name)).remove(rests_on)
    return struck
