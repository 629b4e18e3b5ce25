"""A typed command with everything a verb needs to answer it."""

from __future__ import annotations

from msgspec.structs import replace

from adapters.model import Button, Message, Person, Thread
from bots import keys
from bots.records import ThreadState
from bots.replies import alone
from bots.services import Services
from persona_store.protocols import Batch


async def conversation_in(services: Services, thread: Thread, alone: Person | None = None) -> ThreadState | None:
    """What was asked before in a thread. Whoever replies to one message of a direct chat goes on with that chat."""
    state = await services.read(keys.conversation(thread, alone), ThreadState)
    if state is None and thread.direct and thread.root:
        state = await services.read(keys.conversation(replace(thread, root=""), alone), ThreadState)
    return state


class Said:
    """Who typed what where: what every verb needs to answer."""

    def __init__(self, message: Message, thread: Thread, lang: str, id: str, args: str) -> None:
        self.author = message.author
        self.mentions = message.mentions
        self.thread = thread
        self.lang = lang
        self.id = id
        self.args = args
        self.private = message.command and not thread.direct

    async def conversation(self, services: Services) -> ThreadState | None:
        """What was asked before, where this was typed."""
        return await conversation_in(services, self.thread, self.author if self.private else None)

    def tell(
        self,
        services: Services,
        text: str,
        *,
        buttons: tuple[Button, ...] = (),
        links: tuple[str, ...] = (),
        what: str = "told",
    ) -> Batch:
        """An answer for the one who typed it."""
        return alone(
            services,
            self.author,
            self.thread,
            text,
            lang=self.lang,
            key=f"{self.id}:{what}",
            tone="admin",
            buttons=buttons,
            links=links,
        )
