"""The app was removed from a workspace: what we remember of its conversations goes, inside the 14 business days
that Slack's developer policy leaves and that hold here for every platform (rights.md P3, P8). What was imported
stays: it came from the subject, under their consent, and not from the platform.

Slack tells that it happened. Feishu and DingTalk tell no app that an organisation made for itself: their events
`app_uninstalled` and `org_suite_relieve` are for apps of a store. So a platform that has not been connected for a
fortnight counts as left.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from adapters.model import Thread
from adapters.protocol import HasConnection
from bots import keys
from bots.model import Escalation
from bots.records import Outcome, Pending
from bots.services import Services
from bots.timers import TIMERS, timer_id
from persona_store.protocols import Batch, Put

AWAY = timedelta(days=14)  # 14 business days are 18 at least
GRACE = timedelta(hours=1)  # a process that has just begun may not be connected yet
NOTED = timedelta(hours=1)  # how often it is noted that a platform is there
log = logging.getLogger(__name__)


async def forget(services: Services, platform: str, tenant: str | None = None) -> Batch:
    """Threads, outcomes, words that waited for a choice, and the escalations nobody elsewhere waits for; of all
    tenants unless one is named."""

    def there(thread: Thread) -> bool:
        return thread.platform == platform and tenant in (None, thread.tenant)

    where = f"{keys.THREAD}{platform}:" + ("" if tenant is None else f"{tenant}:")
    gone = [key async for key, _ in services.store.scan(where)]
    timers: list[str] = []
    gone += [key async for key, outcome in services.all(keys.OUTCOME, Outcome) if there(outcome.thread)]
    gone += [key async for key, words in services.all(keys.DRAFTED, Pending) if there(words.thread)]
    async for key, record in services.all(keys.ESCALATION, Escalation):
        if all(there(waiter.thread) for waiter in record.askers):
            gone += [key, keys.open_question(record.persona, record.id), keys.asked(record.assignee, record.id)]
            gone.append(keys.digest(record.assignee.key, record.id))
            timers += [timer_id(record.id, what) for what in TIMERS]
    return Batch(deletes=tuple(gone), cancel=tuple(timers))


async def forget_departed(services: Services, started: datetime) -> None:
    """Look which platforms we still talk on, and forget those we do not. This process runs since `started`."""
    now = services.clock.now()
    for platform in await _talked_on(services):
        adapter = services.adapters.get(platform)
        here = adapter is not None and (not isinstance(adapter, HasConnection) or await adapter.connected())
        key = keys.talking(platform)
        raw = await services.store.get(key)
        last = datetime.fromisoformat(raw.decode()) if raw else None
        if last is None or (here and now - last >= NOTED):
            await services.store.commit(Batch(puts=(Put(key, now.isoformat().encode()),)))
        elif not here and now - last >= AWAY and (adapter is None or now - started >= GRACE):
            await services.store.commit((await forget(services, platform)).plus(Batch(deletes=(key,))))
            log.warning(
                "%s has not been connected since %s: its conversations are forgotten", platform, last.date()
            )


async def _talked_on(services: Services) -> set[str]:
    found = {key.removeprefix(keys.THREAD).partition(":")[0] async for key, _ in services.store.scan(keys.THREAD)}
    async for _, record in services.all(keys.ESCALATION, Escalation):
        found |= {waiter.thread.platform for waiter in record.askers}
    return found
