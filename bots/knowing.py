"""Whom the owner could pass a question on to: those who wrote about it and can be reached now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from adapters.model import Person
from bots.agent.decision import humans_only
from bots.people import reach
from bots.services import Services
from persona_store.consent.policy import Ask
from persona_store.consented import covered
from persona_store.whom import Knower

NAMED = 2  # on a card
LOOKED_AT = 10  # of those who wrote about it, until so many of them can be reached
ABOUT_IT = 0.5
"""More than this of a question's words stand in a conversation they helped in, or they did not write about it."""


async def knowers(
    services: Services,
    persona: str,
    text: str,
    *,
    as_of: datetime | None = None,
    asked_at: datetime | None = None,
    without: Iterable[str] = (),
    limit: int = 3,
) -> list[Knower]:
    """Who wrote about it, the likeliest first, by what everyone in the team may read and consent still covers.
    Nobody for what is only for a human to say: no machine picks people for that (rights.md L09). With `as_of` and
    no `asked_at` it is asked as of then; with neither it may be of any time."""
    if humans_only(text):
        return []
    found = await services.library.whom(
        persona,
        text,
        readers=None,
        as_of=as_of,
        asked_at=asked_at or as_of,
        without=frozenset(without),
        limit=limit,
    )
    consent, ask = await services.consents.current(persona), Ask("retrieve", services.clock.now())
    file = await services.library.file(persona)
    return [each for each in found if any(covered(consent, p, ask) for p in await file.get(each.ids))]


async def may_know(
    services: Services, persona: str, text: str, *, without: Iterable[Person | str]
) -> tuple[Person, ...]:
    """… of whom those who are still there, at most NAMED, and none of `without` under any of their accounts."""
    keys = [each if isinstance(each, str) else each.key for each in without]
    known = {identity for key in keys if key for identity in await services.directory.identities(key)}
    now = services.clock.now()
    people: list[Person] = []
    for each in await knowers(services, persona, text, asked_at=now, without=known, limit=LOOKED_AT):
        if len(people) == NAMED:
            break
        if each.covers <= ABOUT_IT:
            continue
        person = await reach(services, each.person) if ":" in each.person else None
        if person is not None and not person.external and person.key not in {*known, *(p.key for p in people)}:
            people.append(person)
    return tuple(people)
