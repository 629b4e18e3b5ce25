"""Distilling a persona, and what may be done with what came of it: compare, put back, strike.

Whoever calls this has looked who may: the operator at the command line, the Subject in the chat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct, structs

from bots import informing, telling
from bots.audit import line
from bots.services import Services
from bots.withheld.keeping import held_to_rule, remember
from persona_store import skill
from persona_store.consent import notice
from persona_store.consent.record import Facet as FacetKind
from persona_store.distill.book import FacetBook, Version
from persona_store.distill.difference import Difference, difference
from persona_store.distill.distil import Progress, distil, granted
from persona_store.distill.model import Facet, Portrait
from persona_store.distill.rules import KINDS as STATED
from persona_store.distill.status import settled
from persona_store.distill.with_model import Told, merged
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.model import Persona
from persona_store.personas import thawed
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


async def standing(services: Services, persona: Persona, number: int | None = None) -> Portrait:
    """What may be looked at of a version, the newest if no number is given: of the kinds that consent names now.
    Raises Refused VERSION_UNKNOWN, or the consent's code."""
    portrait = await (await book_of(services, persona)).portrait(number)
    if not portrait.version:
        return portrait
    kinds = granted(await services.consent(persona.name), services.clock.now())
    return structs.replace(portrait, facets=tuple(facet for facet in portrait.facets if facet.kind in kinds))


async def distil_by_rules(
    services: Services, persona: Persona, actor: str, *, progress: Progress, quiet: bool = False
) -> Distilled:
    """Without model and network. Owner and Subject are told what is different, unless `quiet`. Raises Refused if
    consent grants nothing of it."""
    file = await services.library.file(persona.name)
    consent = await services.consent(persona.name)
    notice.still_shown(consent)
    found = await distil(file, consent, services.clock.now(), progress=progress)
    said, brought = await _not_by_rules(file)  # what a model said stands until it is asked again
    return await _keep(services, persona, [*brought, *found, *said], actor, "rules", quiet=quiet)


async def distil_with_model(
    services: Services, persona: Persona, told: Told, actor: str, progress: Progress
) -> Distilled:
    """By rules, and with what a model said besides (persona_store/distill/with_model.py). What it had said before
    stands where it was not asked this time."""
    file = await services.library.file(persona.name)
    found = await distil(file, await services.consent(persona.name), services.clock.now(), progress=progress)
    before, brought = await _not_by_rules(file)
    said = merged([*told.facets, *(before if told.left or told.failed else ())])
    return await _keep(services, persona, [*brought, *found, *said], actor, "model")


async def _not_by_rules(file: EvidenceFile) -> tuple[list[Facet], list[Facet]]:
    """What stands and no rule would find again: what a model said, and what came in a skill, with its words."""
    facets = (await FacetBook(file.sealed).portrait()).facets
    cited = await file.get({citation.passage for facet in facets for citation in facet.citations})
    of_skills = {passage.id for passage in cited if passage.source == skill.SOURCE}
    brought = [
        facet for facet in facets if facet.citations and {each.passage for each in facet.citations} <= of_skills
    ]
    came = {facet.id for facet in brought}
    return [facet for facet in facets if facet.by == "model" and facet.id not in came], brought


async def adopt(services: Services, persona: Persona, facets: Sequence[Facet], actor: str) -> Distilled:
    """Facets that came with material that was imported, beside what there is, as far as consent names their kinds
    and their words were kept."""
    file = await services.library.file(persona.name)
    kinds = granted(await services.consent(persona.name), services.clock.now())
    cited = {citation.passage for facet in facets for citation in facet.citations}
    there = {passage.id: passage for passage in await file.get(cited)}
    taken = [facet for facet in skill.held(facets, there) if facet.kind in kinds]
    standing = (await FacetBook(file.sealed).portrait()).facets
    earlier = {facet.id for facet in (await _not_by_rules(file))[1]}
    older, own = ([facet for facet in standing if (facet.id in earlier) == brought] for brought in (True, False))
    return await _keep(services, persona, [*older, *taken, *own], actor, "skill")


async def _keep(
    services: Services, persona: Persona, facets: list[Facet], actor: str, how: str, *, quiet: bool = False
) -> Distilled:
    """Of one id the last counts: what the material itself says, before what a skill says of it."""
    kinds = await still_granted(services, persona)
    facets = list({facet.id: facet for facet in facets}.values())
    book = await book_of(services, persona)
    before = await book.portrait()
    now = services.clock.now()
    facets = await held_to_rule(services, persona, [facet for facet in facets if facet.kind in kinds])
    version = await book.keep(_settled(facets, now), now, "model" if how == "model" else "rules")
    after = await book.portrait()
    if version.number != before.version:
        audited = line(services, persona.name, "distilled", actor, decision=f"version={version.number}", code=how)
        told = Batch(log=(audited,))
        if not quiet:
            told = told.plus(Batch(jobs=(telling.job(services, persona.name, before.version, version.number),)))
            told = told.plus(informing.build(services, persona.name, versions=1))
        await services.store.commit(told)
    return Distilled(version, difference(before, after), after)


async def still_granted(services: Services, persona: Persona, recipient: str = "") -> tuple[FacetKind, ...]:
    """The kinds that may be distilled as of now, and given to `recipient` for it. Asked again and again, because
    distilling takes minutes, with a model hours. Raises Refused if the Subject froze it meanwhile, or took the
    consent back."""
    thawed(await services.personas.get(persona.name) or persona)
    consent = await services.consent(persona.name)
    notice.still_shown(consent)
    return granted(consent, services.clock.now(), recipient)


def _settled(facets: list[Facet], now: datetime) -> list[Facet]:
    """Statements of whatever origin may contradict each other, or one may replace another; measures cannot."""
    statements = [facet for facet in facets if facet.kind in STATED]
    return [*settled(statements, now), *(facet for facet in facets if facet.kind not in STATED)]


async def roll_back(services: Services, persona: Persona, number: int, actor: str) -> Version:
    """A new version equal to an old one. Raises Refused VERSION_UNKNOWN, or RESTRICTED."""
    thawed(persona)
    version = await (await book_of(services, persona)).roll_back(number, services.clock.now())
    decision, code = f"version={version.number}", f"of={number}"
    audited = line(services, persona.name, "rolled_back", actor, decision=decision, code=code)
    await services.store.commit(Batch(log=(audited,)))
    return version


def carrying(facets: Iterable[Facet]) -> tuple[str, ...]:
    """The passages that say what these say. Measures and names have examples, which say something else: those are
    not to go because somebody does not want their commas counted."""
    stated = (facet for facet in facets if facet.kind in STATED)
    return tuple(dict.fromkeys(citation.passage for facet in stated for citation in facet.citations))


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
    rests_on = carrying(standing[id] for id in ids) if evidence else ()
    audited = line(services, persona.name, "struck", actor, refs=tuple(ids))
    # Before anything goes: a crash in between must not bring it back with the next import.
    await services.store.commit(Batch(puts=kept_back(persona.name, rests_on), log=(audited,)))
    struck = await book.strike(ids)
    if rests_on:
        await remember(services, persona, rests_on)
        await (await services.library.file(persona.name)).remove(rests_on)
    return struck
