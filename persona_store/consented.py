"""A retriever that reads nothing consent does not cover: asked before it looks, and again for every passage found.

Consent may have been narrowed since a passage was imported (an amended record, an excluded word): what is kept is
then no longer what may be used.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from persona_store.consent.book import ConsentBook
from persona_store.consent.policy import Ask, Origin, allow
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import Findings, Passage, Readers
from persona_store.protocols import Clock, Retriever


class ConsentedRetriever:
    """Implements Retriever. Raises Refused with the consent's code where nothing may be read at all."""

    def __init__(self, retriever: Retriever, consents: ConsentBook, clock: Clock) -> None:
        self._retriever = retriever
        self._consents = consents
        self._clock = clock

    async def search(
        self,
        persona: str,
        text: str,
        *,
        context: str = "",
        readers: Readers,
        as_of: datetime | None = None,
        limit: int = 20,
    ) -> Findings:
        consent, now = await self._consents.current(persona), self._clock.now()
        decision = allow(consent, Ask(action="retrieve", now=now))
        if not decision.ok:
            raise Refused(decision.code, f"nothing of {persona!r} may be read", decision.fix)
        found = await self._retriever.search(
            persona, text, context=context, readers=readers, as_of=as_of, limit=limit
        )
        kept = tuple(e for e in found.evidence if covered(consent, e.passage, Ask("retrieve", now)))
        if kept[:1] != found.evidence[:1]:
            # Without what led the ranking its numbers say nothing any more: be honest and find nothing.
            return structs.replace(found, evidence=(), ranked_ids=())
        return structs.replace(found, evidence=kept)


def covered(consent: Consent | None, passage: Passage, ask: Ask) -> bool:
    """Whether this may still be done with a passage that was kept."""
    wanted = structs.replace(ask, origin=origin_of(passage))
    return all(allow(consent, structs.replace(wanted, facet=facet)).ok for facet in {ask.facet, passage.facet})


def origin_of(passage: Passage) -> Origin:
    """Where a passage that was kept stood, as far as the policy asks."""
    return Origin(
        kind=passage.source,
        container=passage.container,
        at=passage.at,
        by_subject=passage.by_subject,
        private=passage.readers is not None and passage.source != "correction",  # the owner's words are the owner's
        author=passage.author,
        text=f"{passage.title}\n{passage.text}",
    )
