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
#
# That somebody was asked and declined is no state: whoever may list personas would see it (rights.md L04). It is
# kept, sealed, with the request (bots/subject/requests.py), and the persona stays `requested`.
TRANSITIONS = {
    ("draft", "request"): "requested",
    ("requested", "request"): "requested",
    ("draft", "sign"): "cooling",
    ("requested", "sign"): "cooling",
    ("draft", "live"): "live",
    ("cooling", "live"): "live",
    ("live", "suspend"): "suspended",
    ("suspended", "resume"): "live",
    ("cooling", "restrict"): "restricted",
    ("live", "restrict"): "restricted",
    ("suspended", "restrict"): "restricted",
    ("restricted", "lift"): "suspended",
    **{
        (state, event): "erasing"
        for state in ("draft", "requested", "cooling", "live", "suspended", "restricted")
        for event in ("retire", "withdraw")
    },
    ("erasing", "erased"): "erased",
}
SPEAKING = "live"
WITH_CEREMONY = ("web_device_key", "paper")
"""Ways of signing at somebody's request. Who signs on their own machine, for themselves, needs nobody's leave."""


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
    if consent is not None and consent.event.method in WITH_CEREMONY:
        _asked_properly(persona)


def _asked_properly(persona: Persona) -> None:
    """Who was asked has seen and approved what it would say from; who answers for it said so themselves."""
    if not persona.approved:
        raise Refused(
            "NOT_APPROVED",
            f"the subject of {persona.name!r} has not approved the preview yet",
            "they do so on their own page; the bot sends its link in reply to `mine`",
        )
    for who in filter(None, (persona.owner, persona.deputy)):
        if who not in persona.accepted:
            raise Refused(
                "NOT_ACCEPTED",
                f"{who} has not accepted to answer for {persona.name!r}",
                f"they press the button the bot sent, or `understudy consent accept {persona.name} --as {who}`",
            )


def thawed(persona: Persona) -> None:
    """Raises Refused RESTRICTED while the Subject keeps it frozen: nothing is imported, learnt or distilled then,
    and nothing deleted (GDPR 18)."""
    if persona.state == "restricted":
        raise Refused(
            "RESTRICTED",
            f"the subject of {persona.name!r} has frozen it",
            "only they can lift that, on their own page",
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
