"""Documents of the local Feishu: the drive and what it says of each, wikis, docx blocks, sheets and bases."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct

from tests.platforms.feishu_api import Endpoint, Refused, ok, page
from tests.platforms.feishu_archive import FeishuArchive
from tests.platforms.feishu_state import Json

DOCX = ("docx:document", "docx:document:readonly")
WIKI = ("wiki:wiki", "wiki:wiki:readonly", "wiki:node:read")
SHEETS = ("sheets:spreadsheet", "sheets:spreadsheet:readonly")
SETTINGS = ("docs:permission.setting:read",)
BASE = ("bitable:app", "bitable:app:readonly")
META = ("drive:drive", "drive:drive.metadata:readonly")


class Held(Struct):
    """A document. `content` is its blocks, its sheets [(properties, rows)] or tables [(name, fields, records)]."""

    token: str
    kind: str
    title: str
    owner: str
    editor: str
    modified: int
    content: Any
    open: bool = False
    shared: bool = True  # with whoever reads
    folder: str = ""


class Node(Struct):
    """A page of a wiki."""

    token: str
    space: str
    shows: str  # the document's token
    parent: str = ""


class FeishuDocuments(FeishuArchive):
    ENDPOINTS: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("GET", "/docx/v1/documents/{token}/blocks", "docx.block.list", DOCX),
        Endpoint("GET", "/wiki/v2/spaces", "wiki.space.list", WIKI),
        Endpoint("GET", "/wiki/v2/spaces/get_node", "wiki.node.get", WIKI),
        Endpoint("GET", "/wiki/v2/spaces/{space}/nodes", "wiki.node.list", WIKI),
        Endpoint("GET", "/sheets/v3/spreadsheets/{token}/sheets/query", "sheets.query", SHEETS),
        Endpoint("GET", "/sheets/v2/spreadsheets/{token}/values/{range}", "sheets.values", SHEETS),
        Endpoint("GET", "/bitable/v1/apps/{token}/tables", "base.table.list", BASE),
        Endpoint("GET", "/bitable/v1/apps/{token}/tables/{table}/fields", "base.field.list", BASE),
        Endpoint("GET", "/bitable/v1/apps/{token}/tables/{table}/records", "base.record.list", BASE),
        Endpoint("POST", "/drive/v1/metas/batch_query", "drive.meta.batch", META),
        Endpoint("GET", "/drive/v1/files", "drive.file.list", ("drive:drive", "drive:drive:readonly")),
        Endpoint("GET", "/drive/v2/permissions/{token}/public", "drive.public.get", SETTINGS),
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.held: dict[str, Held] = {}
        self.nodes: dict[str, Node] = {}
        self.folders: dict[str, str] = {}  # folder → the one it lies in

    def hold(self, token: str, kind: str, title: str, content: Any, *, owner: str, **more: Any) -> Held:
        given = {"editor": owner, "modified": 1_772_500_000} | more
        self.held[token] = Held(token, kind, title, owner, content=content, **given)
        return self.held[token]

    def _held(self, token: str, kind: str, missing: int, forbidden: int) -> Held:
        found = self.held.get(token)
        if found is None or found.kind != kind:
            raise Refused(missing, "not found")
        if not found.shared:
            raise Refused(forbidden, "forBidden")
        return found

    # drive and wiki --------------------------------------------------------------------------------------------

    def do_drive_meta_batch(self, body: Json) -> Json:
        metas, failed = [], []
        for asked in body["request_docs"]:
            found = self.held.get(asked["doc_token"])
            if found is None or found.kind != asked["doc_type"]:
                failed.append({"token": asked["doc_token"], "code": 970005})
            elif not found.shared:
                failed.append({"token": asked["doc_token"], "code": 970003})
            else:
                metas.append(_meta(found))
        return ok({"metas": metas, "failed_list": failed})

    def do_drive_file_list(self, body: Json) -> Json:
        inside = body.get("folder_token", "")
        files = [
            {"token": token, "name": token, "type": "folder"} for token, up in self.folders.items() if up == inside
        ]
        lying = (held for held in self.held.values() if held.folder == inside and not self._in_wiki(held.token))
        files += [{"token": held.token, "name": held.title, "type": held.kind} for held in lying]
        found, rest = page(files, {**body, "page_size": 1}, most=1)
        return ok({"files": found, "has_more": rest["has_more"], "next_page_token": rest.get("page_token", "")})

    def _in_wiki(self, token: str) -> bool:
        return any(node.shows == token for node in self.nodes.values())

    def do_drive_public_get(self, body: Json) -> Json:
        entity = "tenant_readable" if self.held[body["token"]].open else "closed"
        return ok({"permission_public": {"link_share_entity": entity, "security_entity": "anyone_can_view"}})

    def do_wiki_space_list(self, body: Json) -> Json:
        spaces = sorted({node.space for node in self.nodes.values()})
        found, rest = page([{"space_id": space, "name": "wiki"} for space in spaces], body, most=50)
        return ok({"items": found, **rest})

    def do_wiki_node_list(self, body: Json) -> Json:
        parent = body.get("parent_node_token", "")
        nodes = [self._node(n) for n in self.nodes.values() if (n.space, n.parent) == (body["space"], parent)]
        found, rest = page(nodes, body, most=50)
        return ok({"items": found, **rest})

    def do_wiki_node_get(self, body: Json) -> Json:
        node = self.nodes.get(body["token"])
        if node is None:
            raise Refused(131005, "not found")
        if not self.held[node.shows].shared:
            raise Refused(131006, "wiki space permission denied")
        return ok({"node": self._node(node)})

    def _node(self, node: Node) -> Json:
        held = self.held[node.shows]
        return {
            "space_id": node.space,
            "node_token": node.token,
            "obj_token": held.token,
            "obj_type": held.kind,
            "title": held.title,
            "has_child": any(other.parent == node.token for other in self.nodes.values()),
            "owner": held.owner,
            "creator": held.owner,
        }

    # contents --------------------------------------------------------------------------------------------------

    def do_docx_block_list(self, body: Json) -> Json:
        found, rest = page(
            self._held(body["token"], "docx", 1770002, 1770032).content, {**body, "page_size": 3}, most=3
        )
        return ok({"items": found, **rest})

    def do_sheets_query(self, body: Json) -> Json:
        sheets = self._held(body["token"], "sheet", 1310214, 1310213).content
        return ok({"sheets": [properties for properties, _ in sheets]})

    def do_sheets_values(self, body: Json) -> Json:
        ident, _, span = body["range"].partition("!")
        rows = next(
            rows for properties, rows in self.held[body["token"]].content if properties["sheet_id"] == ident
        )
        first, last = (int("".join(filter(str.isdigit, corner))) for corner in span.split(":"))
        return ok({"valueRange": {"range": body["range"], "revision": 1, "values": rows[first - 1 : last]}})

    def do_base_table_list(self, body: Json) -> Json:
        tables = self._held(body["token"], "bitable", 91402, 91403).content
        items = [{"table_id": f"tbl{n}", "name": name, "revision": 1} for n, (name, _, _) in enumerate(tables)]
        found, rest = page(items, body, most=100)
        return ok({"items": found, **rest})

    def do_base_field_list(self, body: Json) -> Json:
        _, fields, _ = self.held[body["token"]].content[int(body["table"][3:])]
        found, rest = page([{"field_name": n, "type": t} for n, t in fields], {**body, "page_size": 2}, most=2)
        return ok({"items": found, **rest})

    def do_base_record_list(self, body: Json) -> Json:
        """Who made a record and who changed it is told only when asked for."""
        _, _, records = self.held[body["token"]].content[int(body["table"][3:])]
        items = []
        for number, (by, changed_by, fields) in enumerate(records):
            item: Json = {"record_id": f"rec{number}", "fields": fields}
            if body.get("automatic_fields") == "true" and by:
                item |= {"created_by": {"id": by, "name": "?"}, "last_modified_by": {"id": changed_by, "name": "?"}}
            items.append(item)
        found, rest = page(items, {**body, "page_size": 2}, most=2)
        return ok({"items": found, "total": len(items), **rest})


def _meta(held: Held) -> Json:
    return {
        "doc_token": held.token,
        "doc_type": held.kind,
        "title": held.title,
        "owner_id": held.owner,
        "create_time": str(held.modified - 1000),
        "latest_modify_user": held.editor,
        "latest_modify_time": str(held.modified),
        "url": f"https://acme.feishu.cn/{held.kind}/{held.token}",
    }


def blocks(*given: Json) -> list[Json]:
    """The blocks of a document under its page, which comes first."""
    tops = [block["block_id"] for block in given if block.get("parent_id", "page") == "page"]
    return [
        {"block_id": "page", "block_type": 1, "parent_id": "", "children": tops, "page": _said("The title")},
        *({"parent_id": "page", **block} for block in given),
    ]


def block(ident: str, kind: int, key: str, text: str, **more: Any) -> Json:
    return {"block_id": ident, "block_type": kind, key: _said(text), **more}


def _said(text: str) -> Json:
    return {"elements": [{"text_run": {"content": text, "text_element_style": {}}}], "style": {}}
