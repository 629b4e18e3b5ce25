"""Where assessments are kept, and how the newest one stands against the configuration of this moment.

The whole report lies under the persona's own key and goes with it. What proves that there was one (codes, grades,
hashes, the signature) has nobody's name in it and stays for three years (PIPL 56).
"""

from __future__ import annotations

import hashlib
import logging

from msgspec import Struct

from bots import keys
from bots.assessment.footprint import Change, canonical, footprint, widened
from bots.assessment.model import SCHEMA, TYP, Assessment, Proof, Signed
from bots.services import Services
from bots.subject import requests
from bots.wording import say
from persona_store import jws, retirement
from persona_store.consent.record import Consent
from persona_store.errors import StoreBroken
from persona_store.model import Persona
from persona_store.papers import NONE, Papers, Standing
from persona_store.protocols import Batch, Put

log = logging.getLogger(__name__)


class Stand(Struct, frozen=True):
    """How the newest assessment stands; `changes` are what made it stale."""

    standing: Standing
    changes: tuple[Change, ...] = ()
    signed: Signed | None = None


async def papers_of(services: Services, persona: Persona, consent: Consent | None) -> Papers:
    """What has to be on paper, for `transition` and `ready`."""
    if consent is None or not services.vault.has_key(persona.name):
        return NONE
    stand = await stands(services, persona, consent)
    return Papers(
        asked=bool(persona.asked_by) or await requests.load(services, persona.name) is not None,
        always=services.installation.assess == "always",
        assessment=stand.standing,
        changes=told(stand.changes, "en"),
    )


async def stands(services: Services, persona: Persona, consent: Consent) -> Stand:
    signed = await newest(services, persona.name)
    if signed is None:
        return Stand("none")
    assessed = signed.assessed
    if assessed.opinion.verdict != "approved":
        return Stand("rejected", signed=signed)
    if await concerned(services, persona, assessed.opinion.assessor):
        return Stand("concerned", signed=signed)
    reach = footprint(persona, consent, services.installation)
    changes = widened(assessed.assessment.configuration.reach, reach)
    return Stand("stale" if changes else "valid", changes, signed)


async def concerned(services: Services, persona: Persona, who: str) -> str:
    """As what somebody is concerned, by any account of theirs; "" if they are not. Where it was not said which
    admin made the persona, it may have been any of them."""
    mine = await services.directory.identities(who)
    roles = {
        "subject": (persona.subject,),
        "owner": (persona.owner,),
        "deputy": (persona.deputy,),
        "requester": (persona.asked_by,),
        "maker": (persona.made_by,) if persona.made_by else services.directory.admins,
    }
    return next((role for role, people in roles.items() if mine & set(people)), "")


def told(changes: tuple[Change, ...], lang: str) -> tuple[str, ...]:
    """The changes in words."""
    return tuple(say(lang, f"assessment.change_{each.aspect}", item=each.item) for each in changes)


# ------------------------------------------------------------------ the draft, and what was signed


async def draft(services: Services, persona: str) -> Assessment | None:
    """The newest draft, as it waits for its assessor."""
    return await services.read(_draft_key(persona), Assessment)


def drafted(services: Services, assessment: Assessment) -> Put:
    key = _draft_key(assessment.configuration.persona.name)
    return Put(key, services.seal(assessment, key))


async def newest(services: Services, persona: str) -> Signed | None:
    """The one that was signed last; one that is not what was signed, or not by whose key it says, is none."""
    oldest_first = [each async for each in services.store.scan(keys.of_assessment(persona, "signed/"))]
    for key, raw in reversed(oldest_first):
        try:
            signed = services.unseal(raw, key, Signed)
        except StoreBroken:
            signed = None
        if signed is not None and await genuine(services, signed):
            return signed
        log.error("an assessment of %s is not what was signed; it does not count", persona)
    return None


async def genuine(services: Services, signed: Signed) -> bool:
    try:
        jws.verify(signed.raw, signed.signature, signed.public_key, TYP)
    except jws.BadSignature:
        return False
    return await pinned(services, signed.assessed.opinion.assessor) == signed.public_key


async def pinned(services: Services, assessor: str) -> bytes | None:
    """The key somebody signed with the first time; they sign with no other (trust on first use)."""
    return await services.store.get(_pin(assessor))


async def latest_ref(services: Services, persona: str) -> str | None:
    """What `assessment_ref` of the next record names: the hash of the newest assessment that approved."""
    signed = await newest(services, persona)
    if signed is None or signed.assessed.opinion.verdict != "approved":
        return None
    return document_hash(signed)


async def kept(services: Services, signed: Signed) -> Batch:
    """A Batch that keeps the report, its proof, and whose key it was; the draft is used up. Of two who sign at
    once, with two keys or the same draft, one has a Conflict."""
    assessed = signed.assessed
    name, opinion = assessed.assessment.configuration.persona.name, assessed.opinion
    id = f"{services.clock.now():%Y%m%dT%H%M%S%f}-{document_hash(signed)[7:23]}"  # the newest sorts last
    report, pin, waiting = keys.of_assessment(name, f"signed/{id}"), _pin(opinion.assessor), _draft_key(name)
    return Batch(
        puts=(
            Put(report, services.seal(signed, report)),
            Put(keys.assessed(name) + id, canonical(proof(signed))),
            Put(pin, signed.public_key),
        ),
        deletes=(waiting,),
        unchanged=((pin, await services.store.get(pin)), (waiting, await services.store.get(waiting))),
    )


def proof(signed: Signed) -> Proof:
    assessed = signed.assessed
    return Proof(
        schema_version=SCHEMA,
        assessment_id=assessed.assessment.assessment_id,
        persona=assessed.assessment.configuration.persona.name,
        template=assessed.assessment.template,
        digest=assessed.assessment.digest,
        document=document_hash(signed),
        verdict=assessed.opinion.verdict,
        answers={id: each.answer for id, each in assessed.opinion.answers.items()},
        findings=tuple((each.code, each.grade) for each in assessed.assessment.findings),
        risks=tuple((each.code, each.before, each.after) for each in assessed.assessment.risks),
        signed_at=assessed.opinion.signed_at,
        signature=signed.signature,
        public_key=signed.public_key,
    )


def assessments(persona: str) -> retirement.Proof:
    """What an erasure leaves of them."""
    return retirement.Proof(
        keys.assessed(persona),
        "that it was assessed, how and when: codes and hashes, no name and no word",
        "reports of impact assessments are kept for three years (PIPL 56)",
    )


def document_hash(signed: Signed) -> str:
    return "sha256:" + hashlib.sha256(signed.raw).hexdigest()


def draft_hash(assessment: Assessment) -> str:
    return "sha256:" + hashlib.sha256(canonical(assessment)).hexdigest()


def in_draft(assessment: Assessment, persona: Persona, consent: Consent, services: Services) -> tuple[Change, ...]:
    """What the configuration has beyond the draft: it would be signed for less than there is."""
    reach = footprint(persona, consent, services.installation)
    return widened(assessment.configuration.reach, reach)


def _pin(assessor: str) -> str:
    return keys.ASSESSOR + keys.short("assessor", assessor)


def _draft_key(persona: str) -> str:
    return keys.of_assessment(persona, "draft")
