"""Knowledge bases and documents of the local DingTalk, as the person sees them in whose name they are asked for."""

from __future__ import annotations

from functools import partial
from typing import Any

from aiohttp import web
from msgspec import Struct, field

from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_api import Refused, no_permission
from tests.platforms.dingtalk_state import Json

SCOPES = {
    "wiki/workspaces": "Wiki.Workspace.Read",
    "wiki/mine": "Wiki.Workspace.Read",
    "wiki/nodes": "Wiki.Node.Read",
    "wiki/node": "Wiki.Node.Read",
    "doc/blocks": "Storage.File.Read",
}
PAGE = 2  # of every list, whatever was asked for


class Lying(Struct):
    """Something in a knowledge base; `kind` is FILE or FOLDER."""

    node: str
    workspace: str
    name: str
    creator: str
    editor: str
    parent: str
    kind: str = "FILE"
    extension: str = "adoc"
    modified: str = "2026-03-03T01:06Z"
    blocks: list[Json] = field(default_factory=list)
    hidden: bool = False  # from whoever asks


class DingTalkDocuments(DingTalkServer):
    """`docs_client_id` is an app beside the robot's, with permissions of its own."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.docs_granted = {*SCOPES.values(), "qyapi_get_member"}
        self.workspaces: dict[str, str] = {}  # id → name; its root is `root-<id>`
        self.mine: dict[str, str] = {}  # unionId → the workspace of one's own
        self.lying: dict[str, Lying] = {}
        self.ignores_window = False

    def lay(self, node: str, name: str, *blocks: Json, by: str, workspace: str = "wsTeam", **more: Any) -> Lying:
        given = {"editor": by, "parent": f"root-{workspace}"} | more
        self.lying[node] = Lying(node, workspace, name, by, blocks=list(blocks), **given)
        return self.lying[node]

    def routes(self) -> list[web.RouteDef]:
        paths = {
            "/v2.0/wiki/workspaces": "wiki/workspaces",
            "/v2.0/wiki/mineWorkspaces": "wiki/mine",
            "/v2.0/wiki/nodes": "wiki/nodes",
            "/v2.0/wiki/nodes/{node}": "wiki/node",
            "/v1.0/doc/suites/documents/{node}/blocks": "doc/blocks",
        }
        return [*(web.get(path, partial(self._asked, name)) for path, name in paths.items()), *super().routes()]

    async def _asked(self, name: str, request: web.Request) -> web.StreamResponse:
        if self.faults.take(name, frozenset({"truncated"})):
            return web.Response(text='{"nodes": [{"nodeId": "a', content_type="application/json")
        with_path = request.clone(rel_url=request.rel_url.update_query(dict(request.match_info)))
        return await self._answer(with_path, name, name, old=False)

    def _let_through(self, verb: str, path: str, token: str, *, old: bool) -> None:
        if path not in SCOPES:
            return super()._let_through(verb, path, token, old=old)
        self._check_token(token, old=old)
        if SCOPES[path] not in self.docs_granted:
            raise no_permission(SCOPES[path], old=False)
        return None

    def do_wiki_workspaces(self, body: Json) -> Json:
        self._who(body)
        shared = [ident for ident in self.workspaces if ident not in self.mine.values()]
        return self._page([self._workspace(ident) for ident in shared], body, "workspaces")

    def do_wiki_mine(self, body: Json) -> Json:
        own = self.mine.get(self._who(body))
        return {"workspace": self._workspace(own)} if own else {}

    def do_wiki_nodes(self, body: Json) -> Json:
        self._who(body)
        found = [_node(each, self) for each in self.lying.values() if each.parent == body["parentNodeId"]]
        return self._page(found, body, "nodes")

    def do_wiki_node(self, body: Json) -> Json:
        return {"node": _node(self._found(body), self)}

    def do_doc_blocks(self, body: Json) -> Json:
        found = self._found(body)
        first, last = int(body["startIndex"]), int(body["endIndex"])
        given = found.blocks if self.ignores_window else found.blocks[first : last + 1]
        return {"success": True, "result": {"data": [{"id": f"b{found.blocks.index(b)}", **b} for b in given]}}

    def _who(self, body: Json) -> str:
        union = str(body["operatorId"])
        if all(user.union_id != union for user in self.space.users.values()):
            raise Refused("paramError", "operatorId is invalid")
        return union

    def _found(self, body: Json) -> Lying:
        self._who(body)
        found = self.lying.get(body["node"])
        if found is None or found.hidden:
            raise Refused("Forbidden.Operation", "no permission", status=403)
        return found

    def _workspace(self, ident: str) -> Json:
        return {"workspaceId": ident, "name": self.workspaces[ident], "rootNodeId": f"root-{ident}", "type": "TEAM"}

    @staticmethod
    def _page(items: list[Json], body: Json, key: str) -> Json:
        start = int(body.get("nextToken") or 0)
        more = start + PAGE < len(items)
        return {key: items[start : start + PAGE], **({"nextToken": str(start + PAGE)} if more else {})}


def _node(each: Lying, server: DingTalkDocuments) -> Json:
    return {
        "nodeId": each.node,
        "workspaceId": each.workspace,
        "name": each.name,
        "type": each.kind,
        "category": "ALIDOC" if each.extension in ("adoc", "axls") else "OTHER",
        "extension": each.extension,
        "creatorId": each.creator,
        "modifierId": each.editor,
        "createTime": each.modified,
        "modifiedTime": each.modified,
        "hasChildren": any(other.parent == each.node for other in server.lying.values()),
        "url": f"https://alidocs.dingtalk.com/i/nodes/{each.node}",
    }


def said(kind: str, text: str, **more: Any) -> Json:
    return {"blockType": kind, kind: {"text": text, **more}}
