"""The escalations as they are kept: a sealed record each, the open list of a persona, what a human was asked."""

from __future__ import annotations

from msgspec import structs

from adapters.model import Person
from bots import escalation, keys
from bots.model import Escalation
from bots.people import person_of
from bots.records import KEPT
from bots.services import Services
from bots.timers import TIMERS, timer_id
from persona_store.errors import Conflict
from persona_store.protocols import Batch, Put


async def load(services: Services, id: str) -> Escalation | None:
    return await services.read(keys.escalation(id), Escalation)


async def save(services: Services, record: Escalation) -> Batch:
    """The record as it is now. Raises Conflict if somebody changed it since it was loaded; on the way to the
    store nobody can any more. What is settled leaves the lists, and is forgotten after a month (rights.md L23)."""
    key = keys.escalation(record.id)
    before, raw = await services.read_raw(key, Escalation)
    revision = before.revision if before is not None else 0
    if revision != record.revision:
        raise Conflict(f"escalation {record.id} was changed meanwhile")
    record = structs.replace(record, revision=revision + 1)
    expires = record.settled_at + KEPT if record.settled_at is not None else None
    batch = Batch(puts=(Put(key, services.seal(record, key), expires),), unchanged=((key, raw),))
    if not escalation.is_settled(record):
        return batch
    timers = tuple(timer_id(record.id, what) for what in TIMERS)
    gone = [
        keys.open_question(record.persona, record.id),
        keys.digest(record.assignee.key, record.id),
    ]
    listed = keys.asked(record.assignee, record.id)
    if record.state == "expired":
        # It stays on the assignee's list: an answer after the deadline still finds its thread.
        still = Put(listed, (record.asked_at or record.opened_at).isoformat().encode(), expires)
        return batch.plus(Batch(cancel=timers, deletes=tuple(gone), puts=(still,)))
    return batch.plus(Batch(cancel=timers, deletes=(*gone, listed)))


async def asked_of(services: Services, person: Person) -> list[str]:
    """What somebody was asked and has not settled, newest first, on any of their platforms."""
    found: list[tuple[bytes, str]] = []
    for key in await services.directory.identities(person.key):
        prefix = keys.asked(person_of(key), "")
        found += [(at, k.removeprefix(prefix)) async for k, at in services.store.scan(prefix)]
    return [id for _, id in sorted(found, reverse=True)]


async def unsettled(services: Services, persona: str) -> list[Escalation]:
    """The open list of a persona."""
    prefix = keys.open_question(persona, "")
    ids = [key.removeprefix(prefix) async for key, _ in services.store.scan(prefix)]
    records = [await load(services, id) for id in ids]
    return [r for r in records if r is not None and not escalation.is_settled(r)]
