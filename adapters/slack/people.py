"""Who is behind an id: Slack's profiles, cached, because `users.info` is limited and asked for every message
(peers.md S21)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterator
from typing import Any

from adapters.errors import AdapterError, NotFound
from adapters.model import Person
from adapters.once import Once
from adapters.slack.client import Web
from adapters.slack.failures import PLATFORM
from adapters.slack.inbound import Me

Json = dict[str, Any]

FRESH = 600.0  # seconds; `user_change` forgets sooner
ONE_BY_ONE = 10  # more unknown ids than this are fetched as a list
PAGE, PAGES = 500, 40


def person_of(profile: Json, me: Me) -> Person:
    """Guests, strangers from Slack Connect, the deactivated and members of other workspaces are from outside; in an
    Enterprise Grid, colleagues of the same org are not (rights.md WHK-14)."""
    org = (profile.get("enterprise_user") or {}).get("enterprise_id", "")
    colleague = profile.get("team_id", me.team) == me.team or bool(me.enterprise and org == me.enterprise)
    limited = ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted")
    shown = profile.get("profile") or {}
    name = (
        shown.get("display_name") or shown.get("real_name") or profile.get("real_name") or profile.get("name", "")
    )
    return Person(
        PLATFORM,
        profile["id"],
        name=str(name),
        tenant=me.team,
        external=not colleague or any(profile.get(flag) for flag in limited),
        timezone=profile.get("tz") or "",
    )


class People:
    """One workspace's people, as the bot of `me` sees them: the cache belongs to one connection and so can never
    mix two workspaces or two bots."""

    def __init__(self, web: Web, ticks: Callable[[], float]) -> None:
        self._web = web
        self._ticks = ticks
        self._known: dict[str, tuple[float, Person, bool]] = {}  # id → (when, who, is a bot)
        self._left: set[str] = set()  # ids whose accounts are deactivated
        self._once = Once[Person]()

    def known(self, id: str) -> Person | None:
        """Somebody whose profile is at hand and fresh."""
        entry = self._known.get(id)
        return entry[1] if entry is not None and entry[0] >= self._ticks() - FRESH else None

    def forget(self, id: str) -> None:
        self._known.pop(id, None)

    async def person(self, id: str, me: Me) -> Person:
        """Raises NotFound for nobody, and for a deactivated account: behind it is nobody who could answer."""
        person = await self._profile(id, me)
        if id in self._left:
            raise NotFound(PLATFORM, f"the account {id!r} is deactivated")
        return person

    async def _profile(self, id: str, me: Me) -> Person:
        known = self.known(id)
        if known is not None:
            return known
        return await self._once.ask(id, lambda: self._ask(id, me))

    async def _ask(self, id: str, me: Me) -> Person:
        profile = (await self._web.read("users.info", user=id)).get("user")
        if not profile:
            raise NotFound(PLATFORM, f"nobody has the id {id!r}")
        return self._keep(profile, me)

    def is_bot(self, id: str) -> bool:
        return id in self._known and self._known[id][2]

    async def all(self, ids: Collection[str], me: Me) -> list[Person]:
        """Everyone of `ids`, at once when they are many. Raises if one cannot be known."""
        unknown = [id for id in ids if self.known(id) is None]
        if len(unknown) > ONE_BY_ONE:
            await self._fetch_list(me)
        return [await self._profile(id, me) for id in ids]

    async def learn(self, ids: Collection[str], me: Me, *, within: float) -> None:
        """Try to know these people; what cannot be had in time stays unknown."""
        with contextlib.suppress(AdapterError, TimeoutError):
            async with asyncio.timeout(within):
                await asyncio.gather(*(self._profile(id, me) for id in ids))

    async def _fetch_list(self, me: Me) -> None:
        cursor = ""
        for _ in range(PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = await self._web.read("users.list", limit=PAGE, **more)
            for profile in answer.get("members") or ():
                self._keep(profile, me)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return

    def _keep(self, profile: Json, me: Me) -> Person:
        person = person_of(profile, me)
        (self._left.add if profile.get("deleted") else self._left.discard)(person.id)
        self._known[person.id] = (self._ticks(), person, bool(profile.get("is_bot")))
        return person


def ids_in(payload: Json) -> Iterator[str]:
    """Whose names an event needs: who wrote or pressed, and whom they mention."""
    event = payload.get("event") or {}
    user = payload.get("user")
    yield event.get("user", "") if isinstance(event.get("user"), str) else ""
    yield user.get("id", "") if isinstance(user, dict) else ""
    yield payload.get("user_id", "")
    for part in (event.get("text") or payload.get("text") or "").split("<@")[1:9]:
        yield part.partition(">")[0].partition("|")[0]
