"""Documents fetched from Feishu: their text, whose they are, who may read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources.feishu_api import FeishuApi
from persona_store.sources.feishu_docx import blocks_text
from persona_store.sources.feishu_drive import Wanted, wanted
from persona_store.sources.feishu_papers import column
from persona_store.sources.feishu_tables import record, words
from tests.persona_store.sources.feishu_live import BOB, LIN, Team, a_team, fetched, lost
from tests.platforms.feishu_documents import Node, block, blocks

TOKEN = "doxcnAAAAAAAAAA"
RUNBOOK = blocks(
    block("h", 3, "heading1", "Rollback"),
    block("t", 2, "text", "Stop the gateway first."),
    block("b", 12, "bullet", "then the workers", children=["b1"]),
    block("b1", 13, "ordered", "one by one", parent_id="b"),
    block("c", 14, "code", "make rollback\n```\n"),
    block("q", 15, "quote", "never on a Friday"),
    {
        "block_id": "table",
        "block_type": 31,
        "children": ["c1", "c2", "c3", "c4"],
        "table": {"cells": ["c1", "c2", "c3", "c4"], "property": {"row_size": 2, "column_size": 2}},
    },
    *(
        {"block_id": f"c{n}", "block_type": 32, "parent_id": "table", "children": [f"w{n}"], "table_cell": {}}
        for n in range(1, 5)
    ),
    *(
        block(f"w{n}", 2, "text", said, parent_id=f"c{n}")
        for n, said in enumerate(("service", "port", "gateway", "8080"), start=1)
    ),
    {"block_id": "s", "block_type": 30, "sheet": {"token": "x"}},
    block("f", 2, "text", "# no heading"),
)
TEXT = """# Rollback

Stop the gateway first.

- then the workers

1. one by one

```
make rollback
'''
```

> never on a Friday

service: gateway · port: 8080

 # no heading"""


@pytest.fixture
async def team() -> AsyncIterator[Team]:
    async with a_team() as made:
        yield made


def source(team: Team, *documents: str, **more: Any) -> FeishuApi:
    return team.source(documents=tuple(map(wanted, documents)) if documents else None, **more)


async def only(team: Team, *documents: str) -> Document:
    [document] = await fetched(source(team, *documents))
    return document


async def test_a_document_comes_with_its_headings_lists_and_tables(team: Team) -> None:
    team.server.hold(TOKEN, "docx", "Runbook", RUNBOOK, owner=LIN)
    asked = source(team, f"https://acme.feishu.cn/docx/{TOKEN}?from=copy")
    [document] = await fetched(asked)
    assert document.text == TEXT
    assert (document.title, document.author, document.by_subject) == ("Runbook", "feishu:ou_lin", True)
    assert document.at.isoformat() == "2026-03-03T01:06:40+00:00"
    assert document.url == f"https://acme.feishu.cn/docx/{TOKEN}"
    assert lost(asked) == {"embedded": 1}
    assert all(call.method.startswith(("docx", "drive", "auth", "contact")) for call in team.server.calls)


async def test_who_may_read_it_is_what_the_drive_says(team: Team) -> None:
    """Unknown is nobody but the subject."""
    held = team.server.hold(TOKEN, "docx", "Runbook", RUNBOOK, owner=LIN)
    assert (await only(team, TOKEN)).readers == ("feishu:ou_lin",)
    held.open = True
    assert (await only(team, TOKEN)).readers is None
    team.server.reader_granted -= {"docs:permission.setting:read"}
    asked = source(team, TOKEN)
    [document] = await fetched(asked)
    assert document.readers == ("feishu:ou_lin",)
    assert "docs:permission.setting:read" in asked.problems[0]


@pytest.mark.parametrize(("owner", "editor"), [(BOB, BOB), (LIN, BOB), (BOB, LIN)])
async def test_what_somebody_else_made_or_changed_last_is_left_out(team: Team, owner: str, editor: str) -> None:
    team.server.hold(TOKEN, "docx", "Runbook", RUNBOOK, owner=owner, editor=editor)
    asked = source(team, TOKEN)
    assert await fetched(asked) == []
    assert lost(asked) == {"other_author": 1}
    assert team.server.called("docx.*") == []


