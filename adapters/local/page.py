"""The page's own HTTP: which address does what, and everything that only reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from adapters.local.actions import Actions
from adapters.local.entry import Entry
from adapters.local.feed import Feed
from adapters.local.files import Files
from adapters.local.guard import Guard, answer
from adapters.local.visit import chats, check_reads, visitor
from adapters.protocol import Host

if TYPE_CHECKING:
    from adapters.local.chat import LocalChat

PAGE = 60  # entries that are loaded at once


class Page:
    def __init__(self, chat: LocalChat, host: Host, hosts: Sequence[str]) -> None:
        self._chat = chat
        self._guard = Guard(hosts)
        self._files = Files()
        self._feed = Feed(chat)
        self._actions = Actions(chat, host)

    def routes(self) -> Sequence[web.RouteDef]:
        read, change = self._guard.read, self._guard.change
        return [
            web.get("/", read(self._index)),
            web.get("/archives/{chat}", read(self._index)),
            web.get("/archives/{chat}/{message}", read(self._index)),
            web.get("/local/static/{file}", read(self._file)),
            web.get("/local/people", read(self._people)),
            web.get("/local/state", read(self._state)),
            web.get("/local/rooms/{chat}", read(self._room)),
            web.get("/local/rooms/{chat}/{root}", read(self._thread)),
            web.get("/local/live", change(self._feed.serve)),
            web.post("/local/say", change(self._actions.say)),
            web.post("/local/press", change(self._actions.press)),
            web.post("/local/form", change(self._actions.form)),
            web.post("/local/delete", change(self._actions.delete)),
            web.post("/local/seen", change(self._actions.seen)),
            web.post("/local/open", change(self._actions.open)),
        ]

    async def _index(self, request: web.Request) -> web.Response:
        return self._files.serve("index.html", request)

    async def _file(self, request: web.Request) -> web.Response:
        return self._files.serve(request.match_info["file"], request)

    async def _people(self, request: web.Request) -> web.Response:
        """Whom one can be."""
        return answer(self._chat.team.people)

    async def _state(self, request: web.Request) -> web.Response:
        """What a page needs to start. `change` is read first: what comes in meanwhile is then sent twice and
        not lost."""
        team, me = self._chat.team, visitor(self._chat.team, request)
        change = await self._chat.rooms.last_change()
        readable = chats(team, me)
        shown = msgspec.structs.replace(team, rooms=tuple([room for room in team.rooms if room.id in readable]))
        state = {"me": me, "team": shown, "chats": readable, "change": change}
        return answer({**state, "news": await self._feed.news(me)})

    async def _room(self, request: web.Request) -> web.Response:
        """A stretch of a room: its end, or what is before, after or around a message."""
        me, chat = self._place(request)
        query = request.query
        if "around" in query:
            target = await self._chat.rooms.entry(chat, query["around"], me)
            return answer({"target": target, "entries": await self._around(chat, me, target, query["around"])})
        if "after" in query:
            entries = await self._chat.rooms.page(chat, me, after=query["after"], newest=False, limit=PAGE)
        else:
            entries = await self._chat.rooms.page(chat, me, before=query.get("before", "~"), limit=PAGE)
        return answer({"entries": entries})

    async def _around(self, chat: str, me: str, target: Entry | None, id: str) -> list[Entry]:
        """Half a page up to the message (for a reply: the one it hangs from) and half a page from it on."""
        middle = (target.root or target.id) if target else id
        older = await self._chat.rooms.page(chat, me, before=middle, limit=PAGE // 2)
        after = older[-1].id if older else ""
        return older + await self._chat.rooms.page(chat, me, after=after, newest=False, limit=PAGE // 2)

    async def _thread(self, request: web.Request) -> web.Response:
        me, chat = self._place(request)
        return answer({"entries": await self._chat.rooms.thread(chat, request.match_info["root"], me)})

    def _place(self, request: web.Request) -> tuple[str, str]:
        me, chat = visitor(self._chat.team, request), request.match_info["chat"]
        check_reads(self._chat.team, me, chat)
        return me, chat
