"""Who the personas are and which state each is in: a pure transition table, and the reads."""

from __future__ import annotations

from datetime import datetime

import msgspec

from persona_store import names
from persona_store.consent.policy import Ask, allow
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch, Put, Store

PREFIX = "persona/"

# (state, event) → state. Withdrawal and retirement lead from anywhere to erasure, and nothing leads back.
TRANSITIONS = {
    ("draft", "live"): "live",
    ("draft", "retire"): "erasing",
    ("draft", "withdraw"): "erasing",
    ("live", "suspend"): "suspended",
    ("live", "retire"): "erasing",
    ("live", "withdraw"): "erasing",
    ("suspended", "resume"): "live",
    ("suspended", "retire"): "erasing",
    ("suspended", "withdraw"): "erasing",
    ("erasing", "erased"): "erased",
}
SPEAKING = "live"


def transition(
    persona: Persona, event: str, now: datetime, reason: str = "", *, consent: Consent | None = None
) -> Persona:
    """The persona after an event. Raises Refused ILLEGAL_STATE where the table has no such step, and what
    `ready` raises where the step would let it speak: pass the current consent for `live` and `resume`."""
    state = TRANSITIONS.get((persona.state, event))
    if state is None:
        raise Refused(
            "ILLEGAL_STATE",
            f"persona {persona.name!r} is {persona.state}; {event!r} is not possible",
            _way_out(persona.state),
        )
    if state == SPEAKING:
        ready(persona, consent, now)
    return msgspec.structs.replace(persona, state=state, state_at=now, reason=reason)


def ready(persona: Persona, consent: Consent | None, now: datetime) -> None:
    """Raises Refused unless it may speak: a valid consent, and a human who answers for it (rights.md L18)."""
    decision = allow(consent, Ask(action="retrieve", now=now))
    if decision.code == "CONSENT_MISSING":
        raise Refused(
            "NO_CONSENT", f"persona {persona.name!r} has no consent", f"`understudy consent sign {persona.name} …`"
        )
    if not decision.ok:
        raise Refused(decision.code, f"persona {persona.name!r} may not speak under its consent", decision.fix)
    if not persona.owner:
        raise Refused(
            "NO_OWNER",
            f"persona {persona.name!r} has no owner who answers what it cannot",
            "name one: `/understudy owner`, or `--owner` when it is created",
        )


def _way_out(state: str) -> str:
    if state in ("erasing", "erased"):
        return "what is retired stays retired; create a persona with another name"
    return "see `understudy persona show`"


class Personas:
    """The personas in a store. Changes are Batch pieces, to ride with the audit line that records them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, persona: Persona) -> Batch:
        """A Batch that adds it. Raises Refused PERSONA_EXISTS; an erased name stays taken, so that no new
        persona is ever mistaken for a retired colleague."""
        key = PREFIX + names.checked(persona.name)
        existing = await self.get(persona.name)
        if existing is not None:
            raise Refused(
                "PERSONA_EXISTS", f"there is a persona {persona.name!r} ({existing.state})", "choose another name"
            )
        return Batch(puts=(self.put(persona),), absent=(key,))

    async def get(self, name: str) -> Persona | None:
        raw = await self.raw(name)
        return None if raw is None else msgspec.json.decode(raw, type=Persona)

    async def raw(self, name: str) -> bytes | None:
        """The stored bytes, for `Batch.unchanged`."""
        if names.PATTERN.fullmatch(name) is None:
            return None
        return await self._store.get(PREFIX + name)

    async def all(self) -> list[Persona]:
        return [msgspec.json.decode(raw, type=Persona) async for _, raw in self._store.scan(PREFIX)]

    def put(self, persona: Persona) -> Put:
        return Put(self.key(persona.name), msgspec.json.encode(persona))

    @staticmethod
    def key(name: str) -> str:
        return PREFIX + names.checked(name)
