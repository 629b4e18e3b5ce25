"""What the Subject keeps back by kind, on their own page: what stands, what it would change, and doing it.

The same acts as `withhold` in the chat, for whoever has no account any more (rights.md §2B, T04).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from bots.services import Services
from bots.withheld import keeping, words
from bots.withheld.page import html
from bots.withheld.preview import Preview, preview
from bots.withholding import LARGE
from bots.wording import say
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.withheld.levels import CATEGORIES, LEVELS, Category, Level, Rule, at


class Kind(Struct, frozen=True):
    """One category as it stands. `least` is the lightest level that keeps anything of it back; `level` "" where
    nothing is kept back; `said` are words for it."""

    category: Category
    text: str
    about: str
    least: Level
    level: str
    said: str


class Look(Struct, frozen=True):
    """What would go: told in a line, and as a page of its own."""

    lead: str
    html: str
    sentences: int


async def kinds(services: Services, persona: Persona, lang: str) -> tuple[Kind, ...]:
    rule = (await keeping.standing(services, persona)).rule
    return tuple(_kind(each, rule, lang) for each in CATEGORIES)


async def look(
    services: Services, persona: Persona, categories: Sequence[Category], level: Level, lang: str
) -> Look:
    """Changes nothing. Raises Refused CATEGORY, LEVEL."""
    planned = await keeping.plan(services, persona, await _rule(services, persona, categories, level))
    large = await (await services.library.file(persona.name)).count() > LARGE
    shown = Preview(planned, (), ()) if large else await preview(services, persona, planned)
    return Look(words.lead(planned, lang), html(shown, persona, lang), sum(planned.counts.values()))


async def keep_back(
    services: Services, persona: Persona, categories: Sequence[Category], level: Level, actor: str
) -> keeping.Kept:
    """Looked up anew: material may have come in since it was looked at. Raises Refused CATEGORY, LEVEL."""
    planned = await keeping.plan(services, persona, await _rule(services, persona, categories, level))
    return await keeping.keep_back(services, persona, planned, actor)


async def release(services: Services, persona: Persona, categories: Sequence[Category], actor: str) -> None:
    """From now on it would be taken again; what went stays gone until it is imported. Raises Refused CATEGORY."""
    _some(categories)
    await keeping.release(services, persona, categories, items=False, actor=actor)


async def _rule(services: Services, persona: Persona, categories: Sequence[Category], level: Level) -> Rule:
    _some(categories)
    return keeping.wanted((await keeping.standing(services, persona)).rule, categories, level)


def _some(categories: Sequence[Category]) -> None:
    if not categories:
        raise Refused("CATEGORY", "no kind was chosen", "choose one or more of those that are shown")


def _kind(category: Category, rule: Rule, lang: str) -> Kind:
    level = rule.levels.get(category)
    return Kind(
        category=category,
        text=words.kind(category, lang),
        about=say(lang, _ABOUT[category]),
        least=next(each for each in LEVELS if category in at(each)),
        level=level or "",
        said=words.level(level, lang) if level else "",
    )


_ABOUT: dict[Category, str] = {
    "pitfall": "withhold.about_pitfall",
    "incident": "withhold.about_incident",
    "judgement": "withhold.about_judgement",
    "people": "withhold.about_people",
    "context": "withhold.about_context",
    "unique": "withhold.about_unique",
}
