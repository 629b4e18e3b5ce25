"""What wears a connection out: stops at the wrong moment, a gateway that lets in and throws out, tokens that hang,
more events than can be kept, frames that are none."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.dingtalk import client, create
from adapters.dingtalk.calls import Calls
from adapters.dingtalk.client import CARDS, EVENTS, MESSAGES
from adapters.dingtalk.gateway import patience, spread
from adapters.errors import Unreachable
from adapters.model import Message
from adapters.secret import Secret
from tests.adapters.contract import Host
from tests.adapters.dingtalk.harness import ANA, ROOM, config_for, connected, furnish
from tests.adapters.dingtalk.test_connection import asks, stopped, until
from tests.adapters.dingtalk.test_inbound import payload
from tests.platforms.dingtalk import DingTalkServer


class Hesitant(DingTalkServer):
    """A DingTalk whose gateway answers, and whose link then does not open."""

    def __init__(self) -> None:
        super().__init__()
        self.knocked, self.gate = asyncio.Event(), asyncio.Event()

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        self.knocked.set()
        await self.gate.wait()
        return await super()._connect(request)


async def test_a_stop_while_it_connects_leaves_no_link_behind() -> None:
    """The SDK would go on by itself: it would take events, and acknowledge what nobody reads any more."""
    async with Hesitant() as ding:
        furnish(ding)
        adapter = create(config_for(ding))
        running = asyncio.create_task(adapter.run(Host()))
        await ding.knocked.wait()
        await stopped(running)
        left = {getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks() if not task.done()}
        assert not any("DingTalkStreamClient" in name for name in left)
        ding.gate.set()
        await adapter.close()


class Bouncer(DingTalkServer):
    """A DingTalk that lets in and throws out again."""

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        await socket.close()
        return socket


async def test_a_gateway_that_throws_out_again_is_not_asked_in_a_loop() -> None:
    """Such a loop has the organisation's quota in minutes."""
    async with Bouncer() as ding:
        adapter = create(config_for(ding))
        begun = time.monotonic()
        running = asyncio.create_task(adapter.run(Host()))
        await until(lambda: ding.connections >= 3)
        assert time.monotonic() - begun >= 0.9
        await stopped(running)
        await adapter.close()


def test_a_first_loss_is_made_good_at_once_and_further_ones_with_growing_patience() -> None:
    assert [patience(brief) for brief in (0, 1, 2, 3, 4, 99)] == [0, 0, 1, 2, 4, 60]


def test_not_all_robots_come_back_in_one_moment() -> None:
    waits = {spread(10.0) for _ in range(50)}
    assert len(waits) > 1
    assert all(10 <= wait <= 14 for wait in waits)


async def test_a_token_call_that_hangs_holds_everybody_up_once() -> None:
    """One after the other, ten callers would wait ten times as long, and the last for minutes."""
    asked = 0

    async def hang(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.2)
        return web.Response(status=503)

    app = web.Application()
    app.add_routes([web.post("/v1.0/oauth2/accessToken", hang)])
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        calls = Calls("id", Secret("secret"), url, url, time.monotonic)
        begun = time.monotonic()
        waiting = (calls.new("POST", "robot/groupMessages/send", {}) for _ in range(10))
        errors = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(error) for error in errors} == {Unreachable}
        assert asked == 1
        assert time.monotonic() - begun < 1
        await calls.close()


