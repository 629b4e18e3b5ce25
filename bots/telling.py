"""After new material was distilled, the Owner and the Subject hear what is different now, and nobody else.

Distilling happens at the command line, where no platform is connected; so it leaves a job, and the running bot
tells. A version that came of little news says little: one message each, however often it is distilled.
"""

from __future__ import annotations

import hashlib

from msgspec import Struct

from adapters.model import Card, Person, Post, Quote
from bots import cards
from bots.outbox import queue
from bots.people import own_language, reach
from bots.portrait.audience import granted
from bots.portrait.words import ASPECTS, one_line
from bots.services import Services
from bots.wording import say
from persona_store.consent.policy import Ask, allow
from persona_store.consented import covered
from persona_store.distill.book import FacetBook
from persona_store.distill.difference import Difference, difference
from persona_store.distill.model import Facet
from persona_store.errors import Refused
from persona_store.model import GONE, Passage, Persona, may_read
from persona_store.protocols import Batch, NewJob

DISTILLED = "distilled"
SHOWN = 3  # facets that are new, as examples
WORTH = ("work_knowledge", "decision_patterns")  # what somebody wants to read about


class Told(Struct, frozen=True):
    persona: str
    before: int
    version: int


def job(services: Services, persona: str, before: int, version: int) -> NewJob:
    """One is waiting for each persona: what was distilled twice before the bot came to it is told once."""
    body = services.seal(Told(persona, before, version), DISTILLED)
    return NewJob(DISTILLED, f"distilled:{persona}", body, id=f"distilled:{persona}")


async def tell(services: Services, body: bytes) -> Batch:
    """The messages. Nothing where the persona is gone, or nobody can be reached."""
    what = services.unseal(body, DISTILLED, Told)
    persona = await services.personas.get(what.persona)
    if persona is None or persona.state in GONE:
        return Batch()
    try:
        file = await services.library.file(persona.name)
        book = FacetBook(file.sealed)
        consent = await services.consent(persona.name)
        before, after = [granted(await book.portrait(number), consent) for number in (what.before, None)]
        new = difference(before, after)
    except Refused:  # erased, or so many versions later that the one before is forgotten
        return Batch()
    if not (new.new or new.changed or new.gone):
        return Batch()
    cited = {citation.passage for facet in new.new for citation in facet.citations}
    reading = Ask("distil", services.clock.now())
    passages = {each.id: each for each in await file.get(cited) if covered(consent, each, reading)}
    batch = Batch()
    told: set[str] = set()
    for role, key in (("owner", persona.owner), ("subject", persona.subject)):
        person = await reach(services, key) if key else None
        if person is None or person.key in told or not await _may(services, persona, role):
            continue
        told.add(person.key)
        identities = await services.directory.identities(key)
        card = _card(persona, new, passages, identities, await own_language(services, person))
        batch = batch.plus(queue(services, Post(_key(what, person), card), to=person))
    return batch


async def _may(services: Services, persona: Persona, role: str) -> bool:
    consent = await services.consent(persona.name)
    return allow(consent, Ask("preview", services.clock.now(), role=role)).ok


def _card(
    persona: Persona, new: Difference, passages: dict[str, Passage], identities: frozenset[str], lang: str
) -> Card:
    """Quotes only what this reader could read where it stood."""
    counts = {"new": len(new.new), "changed": len(new.changed), "gone": len(new.gone)}
    shown = [facet for facet in new.new if facet.kind in WORTH and _readable(facet, passages, identities)]
    shown.sort(key=lambda facet: -facet.confidence)
    return Card(
        label=cards.label(persona, lang),
        text=say(lang, "distilled.told", name=persona.display_name, **{k: str(n) for k, n in counts.items()}),
        quotes=tuple(_quote(facet, passages, lang, persona) for facet in shown[:SHOWN]),
        notes=(say(lang, "distilled.more", name=persona.name),),
        tone="notice",
    )


def _readable(facet: Facet, passages: dict[str, Passage], identities: frozenset[str]) -> bool:
    cited = [passages.get(citation.passage) for citation in facet.citations]
    return bool(cited) and all(p is not None and may_read(p.readers, (identities,)) for p in cited)


def _quote(facet: Facet, passages: dict[str, Passage], lang: str, persona: Persona) -> Quote:
    citation = facet.citations[0]
    text = f"{say(lang, ASPECTS[facet.aspect])}: {one_line(citation.quote, 300)}"
    return cards.quote(passages[citation.passage], text, lang, persona)


def _key(what: Told, person: Person) -> str:
    digest = hashlib.sha256(f"{what.persona}\0{what.version}\0{person.key}".encode()).hexdigest()
    return f"distilled:{digest[:16]}"
