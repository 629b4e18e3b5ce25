"""What Feishu (Lark) holds of one colleague, fetched while the import runs: chats, and documents of theirs.

The answers of the API are the material; it is read by the very reader of saved messages (feishu_lines), chat by
chat, so that one chat is in memory at a time and what is done stays done. A run that was broken off is run again:
everything is known by Feishu's own ids.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources.api_pages import paged
from persona_store.sources.archive import Archive
from persona_store.sources.chat_dialect import Dialect
from persona_store.sources.chat_export import ChatExport, Told
from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.chat_rooms import EVERY
from persona_store.sources.feishu_calls import POSTS, FeishuAccess, FeishuCalls, again
from persona_store.sources.feishu_chats import FeishuChat
from persona_store.sources.feishu_drive import READ, FeishuDrive, Meta, Wanted
from persona_store.sources.feishu_export import FEISHU
from persona_store.sources.feishu_papers import FeishuPapers
from persona_store.sources.feishu_twins import FeishuTwins
from persona_store.sources.fetched import Fetched
from persona_store.sources.http import Denied, Http

KIND = "feishu_api"
ALL = "all"
_MARK = "subject-000000.json"


class FeishuAsked(Struct, frozen=True, kw_only=True):
    """What is to be fetched. `chats` are ids, or ("all",); `documents` are wanted ones, or None for all. `bot` is
    the app people meet in the chat, if it is another one than reads."""

    base: str
    access: FeishuAccess
    bot: FeishuAccess | None = None
    chats: tuple[str, ...] = ()
    documents: tuple[Wanted, ...] | None = ()
    since: int = 0  # seconds


class FeishuApi:
    """`subject` is the open_id the bot knows them by; `told.ids` are further ones, as the reading app's."""

    kind = KIND

    def __init__(
        self,
        subject: str,
        asked: FeishuAsked,
        told: Told | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._subject = subject.removeprefix("feishu:").strip()
        self._asked = asked
        self._told = told or Told()
        self._sleep = sleep
        self._denied: Callable[[str, bool], str] = lambda container, private: ""
        self._reader: FeishuCalls | None = None
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        """Answers so far; nobody knows of how many."""
        return (self._reader.answered if self._reader else 0), 0

    def narrow(self, denied: Callable[[str, bool], str]) -> None:
        """See protocols.Narrowed: a chat or document that consent does not cover is not read at all."""
        self._denied = denied

    async def documents(self) -> AsyncIterator[Document]:
        self.dropped.clear()
        self.problems.clear()
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(
                Http(self._asked.base, posts=POSTS, again=again, sleep=self._sleep)
            )
            calls = self._reader = FeishuCalls(http, self._asked.access)
            bot = FeishuCalls(http, self._asked.bot) if self._asked.bot else None
            twins = FeishuTwins(calls, bot)
            try:
                async for chat in self._chats(calls):
                    denied = partial(self._chat_denied, chat)
                    async for document in self._chat(FeishuChat(calls, twins, chat, self._asked.since, denied)):
                        yield document
                async for document in self._papers(calls, twins):
                    yield document
            except Refused as refused:
                if not calls.answered:
                    raise
                self.dropped["incomplete"] += 1
                self.problems.append(str(refused))
            self.problems += twins.problems
            self.dropped += Counter()  # leaves out what was counted zero times

    # ------------------------------------------------------------------ chats

    async def _chats(self, calls: FeishuCalls) -> AsyncIterator[str]:
        """Those named, or all groups whoever reads is in: of direct chats there is no list."""
        if self._asked.chats != (ALL,):
            for chat in dict.fromkeys(self._asked.chats):
                yield chat
            return

        async def page(token: str) -> Json:
            return await calls.get("/im/v1/chats", page_size=100, page_token=token)

        found: dict[str, None] = {}
        try:
            async for told in paged(page, "items"):
                found |= dict.fromkeys(filter(None, (string(item, "chat_id") for item in dicts(told.get("items")))))
        except Denied as denied:
            self._lack("chats", denied, "incomplete" if found else "no_permission")
        for chat in found:
            yield chat

    def _chat_denied(self, chat: str, private: bool) -> str:
        team = self._told.team_chats
        return self._denied(chat, private and chat not in team and EVERY not in team)

    async def _chat(self, chat: FeishuChat) -> AsyncIterator[Document]:
        ended: Refused | None = None
        try:
            await chat.fetch()
        except Refused as refused:  # what came before it did is worth reading all the same
            ended = refused
        self.dropped += chat.dropped
        self.problems += chat.problems
        export = _Fetched(chat.material, self._subject, self._told)
        try:
            async for document in export.documents():
                yield document
        except Refused as refused:
            self.dropped[refused.code] += 1
            self.problems.append(str(refused))
        self.dropped += export.dropped
        self.problems += export.problems
        if ended:
            raise ended

    # ------------------------------------------------------------------ documents

    async def _papers(self, calls: FeishuCalls, twins: FeishuTwins) -> AsyncIterator[Document]:
        drive = FeishuDrive(calls)
        own = {self._subject, *self._told.ids}

        async def theirs(ident: str) -> bool:
            return ident in own or await twins.own(ident) in own

        papers = FeishuPapers(calls, theirs)
        metas = await self._metas(drive)
        for meta in metas.values():
            whole = await theirs(meta.owner) and (not meta.editor or await theirs(meta.editor))
            if meta.at.timestamp() < self._asked.since:
                self.dropped["before_since"] += 1
            elif not whole and meta.kind != "bitable":
                self.dropped["other_author"] += 1
            else:
                everybody = await self._is_open(drive, meta)
                if code := self._denied(meta.token, not everybody):
                    self.dropped[code] += 1
                    continue
                try:
                    text, left = await papers.text(meta, own=whole)
                except Denied as denied:
                    self._lack(f"{meta.token} ({meta.title[:40]})", denied, "no_permission")
                    continue
                self.dropped += left
                if text.strip():
                    yield self._document(meta, text.strip(), everybody)
                elif not left:
                    self.dropped["empty"] += 1

    async def _metas(self, drive: FeishuDrive) -> dict[str, Meta]:
        wanted: dict[Wanted, None] = {}
        for each in self._asked.documents or ():
            try:
                wanted[await drive.behind(each.token) if each.kind == "wiki" else each] = None
            except Denied as denied:
                self._lack(each.token, denied, "no_permission")
        if self._asked.documents is None:
            async for found in drive.everything():
                if isinstance(found, Denied):
                    self._lack("documents", found, "no_permission")
                else:
                    wanted[found] = None
        fit = [each for each in wanted if each.token and each.kind in ("", *READ)]
        self.dropped["unsupported_type"] += len(wanted) - len(fit)
        if not fit:
            return {}
        try:
            metas = await drive.metas(fit)
        except Denied as denied:
            self._lack("documents", denied, "no_permission")
            return {}
        for each in fit:
            if each.token not in metas:
                refused = Denied("API_DENIED", "the drive does not know it, or not for whoever reads", "share it")
                self._lack(each.token, refused, "no_permission")
        return metas

    async def _is_open(self, drive: FeishuDrive, meta: Meta) -> bool:
        try:
            return await drive.is_open(meta)
        except Denied as denied:
            self.problems.append(f"{meta.token} ({meta.title[:40]}), who may read it: {denied}")
            return False

    def _document(self, meta: Meta, text: str, everybody: bool) -> Document:
        key = f"feishu:{self._subject}"
        return Document(
            id=meta.token,
            source=KIND,
            container=meta.token,
            container_name=meta.title,
            thread=meta.token,
            author=key,
            author_name=self._told.names[0] if self._told.names else "",
            by_subject=True,
            at=meta.at,
            text=text,
            title=meta.title,
            url=meta.url,
            readers=None if everybody else (key,),
        )

    def _lack(self, what: str, denied: Denied, reason: str) -> None:
        self.dropped[reason] += 1
        self.problems.append(f"{what}: {denied}")


class _Fetched(ChatExport):
    """The pages of one chat, read as saved ones are."""

    def __init__(self, material: Fetched, subject: str, told: Told) -> None:
        dialect: Dialect = replace(FEISHU, kind=KIND)
        super().__init__(Path("feishu"), subject, dialect, replace(told, names=(), chats=None))
        self._material = material
        # A chat the subject never wrote in is no sign that their id is wrong: it is met here.
        material.add(_MARK, {"items": [{"open_id": self._subject}]})

    def _opened(self) -> Archive:
        return self._material
