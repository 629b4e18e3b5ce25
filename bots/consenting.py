"""Putting a signed record in force, from wherever it came: one way in for the page, the command line and paper."""

from __future__ import annotations

from msgspec import structs

from bots import informing
from bots.audit import OPERATOR, line
from bots.services import Services
from persona_store import jws
from persona_store.consent import parsing
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.papers import WITH_CEREMONY
from persona_store.personas import TRANSITIONS, transition
from persona_store.protocols import Batch

PAPER = "paper records"  # which of the installation's keys stands in for a signature by hand


async def in_force(
    services: Services,
    persona: Persona,
    raw: bytes,
    signature: str,
    public_key: bytes,
    actor: str,
    endorsement: str = "",
) -> Batch:
    """A Batch after which the record counts. Raises Refused for one that is not this subject's, and for one in
    which the installation signs as if it were somebody: its key stands under papers, and under nothing else.
    `endorsement`: where the Subject's own key takes over from a paper's (bots/subject/takeover.py)."""
    batch = await services.consents.add(persona.name, raw, signature, public_key, endorsement)
    record = parsing.parse(raw)
    ours = public_key == jws.public_bytes(services.vault.signing_key(PAPER))
    if ours != (record.event.method == "paper"):
        what = "only a record on paper is signed with this installation's key"
        raise Refused("CONSENT_INVALID", f"the consent record was not accepted: {what}", "the subject signs it")
    action = "consent.given" if record.event.type == "consent_given" else "consent.amended"
    audited = line(services, persona.name, action, actor, record_id=record.record_id, code=record.event.method)
    batch = batch.plus(Batch(log=(audited,)))
    batch = batch.plus(informing.happened(services, "receipt", persona.name, record.record_id))
    return batch.plus(await _signed(services, persona, record, actor, taken_over=bool(endorsement)))


async def _signed(services: Services, persona: Persona, record: Consent, actor: str, *, taken_over: bool) -> Batch:
    """What the persona is from then on. A paper is somebody else's wish until its Subject says otherwise, and stays
    one when their own key takes over: what is due for that is written down, as a later record does not tell it."""
    after = persona
    if (record.event.method == "paper" or taken_over) and not persona.asked_by:
        after = structs.replace(after, asked_by=OPERATOR if taken_over else actor)
    due = persona.state == "requested" or record.event.method in WITH_CEREMONY
    if due and (persona.state, "sign") in TRANSITIONS:
        after = transition(after, "sign", services.clock.now())
    if after == persona:
        return Batch()
    return Batch(puts=(services.personas.put(after),), unchanged=(await services.personas.unchanged(persona),))
