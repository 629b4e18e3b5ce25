"""From a Source to the persona's evidence: consent, then redaction, then passages; and what came of it, by reason.

Consent is asked before the source is opened and again for every single item. An import can be repeated: an item is
known by its source's own id, so the same export changes nothing and a newer one adds what is new.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Protocol

from msgspec import Struct

from persona_store.consent.policy import Ask, Decision, Origin, allow
from persona_store.consent.record import EVERY, Consent
from persona_store.errors import Refused
from persona_store.model import Document, Passage
from persona_store.protocols import Narrowed, Source
from persona_store.redaction import says_something
from persona_store.scrubbing import Scrubber
from persona_store.splitting import is_split, passages

Progress = Callable[[int, int], None]
"""Called every so often, and at the end, with how much was read, of how much, in bytes."""

CHUNK = 500


class Counts(Protocol):
    """What adding did: passages that were new, had changed, or stood there already."""

    @property
    def new(self) -> int: ...
    @property
    def changed(self) -> int: ...
    @property
    def same(self) -> int: ...


class Shelf(Protocol):
    """Where passages are kept: persona_store/evidence.py."""

    async def add(self, passages: Iterable[Passage]) -> Counts: ...

    async def remove(self, ids: Iterable[str]) -> int: ...

    def scan(self) -> AsyncIterator[tuple[int, Passage]]: ...


class ImportReport(Struct, frozen=True):
    """What an import did. No text, no names: it may be shown and kept."""

    kept: int  # items in the subject's own words
    context: int  # items in the words of others, kept to understand the subject's, never quoted
    dropped: dict[str, int]  # items left out, by reason
    removed: dict[str, int]  # secrets and the like taken out of items that were kept, by kind
    new: int
    changed: int
    same: int
    missing: int = 0  # kept by an earlier import, and no longer there in the time this one covers
    problems: tuple[str, ...] = ()  # files that could not be read, one line each
    described: int = 0  # items in which others describe the subject, quoted as theirs


# What a denied item means for that item only; any other denial is about the import as a whole.
_ABOUT_ITEM = ("CONSENT_CONTAINER", "CONSENT_PRIVATE", "CONSENT_DATES", "CONSENT_EXCLUDED", "CONSENT_AUTHOR")


async def run_import(
    source: Source,
    *,
    persona: str,
    consent: Consent | None,
    evidence: Shelf,
    now: datetime,
    progress: Progress | None = None,
) -> ImportReport:
    """Import everything consent covers. Raises Refused, before any content is read, if it covers nothing of it."""
    _check_before_reading(source, persona, consent, now)
    if isinstance(source, Narrowed):
        source.narrow(partial(_denied, consent, source.kind, now))
    run = _Run(evidence)
    scrubber = Scrubber()
    telling = asyncio.create_task(_tell(progress, source)) if progress else None
    try:
        await _read(source, consent, now, run, scrubber)
    finally:
        if telling:
            telling.cancel()
    if progress:
        progress(*source.progress)
    run.dropped.update(source.dropped)
    return run.report(scrubber.removed, await run.missing(source.kind), source.problems)


async def _tell(progress: Progress, source: Source) -> None:
    """Regularly, even while a long stretch of the export holds nothing to keep."""
    while True:
        progress(*source.progress)
        await asyncio.sleep(0.2)


async def _read(source: Source, consent: Consent | None, now: datetime, run: _Run, scrubber: Scrubber) -> None:
    async for document in source.documents():
        if document.at > now + timedelta(days=1):
            run.dropped["BAD_TIME"] += 1
            continue
        decision = allow(consent, Ask("import", now, facet=document.facet, origin=_origin(document)))
        if not decision.ok:
            run.dropped[decision.code] += 1
            continue
        for clean in scrubber.push(document):
            await run.keep(clean)
    for clean in scrubber.flush():
        await run.keep(clean)
    await run.flush()


def _check_before_reading(source: Source, persona: str, consent: Consent | None, now: datetime) -> None:
    """Whether consent covers this kind of source at all, asked about an item that does not exist."""
    anything = Origin(kind=source.kind, container=EVERY, at=now, by_subject=True)
    decision: Decision = allow(consent, Ask(action="import", now=now, origin=anything))
    if not decision.ok and decision.code not in _ABOUT_ITEM:
        raise Refused(decision.code, f"nothing of kind {source.kind!r} may be read for {persona!r}", decision.fix)


def _denied(consent: Consent | None, kind: str, now: datetime, container: str, private: bool) -> str:
    """Why nothing that stands there could be kept, whenever it was said; "" if something could."""
    codes = ["CONSENT_SOURCE"]
    for grant in consent.scope.sources if consent else ():
        if grant.kind == kind:
            at = datetime.combine(grant.first, time(), UTC)
            origin = Origin(kind, container, at, by_subject=True, private=private)
            decision = allow(consent, Ask(action="import", now=now, origin=origin))
            if decision.ok:
                return ""
            codes.append(decision.code)
    return next((code for code in reversed(codes) if code != "CONSENT_DATES"), codes[-1])


def _origin(document: Document) -> Origin:
    return Origin(
        kind=document.source,
        container=document.container,
        at=document.at,
        by_subject=document.by_subject,
        private=document.readers is not None,
        direct=document.direct,
        author=document.author,
        text=f"{document.title}\n{document.text}" if document.title else document.text,
    )


class _Stretch(Struct):
    """What an import brought of one container: from when to when, and how many passages."""

    first: datetime
    last: datetime
    passages: int = 0


class _Run:
    """What is waiting to be written, and the counts."""

    def __init__(self, evidence: Shelf) -> None:
        self._evidence = evidence
        self._waiting: list[Passage] = []
        self._kept = self._context = self._described = self._new = self._changed = self._same = 0
        self._stretches: dict[str, _Stretch] = {}
        self.dropped: Counter[str] = Counter()

    async def keep(self, document: Document) -> None:
        if not says_something(document.text):
            self.dropped["nothing_left"] += 1
            return
        cut = passages(document)
        if not cut:
            self.dropped["empty"] += 1
            await self._forget_beyond(document, 0)
            return
        if document.by_subject:
            self._kept += 1
        elif document.described:
            self._described += 1
        else:
            self._context += 1
        stretch = self._stretches.setdefault(document.container, _Stretch(document.at, document.at))
        stretch.first, stretch.last = min(stretch.first, document.at), max(stretch.last, document.at)
        stretch.passages += len(cut)
        self._waiting.extend(cut)
        if len(self._waiting) >= CHUNK:
            await self.flush()
        if is_split(document):
            await self._forget_beyond(document, len(cut))

    async def flush(self) -> None:
        if self._waiting:
            added = await self._evidence.add(self._waiting)
            self._new += added.new
            self._changed += added.changed
            self._same += added.same
            self._waiting = []

    async def _forget_beyond(self, document: Document, last: int) -> None:
        """A document that became shorter has fewer pieces than the last time."""
        while await self._evidence.remove(f"{document.id}#{last + number}" for number in range(1, 51)) == 50:
            last += 50

    async def missing(self, kind: str) -> int:
        """Somebody may have deleted it, or the export is of fewer channels' days: only the operator can tell, so it
        is told and nothing is removed."""
        if not self._same and not self._changed:
            return 0
        before: Counter[str] = Counter()
        async for _, passage in self._evidence.scan():
            stretch = self._stretches.get(passage.container)
            if stretch and passage.source == kind and stretch.first <= passage.at <= stretch.last:
                before[passage.container] += 1
        return sum(max(0, count - self._stretches[container].passages) for container, count in before.items())

    def report(self, removed: Counter[str], missing: int, problems: list[str]) -> ImportReport:
        return ImportReport(
            kept=self._kept,
            context=self._context,
            dropped=_sorted(self.dropped),
            removed=_sorted(removed),
            new=self._new,
            changed=self._changed,
            same=self._same,
            missing=missing,
            problems=tuple(problems),
            described=self._described,
        )


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())
