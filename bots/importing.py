"""Material into a persona, whoever brings it: consent first, the audit line after."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from msgspec import structs

from bots import informing
from bots.audit import line
from bots.services import Services
from persona_store import skill, withholding
from persona_store.consent import notice
from persona_store.importing import ImportReport, run_import
from persona_store.left_out import LeftOut, Without
from persona_store.model import Persona
from persona_store.personas import thawed
from persona_store.protocols import Batch, Source
from persona_store.withholding import shelf_of


async def bring_in(
    services: Services,
    persona: Persona,
    source: Source,
    actor: str,
    progress: Callable[[int, int], None] | None = None,
    *,
    quiet: bool = False,
) -> ImportReport:
    """Consent is looked at before the source is opened. Raises Refused with its code. What was brought in the
    Subject is told, unless `quiet`, or it is what they just said themselves."""
    thawed(persona)
    consent = await services.consents.current(persona.name)
    notice.still_shown(consent)
    left_out = LeftOut(services.store, services.vault)
    file = await services.library.file(persona.name)
    shelf = await shelf_of(services.store, persona.name, file)
    kept = {
        withholding.prefix(persona.name) + hash for hash in await withholding.hashes(services.store, persona.name)
    }
    returning = skill.Returning(shelf, lambda id: withholding.kept_back(persona.name, (id,))[0].key in kept)
    report = await run_import(
        cast(Source, Without(source, await left_out.known())),
        persona=persona.name,
        consent=consent,
        evidence=returning,
        now=services.clock.now(),
        progress=progress,
    )
    if held := shelf.held + returning.held:
        report = structs.replace(report, dropped={**report.dropped, "withheld": held})
    await left_out.purge(file)  # who said so while it ran
    record_id = consent.record_id if consent else ""
    audited = line(services, persona.name, "imported", actor, record_id=record_id, decision=f"new={report.new}")
    told = Batch()
    if (report.new or report.changed) and not quiet and source.kind != "interview":
        told = informing.build(services, persona.name, passages=report.new + report.changed)
    await services.store.commit(told.plus(Batch(log=(audited,))))
    return report
