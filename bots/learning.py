"""An owner's answer becomes evidence, so that the same question is answered next time. Nothing else ever does:
what askers write is never learned (rights.md T05)."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from adapters.errors import AdapterError
from adapters.protocol import HasAudience
from bots.model import Escalation, Waiter
from bots.services import Services
from persona_store.consent.policy import Ask, allow
from persona_store.consent.record import Consent
from persona_store.model import Evidence, Passage

LEARN = "learn"


def may_learn(consent: Consent | None, now: datetime) -> bool:
    return allow(consent, Ask(action="learn", now=now)).ok


def as_evidence(passage: Passage) -> Evidence:
    """A passage that was shown before, to be shown again; its rank no longer matters."""
    return Evidence(passage, 0.0)


def correction_id(escalation: str) -> str:
    return f"correction/{escalation}"


async def learn(services: Services, record: Escalation) -> None:
    """Idempotent: the passage's id is the escalation's. Consent is asked again, now."""
    if record.state != "answered" or not may_learn(
        await services.consents.current(record.persona), services.clock.now()
    ):
        return
    first = record.askers[0]
    passage = Passage(
        id=correction_id(record.id),
        source="correction",
        container=first.thread.chat_key,
        container_name=first.thread.chat_name,
        thread=correction_id(record.id),
        author=record.settled_by,
        author_name=record.settled_name or record.settled_by,
        by_subject=False,
        at=record.settled_at or services.clock.now(),
        text=record.answer,
        readers=await _readers(services, first, record),
        question=record.question,
    )
    await (await services.library.file(record.persona)).add([passage])


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