async def test_a_wiki_page_is_the_document_behind_it(team: Team) -> None:
    team.server.hold(TOKEN, "docx", "Runbook", RUNBOOK, owner=LIN)
    team.server.nodes["wikcnBBBBBBBBB"] = Node("wikcnBBBBBBBBB", "7034", TOKEN)
    assert (await only(team, "https://acme.feishu.cn/wiki/wikcnBBBBBBBBB")).id == TOKEN


async def test_a_sheet_is_its_rows_with_the_names_of_the_columns(team: Team) -> None:
    rows = [
        ["service", "port", "since"],
        ["gateway", 8080, None],
        [[{"type": "text", "text": "queue"}], 5672, "2025"],
    ]
    rows += [[f"job {number}", number, ""] for number in range(1200)]
    sheets = [
        ({"sheet_id": "s1", "title": "ports", "grid_properties": {"row_count": 1300, "column_count": 3}}, rows),
        ({"sheet_id": "s2", "title": "secret", "hidden": True}, [["no"]]),
        ({"sheet_id": "s3", "title": "base", "resource_type": "bitable"}, []),
    ]
    team.server.hold("shtcnAAAAAAAAAA", "sheet", "Ports", sheets, owner=LIN)
    asked = source(team, "https://acme.feishu.cn/sheets/shtcnAAAAAAAAAA")
    [document] = await fetched(asked)
    assert document.text.startswith(
        "# ports\n\nservice: gateway · port: 8080\nservice: queue · port: 5672 · since: 2025"
    )
    assert document.text.endswith("service: job 1199 · port: 1199")
    assert lost(asked) == {"hidden_text": 1, "embedded": 1}
    assert [call.body["range"] for call in team.server.called("sheets.values")] == [
        "s1!A1:C500",
        "s1!A501:C1000",
        "s1!A1001:C1300",
    ]


FIELDS = [("service", 1), ("since", 5), ("owner", 11), ("tags", 4)]


def entry(by: str, changed: str, service: str) -> tuple[str, str, dict[str, Any]]:
    values = {
        "service": [{"type": "text", "text": service}],
        "since": 1_767_196_800_000,
        "owner": [{"id": "ou_r7lin", "name": "林薇"}],
        "tags": ["core", "paid"],
    }
    return by, changed, values


async def test_each_record_of_a_base_is_its_own_authors(team: Team) -> None:
    """Also in a base of somebody else's."""
    records = [
        entry(LIN, LIN, "gateway"),
        entry(BOB, BOB, "queue"),
        entry(LIN, BOB, "mail"),
        entry(LIN, LIN, "jobs"),
    ]
    team.server.hold("bascnAAAAAAAAAA", "bitable", "Services", [("live", FIELDS, records)], owner=BOB)
    asked = source(team, "https://acme.feishu.cn/base/bascnAAAAAAAAAA")
    [document] = await fetched(asked)
    assert document.text == (
        "# live\n\nservice: gateway · since: 2026-01-01 · owner: 林薇 · tags: core, paid\n"
        "service: jobs · since: 2026-01-01 · owner: 林薇 · tags: core, paid"
    )
    assert lost(asked) == {"other_author": 2}


async def test_records_that_name_nobody_are_the_owners(team: Team) -> None:
    records = [entry("", "", "gateway")]
    held = team.server.hold("bascnAAAAAAAAAA", "bitable", "Services", [("live", FIELDS, records)], owner=LIN)
    assert "gateway" in (await only(team, "bitable:bascnAAAAAAAAAA")).text
    held.owner = BOB
    assert await fetched(source(team, "bitable:bascnAAAAAAAAAA")) == []


