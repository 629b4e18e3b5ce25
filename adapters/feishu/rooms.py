"""A chat's name and who reads along. An answer may show only what everyone there may read, so not knowing who is an
error; not knowing the name is not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from msgspec import structs

from adapters.errors import AdapterError, NotFound, Rejected
from adapters.feishu.calls import Calls
from adapters.feishu.failures import PLATFORM
from adapters.feishu.inbound import DIRECT
from adapters.feishu.memory import remember
from adapters.feishu.people import People
from adapters.feishu.rest import Rest
from adapters.model import Audience, Person, Thread
from adapters.once import Once

Json = dict[str, Any]

FRESH = 60.0  # seconds; membership events forget sooner
REMEMBERED = 1_000  # chats; a list of members may hold ten thousand
PAGE, PAGES = 100, 100
SOME_CHATS = 5  # how many are looked through for people to choose from


class Rooms:
    """Audiences and private chats of one tenant."""

    def __init__(self, calls: Calls, people: People, ticks: Callable[[], float]) -> None:
        self._calls = calls
        self._people = people
        self._ticks = ticks
        self._audiences: dict[str, tuple[float, Audience]] = {}
        self._names: dict[str, str] = {}
        self._changes = 0
        self._rest = Rest(ticks)
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
        if chat in self._names or not self._rest.over():
            return
        try:
            async with asyncio.timeout(within):
                await self._once.ask(chat, lambda: self._info(chat))
        except (AdapterError, TimeoutError) as error:
            self._rest.after(error)

    async def _info(self, chat: str) -> Json:
        answer = await self._calls.read("im/v1/chats/:chat_id", paths={"chat_id": chat}, user_id_type="open_id")
        info = dict(answer.get("data") or {})
        remember(self._names, chat, str(info.get("name") or ""), REMEMBERED)
        return info

    async def audience(self, thread: Thread) -> Audience:
        """The one person of a private chat; else the chat's members. Bots are none: Feishu does not list them."""
        if thread.chat.startswith(DIRECT):
            person = await self._people.person(thread.chat)
            return Audience(public=False, members=(person,), external=person.external)
        at, audience = self._audiences.get(thread.chat, (0.0, None))
        if audience is None or at < self._ticks() - FRESH:
            asked, changes = self._ticks(), self._changes
            audience = await self._ask(thread.chat)
            if changes == self._changes:  # else somebody came or went while we asked
                remember(self._audiences, thread.chat, (asked, audience), REMEMBERED)
        return audience

    async def _ask(self, chat: str) -> Audience:
        info = await self._info(chat)
        if info.get("chat_status") not in (None, "normal"):
            raise NotFound(PLATFORM, f"chat {chat} was disbanded")
        # a chat that outsiders are in may belong to their tenant
        ours = self._people.tenant or ("" if info.get("external") else str(info.get("tenant_key") or ""))
        people = await self.members(chat, ours)
        public = info.get("chat_type") == "public" and not info.get("external")
        outside = bool(info.get("external")) or any(person.external for person in people)
        return Audience(public=public, members=tuple(people), external=outside)

    async def members(self, chat: str, ours: str) -> list[Person]:
        """Everyone in a chat. Who has no tenant, or another than ours, is from outside."""
        found: list[Person] = []
        cursor: Json = {}
        for _ in range(PAGES):
            answer = await self._calls.read(
                "im/v1/chats/:chat_id/members",
                paths={"chat_id": chat},
                member_id_type="open_id",
                page_size=PAGE,
                **cursor,
            )
            data = answer.get("data") or {}
            found += [self._member(item, ours) for item in data.get("items") or ()]
            cursor = {"page_token": data.get("page_token") or ""}
            if not data.get("has_more") or not cursor["page_token"]:
                return found
        raise Rejected(PLATFORM, f"more than {PAGE * PAGES} people read {chat}: who they are cannot be checked")

    def _member(self, item: Json, ours: str) -> Person:
        id, tenant = str(item.get("member_id") or ""), str(item.get("tenant_key") or "")
        external = not id or not ours or tenant != ours
        return self._people.keep(Person(PLATFORM, id, str(item.get("name") or ""), tenant, external))

    async def direct(self, person: Person) -> Thread:
        """By the person's id: a private chat needs not be there before something is said in it."""
        id = await self._people.open_id(person.id)
        return Thread(PLATFORM, id, person.tenant or self._people.tenant, direct=True)

    async def candidates(self, thread: Thread, *, within: float) -> list[Person]:
        """People to choose from in a form: the card's own list would be of the chat the form stands in. Those of
        the chat it is about, else of some chats the bot is in, else whoever is known."""
        with contextlib.suppress(AdapterError, TimeoutError):
            async with asyncio.timeout(within):
                if not thread.chat.startswith(DIRECT):
                    members = (await self.audience(thread)).members
                    return [person for person in members if not person.external]
                if not self._people.colleagues():
                    answer = await self._calls.read("im/v1/chats", page_size=SOME_CHATS)
                    chats = [str(item.get("chat_id")) for item in (answer.get("data") or {}).get("items") or ()]
                    threads = [Thread(PLATFORM, chat) for chat in chats[:SOME_CHATS]]
                    await asyncio.gather(*(self.audience(each) for each in threads))
        return self._people.colleagues()
