"""What a team says about an answer becomes a label: the owner's hands on a draft, and thumbs.

Who answers for the persona judges, in whatever way: by sending the draft, by changing it, by saying something else,
or by a thumb below an answer. Everybody else votes. Nothing of what anybody wrote is kept here."""

from __future__ import annotations

from msgspec import structs

from adapters.model import Person
from bots import keys
from bots.agent.confidence import calibrator
from bots.agent.decision import humans_only
from bots.agent.label import EDITED, RIGHT, WRONG, Label
from bots.agent.superseding import numbers
from bots.escalation import REPORTED
from bots.evaluation.escalated import AS_IT_WAS, CHANGED, OTHERWISE, fate_of
from bots.learning import SILENCED
from bots.model import Escalation
from bots.records import Outcome
from bots.services import Services
from persona_store.model import Persona
from persona_store.protocols import Batch

_FATES = {AS_IT_WAS: RIGHT, CHANGED: EDITED, OTHERWISE: WRONG}


async def answered(services: Services, outcome: Outcome) -> Batch:
    """An answer was given: from now on it can be judged. Given twice (a job that was tried again) it is one."""
    known, before = await services.labels.read(outcome.persona, outcome.id)
    label = known or _label(services, outcome, shown=True)
    return services.labels.keep(outcome.persona, outcome.id, label, before)


async def settled(services: Services, record: Escalation) -> tuple[str, Batch]:
    """(what the human made of the draft, the Batch that keeps it); "" where nothing can be said of it: there was no
    draft, or they saw only a part of it, or it was no question for a persona, or a complaint."""
    outcome = await services.read(keys.outcome(record.outcome), Outcome) if record.outcome else None
    if outcome is None or not outcome.quotes or humans_only(record.question) or record.reason == REPORTED:
        return "", Batch()
    verdict = _verdict(record.draft, record.answer)
    if not verdict or record.draft != "\n".join(outcome.quotes):
        return "", Batch()
    known, before = await services.labels.read(record.persona, outcome.id)
    label = structs.replace(known or _label(services, outcome, shown=False), owner=verdict)
    return verdict, services.labels.keep(record.persona, outcome.id, label, before)


async def voted(services: Services, persona: Persona, outcome: Outcome, who: Person, vote: str) -> Batch:
    """A thumb. Of an answer only: nobody saw what was never said; and not while its subject has it frozen."""
    known, before = await services.labels.read(persona.name, outcome.id)
    if known is None or not known.shown or persona.state in SILENCED:
        return Batch()
    if await services.directory.roles(who, persona) & {"owner", "deputy"}:
        label = structs.replace(known, owner=RIGHT if vote == "up" else WRONG)
    else:
        human = min(await services.directory.identities(who.key))  # all their accounts are one voter
        label = known.voted(services.vault.pseudonym(persona.name, human), vote)
    return services.labels.keep(persona.name, outcome.id, label, before)


def _verdict(draft: str, answer: str) -> str:
    """As evaluation judges, but for one thing: with another number in the place of one, half of the words kept are
    another answer."""
    before, now = numbers(draft), numbers(answer)
    fate = fate_of(draft, answer)
    return WRONG if fate == CHANGED and before - now and now - before else _FATES.get(fate, "")


def _label(services: Services, outcome: Outcome, *, shown: bool) -> Label:
    return Label(
        chance=outcome.shipped,
        calibrator=calibrator(),
        day=services.clock.now().date(),
        shown=shown,
        taught=outcome.taught,
    )
