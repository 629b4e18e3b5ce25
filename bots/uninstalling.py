"""The app was removed from a workspace: what we remember of its conversations goes at once, well inside the 14
business days of Slack's developer policy (rights.md P3). What was imported stays: it came from the subject, under
their consent, and not from the platform."""

from __future__ import annotations

from adapters.model import Thread
from bots import keys
from bots.model import Escalation
from bots.records import Outcome, Pending
from bots.services import Services
from bots.timers import TIMERS, timer_id
from persona_store.protocols import Batch


async def forget(services: Services, platform: str, tenant: str) -> Batch:
    """Threads, outcomes, words that waited for a choice, and the escalations nobody elsewhere waits for."""

    def there(thread: Thread) -> bool:
        return (thread.platform, thread.tenant) == (platform, tenant)

    gone = [key async for key, _ in services.store.scan(f"{keys.THREAD}{platform}:{tenant}:")]
    timers: list[str] = []
    async for key, raw in services.store.scan(keys.OUTCOME):
        if there(services.unseal(raw, key, Outcome).thread):
            gone.append(key)
    async for key, raw in services.store.scan(keys.DRAFTED):
        if there(services.unseal(raw, key, Pending).thread):
            gone.append(key)
    async for key, raw in services.store.scan(keys.ESCALATION):
        record = services.unseal(raw, key, Escalation)
        if all(there(waiter.thread) for waiter in record.askers):
            gone += [key, keys.open_question(record.persona, record.id), keys.asked(record.assignee, record.id)]
            gone.append(keys.digest(record.assignee.key, record.id))
            timers += [timer_id(record.id, what) for what in TIMERS]
    return Batch(deletes=tuple(gone), cancel=tuple(timers))
