"""The labels of a persona's drafts as they are kept: sealed under its key, one for each answer that was judged or
could be, gone with it; and what is fitted to them.

What is kept of an answer that nobody judged goes with its outcome, after thirty days; a judged one stays a year,
since what a team is like changes. Neither holds a word of question or answer, nor who asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date, timedelta

import msgspec

from bots import keys
from bots.agent.confidence import calibration, calibrator
from bots.agent.label import Label
from bots.agent.refit import UNCHANGED, Refit, refit
from bots.records import KEPT
from persona_store.protocols import Batch, Clock, Put, Store
from persona_store.vault import Vault

JUDGED = timedelta(days=365)


class Labels:
    """Implements bots.protocols.Refits. What was fitted is kept in memory for as long as nobody judged anything and
    the day is the same."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._fitted: dict[str, tuple[bytes | None, date, Refit]] = {}

    async def of(self, persona: str) -> Refit:
        mark, today = await self._store.get(keys.labelled(persona)), self._clock.now().date()
        if mark is None:
            return UNCHANGED
        known = self._fitted.get(persona)
        if known is None or known[:2] != (mark, today):
            own = refit(await self.all(persona), calibrator(), calibration().thresholds)
            known = self._fitted[persona] = (mark, today, own)
        return known[2]

    async def all(self, persona: str) -> list[Label]:
        """What counts. Of what has outlived its time the store tells nothing, also while no sweep has come by."""
        return [self._opened(key, raw) async for key, raw in self._store.scan(keys.label(persona, ""))]

    async def read(self, persona: str, id: str) -> tuple[Label | None, bytes | None]:
        """With the bytes it was read from, for `Batch.unchanged`."""
        key = keys.label(persona, id)
        raw = await self._store.get(key)
        return (None, None) if raw is None else (self._opened(key, raw), raw)

    def keep(self, persona: str, id: str, label: Label, before: bytes | None) -> Batch:
        """Nothing is fitted anew for an answer that nobody has judged yet: it hardly counts by itself."""
        key, judged = keys.label(persona, id), bool(label.owner or label.up or label.down)
        sealed = self._vault.seal_for(persona, msgspec.json.encode(label), aad=key)
        kept = Put(key, sealed, self._clock.now() + (JUDGED if judged else KEPT))
        return Batch(puts=(kept, *(self._news(persona) if judged else ())), unchanged=((key, before),))

    async def forget(self, persona: str, voters: Collection[str]) -> Batch:
        """Without any vote of somebody's (rights.md L25)."""
        who = set(self._vault.pseudonyms(persona, voters))
        batch = Batch()
        async for key, raw in self._store.scan(keys.label(persona, "")):
            known = label = self._opened(key, raw)
            for each in who:
                label = label.without(each)
            if label != known:
                batch = batch.plus(self.keep(persona, key.removeprefix(keys.label(persona, "")), label, raw))
        return batch.plus(Batch(puts=self._news(persona))) if batch.puts else batch

    async def reset(self, persona: str) -> Batch:
        """As on the first day."""
        gone = [key async for key, _ in self._store.scan(keys.label(persona, ""))]
        return Batch(deletes=(*gone, keys.labelled(persona)))

    def _news(self, persona: str) -> tuple[Put, ...]:
        return (Put(keys.labelled(persona), secrets.token_bytes(8)),)

    def _opened(self, key: str, raw: bytes) -> Label:
        return msgspec.json.decode(self._vault.unseal(raw, aad=key), type=Label)
