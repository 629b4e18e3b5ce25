"""Material into a persona, whoever brings it: consent first, the audit line after."""

from __future__ import annotations

from collections.abc import Callable

from bots.audit import line
from bots.services import Services
from persona_store.importing import ImportReport, run_import
from persona_store.model import Persona
from persona_store.protocols import Batch, Source
from persona_store.withholding import shelf_of


async def bring_in(
    services: Services,
    persona: Persona,
    source: Source,
    actor: str,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Consent is looked at before the source is opened. Raises Refused with its code."""
    consent = await services.consents.current(persona.name)
    report = await run_import(
        source,
        persona=persona.name,
        consent=consent,
        evidence=await shelf_of(services.store, persona.name, await services.library.file(persona.name)),
        now=services.clock.now(),
        progress=progress,
    )
    record_id = consent.record_id if consent else ""
    audited = line(services, persona.name, "imported", actor, record_id=record_id, decision=f"new={report.new}")
    await services.store.commit(Batch(log=(audited,)))
    return report
