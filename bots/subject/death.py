"""Somebody reports that the Subject has died: silence at once, and then what they arranged (PIPL 49; Civil Code
994; rights.md L13).

`after_death` of the record that holds decides. `delete`: it is erased once the time to undo a mistake is over, with
a certificate that says why. `keep_until_end`: it stays silent to the last day of the record, and close relatives
may be let in, by two people together (bots/subject/kin.py). A report may be wrong, and only whom it is about can
say so: they undo it, within the stated time, and nobody in their place."""

from __future__ import annotations

import re
from datetime import timedelta

from adapters.model import Person
from bots import informing
from bots.audit import line
from bots.services import Services
from bots.subject import reports
from bots.subject.reports import Report
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.personas import BY_SUBJECT, transition
from persona_store.protocols import Batch, Put

UNDO_FOR = timedelta(days=14)
"""So long may the Subject say that they live. Nothing is erased before."""
HASH = re.compile(r"[0-9a-f]{64}")
TRIGGER = "death"


async def report(services: Services, persona: Persona, by: str, evidence: str, actor: str) -> Batch:
    """A Batch that silences, and tells. Raises Refused EVIDENCE, ILLEGAL_STATE, and Conflict if it was changed
    meanwhile."""
    if not HASH.fullmatch(evidence):
        raise Refused("EVIDENCE", "the evidence is no SHA-256", "give the file, or its 64 hexadecimal digits")
    now = services.clock.now().replace(microsecond=0)
    consent = await services.consent(persona.name)
    after = consent.term.after_death if consent else "delete"  # without a record there is nothing to keep it by
    told = Report(by, evidence, now, now + UNDO_FOR, after)
    silent = transition(persona, "die", now, TRIGGER)
    key = reports.key(persona.name)
    audited = line(
        services,
        persona.name,
        "death.reported",
        actor,
        decision="silenced",
        code=after,
        record_id=consent.record_id if consent else "",
        refs=(by, evidence),
    )
    return Batch(
        puts=(services.personas.put(silent), Put(key, services.seal(told, key))),
        unchanged=(await services.personas.unchanged(persona),),
        log=(audited,),
    ).plus(informing.happened(services, "died", persona.name, now.isoformat()))


async def undo(services: Services, persona: Persona, actor: str) -> Batch:
    """By the Subject; the caller has looked that it is them. It is as it was before then, but what spoke is paused
    until its Subject sets it going. Raises Refused TOO_LATE after the stated time, ILLEGAL_STATE where nobody was
    reported dead."""
    told, raw = await services.read_raw(reports.key(persona.name), Report)
    now = services.clock.now()
    alive = transition(persona, "undo", now, BY_SUBJECT)
    if told is not None and now >= told.until:
        what = f"the report could be undone until {told.until:%Y-%m-%d %H:%M} UTC"
        raise Refused("TOO_LATE", what, "withdraw ends it at once; a new persona needs a new record")
    return Batch(
        puts=(services.personas.put(alive),),
        deletes=(reports.key(persona.name),),
        unchanged=(await services.personas.unchanged(persona), (reports.key(persona.name), raw)),
        log=(line(services, persona.name, "death.undone", actor, decision="done"),),
    )


async def due(services: Services, persona: Persona) -> Person | None:
    """In whose name it ends, once the Subject's arrangement is to delete and the time to undo is over."""
    told = await reports.reported(services, persona.name) if persona.state == "deceased" else None
    if told is None or told.after != "delete" or services.clock.now() < told.until:
        return None
    return Person("understudy", "death")
