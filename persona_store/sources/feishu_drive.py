"""Which documents Feishu holds, whose they are, and who may read them.

…/docs/drive-v1/file/list, …/wiki-v2/space-node/list, …/wiki-v2/space/get_node, …/drive-v1/meta/batch_query and
…/permission/permission-public/get of https://open.feishu.cn/document/server-docs/docs/.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from itertools import islice

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.sources.api_pages import paged
from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.chat_times import CHINA, moment
from persona_store.sources.feishu_calls import FeishuCalls
from persona_store.sources.http import Denied, segment

READ = ("docx", "sheet", "bitable")
AT_ONCE = 200  # documents the drive is asked about in one call
MOST = 20_000
OPEN = frozenset({"tenant_readable", "tenant_editable", "anyone_readable", "anyone_editable"})
_TOKEN = re.compile(r"[A-Za-z0-9]{10,60}")
_LINK = re.compile(r"https://[\w.-]+/(docx|sheets|base|wiki)/([A-Za-z0-9]{10,60})(?:[/?#].*)?")
_KINDS = {"sheets": "sheet", "base": "bitable"}


class Wanted(Struct, frozen=True):
    """A document by its token; `kind` is "" where that does not tell, `wiki` for a page of a wiki."""

    token: str
    kind: str = ""


class Meta(Struct, frozen=True):
    """What the drive says of a document."""

    token: str
    kind: str
    title: str
    owner: str
    editor: str
    at: datetime
    url: str


def wanted(given: str) -> Wanted:
    """A link as the browser shows it, `docx:TOKEN`, or a token. Nothing is asked of the link's host.

    Raises Refused DOCUMENT for what is none of these."""
    if link := _LINK.fullmatch(given):
        return Wanted(link[2], _KINDS.get(link[1], link[1]))
    kind, _, token = given.rpartition(":")
    if (not kind or kind in (*READ, "wiki")) and _TOKEN.fullmatch(token):
        return Wanted(token, kind)
    raise Refused("DOCUMENT", f"{given[:60]!r} is no document", "give the link from the browser, or its token")


class FeishuDrive:
    def __init__(self, calls: FeishuCalls) -> None:
        self._calls = calls

    async def everything(self) -> AsyncIterator[Wanted | Denied]:
        """All that lies in the reader's own folders and in wikis they may read; Denied in place of what cannot be
        looked into."""
        async for found in self._folders():
            yield found
        async for found in self._wikis():
            yield found

    async def _folders(self) -> AsyncIterator[Wanted | Denied]:
        waiting, seen = [""], {""}
        while waiting:
            folder = waiting.pop()

            async def files(token: str, folder: str = folder) -> Json:
                path = "/drive/v1/files"
                return await self._calls.get(path, folder_token=folder, page_size=200, page_token=token)

            try:
                async for page in paged(files, "files", at="next_page_token"):
                    for file in dicts(page.get("files")):
                        token, kind = string(file, "token"), string(file, "type")
                        if kind == "folder" and token and token not in seen and len(seen) < MOST:
                            seen.add(token)
                            waiting.append(token)
                        elif kind != "folder":
                            yield Wanted(token, kind)
            except Denied as denied:
                yield denied

    async def _wikis(self) -> AsyncIterator[Wanted | Denied]:
        async def spaces(token: str) -> Json:
            return await self._calls.get("/wiki/v2/spaces", page_size=50, page_token=token)

        try:
            async for page in paged(spaces, "items"):
                for space in dicts(page.get("items")):
                    if ident := _ident(space.get("space_id")):
                        async for found in self._pages(ident):
                            yield found
        except Denied as denied:
            yield denied

    async def _pages(self, space: str) -> AsyncIterator[Wanted | Denied]:
        waiting, seen = [""], {""}
        while waiting:
            parent = waiting.pop()

            async def nodes(token: str, parent: str = parent) -> Json:
                path = f"/wiki/v2/spaces/{segment(space)}/nodes"
                return await self._calls.get(path, page_size=50, parent_node_token=parent, page_token=token)

            try:
                async for page in paged(nodes, "items"):
                    for node in dicts(page.get("items")):
                        yield Wanted(string(node, "obj_token"), string(node, "obj_type"))
                        token = string(node, "node_token")
                        if node.get("has_child") is True and token not in seen and len(seen) < MOST:
                            seen.add(token)
                            waiting.append(token)
            except Denied as denied:
                yield denied

    async def behind(self, page: str) -> Wanted:
        """The document that a wiki page shows."""
        told = await self._calls.get("/wiki/v2/spaces/get_node", token=page)
        node = told.get("node")
        return Wanted(string(node, "obj_token"), string(node, "obj_type"))

    async def metas(self, documents: Iterable[Wanted]) -> dict[str, Meta]:
        """By token. Whose kind is not told is asked for as each kind; what the drive does not know is missing."""
        asked = iter(
            {"doc_token": each.token, "doc_type": kind}
            for each in documents
            for kind in ((each.kind,) if each.kind else READ)
        )
        found: dict[str, Meta] = {}
        while some := list(islice(asked, AT_ONCE)):
            told = await self._calls.metas(some)
            for item in dicts(told.get("metas")):
                if meta := _meta(item):
                    found[meta.token] = meta
        return found

    async def is_open(self, meta: Meta) -> bool:
        """Whether everybody of the tenant may read it. Not known is no (rights.md T08)."""
        path = f"/drive/v2/permissions/{segment(meta.token)}/public"
        told = await self._calls.get(path, type=meta.kind)
        return string(told.get("permission_public"), "link_share_entity") in OPEN


def _meta(item: Json) -> Meta | None:
    seconds = moment(item.get("latest_modify_time"), CHINA) or moment(item.get("create_time"), CHINA)
    token = string(item, "doc_token")
    if not token or seconds is None:
        return None
    url = string(item, "url")
    return Meta(
        token=token,
        kind=string(item, "doc_type"),
        title=" ".join(string(item, "title").split())[:200] or token,
        owner=string(item, "owner_id"),
        editor=string(item, "latest_modify_user"),
        at=datetime.fromtimestamp(seconds, UTC),
        url=url if url.startswith("https://") and url.isprintable() else "",
    )


def _ident(given: object) -> str:
    """Feishu's own clients disagree on whether the id of a space is a number."""
    return str(given) if isinstance(given, int | str) and str(given).isdigit() else ""
