"""What the subject keeps back is taken out of everything the persona holds, and stays out.

Whoever calls this has looked who may: the Subject in the chat, or at the operator's keyboard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from bots.audit import line
from bots.services import Services
from bots.withheld.traces import forget_traces
from persona_store.distill.book import FacetBook
from persona_store.distill.model import ASPECTS as BY_KIND
from persona_store.distill.model import Aspect, Facet
from persona_store.model import Passage, Persona
from persona_store.protocols import Batch
from persona_store.withheld.book import WithheldBook
from persona_store.withheld.cutting import ITEM, Knife
from persona_store.withheld.levels import Category, Level, Rule
from persona_store.withheld.noting import noted
from persona_store.withheld.sweep import Plan, Progress, quotes_of, sweep
from persona_store.withholding import kept_back, prefix

STYLE = BY_KIND["communication_style"]

Item = Callable[[Passage], bool]


class Kept(Struct, frozen=True):
    """What was kept back: sentences by kind, passages that were shortened, and those that are gone."""

    counts: dict[str, int]
    shortened: int
    gone: int


class Standing(Struct, frozen=True):
    """What the subject keeps back now."""

    rule: Rule
    counts: dict[str, int]


def _silent(done: int, total: int) -> None: ...


async def standing(services: Services, persona: Persona) -> Standing:
    book = WithheldBook((await services.library.file(persona.name)).sealed)
    return Standing(await book.rule(), await book.counts())


async def plan(
    services: Services,
    persona: Persona,
    rule: Rule,
    *,
    item: Item | None = None,
    progress: Progress = _silent,
) -> Plan:
    """What would be kept back. Changes nothing."""
    file = await services.library.file(persona.name)
    facets = await _ever(FacetBook(file.sealed))
    return await sweep(file, rule, facets=facets, item=item, progress=progress)


async def _ever(book: FacetBook) -> list[Facet]:
    """Of every version: what an old one told, an export of it may still tell."""
    portraits = [await book.portrait(version.number) for version in await book.versions()]
    return list({facet.id: facet for portrait in portraits for facet in portrait.facets}.values())


async def keep_back(services: Services, persona: Persona, planned: Plan, actor: str) -> Kept:
    """The rule holds from here on, then its notes are written, and only then words go: a crash in between brings
    nothing back. Doing it again finishes what was cut off."""
    file = await services.library.file(persona.name)
    book, facets = WithheldBook(file.sealed), FacetBook(file.sealed)
    await book.choose(planned.rule)  # before it is looked whether something came in: from here on nothing does
    if await file.version() != planned.version:
        ids = {each.passage.id for each in planned.changes if any(h.kind == ITEM for h in each.cut.held)}
        planned = await plan(services, persona, planned.rule, item=lambda passage: passage.id in ids)
    pointed = [each.passage.id for each in planned.changes if any(held.kind == ITEM for held in each.cut.held)]
    levels = "+".join(f"{category}={level}" for category, level in planned.rule.levels.items())
    audited = line(
        services, persona.name, "withheld", actor, decision=f"passages={len(planned.changes)}", code=levels[:200]
    )
    await services.store.commit(Batch(puts=kept_back(persona.name, pointed), log=(audited,)))
    await book.note(planned.notes)
    gone = [each.passage.id for each in planned.changes if each.cut.passage is None]
    changed = [each.cut.passage for each in planned.changes if each.cut.passage is not None]
    await file.add(changed)
    await file.remove(gone)
    await facets.keep_back(_aspects(planned))
    await forget_traces(services, persona, frozenset(each.passage.id for each in planned.changes))
    return Kept(planned.counts, len(changed), len(gone))


async def remember(services: Services, persona: Persona, ids: Sequence[str]) -> None:
    """What stays known of single passages that the subject is about to take out: that they were there, and what
    they were about, by hash. To be called before they go; the caller keeps their ids out."""
    file = await services.library.file(persona.name)
    knife, mac = Knife(Rule(), {}, file.sealed.mac), file.sealed.mac
    passages = [passage for passage in await file.get(ids) if passage.by_subject]
    notes = [note for each in passages for note in noted(each, knife.whole(each), None, knife, mac)]
    if notes:
        await WithheldBook(file.sealed).note(notes)


def _aspects(planned: Plan) -> list[Aspect]:
    """Of facets: those of a category, and everything about style, where words are counted that nothing cites."""
    aspects = {aspect for kind in BY_KIND.values() for aspect in kind}
    kept = [aspect for aspect in aspects if planned.rule.keeps_aspect(aspect)]
    return [*kept, *(STYLE if planned.changes else ())]


async def release(
    services: Services, persona: Persona, categories: Sequence[Category], *, items: bool, actor: str
) -> Rule:
    """Narrower again. What went stays gone until it is imported again; from now on it would be taken."""
    file = await services.library.file(persona.name)
    book = WithheldBook(file.sealed)
    rule = (await book.rule()).without(tuple(categories))
    audited = line(
        services, persona.name, "released", actor, code="+".join((*categories, *((ITEM,) if items else ())))
    )
    deletes = [key async for key, _ in services.store.scan(prefix(persona.name))] if items else []
    await services.store.commit(Batch(deletes=tuple(deletes), log=(audited,)))
    await book.choose(rule)
    await book.release((*categories, *((ITEM,) if items else ())))
    return rule


async def tell_category(services: Services, persona: Persona, told: bool, actor: str) -> Rule:
    """Whether askers hear of which category an answer would have been."""
    book = WithheldBook((await services.library.file(persona.name)).sealed)
    rule = structs.replace(await book.rule(), told=told)
    audited = line(services, persona.name, "withheld.told", actor, decision="yes" if told else "no")
    await services.store.commit(Batch(log=(audited,)))
    await book.choose(rule)
    return rule


def wanted(rule: Rule, categories: Sequence[Category], level: Level) -> Rule:
    """The rule as the subject wants it. Raises Refused LEVEL."""
    return rule.with_(tuple(categories), level) if categories else rule


async def held_to_rule(services: Services, persona: Persona, facets: Sequence[Facet]) -> list[Facet]:
    """What distilling just found, without what is kept back; the sentences it found there are kept back with it,
    although no cue had told them: else they could still be quoted."""
    file = await services.library.file(persona.name)
    book = WithheldBook(file.sealed)
    rule = await book.rule()
    kept = [facet for facet in facets if rule.keeps_aspect(facet.aspect) is None]
    quotes = quotes_of(facets, rule)
    if not quotes:
        return kept
    knife, mac = Knife(Rule(), {}, file.sealed.mac, quotes), file.sealed.mac
    passages = await file.get(quotes)
    cuts = [(passage, knife.cut(passage)) for passage in passages]
    await book.note(note for passage, cut in cuts for note in noted(passage, cut, None, knife, mac))
    await file.add(cut.passage for _, cut in cuts if cut.passage is not None)
    await file.remove(passage.id for passage, cut in cuts if cut.passage is None)
    left = {passage.id: cut.passage.text if cut.passage else "" for passage, cut in cuts}
    return [f for f in kept if all(each.quote in left.get(each.passage, each.quote) for each in f.citations)]
