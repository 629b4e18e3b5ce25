"""One audit line for one change: who did what under which consent, and no content (rights.md §2D)."""

from __future__ import annotations

from bots.services import Services
from persona_store import audit

OPERATOR = "operator:cli"  # whoever types at the command line of the installation


def line(
    services: Services,
    persona: str,
    action: str,
    actor: str,
    *,
    decision: str = "",
    code: str = "",
    record_id: str = "",
    refs: tuple[str, ...] = (),
) -> bytes:
    """Actor and references are keyed hashes under the persona's key: shredding it unlinks the log from people
    while its chain still verifies."""
    by, *about = services.vault.pseudonyms(persona, (actor, *refs))
    return audit.entry(
        at=services.clock.now(),
        actor=by if actor else "",
        action=action,
        persona=persona,
        record_id=record_id,
        decision=decision,
        code=code,
        refs=tuple(about),
    )
