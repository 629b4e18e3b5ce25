"""Takes what the platforms deliver: seen before? then nothing; else kept durably, and only then acked."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from adapters.model import Form, Inbound, Message, Press, Thread, Uninstalled
from bots import keys
from bots.forms import Forms
from bots.services import Services
from persona_store.errors import Conflict
from persona_store.protocols import Batch, NewJob, Put

EVENT = "event"
# Feishu's last redelivery comes after 7.1 h, Slack's delayed events up to 24 h later (peers.md F2, S2).
REMEMBERED = timedelta(hours=25)
MAX_TEXT = 40_000  # as much as Slack lets anybody write; the rest of a longer message is not even kept


class Inbox:
    """The Host of every adapter."""

    def __init__(self, services: Services, forms: Forms) -> None:
        self._s = services
        self._forms = forms

    async def receive(self, event: Inbound) -> None:
        """Durable before it returns. An event's content is sealed and goes when its outcome is settled; what
        stays for a day is a hash of its id."""
        if not await self._is_for_us(event):
            return
        seen = keys.SEEN + keys.short(event.key)
        if isinstance(event, Press):
            event = msgspec.structs.replace(event, trigger="")
        elif isinstance(event, Message):
            event = msgspec.structs.replace(event, text=event.text[:MAX_TEXT])
        expires = self._s.clock.now() + REMEMBERED
        job = NewJob(EVENT, lane_of(event), self._s.seal(event, EVENT), id=seen)
        try:
            await self._s.store.commit(Batch(puts=(Put(seen, b"", expires),), absent=(seen,), jobs=(job,)))
        except Conflict:
            self._s.metrics.events.labels(platform_of(event), "duplicate").inc()
        else:
            self._s.metrics.events.labels(platform_of(event), "kept").inc()

    async def form(self, press: Press) -> Form | None:
        return await self._forms.form(press)

    async def _is_for_us(self, event: Inbound) -> bool:
        """Most of what a busy channel says is none of our business and must not be kept, not even for a
        second (rights.md P2): unaddressed words count only inside a thread we are part of."""
        if not isinstance(event, Message) or event.addressed:
            return True
        if event.text.lstrip().lower().startswith("!understudy"):
            return True
        return bool(event.thread.root) and await self._s.store.get(keys.thread(event.thread)) is not None


def lane_of(event: Inbound) -> str:
    """What must be handled in order: everything of one conversation."""
    if isinstance(event, Uninstalled):
        return f"{event.platform}:{event.tenant}"
    if isinstance(event, Message):
        return reply_thread(event).lane
    return event.thread.lane


def reply_thread(message: Message) -> Thread:
    """Where an answer goes: into the message's thread, or into a new one below it (peers.md S13); in a direct
    chat right into the chat. A native command stands nowhere that one could reply to."""
    thread = message.thread
    if thread.direct or thread.root or message.command:
        return msgspec.structs.replace(thread, anchor=message.id)
    return msgspec.structs.replace(thread, root=message.id, anchor=message.id)


def platform_of(event: Inbound) -> str:
    return event.platform if isinstance(event, Uninstalled) else event.thread.platform


def decode(services: Services, body: bytes) -> Inbound:
    return services.unseal(body, EVENT, Inbound)  # type: ignore[arg-type]  # a union is a type to msgspec
