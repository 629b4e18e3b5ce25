"""From what is kept of a persona to the questions of a sitting: read once, when it begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from msgspec import structs

from bots import keys
from bots.interview.plan import IN_A_SITTING, Question, plan
from bots.portrait.audience import granted, open_to, visible
from bots.services import Services
from persona_store.consent.policy import Ask
from persona_store.consented import covered
from persona_store.distill.book import FacetBook
from persona_store.distill.gaps import Gaps
from persona_store.distill.reading import Episode, episodes
from persona_store.model import Passage, Persona

TOGETHER = 500  # passages that are looked at before everybody else has their turn


async def questions(services: Services, persona: Persona, most: int = IN_A_SITTING) -> tuple[Question, ...]:
    """Of gaps that the whole team may know of, since question and answer are kept for the whole team. Where nothing
    was distilled yet, the basics and what was asked in vain."""
    file = await services.library.file(persona.name)
    consent, now = await services.consent(persona.name), services.clock.now()
    portrait = granted(await FacetBook(file.sealed).portrait(), consent)
    ask = Ask("distil", now)
    gaps = Gaps()
    waiting: list[Episode] = []
    async for episode in episodes(file):
        waiting.append(tuple(passage for passage in episode if covered(consent, passage, ask)))
        if sum(map(len, waiting)) >= TOGETHER:
            await asyncio.to_thread(_see, gaps, waiting)
            waiting = []
    await asyncio.to_thread(_see, gaps, waiting)
    found = await asyncio.to_thread(gaps.gaps, portrait.facets, now)
    kept = await _passages(services, persona, {id for gap in found for id in gap.passages})
    cited = {citation.passage for facet in portrait.facets for citation in facet.citations}
    open_facets = visible(
        structs.replace(portrait, facets=tuple(f for f in portrait.facets if f.kind == "work_knowledge")),
        await _passages(services, persona, cited),
        None,
        all_told=False,
    )
    return plan(open_to(found, kept, None), open_facets, await done(services, persona.name), most)


async def done(services: Services, persona: str) -> frozenset[str]:
    """The ids of what was answered or skipped."""
    prefix = keys.interviewed(persona, "")
    return frozenset([key.removeprefix(prefix) async for key, _ in services.store.scan(prefix)])


async def _passages(services: Services, persona: Persona, ids: Iterable[str]) -> dict[str, Passage]:
    file = await services.library.file(persona.name)
    return {passage.id: passage for passage in await file.get(sorted(ids))}


def _see(gaps: Gaps, waiting: list[Episode]) -> None:
    for episode in waiting:
        gaps.see(episode)
