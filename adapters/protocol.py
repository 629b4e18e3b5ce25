"""The port between a chat platform and the bot: small on purpose; each further ability is its own Protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

from aiohttp import web
from msgspec import Struct

from adapters.model import Audience, Form, Inbound, Person, Post, Press, Receipt, Thread

Retracted = Literal["deleted", "marked", "gone"]
"""What became of a post that was to be removed; `gone`: it stood there no more."""
MOST_LEFT: tuple[Retracted, ...] = ("marked", "deleted", "gone")
"""Of a post in several messages, the end that leaves most is what is told."""


class Host(Protocol):
    """What an adapter calls."""

    async def receive(self, event: Inbound) -> None:
        """Returns once the event is durably kept (or known already); only then may the platform be acked.
        Raises when it could not be kept: the adapter must then *not* ack, so that the platform redelivers."""

    async def form(self, press: Press) -> Form | None:
        """The form a button opens for this person, at once and without side effects; None if there is none
        (any more) or the person may not."""


class Adapter(Protocol):
    """One connection to one platform."""

    name: str

    async def run(self, host: Host) -> None:
        """Connect and deliver until cancelled; reconnects by itself. Raises Unauthorised if the credentials are
        refused at the start, so that a wrong token is one clear line and not an endless retry."""

    async def post(self, thread: Thread, post: Post) -> Receipt:
        """Place a post. Raises an AdapterError from adapters/errors.py and nothing else."""

    async def direct(self, person: Person) -> Thread:
        """The private thread with somebody, even one who never wrote to us."""


@runtime_checkable
class HasAudience(Protocol):
    async def audience(self, thread: Thread) -> Audience:
        """Who reads what is posted there, at most 60 s old. Raises if it cannot be known: unknown means deny."""


@runtime_checkable
class HasPeople(Protocol):
    async def person(self, id: str) -> Person:
        """Name, tenant, time zone and whether they are from outside. Raises NotFound."""


@runtime_checkable
class CanFind(Protocol):
    async def find(self, thread: Thread, key: str) -> Receipt | None:
        """Look whether a post with this key already stands there, after a send whose fate is unknown."""


@runtime_checkable
class CanEdit(Protocol):
    async def edit(self, receipt: Receipt, post: Post) -> Receipt:
        """Rewrite one of our posts."""


@runtime_checkable
class CanRetract(Protocol):
    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        """Take one of our posts back, for everybody who could read it. Where the platform does not let it go (any
        more) but lets it be rewritten, `marked` stands in its place. Raises Rejected if neither is possible, and
        what `post` raises; repeating it is harmless."""


@runtime_checkable
class HasStatus(Protocol):
    async def working(self, thread: Thread, text: str) -> None:
        """Show that an answer is on its way; best effort, never raises."""


@runtime_checkable
class HasConnection(Protocol):
    async def connected(self) -> bool:
        """Whether events can reach us now: false until the platform said hello and while reconnecting."""


class Finding(Struct, frozen=True):
    """One line of `understudy doctor`."""

    ok: bool
    what: str
    fix: str = ""


@runtime_checkable
class CanCheck(Protocol):
    async def check(self) -> Sequence[Finding]:
        """Compare what the platform grants with what we need; names every missing scope, event or setting."""


@runtime_checkable
class CanClose(Protocol):
    async def close(self) -> None:
        """Release what `run` and `post` opened; to be called last, after the outbox is drained."""


@runtime_checkable
class HasRoutes(Protocol):
    def routes(self, host: Host) -> Sequence[web.RouteDef]:
        """HTTP routes this adapter wants on our web server (the local page, a platform's webhook)."""
