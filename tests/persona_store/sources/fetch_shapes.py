"""What is fetched from a platform, row by row: a local server with material in it, and what must come of each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from adapters.secret import Secret
from persona_store.model import Document
from persona_store.sources.dingtalk_api import DingTalkApi, DingTalkAsked
from persona_store.sources.dingtalk_calls import DingTalkAccess
from persona_store.sources.feishu_api import FeishuApi
from persona_store.sources.feishu_drive import wanted
from tests.persona_store.sources.feishu_live import BOB, EVE, LIN, Team, a_team
from tests.persona_store.sources.shapes import Item, Shape
from tests.platforms.dingtalk_documents import DingTalkDocuments, said
from tests.platforms.feishu_documents import Node, block, blocks

Opened = AbstractAsyncContextManager[FeishuApi | DingTalkApi]
ME = f"feishu:{LIN}"
BOTH = (f"feishu:{BOB}", ME)
TOKEN = "doxcnAAAAAAAAAA"  # a document's
PAPER_AT = "2026-03-03T01:06:40Z"


class Live:
    """A platform that is there while it is read, each time anew."""

    def __init__(self, opened: Callable[[], Opened]) -> None:
        self._opened = opened
        self.dropped: Counter[str] = Counter()

    def read(self) -> Iterator[Document]:
        documents, self.dropped = asyncio.run(self._read())
        return iter(documents)

    async def _read(self) -> tuple[list[Document], Counter[str]]:
        async with self._opened() as source:
            return [document async for document in source.documents()], source.dropped


def live(opened: Callable[[], Opened]) -> Callable[[Path], Live]:
    return lambda path: Live(opened)


# ------------------------------------------------------------------ Feishu


@asynccontextmanager
async def group() -> AsyncIterator[FeishuApi]:
    """A question, an answer in its topic, a forward, somebody from elsewhere, and a message taken back."""
    async with a_team() as team:
        team.server.space.chats["oc_ops"].members.append(EVE)
        root = team.say(BOB, "oc_ops", "对账任务几点跑？", mentions=(LIN,))
        team.say(LIN, "oc_ops", "每天 09:00，失败会重试三次", thread=root)
        team.clock.now += 60
        team.server.forward(LIN, "oc_ops", (BOB, "oc_hr", "周三上线"))
        team.say(EVE, "oc_ops", "外部顾问的话")
        team.say(LIN, "oc_ops", "以上面为准")
        team.server.recall(team.say(LIN, "oc_ops", "说错了"))
        yield team.source("oc_ops")


@asynccontextmanager
async def private() -> AsyncIterator[FeishuApi]:
    async with a_team() as team:
        team.say(BOB, "oc_hr", "offer 什么时候发？")
        team.say(LIN, "oc_hr", "周五发")
        yield team.source("oc_hr")


@asynccontextmanager
async def direct() -> AsyncIterator[FeishuApi]:
    async with a_team() as team:
        team.say(BOB, "oc_pair", "在吗")
        team.say(LIN, "oc_pair", "在")
        yield team.source("oc_pair", access=team.user(LIN))


def hold(team: Team) -> None:
    """One document of each kind, and one by somebody else."""
    runbook = blocks(block("h", 3, "heading1", "Rollback"), block("t", 2, "text", "Stop the gateway first."))
    team.server.hold(TOKEN, "docx", "Runbook", runbook, owner=LIN, open=True)
    team.server.hold("doxcnBBBBBBBBBB", "docx", "Bob's", runbook, owner=BOB)
    team.server.nodes["wikcnAAAAAAAAA"] = Node("wikcnAAAAAAAAA", "7034", TOKEN)
    ports = [({"sheet_id": "s1", "title": "ports"}, [["service", "port"], ["gateway", 8080]])]
    team.server.hold("shtcnAAAAAAAAAA", "sheet", "Ports", ports, owner=LIN)
    records = [
        (LIN, LIN, {"service": "gateway", "owner": "林薇"}),
        (BOB, BOB, {"service": "queue", "owner": "Bob"}),
    ]
    table = ("live", [("service", 1), ("owner", 1)], records)
    team.server.hold("bascnAAAAAAAAAA", "bitable", "Services", [table], owner=BOB)


def papers(*documents: str) -> Callable[[], Opened]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[FeishuApi]:
        async with a_team() as team:
            hold(team)
            yield team.source(documents=tuple(map(wanted, documents)))

    return opened


# ------------------------------------------------------------------ DingTalk


@asynccontextmanager
async def knowledge() -> AsyncIterator[DingTalkApi]:
    async with DingTalkDocuments() as server:
        server.space.add_user("lin9", "林薇")
        server.workspaces["wsTeam"] = "Payments"
        paper = (said("heading", "Rollback", level="heading-1"), said("paragraph", "Stop the gateway first."))
        server.lay("nodeRunbook1", "Runbook.adoc", *paper, by="union_lin9")
        server.lay("nodeRunbook2", "Bob's.adoc", *paper, by="union_bob9")
        server.lay("nodeSheet001", "Ports.axls", by="union_lin9", extension="axls")
        access = DingTalkAccess(server.client_id, Secret(server.client_secret))
        asked = DingTalkAsked(base=server.url, old_base=server.url, access=access, documents=None, team=("wsTeam",))
        yield DingTalkApi("lin9", asked)


def heard(id: str, text: str, author: str, at: str, thread: str, readers: tuple[str, ...] | None) -> Item:
    return Item(id, text, f"feishu:{author}", author == LIN, f"2026-03-02T09:{at}Z", thread, readers)


def paper(id: str, text: str, readers: tuple[str, ...] | None) -> Item:
    return Item(id, text, ME, True, PAPER_AT, id, readers)


SHAPES: tuple[Shape, ...] = (
    Shape(
        "Feishu, fetched",
        "a group as an app: topics, forwards, members",
        {},
        live(group),
        (
            heard("om_00000001", "对账任务几点跑？ @林薇", BOB, "01:00", "oc_ops/omt_00000003", None),
            heard("om_00000002", "每天 09:00，失败会重试三次", LIN, "02:00", "oc_ops/omt_00000003", None),
            Item(
                "om_00000004/om_00000005",
                "周三上线",
                f"feishu:{BOB}",
                False,
                "2026-03-02T06:33:00Z",
                "oc_ops/om_00000004",
                None,
            ),
            heard("om_00000007", "以上面为准", LIN, "05:00", "oc_ops/om_00000004", None),
        ),
        {"outsider": 1, "deleted": 1},
        "sender id, as the bot's app knows it",
        "`thread_id`, `root_id`",
        "everybody (`chat_type` public)",
    ),
    Shape(
        "Feishu, fetched",
        "a private group as an app",
        {},
        live(private),
        (
            heard("om_00000001", "offer 什么时候发？", BOB, "01:00", "oc_hr/om_00000001", BOTH),
            heard("om_00000002", "周五发", LIN, "02:00", "oc_hr/om_00000001", BOTH),
        ),
        {},
        "sender id, as the bot's app knows it",
        "episode",
        "members",
    ),
    Shape(
        "Feishu, fetched",
        "a direct chat with the subject's own token",
        {},
        live(direct),
        (
            heard("om_00000001", "在吗", BOB, "01:00", "oc_pair/om_00000001", BOTH),
            heard("om_00000002", "在", LIN, "02:00", "oc_pair/om_00000001", BOTH),
        ),
        {},
        "sender id, as the bot's app knows it",
        "episode",
        "the two",
    ),
    Shape(
        "Feishu, fetched",
        "docx, and the wiki page that shows it",
        {},
        live(papers("https://acme.feishu.cn/wiki/wikcnAAAAAAAAA", "doxcnBBBBBBBBBB")),
        (paper(TOKEN, "# Rollback\n\nStop the gateway first.", None),),
        {"other_author": 1},
        "owner and last editor",
        "–",
        "everybody (link open to the company), else the subject",
    ),
    Shape(
        "Feishu, fetched",
        "sheet",
        {},
        live(papers("sheet:shtcnAAAAAAAAAA")),
        (paper("shtcnAAAAAAAAAA", "# ports\n\nservice: gateway · port: 8080", (ME,)),),
        {},
        "owner and last editor",
        "–",
        "everybody (link open to the company), else the subject",
    ),
    Shape(
        "Feishu, fetched",
        "base (bitable)",
        {},
        live(papers("bitable:bascnAAAAAAAAAA")),
        (paper("bascnAAAAAAAAAA", "# live\n\nservice: gateway · owner: 林薇", (ME,)),),
        {"other_author": 1},
        "who made and last changed each record",
        "–",
        "everybody (link open to the company), else the subject",
    ),
    Shape(
        "DingTalk, fetched",
        "documents of knowledge bases (`adoc`)",
        {},
        live(knowledge),
        (
            Item(
                "nodeRunbook1",
                "# Rollback\n\nStop the gateway first.",
                "dingtalk:lin9",
                True,
                "2026-03-03T01:06:00Z",
                "nodeRunbook1",
                None,
            ),
        ),
        {"other_author": 1, "unsupported_type": 1},
        "creator and last editor",
        "–",
        "the subject, or everybody with `--team-docs`",
    ),
)
