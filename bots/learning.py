"""An owner's answer becomes evidence, so that the same question is answered next time. Nothing else ever does:
what askers write is never learned (rights.md T05)."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from adapters.errors import AdapterError
from adapters.protocol import HasAudience
from bots.agent.decision import humans_only
from bots.model import Escalation, Waiter
from bots.services import Services
from persona_store.consent.policy import Ask, Origin, allow
from persona_store.consent.record import Consent
from persona_store.model import GONE, Evidence, Passage
from persona_store.redaction import redact, says_something
from persona_store.withholding import shelf_of

LEARN = "learn"
SILENCED = (*GONE, "restricted", "deceased")  # its subject wants nothing added, or cannot say any more


def may_learn(consent: Consent | None, now: datetime, origin: Origin | None = None) -> bool:
    """Whether an owner's answers are kept at all; with `origin`, whether this one is."""
    return allow(consent, Ask(action="learn", now=now, origin=origin)).ok


def as_evidence(passage: Passage) -> Evidence:
    """A passage that was shown before, to be shown again; its rank no longer matters."""
    return Evidence(passage, 0.0)


def job_id(escalation: str) -> str:
    return f"{LEARN}:{escalation}"


def correction_id(escalation: str) -> str:
    return f"correction/{escalation}"


async def learn(services: Services, record: Escalation) -> None:
    """Idempotent: the passage's id is the escalation's. Consent is asked again, now, and what must not be
    remembered is taken out as it is at every import (rights.md T11)."""
    persona, now = await services.personas.get(record.persona), services.clock.now()
    if record.state != "answered" or persona is None or persona.state in SILENCED or humans_only(record.question):
        return
    first, text = record.askers[0], redact(record.answer).text
    origin = Origin("correction", first.thread.chat, now, by_subject=False, author=record.settled_by, text=text)
    if not says_something(text) or not may_learn(await services.consent(persona.name), now, origin):
        return
    passage = Passage(
        id=correction_id(record.id),
        source="correction",
        container=first.thread.chat,
        container_name=first.thread.chat_name,
        thread=correction_id(record.id),
        author=record.settled_by,
        author_name=record.settled_name or record.settled_by,
        by_subject=False,
        at=record.settled_at or now,
        text=text,
        readers=await _readers(services, first, record),
        question=redact(record.question).text,
        corrects=record.corrects,
    )
    # Sent as it stood, the draft is the persona's words: what was kept back meanwhile must not come in this way.
    file = await services.library.file(record.persona)
    await (await shelf_of(services.store, record.persona, file)).add([passage])


async def unlearn(services: Services, record: Escalation) -> None:
    await (await services.library.file(record.persona)).remove([correction_id(record.id)])


async def share(services: Services, record: Escalation) -> None:
    """The owner lets everyone in the team have what was first said to few."""
    file = await services.library.file(record.persona)
    await file.add([structs.replace(p, readers=None) for p in await file.get([correction_id(record.id)])])


async def _readers(services: Services, waiter: Waiter, record: Escalation) -> tuple[str, ...] | None:
    """Words said to a private room stay with those who could read them there; unknown is private to the two."""
    adapter = services.adapters.get(waiter.thread.platform)
    members = [waiter.person.key, record.settled_by]
    if not waiter.thread.direct and isinstance(adapter, HasAudience):
        try:
            audience = await adapter.audience(waiter.thread)
        except AdapterError:
            return tuple(members)
        if audience.public and not audience.external:
            return None
        members += [person.key for person in audience.members]
    return tuple(sorted(set(members)))
