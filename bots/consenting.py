"""Putting a signed record in force, from wherever it came: one way in for the page, the command line and paper."""

from __future__ import annotations

from bots.audit import line
from bots.services import Services
from persona_store import jws
from persona_store.consent import parsing
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.personas import TRANSITIONS, WITH_CEREMONY, transition
from persona_store.protocols import Batch

PAPER = "paper records"  # which of the installation's keys stands in for a signature by hand


async def in_force(
    services: Services, persona: Persona, raw: bytes, signature: str, public_key: bytes, actor: str
) -> Batch:
    """A Batch after which the record counts. Raises Refused for one that is not this subject's, and for one in
    which the installation signs as if it were somebody: its key stands under papers, and under nothing else."""
    batch = await services.consents.add(persona.name, raw, signature, public_key)
    record = parsing.parse(raw)
    ours = public_key == jws.public_bytes(services.vault.signing_key(PAPER))
    if ours != (record.event.method == "paper"):
        what = "only a record on paper is signed with this installation's key"
        raise Refused("CONSENT_INVALID", f"the consent record was not accepted: {what}", "the subject signs it")
    action = "consent.given" if record.event.type == "consent_given" else "consent.amended"
    audited = line(services, persona.name, action, actor, record_id=record.record_id, code=record.event.method)
    batch = batch.plus(Batch(log=(audited,)))
    asked = persona.state == "requested" or record.event.method in WITH_CEREMONY
    if asked and (persona.state, "sign") in TRANSITIONS:
        before = await services.personas.raw(persona.name)
        signed = transition(persona, "sign", services.clock.now())
        batch = batch.plus(
            Batch(
                puts=(services.personas.put(signed),),
                unchanged=((services.personas.key(persona.name), before),),
            )
        )
    return batch
