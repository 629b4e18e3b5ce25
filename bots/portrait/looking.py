"""From what is kept of a persona to its page: read once, and counted for the page's own readers."""

from __future__ import annotations

from bots.portrait.audience import granted
from bots.portrait.model import Page
from bots.portrait.page import page
from bots.services import Services
from persona_store import withholding
from persona_store.consent.policy import Ask
from persona_store.consented import covered
from persona_store.distill.book import FacetBook
from persona_store.distill.coverage import CoverageFinder
from persona_store.distill.distil import granted as kinds_granted
from persona_store.distill.gaps import Gaps
from persona_store.distill.model import Portrait
from persona_store.distill.reading import episodes
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.model import Passage, Persona, Readers
from persona_store.withheld.book import WithheldBook
from persona_store.withheld.cutting import ITEM


async def look(
    services: Services, persona: Persona, lang: str, *, version: int | None = None, readers: Readers = None
) -> Page:
    """Raises Refused NOT_DISTILLED, VERSION_UNKNOWN, or the consent's code: what consent no longer covers is not on
    it. `readers`: None for the whole team."""
    file = await services.library.file(persona.name)
    book = FacetBook(file.sealed)
    portrait = await book.portrait(version)
    if not portrait.version:
        what = f"nothing was distilled of {persona.name!r} yet"
        raise Refused("NOT_DISTILLED", what, f"run `understudy persona distil {persona.name}` first")
    previous = await _before(book, portrait)
    consent, now = await services.consent(persona.name), services.clock.now()
    kinds_granted(consent, now)
    ask = Ask("distil", now)
    key = file.sealed.mac(b"pseudonyms of colleagues")
    coverage, gaps = CoverageFinder(readers, key=key), Gaps()
    answering = {who: await services.directory.identities(who) for who in (persona.owner, persona.deputy) if who}
    names: dict[str, str] = {}
    kept: dict[str, Passage] = {}
    cited = {citation.passage for facet in portrait.facets for citation in facet.citations}
    async for episode in episodes(file):
        seen = tuple(passage for passage in episode if covered(consent, passage, ask))
        coverage.see(seen)
        gaps.see(seen)
        kept.update((passage.id, passage) for passage in seen if passage.id in cited)
        for passage in seen:
            names |= {who: passage.author_name for who, keys in answering.items() if passage.author in keys}
    found = gaps.gaps(granted(portrait, consent).facets, now)
    named = {id for gap in found for id in gap.passages} - kept.keys()
    kept.update((passage.id, passage) for passage in await file.get(named) if covered(consent, passage, ask))
    return page(
        persona,
        portrait,
        previous,
        coverage.coverage(),
        found,
        kept,
        consent,
        lang,
        readers,
        colleagues=coverage.colleagues,
        names=names,
        withheld=await _withheld(services, persona, file),
    )


async def _withheld(services: Services, persona: Persona, file: EvidenceFile) -> int:
    """Single things, and sentences by category; what was pointed at counts once."""
    counts = await WithheldBook(file.sealed).counts()
    pointed = len(await withholding.hashes(services.store, persona.name))
    return pointed + sum(count for kind, count in counts.items() if kind != ITEM)


async def _before(book: FacetBook, portrait: Portrait) -> Portrait | None:
    earlier = [version.number for version in await book.versions() if version.number < portrait.version]
    return await book.portrait(max(earlier)) if earlier else None
