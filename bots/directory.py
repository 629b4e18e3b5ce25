"""Who is who: one human may have an identity on every platform, and authority follows the human.

Authority is only ever derived from platform user ids (rights.md T14): names are for reading.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from adapters.model import Person
from persona_store.model import Persona, Readers
from persona_store.protocols import Batch, Put, Store


class Directory:
    def __init__(self, store: Store, admins: Iterable[str] = ()) -> None:
        self._store = store
        self._admins = frozenset(admins)

    @property
    def admins(self) -> tuple[str, ...]:
        """Their person keys, as the operator set them."""
        return tuple(sorted(self._admins))

    async def identities(self, key: str) -> frozenset[str]:
        """All person keys of the human behind `key`, itself included."""
        raw = await self._store.get(_human(key))
        return frozenset(msgspec.json.decode(raw, type=list[str])) if raw else frozenset((key,))

    async def same(self, one: str, other: str) -> bool:
        return bool(one) and (one == other or other in await self.identities(one))

    async def is_admin(self, person: Person) -> bool:
        return not person.external and bool(await self.identities(person.key) & self._admins)

    async def roles(self, person: Person, persona: Persona) -> frozenset[str]:
        """Which of subject, owner, deputy and admin somebody is for a persona."""
        mine = await self.identities(person.key)
        roles = {
            role
            for role, key in (("subject", persona.subject), ("owner", persona.owner), ("deputy", persona.deputy))
            if key and key in mine
        }
        if not person.external and mine & self._admins:
            roles.add("admin")
        return frozenset(roles)

    async def readers(self, people: Iterable[Person]) -> Readers:
        return tuple([await self.identities(person.key) for person in people])

    async def bind(self, one: str, other: str) -> Batch:
        """One human from now on: everything either was bound to before comes along."""
        everyone = sorted(await self.identities(one) | await self.identities(other))
        value = msgspec.json.encode(everyone)
        before = tuple([(_human(key), await self._store.get(_human(key))) for key in everyone])
        return Batch(puts=tuple(Put(_human(key), value) for key in everyone), unchanged=before)

    async def unbind(self, key: str) -> Batch:
        """The account stands for a human of its own again; the others stay what they are to each other."""
        everyone = await self.identities(key)
        before = tuple([(_human(each), await self._store.get(_human(each))) for each in sorted(everyone)])
        rest = sorted(everyone - {key})
        gone = (key, *rest) if len(rest) == 1 else (key,)
        value = msgspec.json.encode(rest)
        return Batch(
            puts=tuple(Put(_human(each), value) for each in rest if each not in gone),
            deletes=tuple(map(_human, gone)),
            unchanged=before,
        )


def _human(key: str) -> str:
    return "identity/" + key
