"""May this persona speak here, now? Pure; asked before anything is read and again right before a post."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from adapters.model import Thread
from persona_store.consent.policy import Ask, Place, allow
from persona_store.consent.record import Consent
from persona_store.model import GONE, Persona
from persona_store.personas import standing


class Reason(Struct, frozen=True):
    """Why not. `code` is a wording key below `refused.` or a consent code."""

    code: str
    fix: str = ""


UNKNOWN = Reason("unknown")


def wording(reason: Reason) -> str:
    """The key of the sentence people get: plain, the same for everyone, and nothing of what a record says."""
    return f"refused.{'not_live' if reason.code.isupper() else reason.code}"


def check(
    persona: Persona | None, consent: Consent | None, place: Thread | None, action: str, now: datetime
) -> Reason | None:
    """None if it may. Every doubt is a no. `place` is None for what goes to the persona's own humans alone, who
    are no audience."""
    if persona is None:
        return UNKNOWN
    if persona.state in GONE:
        return Reason("retired")
    if persona.state in ("suspended", "restricted", "deceased"):
        return Reason("paused")
    if persona.state != "live":
        return Reason("not_live")
    if not persona.owner:
        return Reason("no_owner")
    if not standing(persona, now):
        return Reason("unchecked")
    if place is not None and not serves(persona, place):
        return Reason("not_here")
    where = Place(platform=place.platform, chat=place.chat, direct=place.direct) if place else None
    decision = allow(consent, Ask(action=action, now=now, place=where))
    return None if decision.ok else Reason(decision.code, decision.fix)


def serves(persona: Persona, place: Thread) -> bool:
    """Whether the admin let the persona answer there. A direct chat needs any chat of its platform."""
    if place.direct:
        return any(chat.partition(":")[0] == place.platform for chat in persona.chats)
    return f"{place.platform}:*" in persona.chats or place.chat_key in persona.chats
