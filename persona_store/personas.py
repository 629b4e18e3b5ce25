"""Who the personas are and which state each is in: a pure transition table, and the reads."""

from __future__ import annotations

from datetime import datetime

import msgspec

from persona_store import names
from persona_store.consent.policy import Ask, allow
from persona_store.consent.record import Consent
from persona_store.errors import Conflict, Refused
from persona_store.model import GONE, Persona, Stood
from persona_store.papers import NONE, Papers, asked, in_order
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
    ("draft", "assess"): "assessed",
    ("cooling", "assess"): "assessed",
    ("assessed", "stale"): "cooling",
    ("draft", "live"): "live",
    ("cooling", "live"): "live",
    ("assessed", "live"): "live",
    ("live", "stale"): "suspended",
    ("live", "suspend"): "suspended",
    ("suspended", "resume"): "live",
    ("cooling", "restrict"): "restricted",
    ("assessed", "restrict"): "restricted",
    ("live", "restrict"): "restricted",
    ("suspended", "restrict"): "restricted",
    ("restricted", "lift"): "suspended",
    **{(state, "die"): "deceased" for state in ("cooling", "assessed", "live", "suspended", "restricted")},
    ("deceased", "undo"): "suspended",
    **{
        (state, event): "erasing"
        for state in ("draft", "requested", "cooling", "assessed", "live", "suspended", "restricted", "deceased")
        for event in ("retire", "withdraw")
    },
    ("erasing", "erased"): "erased",
}
SPEAKING = "live"
BY_SUBJECT = "subject"  # why it is paused or frozen: whom it is about wanted it, and nobody else starts it again
STOPS = ("restrict", "die")
TAKEN_BACK = ("lift", "undo")
"""What takes a stop back leads to where it stood before, and never further: who froze it while it was cooling off
has it cooling off again. The table names the furthest; from there only `resume` leads on, past all that is due."""


def transition(
    persona: Persona,
    event: str,
    now: datetime,
    reason: str = "",
    *,
    consent: Consent | None = None,
    papers: Papers = NONE,
) -> Persona:
    """The persona after an event. Raises Refused ILLEGAL_STATE where the table has no such step, and what
    `ready` raises where the step would let it speak: pass the current consent and papers for `live` and `resume`.
    """
    state = TRANSITIONS.get((persona.state, event))
    if state is None:
        raise Refused(
            "ILLEGAL_STATE",
            f"persona {persona.name!r} is {persona.state}; {event!r} is not possible",
            _way_out(persona.state),
        )
    if state == SPEAKING:
        ready(persona, consent, now, papers)
    stood = persona.stood
    if event in STOPS:
        stood = (*stood, Stood(persona.state, persona.reason))
    elif event in TAKEN_BACK and stood:
        *rest, before = stood
        stood = tuple(rest)
        if before.state != SPEAKING:
            state, reason = before.state, before.reason
    return msgspec.structs.replace(persona, state=state, state_at=now, reason=reason, stood=stood)


def ready(persona: Persona, consent: Consent | None, now: datetime, papers: Papers = NONE) -> None:
    """Raises Refused unless it may speak: a valid consent, a human who answers for it (rights.md L18), and what has
    to be on paper (L14, L24, L30, L35)."""
    decision = allow(consent, Ask(action="retrieve", now=now))
    if decision.code == "CONSENT_MISSING":
        raise Refused(
            "NO_CONSENT", f"persona {persona.name!r} has no consent", f"`understudy consent sign {persona.name} …`"
        )
    if consent is None or not decision.ok:
        raise Refused(decision.code, f"persona {persona.name!r} may not speak under its consent", decision.fix)
    if not persona.owner:
        raise Refused(
            "NO_OWNER",
            f"persona {persona.name!r} has no owner who answers what it cannot",
            "name one: `/understudy owner`, or `--owner` when it is created",
        )
    if asked(persona, consent, papers):
        _asked_properly(persona)
    stands(persona, now)
    in_order(persona, consent, papers)


def _asked_properly(persona: Persona) -> None:
    """Who was asked has seen and approved what it would say from; who answers for it said so themselves. In
    whatever way they signed: the command line of an installation is no way round their page (rights.md §2B)."""
    approved(persona)
    for who in filter(None, (persona.owner, persona.deputy)):
        if who not in persona.accepted:
            raise Refused(
                "NOT_ACCEPTED",
                f"{who} has not accepted to answer for {persona.name!r}",
                f"they press the button the bot sent, or `understudy consent accept {persona.name} --as {who}`",
            )


def approved(persona: Persona) -> None:
    """Raises Refused NOT_APPROVED until the Subject has seen what it would say from (rights.md L11)."""
    if not persona.approved:
        raise Refused(
            "NOT_APPROVED",
            f"the subject of {persona.name!r} has not approved the preview yet",
            "they do so on their own page; the bot sends its link in reply to `mine`",
        )


def standing(persona: Persona, now: datetime) -> bool:
    """Whether it was seen lately enough that the licence it runs by stands. What runs by no such licence stands."""
    return persona.stands_until is None or now < persona.stands_until


def stands(persona: Persona, now: datetime) -> None:
    """Raises Refused LICENCE_UNCHECKED unless it does: silence is what is left where nobody can tell (rights.md
    T36)."""
    if not standing(persona, now):
        raise Refused(
            "LICENCE_UNCHECKED",
            f"for a day it could not be seen whether the licence of {persona.name!r} still stands",
            f"`understudy consent standing {persona.name}` asks again, and says what is in the way",
        )


def thawed(persona: Persona) -> None:
    """Raises Refused RESTRICTED while the Subject keeps it frozen: nothing is imported, learnt or distilled then,
    and nothing deleted (GDPR 18); and DECEASED once they were reported dead: nothing is made of them any more, nor
    handed on (PIPL 49)."""
    if persona.state == "restricted":
        raise Refused(
            "RESTRICTED",
            f"the subject of {persona.name!r} has frozen it",
            "only they can lift that, on their own page",
        )
    if persona.state == "deceased":
        raise Refused(
            "DECEASED",
            f"the subject of {persona.name!r} was reported dead",
            "only they can undo that; what they arranged happens otherwise",
        )


def _way_out(state: str) -> str:
    if state in GONE:
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

    async def unchanged(self, persona: Persona) -> tuple[str, bytes]:
        """For `Batch.unchanged`: that it still is what was decided on, however long ago that was read and by which
        version it was written. Raises Conflict if it is not: nothing that was decided meanwhile, a freeze or a
        withdrawal above all, is written over."""
        raw = await self.raw(persona.name)
        if raw is None or msgspec.json.decode(raw, type=Persona) != persona:
            raise Conflict(f"persona {persona.name!r} was changed meanwhile")
        return self.key(persona.name), raw

    async def all(self) -> list[Persona]:
        return [msgspec.json.decode(raw, type=Persona) async for _, raw in self._store.scan(PREFIX)]

    def put(self, persona: Persona) -> Put:
        return Put(self.key(persona.name), msgspec.json.encode(persona))

    @staticmethod
    def key(name: str) -> str:
        return PREFIX + names.checked(name)
