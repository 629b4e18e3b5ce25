"""Who reads along in a chat. An answer may show only what everyone there may read, so not knowing who is an error.

In a direct chat that is its one reader. In a group DingTalk tells an app only if the group was made from a template
of ours or has our cool app installed, and the app has the permission; of the ordinary groups of a company nothing
is known, and what nobody may be refused is all that is said there. A group is public only if everybody in the
organisation can find it, join it without being let in, and then read what was said before.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct

from adapters.dingtalk.addresses import staff_of
from adapters.dingtalk.calls import Calls
from adapters.dingtalk.failures import PLATFORM
from adapters.dingtalk.people import People
from adapters.errors import AdapterError, NotFound, Rejected
from adapters.model import Audience, Person, Thread
from adapters.once import Once

FRESH = 60.0  # seconds
PAGE, PAGES = 100, 100
MOST = 1_000  # chats that are remembered
AT_ONCE = 8  # profiles asked for at a time
# the settings of a group that everybody finds, may join and can read back
OPEN = {"searchable": "1", "validation_type": "0", "show_history_type": "1"}


class _Kept(Struct, frozen=True):
    """When we asked, and who reads; None: DingTalk does not tell. That is kept, too, since an ordinary group stays
    one and each question counts against the organisation's quota."""

    at: float
    audience: Audience | None


class Rooms:
    """Audiences. `ticks` is a monotonic clock in seconds."""

    def __init__(self, calls: Calls, people: People, ticks: Callable[[], float]) -> None:
        self._calls = calls
        self._people = people
        self._ticks = ticks
        self._audiences: OrderedDict[str, _Kept] = OrderedDict()
        self._once = Once[_Kept]()

    async def audience(self, thread: Thread) -> Audience:
        if thread.direct:
            return Audience(public=False, members=(await self._people.person(staff_of(thread)),))
        kept = self._audiences.get(thread.chat)
        if kept is None or kept.at < self._ticks() - FRESH:
            kept = await self._once.ask(thread.chat, lambda: self._learn(thread.chat))
        if kept.audience is None:
            raise NotFound(PLATFORM, "who reads this group is told to nobody")
        return kept.audience

    async def _learn(self, chat: str) -> _Kept:
        asked = self._ticks()
        try:
            kept = _Kept(asked, await self._ask(chat))
        except NotFound:
            kept = _Kept(asked, None)
        self._audiences[chat] = kept
        self._audiences.move_to_end(chat)
        if len(self._audiences) > MOST:
            self._audiences.popitem(last=False)
        return kept

    async def _ask(self, chat: str) -> Audience:
        ids, outsiders = await self._members(chat)
        gate = asyncio.Semaphore(AT_ONCE)
        people = await asyncio.gather(*(self._member(id, gate) for id in ids))
        return Audience(
            public=await self._is_public(chat),
            members=tuple(people),
            external=outsiders or any(person.external for person in people),
        )

    async def _members(self, chat: str) -> tuple[list[str], bool]:
        """The staffIds, and whether others read along, who have only a unionId."""
        ids: list[str] = []
        outsiders, cursor = False, "0"
        for _ in range(PAGES):
            body = {"open_conversation_id": chat, "size": PAGE, "cursor": cursor}
            answer = await self._calls.old("topapi/im/chat/scenegroup/member/get", body)
            page = answer.get("result")
            if not isinstance(page, dict):
                break
            ids += [str(id) for id in page.get("member_user_ids") or ()]
            outsiders = outsiders or bool(page.get("union_ids"))
            if not page.get("has_more"):
                return ids, outsiders
            cursor = str(page.get("next_cursor") or "")
        raise Rejected(PLATFORM, "who reads a chat cannot be told")

    async def _member(self, id: str, gate: asyncio.Semaphore) -> Person:
        """A member whom the organisation does not know is from outside."""
        async with gate:
            try:
                return await self._people.person(id)
            except NotFound:
                return Person(PLATFORM, id, external=True)

    async def _is_public(self, chat: str) -> bool:
        try:
            answer = await self._calls.old("topapi/im/chat/scenegroup/get", {"open_conversation_id": chat})
        except AdapterError:
            return False
        result = answer.get("result")
        options = result.get("management_options") if isinstance(result, dict) else None
        return isinstance(options, dict) and all(str(options.get(name)) == open for name, open in OPEN.items())