async def test_everything_is_what_lies_in_folders_and_wikis(team: Team) -> None:
    server = team.server
    server.folders |= {"fldA": "", "fldB": "fldA"}
    for number, folder in enumerate(["", "fldA", "fldB", "fldB"]):
        token = f"doxcnAAAAAAAA{number}"
        server.hold(token, "docx", f"Paper {number}", RUNBOOK, owner=LIN, folder=folder)
    server.hold("mindAAAAAAAAAA", "mindnote", "Ideas", None, owner=LIN)
    server.hold("doxcnWWWWWWWWW", "docx", "Wiki", RUNBOOK, owner=LIN)
    server.hold("doxcnVVVVVVVVV", "docx", "Below", RUNBOOK, owner=LIN)
    server.nodes["wik1"] = Node("wik1", "7034", "doxcnWWWWWWWWW")
    server.nodes["wik2"] = Node("wik2", "7034", "doxcnVVVVVVVVV", parent="wik1")
    asked = source(team)
    titles = {document.title for document in await fetched(asked)}
    assert titles == {"Paper 0", "Paper 1", "Paper 2", "Paper 3", "Wiki", "Below"}
    assert lost(asked)["unsupported_type"] == 1


async def test_what_is_not_shared_or_not_there_is_told(team: Team) -> None:
    team.server.hold(TOKEN, "docx", "Runbook", RUNBOOK, owner=LIN, shared=False)
    asked = source(team, TOKEN, "doxcnNOTTHERE1", "wiki:wikcnNOTTHERE")
    assert await fetched(asked) == []
    assert lost(asked) == {"no_permission": 3}
    assert [line.partition(":")[0] for line in asked.problems] == ["wikcnNOTTHERE", TOKEN, "doxcnNOTTHERE1"]


async def test_a_document_from_before_the_day_is_left_out(team: Team) -> None:
    team.server.hold(TOKEN, "docx", "Runbook", RUNBOOK, owner=LIN)
    asked = source(team, TOKEN, since=1_772_500_001)
    assert await fetched(asked) == []
    assert lost(asked) == {"before_since": 1}


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("https://acme.feishu.cn/docx/doxcnAAAAAAAAAA", Wanted("doxcnAAAAAAAAAA", "docx")),
        ("https://acme.larksuite.com/base/bascnAAAAAAAAAA?table=t", Wanted("bascnAAAAAAAAAA", "bitable")),
        ("sheet:shtcnAAAAAAAAAA", Wanted("shtcnAAAAAAAAAA", "sheet")),
        ("doxcnAAAAAAAAAA", Wanted("doxcnAAAAAAAAAA")),
    ],
)
def test_a_document_is_named_by_link_or_token(given: str, known: Wanted) -> None:
    assert wanted(given) == known


@pytest.mark.parametrize(
    "given", ["", "short", "mind:doxcnAAAAAAAAAA", "http://x/docx/doxcnAAAAAAAAAA", "../../etc"]
)
def test_what_is_no_document_is_refused(given: str) -> None:
    with pytest.raises(Refused):
        wanted(given)


def test_a_tree_that_bites_its_tail_ends() -> None:
    ring = [
        block("a", 2, "text", "one", parent_id="", children=["b", "a", 5, "none"]),
        block("b", 2, "text", "two", parent_id="a", children=["a", "b"]),
    ]
    assert blocks_text(ring)[0] == "one\n\ntwo"


@pytest.mark.parametrize(
    "broken", [{}, {"block_type": "x"}, {"block_id": "a"}, {"block_id": "a", "block_type": 31}]
)
def test_a_block_without_sense_says_nothing(broken: dict[str, Any]) -> None:
    assert blocks_text([broken]) == ("", {})


def test_cells_of_every_kind_are_words() -> None:
    assert words([{"type": "mention", "text": "@林薇"}, {"type": "text", "text": " 好"}]) == "@林薇 好"
    assert words({"text": "docs", "link": "https://x"}) == "docs"
    assert words({"type": 1, "value": [{"text": "formula", "type": "text"}]}) == "formula"
    assert words([{"file_token": "x", "name": "a.pdf"}, {"name": "b.pdf"}]) == "a.pdf, b.pdf"
    assert (words(True), words(False), words(0.1), words(None)) == ("✓", "", "0.1", "")
    assert words([[[[[["deep"]]]]]]) == ""
    assert record({"day": 1e300, "at": -5}, [("day", 5), ("at", 5), ("none", 1)]) == ["1e+300", "-5", ""]


@pytest.mark.parametrize(("number", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (200, "GR"), (703, "AAA")])
def test_columns_are_counted_as_sheets_do(number: int, name: str) -> None:
    assert column(number) == name
