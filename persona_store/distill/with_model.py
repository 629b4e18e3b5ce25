"""Distilling with a language model: what it would cost, asking it batch by batch, and what of it is believed.

What it answered is kept in the persona's file, so that a run that was cut off, or new material later, asks only
what was not asked before. Nothing is sent before consent names the model's operator (rights.md L15).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct, structs

from persona_store.completion import Usage, fingerprint
from persona_store.consent.record import Consent
from persona_store.distill import claims
from persona_store.distill.book import FacetBook
from persona_store.distill.claims import Asking, Claims
from persona_store.distill.distil import Progress, granted, usable
from persona_store.distill.model import Aspect, Facet
from persona_store.distill.reading import episodes
from persona_store.errors import BudgetSpent, ModelError, ModelMalformed
from persona_store.evidence import EvidenceFile
from persona_store.protocols import LanguageModel
from persona_store.tokens import content_tokens

ALIKE = 0.7
"""Share of common content words from which two claims of one aspect are the same, said twice."""
TOGETHER = 4  # questions on their way at once


Still = Callable[[], Awaitable[object]]


async def _silent() -> None: ...


class Plan(Struct, frozen=True):
    """What a run would ask. `usage` is at most; `known` questions were answered before and cost nothing."""

    asked: int
    known: int
    usage: Usage


class Told(Struct, frozen=True):
    """What came of a run. `failed` questions got no answer that could be read; `left` were not asked, because the
    budget was spent or the model could not be reached: `stopped` says why, and another run goes on from there."""

    facets: list[Facet]
    dropped: dict[str, int]
    usage: Usage
    asked: int
    known: int
    failed: int = 0
    left: int = 0
    stopped: str = ""


class Distiller:
    def __init__(
        self, file: EvidenceFile, model: LanguageModel, consent: Consent | None, now: datetime, *, context: bool
    ) -> None:
        """`context`: words of others go along (see claims.asking). Raises Refused CONSENT_RECIPIENT, or whatever
        else consent says: before anything is read."""
        self._kinds = granted(consent, now, model.recipient)
        self._file = file
        self._book = FacetBook(file.sealed)
        self._model = model
        self._consent = consent
        self._now = now
        self._context = context
        self._aspects: Sequence[Aspect] = claims.aspects_of(self._kinds)

    async def plan(self) -> Plan:
        """Sends nothing."""
        asked = known = 0
        usage = Usage(estimated=True)
        async for asking in self._askings():
            if await self._book.said(self._key(asking)) is not None:
                known += 1
            else:
                asked += 1
                usage += self._model.estimate(asking.prompt, Claims)
        return Plan(asked, known, usage)

    async def run(self, plan: Plan, progress: Progress, still: Still = _silent) -> Told:
        """Ask what `plan` counted. `still` is asked before any few questions are sent and raises Refused where
        nothing may be any more: a run may take hours, and a withdrawal must not wait for its end (rights.md L05).
        Raises ModelRefused if the endpoint does not want us at all."""
        total = plan.asked + plan.known
        told = _Tally()
        waiting: list[Asking] = []
        async for asking in self._askings():
            if told.stopped:
                told.left += 1
                continue
            waiting.append(asking)
            if len(waiting) == TOGETHER:
                await still()
                await self._ask(waiting, told)
                waiting = []
                progress(told.done, total)
        await still()
        await self._ask(waiting, told)
        progress(total, total)
        return told.told()

    async def _ask(self, askings: list[Asking], told: _Tally) -> None:
        answers = await asyncio.gather(*(self._one(asking, told) for asking in askings))
        for asking, answer in zip(askings, answers, strict=True):
            if answer is not None:
                found, dropped = claims.believed(answer, asking, self._aspects)
                told.facets.extend(found)
                told.dropped.update(dropped)

    async def _one(self, asking: Asking, told: _Tally) -> Claims | None:
        key = self._key(asking)
        kept = await self._book.said(key)
        if kept is not None:
            told.known += 1
            return msgspec.json.decode(kept, type=Claims)
        if told.stopped:
            told.left += 1
            return None
        try:
            completion = await self._model.complete(asking.prompt, Claims)
        except ModelMalformed:
            told.failed += 1
            return None
        except ModelError as error:
            told.left += 1
            told.stopped = error.code if isinstance(error, BudgetSpent) else str(error)
            return None
        told.asked += 1
        told.usage += completion.usage
        await self._book.keep_said(key, msgspec.json.encode(completion.value))
        return completion.value

    async def _askings(self) -> AsyncIterator[Asking]:
        batches = claims.Batches()
        async for episode in episodes(self._file):
            if batch := batches.push(usable(episode, self._consent, self._kinds, self._now)):
                yield claims.asking(batch, self._aspects, context=self._context)
        for batch in batches.flush():
            yield claims.asking(batch, self._aspects, context=self._context)

    def _key(self, asking: Asking) -> str:
        return fingerprint(self._model.name, asking.prompt, Claims)


class _Tally:
    def __init__(self) -> None:
        self.facets: list[Facet] = []
        self.dropped: Counter[str] = Counter()
        self.usage = Usage()
        self.asked = self.known = self.failed = self.left = 0
        self.stopped = ""

    @property
    def done(self) -> int:
        return self.asked + self.known + self.failed

    def told(self) -> Told:
        return Told(
            facets=merged(self.facets),
            dropped=dict(self.dropped.most_common()),
            usage=self.usage,
            asked=self.asked,
            known=self.known,
            failed=self.failed,
            left=self.left,
            stopped=self.stopped,
        )


def merged(facets: Sequence[Facet]) -> list[Facet]:
    """The same said in several batches is one facet that cites all of them; the surest wording stays."""
    kept: dict[Aspect, list[tuple[Facet, frozenset[str]]]] = {}
    for facet in sorted(facets, key=lambda facet: (-facet.confidence, facet.first, facet.id)):
        words = content_tokens(facet.text)
        same = kept.setdefault(facet.aspect, [])
        for index, (other, theirs) in enumerate(same):
            if len(words & theirs) >= ALIKE * len(words | theirs):
                same[index] = (_joined(other, facet), theirs)
                break
        else:
            same.append((facet, words))
    return [facet for same in kept.values() for facet, _ in same]


def _joined(one: Facet, other: Facet) -> Facet:
    citations = {(each.passage, each.quote): each for each in (*one.citations, *other.citations)}
    return structs.replace(
        one,
        citations=tuple(citations.values()),
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        confidence=min(0.95, round(one.confidence + 0.05, 2)),
    )
