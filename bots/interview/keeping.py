"""An answer of the interview into the persona's evidence, the way everything gets there: consent asked for each,
secrets and personal data taken out, what was withheld kept out. Only the Subject's own words come this way, and
only as answers to what they were asked (rights.md T05)."""

from __future__ import annotations

from collections.abc import Sequence

from bots import keys
from bots.importing import bring_in
from bots.interview.plan import Question
from bots.services import Services
from persona_store.consent import notice
from persona_store.consent.policy import Ask, Origin, allow
from persona_store.errors import Refused
from persona_store.importing import ImportReport
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, Put
from persona_store.sources.interview import CONTAINER, Given, Interview


async def may_interview(services: Services, persona: Persona) -> str:
    """ "" if consent lists the interview, and its subject read the notice there is now; else its code."""
    now, consent = services.clock.now(), await services.consent(persona.name)
    try:
        notice.still_shown(consent)
    except Refused as changed:
        return changed.code
    origin = Origin("interview", CONTAINER, now, by_subject=True, author=persona.subject)
    return allow(consent, Ask("import", now, origin=origin)).code


async def check(services: Services, persona: Persona) -> None:
    """For the command line. Raises Refused with what would lift it."""
    if persona.state in GONE:
        raise Refused("RETIRED", f"persona {persona.name!r} is retired", "create one with another name")
    notice.still_shown(await services.consent(persona.name))
    if code := await may_interview(services, persona):
        way_out = f"the subject signs: `understudy consent sign {persona.name} --sources interview,…`"
        raise Refused(code, f"the interview of {persona.name!r} is not covered by a consent", way_out)


async def keep(
    services: Services, persona: Persona, given: Sequence[Given], actor: str, *, name: str = ""
) -> ImportReport:
    """Raises Refused if consent covers none of it."""
    return await bring_in(services, persona, Interview(given, subject=persona.subject, name=name), actor)


def remembered(persona: str, question: Question, how: str) -> Batch:
    """It was `answered` or `skipped` and is not asked again: a hash, and nothing of what it was."""
    return Batch(puts=(Put(keys.interviewed(persona, question.id), how.encode()),))
