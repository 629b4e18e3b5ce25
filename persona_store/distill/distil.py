"""The whole way from what is kept to a portrait by rules alone: no model, no network, the same every time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from persona_store.consent.policy import Ask, allow
from persona_store.consent.record import Consent
from persona_store.consent.record import Facet as FacetKind
from persona_store.consented import covered
from persona_store.distill import rules
from persona_store.distill.finder import Finder
from persona_store.distill.model import ASPECTS, Facet
from persona_store.distill.names import Names
from persona_store.distill.reading import Episode, episodes
from persona_store.distill.rules import ByRules
from persona_store.distill.style import Style
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile

TOGETHER = 500  # passages a thread works on before the loop has its turn

Progress = Callable[[int, int], None]
"""Called with how many passages were read, of how many."""


def granted(consent: Consent | None, now: datetime, recipient: str = "") -> tuple[FacetKind, ...]:
    """The kinds that may be distilled, and given to `recipient` for it. Raises Refused with the consent's code if
    there is none."""
    asks = {kind: Ask("distil", now, facet=kind, recipient=recipient) for kind in ASPECTS}
    decisions = {kind: allow(consent, ask) for kind, ask in asks.items()}
    if not any(decision.ok for decision in decisions.values()):
        first = decisions["work_knowledge"]
        raise Refused(first.code, "nothing may be distilled", first.fix)
    return tuple(kind for kind, decision in decisions.items() if decision.ok)


def finders_of(kinds: Collection[FacetKind], key: bytes) -> list[Finder]:
    """What finds the facets of these kinds and no other; `key` makes the pseudonyms of this persona's people."""
    found: list[Finder] = []
    if by_rules := [kind for kind in kinds if kind in rules.KINDS]:
        found.append(ByRules(by_rules, key=key))
    if "communication_style" in kinds:
        found.append(Style())
    if "name_avatar" in kinds:
        found.append(Names())
    return found


async def distil(file: EvidenceFile, consent: Consent | None, now: datetime, *, progress: Progress) -> list[Facet]:
    """All facets that consent names, from the passages it still covers."""
    kinds = granted(consent, now)
    finders = finders_of(kinds, key=file.sealed.mac(b"pseudonyms of colleagues"))
    total = await file.count()
    done = held = 0
    waiting: list[Episode] = []
    async for episode in episodes(file):
        done += len(episode)
        held += len(episode)
        waiting.append(episode)
        if held >= TOGETHER:
            await asyncio.to_thread(_show, waiting, finders, consent, kinds, now)
            waiting, held = [], 0
            progress(done, total)
    await asyncio.to_thread(_show, waiting, finders, consent, kinds, now)
    found = [facet for finder in finders for facet in await asyncio.to_thread(finder.facets, now)]
    progress(total, total)
    return [facet for facet in found if facet.kind in kinds]


def usable(episode: Episode, consent: Consent | None, kinds: Sequence[FacetKind], now: datetime) -> Episode:
    """What of it may still be looked at: consent may have been narrowed since it was imported."""
    ask = Ask("distil", now, facet=kinds[0])  # what covers a passage is the same for every kind that is granted
    return tuple(passage for passage in episode if covered(consent, passage, ask))


def _show(
    waiting: list[Episode],
    finders: Sequence[Finder],
    consent: Consent | None,
    kinds: Sequence[FacetKind],
    now: datetime,
) -> None:
    for episode in waiting:
        if seen := usable(episode, consent, kinds, now):
            for finder in finders:
                finder.see(seen)
