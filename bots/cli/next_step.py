"""What is missing before a persona may speak, and who does it: one sentence, by the same check as `live`."""

from __future__ import annotations

from datetime import datetime

from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import UNBORN, Persona
from persona_store.papers import Papers
from persona_store.personas import ready

STEPS = {
    "NOT_APPROVED": "next_approve",
    "NOT_ACCEPTED": "next_accept",
    "ASSESSMENT_REQUIRED": "next_assess",
    "FILING_REQUIRED": "next_file",
    "NO_OWNER": "next_owner",
}
"""code of what `ready` refuses → the sentence under `cli.`; of another code its own way out says it"""


def next_step(
    persona: Persona, consent: Consent | None, passages: int, papers: Papers, now: datetime
) -> tuple[str, str] | None:
    """(the sentence's key, what stands in it where there is a day or person to name); None where nothing is missing
    by which it would go live, because it did, or is over."""
    if persona.state not in UNBORN:
        return None
    if consent is None:
        return ("next_wait" if persona.state == "requested" else "next_ask"), persona.subject or "PLATFORM:ID"
    if not passages:
        return "next_import", ""
    late = max(now, consent.effective_at)  # as if the cooling-off was over: what else there is to do is done in it
    try:
        ready(persona, consent, late, papers)
    except Refused as refused:
        what = _who(persona) if refused.code == "NOT_ACCEPTED" else refused.fix
        return STEPS.get(refused.code, "next_other"), what
    if now < consent.effective_at:
        return "next_cooling", f"{consent.effective_at:%Y-%m-%d %H:%M} UTC"
    return "next_live", ""


def _who(persona: Persona) -> str:
    return ", ".join(each for each in (persona.owner, persona.deputy) if each and each not in persona.accepted)
