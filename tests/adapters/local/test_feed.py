"""The WebSocket: whatever changes is seen, and a break loses nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from adapters.local import LocalChat
from adapters.model import Card, Post
from tests.adapters.local.conftest import Visitor
from tests.adapters.local.harness import FlakyDatabase


async def listen(visitor: Visitor, who: str, after: int = 0) -> ClientWebSocketResponse:
    return await visitor.client.ws_connect(f"/local/live?as={who}&after={after}")


async def frame(socket: ClientWebSocketResponse) -> dict[str, Any]:
    value: dict[str, Any] = await socket.receive_json(timeout=5)
    return value


async def until_entries(socket: ClientWebSocketResponse) -> dict[str, Any]:
    while not (got := await frame(socket))["entries"]:
        pass
    return got


async def test_what_is_said_is_seen_at_once_and_after_a_break(chat: LocalChat, visitor: Visitor) -> None:
    """Given a page that lost its connection, when it comes back and says how far it had read, then it gets what
    it missed and nothing twice."""
    socket = await listen(visitor, "lin")
    one = await visitor.said("chen", "one")
    got = await until_entries(socket)
    assert [entry["id"] for entry in got["entries"]] == [one]
    await socket.close()
    two, three = await visitor.said("chen", "two"), await visitor.said("chen", "three")
    socket = await listen(visitor, "lin", got["change"])
    assert [entry["id"] for entry in (await until_entries(socket))["entries"]] == [two, three]
    await socket.close()


async def test_an_edit_and_a_reply_send_the_entry_again(chat: LocalChat, visitor: Visitor) -> None:
    """The root of a thread too: its summary has changed."""
    root = await visitor.said("chen", "a question")
    receipt = await chat.post(chat.thread("C1", root), Post("k1", Card("draft")))
    socket = await listen(visitor, "lin")
    got = await until_entries(socket)
    assert [(entry["id"], entry["replies"]) for entry in got["entries"]] == [(receipt.message_id, 0), (root, 1)]
    await chat.edit(receipt, Post("k1", Card("final")))
    edited = (await until_entries(socket))["entries"][0]
    assert (edited["body"]["card"]["text"], edited["edited"]) == ("final", True)
    await socket.close()


async def test_nobody_hears_what_they_may_not_read(chat: LocalChat, visitor: Visitor) -> None:
    """Private rooms, other people's direct chats, and what is for somebody else."""
    socket = await listen(visitor, "chen")
    await visitor.said("lin", "secret", chat="C2")
    await visitor.said("lin", "secret", chat="D-lin")
    await chat.post(chat.thread("C1"), Post("k1", Card("secret"), only_for=chat.person_of("lin")))
    await chat.working(chat.thread("C2"), "secret")
    public = await visitor.said("lin", "hello")
    while not (got := await frame(socket))["entries"]:
        assert "secret" not in str(got)
    assert [entry["id"] for entry in got["entries"]] == [public]
    await socket.close()


async def test_work_is_shown_until_its_answer_is_placed(chat: LocalChat, visitor: Visitor) -> None:
    root = await visitor.said("chen", "a question")
    socket = await listen(visitor, "chen")
    await until_entries(socket)
    await chat.working(chat.thread("C1", root), "reading")
    (status,) = (await frame(socket))["news"]["working"]
    assert (status["chat"], status["root"], status["text"]) == ("C1", root, "reading")
    await chat.post(chat.thread("C1", root), Post("k1", Card("done")))
    assert (await until_entries(socket))["news"]["working"] == []
    await socket.close()


async def test_work_nobody_finishes_is_not_shown_for_ever(chat: LocalChat) -> None:
    """A worker died; here each look at the clock is a second."""
    await chat.working(chat.thread("C1"), "reading")
    shown = [len(chat.live.statuses()) for _ in range(70)]
    assert shown[0] == 1
    assert shown[-1] == 0


async def test_a_page_that_was_away_for_long_gets_everything(chat: LocalChat, visitor: Visitor) -> None:
    """In more than one frame, if need be."""
    for number in range(520):
        await chat.post(chat.thread("C1"), Post(f"k{number}", Card(str(number))))
    socket = await listen(visitor, "lin")
    texts: list[str] = []
    while len(texts) < 520:
        texts += [entry["body"]["card"]["text"] for entry in (await frame(socket))["entries"]]
    assert texts == [str(number) for number in range(520)]
    await socket.close()


async def test_an_open_page_costs_nothing_while_nothing_happens(
    chat: LocalChat, database: FlakyDatabase, visitor: Visitor
) -> None:
    """It sleeps until it is woken, also after it was woken once."""
    socket = await listen(visitor, "lin")
    await visitor.said("chen", "hello")
    await until_entries(socket)
    before = database.transactions
    await asyncio.sleep(0.3)
    assert database.transactions - before < 20  # one more look may still be under way
    await socket.close()


async def test_the_server_lets_its_pages_go_when_it_stops(chat: LocalChat, visitor: Visitor) -> None:
    """Otherwise a stop would wait for every open tab."""
    socket = await listen(visitor, "lin")
    await frame(socket)
    chat.live.close()
    assert (await socket.receive(timeout=5)).type is WSMsgType.CLOSE
    await socket.close()


@pytest.mark.parametrize(
    ("query", "status"), [("as=nobody", 403), ("as=lin&after=x", 400), ("as=lin&after=-1", 400)]
)
async def test_a_connection_that_makes_no_sense_is_refused(visitor: Visitor, query: str, status: int) -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert (await visitor.client.get(f"/local/live?{query}", headers=headers)).status == status
