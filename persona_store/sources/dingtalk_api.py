"""What DingTalk holds of one colleague, fetched while the import runs: the documents they wrote.

Documents only. No call of DingTalk's gives an app what was said in a chat: its history is for people, by the
official workspace CLI, and what that saves is read by dingtalk_export.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources.chat_json import string
from persona_store.sources.chat_rooms import EVERY
from persona_store.sources.dingtalk_blocks import blocks_text
from persona_store.sources.dingtalk_calls import NEW_POSTS, OLD_POSTS, DingTalkAccess, DingTalkCalls, again
from persona_store.sources.dingtalk_wiki import DingTalkWiki, Page
from persona_store.sources.http import Denied, Http

KIND = "dingtalk_api"


class DingTalkAsked(Struct, frozen=True, kw_only=True):
    """What is to be fetched. `documents` are node ids, or None for all the subject may see. `team` are documents
    and knowledge bases the whole team could read, by id, or `*`: no call tells who may."""

    base: str
    old_base: str
    access: DingTalkAccess
    documents: tuple[str, ...] | None
    team: tuple[str, ...] = ()
    since: int = 0  # seconds


class DingTalkApi:
    """`subject` is the staffId."""

    kind = KIND

    def __init__(
        self,
        subject: str,
        asked: DingTalkAsked,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._subject = subject.removeprefix("dingtalk:").strip()
        self._asked = asked
        self._sleep = sleep
        self._denied: Callable[[str, bool], str] = lambda container, private: ""
        self._calls: DingTalkCalls | None = None
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        """Answers so far; nobody knows of how many."""
        return (self._calls.answered if self._calls else 0), 0

    def narrow(self, denied: Callable[[str, bool], str]) -> None:
        """See protocols.Narrowed: a document that consent does not cover is not read."""
        self._denied = denied

    async def documents(self) -> AsyncIterator[Document]:
        self.dropped.clear()
        self.problems.clear()
        async with AsyncExitStack() as stack:
            opened = [
                await stack.enter_async_context(Http(base, posts=posts, again=again, sleep=self._sleep))
                for base, posts in ((self._asked.base, NEW_POSTS), (self._asked.old_base, OLD_POSTS))
            ]
            calls = self._calls = DingTalkCalls(opened[0], opened[1], self._asked.access)
            user = await calls.user(self._subject)  # without their unionId nothing can be asked: a refusal ends it
            union = string(user, "unionid", "union_id")
            if not union:
                raise Denied("API_DENIED", "DingTalk does not tell the subject's unionId", "grant qyapi_get_member")
            try:
                async for document in self._papers(DingTalkWiki(calls, union), union, string(user, "name")):
                    yield document
            except Denied:
                raise
            except Refused as refused:
                self.dropped["incomplete"] += 1
                self.problems.append(str(refused))
            self.dropped += Counter()  # leaves out what was counted zero times

    async def _papers(self, wiki: DingTalkWiki, union: str, name: str) -> AsyncIterator[Document]:
        async for page in self._pages(wiki):
            if page.at.timestamp() < self._asked.since:
                self.dropped["before_since"] += 1
            elif not page.text:
                self.dropped["unsupported_type"] += 1
            elif {page.creator, page.editor} - {""} != {union}:
                self.dropped["other_author"] += 1
            elif code := self._denied(page.workspace or page.node, not _open(self._asked.team, page)):
                self.dropped[code] += 1
            else:
                try:
                    text, left = blocks_text(await wiki.blocks(page))
                except Denied as denied:
                    self._lack(f"{page.node} ({page.title[:40]})", denied)
                    continue
                self.dropped += left
                if text.strip():
                    yield self._document(page, text.strip(), name, wiki.names)
                elif not left:
                    self.dropped["empty"] += 1

    async def _pages(self, wiki: DingTalkWiki) -> AsyncIterator[Page]:
        if self._asked.documents is None:
            async for found in wiki.everything():
                if isinstance(found, Denied):
                    self._lack("documents", found)
                else:
                    yield found
            return
        for node in dict.fromkeys(self._asked.documents):
            try:
                page = await wiki.page(node)
            except Denied as denied:
                self._lack(node, denied)
            else:
                yield page

    def _document(self, page: Page, text: str, name: str, names: dict[str, str]) -> Document:
        key = f"dingtalk:{self._subject}"
        place = page.workspace or page.node
        return Document(
            id=page.node,
            source=KIND,
            container=place,
            container_name=names.get(page.workspace) or place,
            thread=page.node,
            author=key,
            author_name=name,
            by_subject=True,
            at=page.at,
            text=text,
            title=page.title,
            url=page.url,
            readers=None if _open(self._asked.team, page) else (key,),
        )

    def _lack(self, what: str, denied: Denied) -> None:
        self.dropped["no_permission"] += 1
        self.problems.append(f"{what}: {denied}")


def _open(team: Collection[str], page: Page) -> bool:
    return EVERY in team or page.node in team or page.workspace in team
