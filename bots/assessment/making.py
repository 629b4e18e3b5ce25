"""From the live configuration to a draft, and from a draft to a signed assessment."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bots.assessment import keeping, questions
from bots.assessment.configuration import Configuration
from bots.assessment.findings import findings
from bots.assessment.footprint import canonical, digest
from bots.assessment.gathering import configuration
from bots.assessment.model import SCHEMA, TYP, Answer, Assessed, Assessment, Opinion, Signed, Template
from bots.assessment.risks import risks
from bots.audit import line
from bots.services import Services
from persona_store import audit, jws, regions
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.personas import TRANSITIONS, transition
from persona_store.protocols import Batch


def assess(c: Configuration, template: Template | None) -> Assessment:
    """Where no template is named, the law of the record says which."""
    chosen: Template = template or ("eu" if regions.in_eea(c.consent.jurisdiction) else "prc")
    return Assessment(
        assessment_id=f"urn:uuid:{uuid.uuid4()}",
        template=chosen,
        digest=digest(c.reach),
        configuration=c,
        findings=findings(c),
        risks=risks(c),
        questions=questions.asked(c),
    )


async def write(
    services: Services, persona: Persona, template: Template | None, by: str
) -> tuple[Assessment, Batch]:
    """A draft, and a Batch that keeps it until somebody signs it or the next one is written."""
    assessment = assess(await configuration(services, persona), template)
    audited = line(services, persona.name, "assessment.drafted", by, code=assessment.template)
    return assessment, Batch(puts=(keeping.drafted(services, assessment),), log=(audited,))


async def sign(
    services: Services, persona: Persona, assessor: str, answers: Mapping[str, Answer], key: Ed25519PrivateKey
) -> tuple[Signed, Batch]:
    """The draft that waits, signed, and a Batch that keeps it; with all answered *yes* the persona is `assessed`.

    Raises Refused ASSESSMENT_DRAFT, ASSESSMENT_STALE, ASSESSMENT_ANSWERS, ASSESSOR_CONCERNED, ASSESSOR_KEY."""
    assessment = await _waiting(services, persona)
    if role := await keeping.concerned(services, persona, assessor):
        raise Refused(
            "ASSESSOR_CONCERNED",
            f"{assessor} is concerned: {_ROLES[role]}",
            "somebody assesses it who did not ask for it, is not in it and does not answer for it",
        )
    public = await _own(services, persona, assessor, key)
    given = questions.complete(assessment.questions, answers)
    now = services.clock.now().replace(microsecond=0)
    opinion = Opinion(
        assessor=assessor,
        draft=keeping.draft_hash(assessment),
        answers=given,
        verdict="approved" if all(each.answer == "yes" for each in given.values()) else "rejected",
        signed_at=now,
    )
    raw = canonical(Assessed(SCHEMA, assessment, opinion))
    signed = Signed(raw, jws.sign(raw, key, TYP), public)
    return signed, await _in_force(services, persona, signed)


async def _waiting(services: Services, persona: Persona) -> Assessment:
    assessment = await keeping.draft(services, persona.name)
    way = f"`understudy assess {persona.name} --out FOLDER`, and read it"
    if assessment is None:
        raise Refused("ASSESSMENT_DRAFT", f"there is no draft about {persona.name!r} to sign", way)
    consent = await services.consents.current(persona.name)
    changes = () if consent is None else keeping.in_draft(assessment, persona, consent, services)
    if consent is None or changes:
        what = ", ".join(keeping.told(changes, "en")) or "there is no consent any more"
        raise Refused("ASSESSMENT_STALE", f"{persona.name!r} has changed since the draft: {what}", way)
    return assessment


async def _own(services: Services, persona: Persona, assessor: str, key: Ed25519PrivateKey) -> bytes:
    """The public half. Not the key the record was signed with, whoever is named; and always the same."""
    public = jws.public_bytes(key)
    chain = await services.consents.chain(persona.name)
    if chain is not None and chain.public_key == public:
        what = f"the key is the one that the record of {persona.name!r} was signed with"
        raise Refused("ASSESSOR_CONCERNED", what, "who assesses signs with a key of their own")
    known = await keeping.pinned(services, assessor)
    if known is not None and known != public:
        what = f"{assessor} has signed with another key before"
        raise Refused("ASSESSOR_KEY", what, "sign with that one: --key FILE")
    return public


async def _in_force(services: Services, persona: Persona, signed: Signed) -> Batch:
    """The line in the log names the document by its plain hash, so that it still proves it once the persona's key,
    under which everybody else stands in there, is gone."""
    opinion, now = signed.assessed.opinion, services.clock.now()
    [by] = services.vault.pseudonyms(persona.name, (opinion.assessor,))
    audited = audit.entry(
        at=now,
        actor=by,
        action="assessment.signed",
        persona=persona.name,
        decision=opinion.verdict,
        code=signed.assessed.assessment.template,
        refs=(keeping.document_hash(signed), signed.assessed.assessment.digest),
    )
    batch = (await keeping.kept(services, signed)).plus(Batch(log=(audited,)))
    if opinion.verdict != "approved" or (persona.state, "assess") not in TRANSITIONS:
        return batch
    after = transition(persona, "assess", now)
    unchanged = (await services.personas.unchanged(persona),)
    return batch.plus(Batch(puts=(services.personas.put(after),), unchanged=unchanged))


_ROLES = {
    "subject": "they are the person it is about",
    "owner": "they answer for it",
    "deputy": "they answer for it",
    "requester": "they asked for it",
    "maker": "they made it, or may have: it was not said which admin did (`persona create --by`)",
}
