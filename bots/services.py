"""What a handler may use. Built once by app.py; nothing in here decides."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from adapters.protocol import Adapter
from bots import keys
from bots.assessment.installation import Installation
from bots.directory import Directory
from bots.labels import Labels
from bots.metrics import Metrics
from bots.options import Limits, Mail
from bots.protocols import Answerer
from persona_store.consent.book import ConsentBook
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.library import Library
from persona_store.personas import Personas
from persona_store.protocols import Clock, Store
from persona_store.vault import Vault

if TYPE_CHECKING:  # it needs numpy, and only who has set an embedder has that
    from persona_store.meaning import Meaning

T = TypeVar("T")
NO_MAIL = Mail()
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    store: Store
    vault: Vault
    clock: Clock
    personas: Personas
    consents: ConsentBook
    directory: Directory
    library: Library
    labels: Labels
    answerer: Answerer
    quoting: Answerer  # the same without a model: for what is only looked up and not said
    adapters: Mapping[str, Adapter]
    metrics: Metrics
    lang: str = "en"  # when nothing tells
    installation: Installation = Installation()  # what the settings say of how it works
    limits: Limits = Limits()
    link_base: str = ""  # how people reach the web port from outside; "" where nothing listens
    mail: Mail = NO_MAIL  # through whom letters go; without a host none do
    meaning: Meaning | None = None  # where an embedder is set
    recipients: tuple[str, ...] = ()  # who would be given content for an answer, where a consent names them

    def seal(self, value: object, key: str) -> bytes:
        """Encrypted under the installation's key and bound to where it is kept: a sealed value that is moved
        to another key does not open. What is kept of a persona's conversations is under its own key as well, so
        that no backup of the store outlives it."""
        plain, persona = msgspec.json.encode(value), keys.persona_of(key, value)
        if persona and self.vault.has_key(persona):
            return self.vault.seal_for(persona, plain, aad=key)
        return self.vault.seal(plain, aad=key)

    def unseal(self, sealed: bytes, key: str, type: type[T]) -> T:
        return msgspec.json.decode(self.vault.unseal(sealed, aad=key), type=type)

    async def read(self, key: str, type: type[T]) -> T | None:
        return (await self.read_raw(key, type))[0]

    async def read_raw(self, key: str, type: type[T]) -> tuple[T | None, bytes | None]:
        """With the bytes it was read from, for `Batch.unchanged`: what was decided on must still be so."""
        raw = await self.store.get(key)
        return (None, None) if raw is None else (self.unseal(raw, key, type), raw)

    async def all(self, prefix: str, type: type[T]) -> AsyncIterator[tuple[str, T]]:
        """What can be read below a prefix, with its keys: of a persona that is being erased the key is gone, and
        its records go with that."""
        async for key, value, _ in self.all_raw(prefix, type):
            yield key, value

    async def all_raw(self, prefix: str, type: type[T]) -> AsyncIterator[tuple[str, T, bytes]]:
        """The same with the bytes each was read from, for `Batch.unchanged`."""
        async for key, raw in self.store.scan(prefix):
            try:
                value = self.unseal(raw, key, type)
            except Refused as refused:
                if refused.code != "KEY_GONE":
                    raise
            else:
                yield key, value, raw

    async def consent(self, persona: str) -> Consent | None:
        """The record that holds now. One that was tampered with gives no rights: as if there was none."""
        try:
            return await self.consents.current(persona)
        except Refused as refused:
            log.error("%s", refused)
            self.metrics.denials.labels(refused.code).inc()
            return None
