"""A chat's name and who reads along. An answer may show only what everyone there may read, so not knowing who is
an error; not knowing the name is not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from msgspec import structs

from adapters.errors import AdapterError, Rejected
from adapters.model import Audience, Person, Thread
from adapters.once import Once
from adapters.slack.client import Web
from adapters.slack.failures import PLATFORM
from adapters.slack.inbound import Me
from adapters.slack.people import People

Json = dict[str, Any]

FRESH = 60.0  # seconds; membership events forget sooner
PAGE, PAGES = 1000, 20
_SHARED = ("is_ext_shared", "is_pending_ext_shared")  # Slack Connect, also while the invitation is open


class Rooms:
    """Audiences and direct chats of one workspace."""

    def __init__(self, web: Web, people: People, ticks: Callable[[], float]) -> None:
        self._web = web
        self._people = people
        self._ticks = ticks
        self._audiences: dict[str, tuple[float, Audience]] = {}
        self._names: dict[str, str] = {}
        self._direct: dict[str, str] = {}
        self._changes = 0
        self._once = Once[Json]()

    def forget(self, chat: str) -> None:
        self._names.pop(chat, None)
        self._audiences.pop(chat, None)
        self._changes += 1

    def named(self, thread: Thread) -> Thread:
        """The thread with its chat's name, if that is known."""
        name = self._names.get(thread.chat, "")
        return structs.replace(thread, chat_name=name) if name and not thread.chat_name else thread

    def knows(self, chat: str) -> bool:
        return chat in self._names

    async def learn(self, chat: str, *, within: float) -> None:
        """Try to know a chat's name; what cannot be had in time stays unknown."""
        if chat not in self._names:
            with contextlib.suppress(AdapterError, TimeoutError):
                async with asyncio.timeout(within):
                    await self._once.ask(chat, lambda: self._info(chat))

    async def _info(self, chat: str) -> Json:
        channel = (await self._web.read("conversations.info", channel=chat)).get("channel") or {}
        self._names[chat] = str(channel.get("name") or "")
        return dict(channel)

    async def audience(self, chat: str, me: Me) -> Audience:
        at, audience = self._audiences.get(chat, (0.0, None))
        if audience is None or at < self._ticks() - FRESH:
            asked, changes = self._ticks(), self._changes
            audience = await self._ask(chat, me)
            if changes == self._changes:  # else somebody came or went while we asked
                self._audiences[chat] = (asked, audience)
        return audience

    async def _ask(self, chat: str, me: Me) -> Audience:
        channel = await self._info(chat)
        if channel.get("is_im"):
            ids = [channel["user"]]
        else:
            ids = [id for id in await self._members(chat) if id != me.user]
        people = [p for p in await self._people.all(ids, me) if not self._people.is_bot(p.id)]
        public = bool(channel.get("is_channel")) and not channel.get("is_private")
        shared = any(channel.get(flag) for flag in _SHARED)
        return Audience(
            public=public, members=tuple(people), external=shared or any(person.external for person in people)
        )

    async def _members(self, chat: str) -> list[str]:
        ids: list[str] = []
        cursor = ""
        for _ in range(PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = await self._web.read("conversations.members", channel=chat, limit=PAGE, **more)
            ids += answer.get("members") or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return ids
        raise Rejected(PLATFORM, f"more than {PAGE * PAGES} people read {chat}: who they are cannot be checked")

    async def direct(self, person: Person, me: Me) -> Thread:
        if person.id not in self._direct:
            answer = await self._web.write("conversations.open", users=person.id)
            self._direct[person.id] = answer["channel"]["id"]
        return Thread(PLATFORM, self._direct[person.id], me.team, direct=True)
