"""Keeps everything going: workers take jobs, what fails is retried, and a stop ends what is in hand in peace."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from adapters.errors import AdapterError
from adapters.model import Message, Press
from bots import inbox, keys, uninstalling, witness
from bots.people import language
from bots.replies import alone
from bots.services import Services
from bots.wording import say
from persona_store.errors import Conflict, Refused, StoreBroken, StoreError
from persona_store.protocols import Batch, Claim, Put

log = logging.getLogger(__name__)

LEASE = 15.0  # seconds a process may be silent before another takes over; by then its last request has ended
LONGEST = 55.0  # seconds a job may take
PATIENCE = 5.0  # how often a waiting worker looks by itself, for jobs another process added
TRIES = 6
CONFLICTS = 5
PATIENT_TRIES = 30  # so often somebody else may be faster before something must be wrong
SWEEP_EVERY = 600.0

# What a persona that is being withdrawn or retired says to who still reads from it.
MEANWHILE = ("KEY_GONE", "CONSENT_MISSING", "CONSENT_WITHDRAWN", "CONSENT_EXPIRED")

Handler = Callable[[Claim], Awaitable[Batch | None]]
"""Does a job. Returns the Batch that ends it, or None if it ended (or put off) the job itself."""


class Workers:
    """Takes due jobs of some kinds and has at most `width` of them in hand. One task claims, so that an idle bot
    does not wake a crowd for every event."""

    def __init__(self, services: Services, handlers: Mapping[str, Handler], *, width: int) -> None:
        self._s = services
        self._handlers = handlers
        self._kinds: Sequence[str] = tuple(handlers)
        self._free = asyncio.Semaphore(width)
        self._running: dict[asyncio.Task[None], Claim] = {}

    async def run(self) -> None:
        """Until cancelled; then what is in hand is ended in peace."""
        beating = asyncio.create_task(self._beat())
        try:
            while True:
                await self._free.acquire()
                claim = await self._s.store.claim(self._kinds, lease=LEASE)
                if claim is None:
                    self._free.release()
                    await self._s.store.wait(seconds=PATIENCE)
                    continue
                task = asyncio.create_task(self._do(claim))
                self._running[task] = claim
                task.add_done_callback(self._done)
        finally:
            if self._running:
                await asyncio.wait(self._running, timeout=10)
            beating.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._free.release()

    async def _beat(self) -> None:
        """What takes longer than a lease stays in hand for as long as this process lives, and not longer."""
        while True:
            await asyncio.sleep(LEASE / 3)
            for claim in list(self._running.values()):
                with suppress(Conflict, StoreError):  # ended just now, or lost: its own commit will tell
                    await self._s.store.extend(claim, lease=LEASE)

    async def _do(self, claim: Claim) -> None:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(LONGEST):
                result = await self._attempt(claim)
        except Exception as error:
            result = await self._failed(claim, error)
        kind = claim.job.kind
        self._s.metrics.jobs.labels(kind, result).inc()
        self._s.metrics.job_seconds.labels(kind).observe(time.perf_counter() - started)

    async def _attempt(self, claim: Claim) -> str:
        """Handle and commit. A Conflict means that what was read has changed (a record settled), and so does a
        refusal of what was allowed a moment ago (a consent withdrawn, a key shredded): read again, decide anew."""
        for _ in range(CONFLICTS):
            try:
                batch = await self._handlers[claim.job.kind](claim)
                if batch is not None:
                    await self._s.store.commit(batch.plus(Batch(finish=claim)))
            except Conflict as conflict:
                changed: Exception = conflict
                if not await self._s.store.holds(claim):
                    return "lost"
            except Refused as refused:
                if refused.code not in MEANWHILE:
                    raise
                changed = refused
            else:
                return "done"
        if claim.job.attempts >= PATIENT_TRIES:
            raise changed
        await self._s.store.release(claim, due=self._s.clock.now() + timedelta(seconds=1))
        return "retried"

    async def _failed(self, claim: Claim, error: Exception) -> str:
        """Retry with patience; after some tries a dead letter somebody can see, and the asker is told."""
        code = secrets.token_hex(4)
        log.error(
            "job %s %s failed [%s]: %s: %s",
            claim.job.kind,
            claim.job.number,
            code,
            type(error).__name__,
            error if isinstance(error, AdapterError) else "see debug log",
            exc_info=log.isEnabledFor(10),
        )
        try:
            if claim.job.attempts < TRIES:
                wait = min(60.0, 2.0**claim.job.attempts)
                await self._s.store.release(claim, due=self._s.clock.now() + timedelta(seconds=wait))
                return "retried"
            await self._s.store.commit(await self._dead(claim, code))
            log.error("job %s %s was given up [%s]", claim.job.kind, claim.job.number, code)
        except Conflict:
            return "lost"
        return "dead"

    async def _dead(self, claim: Claim, code: str) -> Batch:
        expires = self._s.clock.now() + timedelta(days=30)
        batch = Batch(puts=(Put(f"{keys.DEAD}{claim.job.kind}:{code}", code.encode(), expires),), finish=claim)
        if claim.job.kind != inbox.EVENT:
            return batch
        try:
            event = inbox.decode(self._s, claim.job.body)
        except StoreBroken:  # sealed under another key: nobody can tell any more who said what
            return batch
        if not isinstance(event, (Message, Press)) or (isinstance(event, Message) and not event.addressed):
            return batch
        lang = await language(self._s, event.author)
        text = say(lang, "error.internal", code=code)
        thread = event.thread if isinstance(event, Press) else inbox.reply_thread(event)
        return batch.plus(alone(self._s, event.author, thread, text, lang=lang, key=f"dead:{code}", tone="error"))


async def sweep(services: Services) -> None:
    """Now and again, for as long as this process runs; the first time is `swept`'s, before anything is served."""
    started = services.clock.now()
    while True:
        await services.clock.sleep(SWEEP_EVERY)
        await swept(services, started)


async def swept(services: Services, started: datetime) -> None:
    """Remove what has outlived its retention (rights.md T42) and sign how the audit log stands."""
    await uninstalling.forget_departed(services, started)
    removed = await services.store.sweep()
    await witness.note(services)
    if removed:
        log.info("swept %d expired records", removed)