async def test_more_than_can_be_kept_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that stands still must not fill the memory: what is not acked DingTalk brings again."""
    monkeypatch.setattr(client, "MOST_INSIDE", 2)
    async with connected() as h:
        receive, gate = h.host.receive, asyncio.Event()
        inside = 0

        async def slowly(event: object) -> None:
            nonlocal inside
            inside += 1
            await gate.wait()
            await receive(event)  # type: ignore[arg-type]  # whatever came

        h.host.receive = slowly  # type: ignore[method-assign]  # the host of this test
        h.ding.ack_within = 0.3
        for n in range(3):
            h.ding.dm(ANA, f"question {n}")
        await until(lambda: len(h.ding.log) > 0)  # one was given up
        assert inside == 2
        gate.set()
        await h.ding.settled()
        texts = sorted(event.text for event in h.host.events if isinstance(event, Message))
        assert texts == ["question 0", "question 1", "question 2"]


@pytest.mark.parametrize(
    ("kind", "topic", "data"),
    [
        ("CALLBACK", MESSAGES, ["no object"]),
        ("CALLBACK", MESSAGES, {"msgId": "m1", "conversationId": "c", "senderId": "x", "atUsers": 7}),
        ("CALLBACK", CARDS, "no object"),
        ("CALLBACK", CARDS, {"outTrackId": "u1", "content": "[" * 100_000}),
    ],
)
async def test_what_has_no_sense_is_acknowledged(kind: str, topic: str, data: object) -> None:
    """It would come again for ever."""
    async with connected() as h:
        done = await h.ding.deliver(kind, topic, data, name="odd")  # type: ignore[arg-type]  # that is the point
        assert done.acked
        assert h.host.events == []


async def test_an_event_of_the_organisation_that_has_no_sense_is_acknowledged() -> None:
    async with connected() as h:
        headers = {"eventType": "user_leave_org", "eventId": "e1"}
        done = await h.ding.deliver("EVENT", EVENTS, [], name="odd", **headers)  # type: ignore[arg-type]  # as above
        assert done.acked


@pytest.mark.parametrize(
    "odd",
    [
        {"sessionWebhook": "https://evil.example/robot/sendBySession?session=x"},
        {"sessionWebhookExpiredTime": "soon"},
        {"sessionWebhook": 7},
    ],
)
async def test_a_message_with_an_odd_reply_address_is_still_a_message(odd: dict[str, object]) -> None:
    """It is answered by the robot API: nobody else is called, and nothing is lost."""
    async with connected() as h:
        lasting = int((time.time() + 3600) * 1000)
        data = payload("group_text") | {"sessionWebhookExpiredTime": lasting} | odd
        done = await h.ding.deliver("CALLBACK", MESSAGES, data | {"robotCode": h.ding.robot_code}, name="message")
        assert done.acked
        assert len(h.host.events) == 1
        assert h.adapter._sessions.webhook(ROOM) is None


async def test_a_robot_code_that_is_not_ours_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """Else a wrong setting is silence: it connects, and nobody is ever answered."""
    async with connected(robot_code="dingwrong") as h:
        for _ in range(3):
            h.ding.dm(ANA, "anybody there?")
        await h.ding.settled()
        assert h.host.events == []
    (said,) = [record.getMessage() for record in caplog.records if "ROBOT_CODE" in record.getMessage()]
    assert h.ding.robot_code in said


@pytest.mark.parametrize("endpoint", ["ws://wss-open-connection.dingtalk.com/connect", "http://x", ""])
async def test_a_ticket_is_not_carried_to_a_place_without_tls(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads it on the way has the app's events."""
    calls = Calls("id", Secret("s"), "https://api.dingtalk.com", "https://oapi.dingtalk.com", time.monotonic)

    async def answered(*given: object) -> dict[str, str]:
        return {"endpoint": endpoint, "ticket": "t"}

    monkeypatch.setattr(calls, "_call", answered)
    with pytest.raises(Unreachable, match="place to connect to"):
        await calls.open_gateway([])


async def test_events_keep_coming_after_a_restart_of_the_run() -> None:
    """The same adapter may be run again: nothing of its first life is in the way."""
    async with connected() as h:
        assert await asks(h, 1, "before") == "before"
        other = create(config_for(h.ding))
        for n in (2, 3):
            running = asyncio.create_task(other.run(h.host))
            await until(lambda: other._gateway is not None and other._gateway.connected())
            assert await asks(h, n, f"in life {n}") == f"in life {n}"
            await stopped(running)
            assert not await other.connected()
        await other.close()
