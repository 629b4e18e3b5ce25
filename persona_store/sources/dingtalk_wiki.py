"""Which documents DingTalk holds in knowledge bases and in somebody's own space, as that person sees them.

`GET /v2.0/wiki/workspaces`, `/v2.0/wiki/mineWorkspaces`, `/v2.0/wiki/nodes`, `/v2.0/wiki/nodes/{nodeId}`: the
fields are those of the official SDK (aliyun/dingtalk-sdk, wiki_2.0). Each is asked in the name of a person, by
unionId.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.sources.api_pages import paged
from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.dingtalk_calls import DingTalkCalls
from persona_store.sources.front_matter import moment
from persona_store.sources.http import Denied, segment

MOST = 20_000
BLOCKS = 100  # that are asked for at a time
MOST_BLOCKS = 100_000
_NODE = re.compile(r"[A-Za-z0-9_\-]{8,80}")
_LINK = re.compile(r"https://alidocs\.dingtalk\.(?:com|io)/i/(?:nodes|docs)/([A-Za-z0-9_\-]{8,80})(?:[/?#].*)?")


class Page(Struct, frozen=True):
    """A document, or whatever else lies in a knowledge base."""

    node: str
    workspace: str
    title: str
    text: bool  # a document of text, and no sheet, picture or file
    creator: str
    editor: str
    at: datetime
    url: str


def node_id(given: str) -> str:
    """Of a link as the browser shows it, or the id itself. Raises Refused DOCUMENT for what is neither."""
    link = _LINK.fullmatch(given)
    ident = link[1] if link else given
    if _NODE.fullmatch(ident):
        return ident
    raise Refused("DOCUMENT", f"{given[:60]!r} is no document", "give the link from the browser, or its node id")


class DingTalkWiki:
    """`union` is the unionId of who looks."""

    def __init__(self, calls: DingTalkCalls, union: str) -> None:
        self._calls = calls
        self._union = union
        self.names: dict[str, str] = {}  # of knowledge bases, by id

    async def everything(self) -> AsyncIterator[Page | Denied]:
        """All pages of all knowledge bases; Denied in place of what cannot be looked into."""
        roots: dict[str, None] = {}
        for look in (self._mine, self._shared):
            try:
                async for root in look():
                    roots[root] = None
            except Denied as denied:
                yield denied
        for root in roots:
            async for page in self._below(root):
                yield page

    async def _mine(self) -> AsyncIterator[str]:
        told = await self._calls.get("/v2.0/wiki/mineWorkspaces", operatorId=self._union)
        if root := self._met(told.get("workspace")):
            yield root

    async def _shared(self) -> AsyncIterator[str]:
        async for told in self._paged("/v2.0/wiki/workspaces", "workspaces", 30):
            for workspace in dicts(told.get("workspaces")):
                if root := self._met(workspace):
                    yield root

    def _met(self, workspace: object) -> str:
        if ident := string(workspace, "workspaceId"):
            self.names[ident] = string(workspace, "name")
        return string(workspace, "rootNodeId")

    async def _below(self, root: str) -> AsyncIterator[Page | Denied]:
        waiting, seen = [root], {root}
        while waiting:
            parent = waiting.pop()
            try:
                async for told in self._paged("/v2.0/wiki/nodes", "nodes", 50, parentNodeId=parent):
                    for node in dicts(told.get("nodes")):
                        ident = string(node, "nodeId")
                        inside = string(node, "type") == "FOLDER" or node.get("hasChildren") is True
                        if inside and ident and ident not in seen and len(seen) < MOST:
                            seen.add(ident)
                            waiting.append(ident)
                        if string(node, "type") != "FOLDER" and (page := _page(node)):
                            yield page
            except Denied as denied:
                yield denied

    def _paged(self, path: str, items: str, size: int, **query: str) -> AsyncIterator[Json]:
        async def page(token: str) -> Json:
            return await self._calls.get(path, operatorId=self._union, maxResults=size, nextToken=token, **query)

        return paged(page, items, at="nextToken", more="hasMore")

    async def page(self, node: str) -> Page:
        """One page by its id. Raises Denied."""
        told = await self._calls.get(f"/v2.0/wiki/nodes/{segment(node)}", operatorId=self._union)
        inner = told.get("node")
        page = _page(inner if isinstance(inner, dict) else told)
        if page is None:
            raise Denied("API_DENIED", "DingTalk does not say what it is", "")
        return page

    async def blocks(self, page: Page) -> list[Json]:
        """Those of a document of text, in order. A platform that ignores the window gives all of them at once, and
        again."""
        path = f"/v1.0/doc/suites/documents/{segment(page.node)}/blocks"
        found: dict[str, Json] = {}
        for start in range(0, MOST_BLOCKS, BLOCKS):
            told = await self._calls.get(
                path, operatorId=self._union, startIndex=start, endIndex=start + BLOCKS - 1
            )
            result = told.get("result")
            given = list(dicts(result.get("data"))) if isinstance(result, dict) else []
            before = len(found)
            for number, block in enumerate(given, start):
                found.setdefault(string(block, "id") or f"#{number}", block)
            if len(given) != BLOCKS or len(found) == before:
                break
        return list(found.values())


def _page(node: Json) -> Page | None:
    """None for what has no id or no day. Times have no seconds: `2026-03-04T16:58Z`."""
    at = moment(string(node, "modifiedTime", "createTime"))
    ident = string(node, "nodeId")
    if not ident or at is None:
        return None
    name = " ".join(string(node, "name").split())[:200]
    url = string(node, "url")
    return Page(
        node=ident,
        workspace=string(node, "workspaceId"),
        title=name.removesuffix(".adoc") or ident,
        text=string(node, "category") == "ALIDOC" and string(node, "extension") in ("", "adoc"),
        creator=string(node, "creatorId"),
        editor=string(node, "modifierId"),
        at=at,
        url=url if url.startswith("https://") and url.isprintable() else "",
    )
