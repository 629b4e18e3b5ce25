"""What the Subject may do, at any time and by nobody's leave: keep back, correct, strike, freeze, approve.

Taking it all back is bots/retiring.py's, the same as from the chat.
"""

from __future__ import annotations

from contextlib import suppress

from msgspec import structs

from bots import accountability, distilling
from bots.assessment.keeping import papers_of
from bots.audit import line
from bots.services import Services
from bots.subject.place import may_preview
from bots.withheld.keeping import remember
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.personas import BY_SUBJECT, SPEAKING, transition
from persona_store.protocols import Batch
from persona_store.redaction import redact, says_something
from persona_store.withholding import kept_back

LONGEST = 20_000  # characters of a correction


async def keep_back(services: Services, persona: Persona, ids: tuple[str, ...], actor: str) -> int:
    """Out, and kept out when the same is imported again. Words of others that are mere context are not the
    Subject's to take; they are never said either. Returns how many went."""
    file = await services.library.file(persona.name)
    theirs = [passage.id for passage in await file.get(ids) if passage.quotable]
    if not theirs:
        raise Refused("ITEM_UNKNOWN", "nothing of yours is held under that name", "load the list again")
    await remember(services, persona, theirs)  # so that a question about it is told as kept back, not as unknown
    audited = line(services, persona.name, "withheld", actor, refs=tuple(theirs))
    await services.store.commit(Batch(puts=kept_back(persona.name, theirs), log=(audited,)))
    return await file.remove(theirs)


async def correct(services: Services, persona: Persona, id: str, text: str, actor: str) -> str:
    """The Subject's better wording in the place of what they had written. The old one goes for good; the new one
    keeps its place and day, so that the same consent covers it, says that it was corrected, and has no link, as
    behind that stands something else (PIPL 46; GDPR 16). Returns its id."""
    file = await services.library.file(persona.name)
    found = [passage for passage in await file.get([id]) if passage.by_subject]
    if not found:
        raise Refused("ITEM_UNKNOWN", "nothing of yours is held under that name", "load the list again")
    clean = redact(text[:LONGEST]).text.strip()
    if not says_something(clean):
        raise Refused("ITEM_EMPTY", "a correction says something", "to take the item out, keep it back")
    passage = found[0]
    new = structs.replace(
        passage,
        id=_next(id),
        text=clean,
        url="",
        container_name=_marked(
            passage.container_name or passage.container, services.clock.now().date().isoformat()
        ),
        reading=None,
    )
    audited = line(services, persona.name, "corrected", actor, refs=(id,))
    await services.store.commit(Batch(puts=kept_back(persona.name, (id,)), log=(audited,)))
    await file.add([new])
    await file.remove([id])
    return new.id


async def strike(services: Services, persona: Persona, ids: tuple[str, ...], actor: str) -> int:
    """Statements, for good, and what they rest on: else the same could still be quoted."""
    return len(await distilling.strike(services, persona, ids, actor))


async def strike_preview(services: Services, persona: Persona, ids: tuple[str, ...], actor: str) -> int:
    """The Owner strikes a statement that is wrong; the Subject's words are not theirs to take out."""
    return len(await distilling.strike(services, persona, ids, actor, evidence=False))


async def approve(services: Services, persona: Persona, actor: str) -> Batch:
    """They saw what it would speak from, and let it. It answers nobody before the cooling-off is over and somebody
    sets it live. Raises Refused CONSENT_PREVIEW where there is nothing to approve."""
    consent = await services.consent(persona.name)
    if consent is None or not may_preview(consent, "subject", services.clock.now()):
        raise Refused("CONSENT_PREVIEW", "there is nothing to approve", "sign a record first")
    if not await (await services.library.file(persona.name)).count():
        raise Refused("CONSENT_PREVIEW", "there is nothing to approve", "wait until something was imported")
    after = structs.replace(persona, approved=consent.record_id)
    batch = await _changed(services, persona, after, "approved", actor)
    return batch.plus(await accountability.ask(services, after))


async def restrict(services: Services, persona: Persona, actor: str) -> Batch:
    """Frozen: nothing is said, imported, learnt or distilled, and nothing is deleted (GDPR 18). Raises Refused
    ILLEGAL_STATE."""
    after = transition(persona, "restrict", services.clock.now(), BY_SUBJECT)
    return await _changed(services, persona, after, "restricted", actor)


async def lift(services: Services, persona: Persona, actor: str) -> Batch:
    """It is again what it was before: what spoke speaks at once, where everything for that is still there, and is
    paused otherwise. What had not come so far, or was paused by somebody, has not got on by this. Raises Refused
    ILLEGAL_STATE."""
    now = services.clock.now()
    after = transition(persona, "lift", now)
    if persona.stood and persona.stood[-1].state == SPEAKING:
        with suppress(Refused):  # expired or outgrown its assessment meanwhile: paused is as far as it goes
            after = await _resumed(services, after)
    return await _changed(services, persona, after, "lifted", actor)


async def resume(services: Services, persona: Persona, actor: str) -> Batch:
    """What they paused themselves; what others paused is not theirs to start from here. Raises Refused NOT_YOURS,
    and what `ready` raises."""
    if persona.reason != BY_SUBJECT:
        raise Refused("NOT_YOURS", "it is not you who paused it", "ask whoever answers for it")
    return await _changed(services, persona, await _resumed(services, persona), "resume", actor)


async def _resumed(services: Services, persona: Persona) -> Persona:
    consent = await services.consent(persona.name)
    papers = await papers_of(services, persona, consent)
    return transition(persona, "resume", services.clock.now(), consent=consent, papers=papers)


async def _changed(services: Services, before: Persona, after: Persona, action: str, actor: str) -> Batch:
    return Batch(
        puts=(services.personas.put(after),),
        unchanged=(await services.personas.unchanged(before),),
        log=(line(services, before.name, action, actor, decision="done"),),
    )


def _next(id: str) -> str:
    """`m1` → `m1~1` → `m1~2`: a re-import brings neither of the earlier ones back, nor overwrites the newest."""
    base, tilde, number = id.rpartition("~")
    return f"{base}~{int(number) + 1}" if tilde and number.isdigit() else f"{id}~1"


def _marked(place: str, day: str) -> str:
    """Without a language, as it is read in many: a pencil and the day."""
    return f"{place.partition(' ✎ ')[0]} ✎ {day}"
