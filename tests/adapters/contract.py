"""What the contract suite needs from an adapter's platform. `tests/adapters/<name>/harness.py` offers
`HARNESSES: dict[str, Callable[[], AbstractAsyncContextManager[Harness]]]`, and tests/adapters/test_contract.py runs
every law on each of them. A harness starts with `adapter.run(host)` already going and connected.

The world every harness builds: people `ana` and `lin` of the team and a `guest` from outside; a `room` everyone may
read with ana, lin and the bot; a `private` room with ana and the bot; `nowhere`, a chat that does not exist.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from adapters.model import Form, Inbound, Person, Press, Receipt, Thread
from adapters.protocol import (
    Adapter,
    CanEdit,
    CanFind,
    CanRetract,
    HasAudience,
    HasConnection,
    HasPeople,
    HasStatus,
)

ABILITIES = {
    "threads": "an answer hangs from its question, in a thread of its own",
    "follow_ups": "a follow-up in that thread needs no @",
    "redelivery": "what could not be kept is brought again by the platform",
    "limits": "a rate limit says how long to wait",
    "outsiders": "guests and strangers are told from colleagues",
    "repeats": "a repeat of a post whose fate is unknown places nothing new",
    "find": "whether a post stands there can be looked up",
    "rewrite": "a card can be rewritten in place",
    "retract": "an answer is taken back, or rewritten, when its persona is withdrawn",
    "whispers": "what is for one person is shown to them alone right in the group (elsewhere in their direct chat)",
    "buttons": "buttons say who pressed what where",
    "forms": "a button opens a form that comes back filled",
    "audience": "who reads along is known",
    "people": "names, and whether somebody exists, are known by id",
    "status": "it shows that an answer is on its way",
    "connection": "whether events can reach us is known",
}
"""What a platform may or may not be able to do, in the words of docs/adapters/abilities.md. A harness names in
`lacks` what its platform cannot, and why; everything else is tried by the laws in test_contract.py."""

PORTS = {
    "find": CanFind,
    "rewrite": CanEdit,
    "retract": CanRetract,
    "audience": HasAudience,
    "people": HasPeople,
    "status": HasStatus,
    "connection": HasConnection,
}
"""Abilities that are a Protocol: an adapter has it if and only if its harness does not lack it."""


class Standing(Struct, frozen=True):
    """A post as a reader finds it on the platform: `text` has every word that is shown, in order."""

    id: str
    chat: str
    text: str
    root: str = ""
    only_for: str = ""  # the id of its only reader


class Host:
    """Keeps what arrives. `refuse` > 0 lets so many receives fail first, as a full disk would; like a real host it
    takes an event with a known key for a redelivery."""

    def __init__(self) -> None:
        self.events: list[Inbound] = []
        self.deliveries = 0
        self.forms: dict[str, Form] = {}  # by the button's action
        self.refuse = 0
        self._news = asyncio.Condition()

    async def receive(self, event: Inbound) -> None:
        self.deliveries += 1
        if self.refuse > 0:
            self.refuse -= 1
            raise OSError("the disk is full")
        if event.key not in {known.key for known in self.events}:
            self.events.append(event)
        async with self._news:
            self._news.notify_all()

    async def form(self, press: Press) -> Form | None:
        return self.forms.get(press.action)

    async def delivered(self, count: int, *, within: float = 5.0) -> None:
        """Wait until receive was called so often, known keys and refusals included."""
        async with self._news, asyncio.timeout(within):
            await self._news.wait_for(lambda: self.deliveries >= count)

    async def event(self, count: int = 1, *, within: float = 5.0) -> Inbound:
        """The `count`-th event since the start, waiting for it if need be."""
        async with self._news, asyncio.timeout(within):
            await self._news.wait_for(lambda: len(self.events) >= count)
        return self.events[count - 1]


class Harness(Protocol):
    adapter: Adapter
    host: Host
    ana: Person
    lin: Person
    guest: Person
    room: Thread
    private: Thread
    nowhere: Thread
    lacks: Mapping[str, str]  # ability → why this platform has not got it

    async def say(
        self, who: Person, text: str, *, chat: Thread, thread: str = "", mention: bool = True, twice: bool = False
    ) -> str:
        """Somebody writes in `chat`, in the thread under message id `thread` if given, naming the bot unless
        `mention` is false; returns the platform's message id. `twice`: the platform delivers it twice."""

    async def dm(self, who: Person, text: str) -> str:
        """Somebody writes to the bot directly."""

    async def press(self, who: Person, receipt: Receipt, action: str, fields: dict[str, str] | None = None) -> None:
        """Somebody presses a button; if it opens a form, they submit it with `fields`."""

    async def standing(self) -> list[Standing]:
        """All of our posts that stand on the platform now, oldest first."""

    def fail(self, how: str) -> None:
        """The next post meets: `later` (rate limit), `down` (nothing placed), `lost` (placed, answer lost)."""


def discovered() -> dict[str, Callable[[], AbstractAsyncContextManager[Harness]]]:
    """Every harness of every adapter that has one, by name."""
    found: dict[str, Callable[[], AbstractAsyncContextManager[Harness]]] = {}
    for path in sorted(Path(__file__).parent.glob("*/harness.py")):
        found.update(import_module(f"tests.adapters.{path.parent.name}.harness").HARNESSES)
    return found
