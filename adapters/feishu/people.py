"""Who is behind an id: names, and who belongs to the team.

Feishu tells the tenant of whoever writes, presses or is a member of a chat; a profile says the name, and that
somebody is a colleague, since nobody else's can be read. What neither has told is unknown, and unknown means from
outside. A look-up never holds up an event for longer than it is worth (peers.md F30), and without the scope for
it nobody has a name and all else works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from typing import Any

from adapters.errors import AdapterError, NotFound
from adapters.feishu.calls import Calls
from adapters.feishu.failures import NOT_VISIBLE, PLATFORM
from adapters.feishu.inbound import kind_of
from adapters.feishu.memory import remember
from adapters.feishu.rest import Rest
from adapters.model import Person
from adapters.once import Once

Json = dict[str, Any]

FRESH = 600.0  # seconds a profile is good for
REMEMBERED = 20_000  # people
KINDS = {"on_": "union_id", "ou_": "open_id"}  # how an id begins → what it is; anything else is a user_id
_LEFT = ("is_resigned", "is_frozen", "is_exited")


def kind_of_id(id: str) -> str:
    """An open_id is this app's, a union_id its developer's, a user_id the tenant's (peers.md F14)."""
    return KINDS.get(id[:3], "user_id")


def person_of(profile: Json, tenant: str) -> Person:
    """A profile the app may read is a colleague's; those who left are from outside."""
    name = profile.get("name") or profile.get("nickname") or profile.get("en_name") or ""
    zone = str(profile.get("time_zone") or "")
    return Person(PLATFORM, str(profile["open_id"]), str(name), tenant, has_left(profile), zone)


def has_left(profile: Json) -> bool:
    status = profile.get("status")
    return isinstance(status, dict) and any(status.get(flag) for flag in _LEFT)


class People:
    """One tenant's people, as this app sees them."""

    def __init__(self, calls: Calls, ticks: Callable[[], float]) -> None:
        self._calls = calls
        self._ticks = ticks
        self._known: dict[str, tuple[float, Person]] = {}
        self._open_ids: dict[str, str] = {}  # union_id or user_id → open_id
        self._left: set[str] = set()
        self._tenants: dict[str, str] = {}  # open_id → what an event said
        self._once = Once[Person]()
        self._rest = Rest(ticks)
        self.tenant = ""  # ours, as soon as an event told it

    def known(self, id: str) -> Person | None:
        """Somebody whose name and tenant are at hand and fresh."""
        entry = self._known.get(id)
        return entry[1] if entry is not None and entry[0] >= self._ticks() - FRESH else None

    def colleagues(self) -> list[Person]:
        """Everyone of the team who is known."""
        return [person for _, person in self._known.values() if person.name and not person.external]

    def keep(self, person: Person) -> Person:
        """What a list of members told; it says the tenant, so it is as good as a profile."""
        before = self.known(person.id)
        if before is not None and before.timezone and not person.external:
            person = Person(PLATFORM, person.id, person.name or before.name, person.tenant, False, before.timezone)
        remember(self._known, person.id, (self._ticks(), person), REMEMBERED)
        return person

    def seen(self, person: Person) -> None:
        """What an event told of somebody, for the day when no profile can be read."""
        remember(self._tenants, person.id, person.tenant, REMEMBERED)

    async def person(self, id: str) -> Person:
        """By any of the three ids. Raises NotFound if nobody has it, or nobody any more: an owner who left answers
        nothing."""
        known = self.known(self._open_ids.get(id, id))
        person = known if known is not None else await self._once.ask(id, lambda: self._ask(id))
        if person.id in self._left:
            raise NotFound(PLATFORM, f"the account {id!r} is not active any more")
        return person

    async def open_id(self, id: str) -> str:
        """The open_id of whoever an operator named by another id."""
        if kind_of_id(id) == "open_id":
            return id
        if id not in self._open_ids:
            return (await self.person(id)).id
        return self._open_ids[id]

    async def _ask(self, id: str) -> Person:
        try:
            answer = await self._calls.read(
                "contact/v3/users/:user_id", paths={"user_id": id}, user_id_type=kind_of_id(id)
            )
        except AdapterError as error:
            if error.code != str(NOT_VISIBLE):
                raise
            tenant = self._tenants.get(id, "")
            return self.keep(Person(PLATFORM, id, "", tenant, external=not tenant or tenant != self.tenant))
        profile = (answer.get("data") or {}).get("user") or {}
        if not profile.get("open_id"):
            raise NotFound(PLATFORM, f"nobody has the id {id!r}")
        person = self.keep(person_of(profile, self.tenant))
        remember(self._open_ids, id, person.id, REMEMBERED)
        (self._left.add if has_left(profile) else self._left.discard)(person.id)
        return person

    async def learn(self, ids: Collection[str], *, within: float) -> None:
        """Try to know these people; what cannot be had in time stays unknown, and comes when it comes."""
        if not ids or not self._rest.over():
            return
        try:
            async with asyncio.timeout(within):
                await asyncio.gather(*(self.person(id) for id in ids))
        except (AdapterError, TimeoutError) as error:
            self._rest.after(error)


def ids_in(payload: Json) -> Iterator[str]:
    """Of whom an event tells neither name nor tenant: whoever wrote, pressed, reacted, chose or came in."""
    event = payload.get("event") or {}
    sender, operator = event.get("sender") or {}, event.get("operator") or {}
    chose = operator.get("operator_id") or event.get("operator_id") or {}
    if kind_of(payload) == "im.message.receive_v1" and sender.get("sender_type") != "user":
        return
    reacted = event.get("user_id")
    for given in (
        sender.get("sender_id"),
        operator,
        chose,
        reacted if isinstance(reacted, dict) else None,
    ):
        id = str((given or {}).get("open_id") or "")
        if id:
            yield id
