"""One audit line for one change: who did what under which consent, and no content (rights.md §2D)."""

from __future__ import annotations

from bots.services import Services
from persona_store import audit


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
    return audit.entry(
        at=services.clock.now(),
        actor=services.vault.pseudonym(persona, actor) if actor else "",
        action=action,
        persona=persona,
        record_id=record_id,
        decision=decision,
        code=code,
        refs=tuple(services.vault.pseudonym(persona, ref) for ref in refs),
    )
