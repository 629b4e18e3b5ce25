"""Documents fetched from a DingTalk that answers as the real one does: their text, whose they are, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.secret import Secret
from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources.dingtalk_api import DingTalkApi, DingTalkAsked
from persona_store.sources.dingtalk_blocks import blocks_text
from persona_store.sources.dingtalk_calls import DingTalkAccess
from persona_store.sources.dingtalk_wiki import node_id
from tests.persona_store.sources.feishu_live import Waits
from tests.platforms.dingtalk_documents import DingTalkDocuments, said

LIN, BOB = "union_lin9", "union_bob9"
RUNBOOK = (
    said("heading", "Rollback", level="heading-2"),
    said("paragraph", "Stop the gateway first."),
    {"blockType": "unorderedList", "unorderedList": {"elements": [{"text": "then "}, {"text": "the workers"}]}},
    said("blockquote", "never on a Friday"),
    {"blockType": "table", "table": {"cells": [["service", "port"], ["gateway", "8080"]]}},
    {"blockType": "table", "table": {"rowSize": 1, "colSize": 1}},
    {"blockType": "unknown", "unknown": {}},
    said("paragraph", ""),
)
TEXT = """## Rollback

Stop the gateway first.

- then the workers

> never on a Friday

service: gateway · port: 8080"""


class Desk:
    """A local DingTalk and what is fetched from it."""

    def __init__(self, server: DingTalkDocuments) -> None:
        self.server = server
        self.waits = Waits()

    def source(self, *documents: str, subject: str = "lin9", secret: str = "", **asked: Any) -> DingTalkApi:
        access = DingTalkAccess(self.server.client_id, Secret(secret or self.server.client_secret))
        given: dict[str, Any] = {"access": access, "documents": tuple(documents) or None, **asked}
        return DingTalkApi(
            subject, DingTalkAsked(base=self.server.url, old_base=self.server.url, **given), sleep=self.waits
        )


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with DingTalkDocuments() as server:
        server.space.add_user("lin9", "林薇")
        server.space.add_user("bob9", "Bob")
        server.workspaces |= {f"ws{n}": f"base {n}" for n in ("Team", "Ops", "Old")} | {"wsMine": "我的文档"}
        server.mine[LIN] = "wsMine"
        yield Desk(server)


async def fetched(source: DingTalkApi) -> list[Document]:
    return [document async for document in source.documents()]


async def test_a_document_comes_with_headings_lists_and_tables(desk: Desk) -> None:
    desk.server.lay("nodeRunbook1", "Runbook.adoc", *RUNBOOK, by=LIN)
    source = desk.source(
        "https://alidocs.dingtalk.com/i/nodes/nodeRunbook1?utm=x".partition("?")[0].rpartition("/")[2]
    )
    [document] = await fetched(source)
    assert document.text == TEXT
    assert (document.title, document.id, document.container) == ("Runbook", "nodeRunbook1", "wsTeam")
    assert (document.author, document.author_name, document.by_subject) == ("dingtalk:lin9", "林薇", True)
    assert document.at.isoformat() == "2026-03-03T01:06:00+00:00"
    assert dict(source.dropped) == {"embedded": 2}


async def test_all_is_what_lies_in_every_knowledge_base_and_ones_own_space(desk: Desk) -> None:
    server = desk.server
    server.lay("folderA", "Folder", by=BOB, kind="FOLDER")
    server.lay("folderB", "Folder", by=BOB, kind="FOLDER", parent="folderA")
    for number, parent in enumerate(["root-wsTeam", "folderA", "folderB", "root-wsOps", "root-wsOld"]):
        server.lay(f"nodePage000{number}", f"Page {number}", *RUNBOOK, by=LIN, parent=parent)
    server.lay("nodeMine0001", "Mine", *RUNBOOK, by=LIN, parent="root-wsMine", workspace="wsMine")
    server.lay("nodeBelow001", "Below", *RUNBOOK, by=LIN, parent="nodePage0000")
    server.lay("nodeSheet001", "Sheet", by=LIN, extension="axls")
    server.lay("nodeBobs0001", "Bob's", *RUNBOOK, by=BOB)
    source = desk.source()
    found = await fetched(source)
    assert {each.title for each in found} == {*(f"Page {n}" for n in range(5)), "Mine", "Below"}
    assert {each.container_name for each in found} >= {"base Team", "我的文档"}
    assert (source.dropped["other_author"], source.dropped["unsupported_type"]) == (1, 1)
    assert all(each.body["operatorId"] == LIN for each in server.called("wiki/*"))


@pytest.mark.parametrize(("creator", "editor"), [(BOB, BOB), (LIN, BOB), (BOB, LIN), ("", "")])
async def test_what_somebody_else_made_or_changed_last_is_left_out(desk: Desk, creator: str, editor: str) -> None:
    desk.server.lay("nodeRunbook1", "Runbook", *RUNBOOK, by=creator, editor=editor)
    source = desk.source("nodeRunbook1")
    assert await fetched(source) == []
    assert dict(source.dropped) == {"other_author": 1}
    assert desk.server.called("doc/blocks") == []


@pytest.mark.parametrize(
    ("team", "readers"),
    [
        ((), ("dingtalk:lin9",)),
        (("*",), None),
        (("wsTeam",), None),
        (("nodeRunbook1",), None),
        (("x",), ("dingtalk:lin9",)),
    ],
)
async def test_who_may_read_it_only_the_operator_can_say(
    desk: Desk, team: tuple[str, ...], readers: tuple[str, ...] | None
) -> None:
    desk.server.lay("nodeRunbook1", "Runbook", *RUNBOOK, by=LIN)
    [document] = await fetched(desk.source("nodeRunbook1", team=team))
    assert document.readers == readers


@pytest.mark.parametrize("ignores", [False, True])
@pytest.mark.parametrize("length", [99, 100, 200])
async def test_a_long_document_comes_whole_and_once(desk: Desk, ignores: bool, length: int) -> None:
    """Also from a platform that gives all of it whatever part is asked for."""
    desk.server.ignores_window = ignores
    desk.server.lay("nodeRunbook1", "Runbook", *(said("paragraph", f"line {n}") for n in range(length)), by=LIN)
    [document] = await fetched(desk.source("nodeRunbook1"))
    assert document.text.split("\n\n") == [f"line {number}" for number in range(length)]
    assert len(desk.server.called("doc/blocks")) <= 3


async def test_a_missing_permission_is_named_and_the_rest_is_read(desk: Desk) -> None:
    desk.server.lay("nodeRunbook1", "Runbook", *RUNBOOK, by=LIN)
    desk.server.docs_granted -= {"Storage.File.Read"}
    source = desk.source("nodeRunbook1", "nodeNowhere1")
    assert await fetched(source) == []
    assert dict(source.dropped) == {"no_permission": 2}
    assert "Storage.File.Read" in source.problems[0]
    assert source.problems[0].startswith("nodeRunbook1 (Runbook): error[API_PERMISSION]")
    assert source.problems[1].startswith("nodeNowhere1: error[API_DENIED]")


async def test_waits_and_broken_answers_are_waited_out(desk: Desk) -> None:
    desk.server.lay("nodeRunbook1", "Runbook", *RUNBOOK, by=LIN)
    desk.server.faults.add("429", on="wiki/nodes", seconds=4)
    desk.server.faults.add("429", on="topapi/v2/user/get")
    desk.server.faults.add("truncated", on="wiki/nodes")
    desk.server.faults.add("502", on="doc/blocks")
    source = desk.source()
    assert len(await fetched(source)) == 1
    assert sorted(desk.waits.seconds) == [0.5, 0.5, 0.5, 4]
    assert source.problems == []


async def test_a_revoked_token_is_fetched_again(desk: Desk) -> None:
    for number in range(3):
        desk.server.lay(f"nodeRunbook{number}", "Runbook", *RUNBOOK, by=LIN)
    source = desk.source()
    found = 0
    async for _ in source.documents():
        found += 1
        desk.server.revoke_tokens()
    assert (found, source.problems) == (3, [])


async def test_a_platform_that_goes_away_ends_the_run_and_keeps_what_there_is(desk: Desk) -> None:
    for number in range(3):
        desk.server.lay(f"nodeRunbook{number}", "Runbook", *RUNBOOK, by=LIN)
    source = desk.source()
    found = 0
    async for _ in source.documents():
        found += 1
        desk.server.down = True
    assert (found, source.dropped["incomplete"]) == (1, 1)
    assert "HTTP_UNREACHABLE" in source.problems[-1]


async def test_wrong_credentials_and_strangers_are_refused_in_one_line(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        await fetched(desk.source(secret="wrong-secret"))
    assert refused.value.code == "API_CREDENTIALS"
    assert "wrong-secret" not in str(refused.value) + repr(desk.source(secret="wrong-secret")._asked)
    with pytest.raises(Refused) as refused:
        await fetched(desk.source(subject="nobody"))
    assert refused.value.code == "API_DENIED"
    assert "staffId" in str(refused.value)


async def test_a_document_from_before_the_day_is_left_out(desk: Desk) -> None:
    desk.server.lay("nodeRunbook1", "Runbook", *RUNBOOK, by=LIN)
    source = desk.source("nodeRunbook1", since=1_772_600_000)
    assert await fetched(source) == []
    assert dict(source.dropped) == {"before_since": 1}


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("https://alidocs.dingtalk.com/i/nodes/LeBq413JAw31yaz1", "LeBq413JAw31yaz1"),
        ("https://alidocs.dingtalk.com/i/nodes/LeBq413JAw31yaz1?utm_source=im", "LeBq413JAw31yaz1"),
        ("LeBq413JAw31yaz1", "LeBq413JAw31yaz1"),
    ],
)
def test_a_document_is_named_by_link_or_id(given: str, known: str) -> None:
    assert node_id(given) == known


@pytest.mark.parametrize("given", ["", "x", "../../etc/passwd", "https://evil.example/i/nodes/LeBq413JAw31yaz1"])
def test_what_is_no_document_is_refused(given: str) -> None:
    with pytest.raises(Refused):
        node_id(given)


@pytest.mark.parametrize(
    "broken", [{}, {"blockType": 5}, {"blockType": "heading", "heading": "x"}, {"blockType": "t"}]
)
def test_a_block_without_sense_is_counted(broken: dict[str, Any]) -> None:
    assert blocks_text([broken]) == ("", {"embedded": 1})


def test_a_heading_typed_in_a_paragraph_is_none() -> None:
    assert blocks_text([said("paragraph", "# no")])[0] == " # no"
