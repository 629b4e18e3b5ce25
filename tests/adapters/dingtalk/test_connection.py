"""The connection, with the unmodified SDK: credentials, lost, deaf and silent links, start and stop, secrets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

import pytest

from adapters.dingtalk import Config, create
from adapters.dingtalk.client import _sdk_logger
from adapters.errors import Unauthorised
from adapters.model import Message
from adapters.secret import Secret
from bots.options import Dingtalk
from tests.adapters.contract import Host
from tests.adapters.dingtalk.harness import ANA, DingTalkHarness, config_for, connected, furnish, reached
from tests.platforms.dingtalk import DingTalkServer


async def asks(h: DingTalkHarness, count: int, text: str = "who?") -> str:
    h.ding.dm(ANA, text)
    event = await h.host.event(count, within=10)
    assert isinstance(event, Message)
    return event.text


async def until(true: Callable[[], bool], *, within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110  # nothing tells when
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("mode", ["stream", "http"])
@pytest.mark.parametrize("wrong", [{"client_secret": Secret("wrong-secret")}, {"client_id": "dingwrong"}])
async def test_wrong_credentials_are_one_clear_line_and_not_an_endless_retry(
    mode: str, wrong: dict[str, object]
) -> None:
    """The SDK alone would ask the gateway every ten seconds for ever."""
    async with DingTalkServer() as ding:
        adapter = create(config_for(ding, mode=mode, **wrong))
        with pytest.raises(Unauthorised, match="copy both again") as caught:
            async with asyncio.timeout(5):
                await adapter.run(Host())
        assert "\n" not in str(caught.value)
        assert "wrong-secret" not in str(caught.value)
        assert not await adapter.connected()
        await adapter.close()


async def test_dingtalk_being_away_at_the_start_is_waited_out() -> None:
    async with DingTalkServer() as ding:
        furnish(ding)
        ding.faults.add("502", on="oauth2/accessToken")
        adapter = create(config_for(ding))
        running = asyncio.create_task(adapter.run(Host()))
        await reached(adapter, running, within=10)
        await stopped(running)
        await adapter.close()


async def stopped(running: asyncio.Task[None]) -> None:
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_a_gateway_that_hangs_stops_nothing_but_the_connecting() -> None:
    """D3: the SDK asks it with a blocking request that has no time limit; everything else would stand still."""
    async with DingTalkServer() as ding:
        furnish(ding)
        ding.faults.add("slow", on="gateway/connections/open", seconds=0.5)
        adapter = create(config_for(ding))
        running = asyncio.create_task(adapter.run(Host()))
        longest, begun = 0.0, time.monotonic()
        while not await adapter.connected():
            before = time.monotonic()
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - before)
        assert time.monotonic() - begun >= 0.5
        assert longest < 0.3
        await stopped(running)
        await adapter.close()


@pytest.mark.parametrize("mode", ["stream", "http"])
async def test_it_tells_whether_events_can_reach_it(mode: str) -> None:
    """What /readyz asks: not before the start, and not while there is no link."""
    async with connected(mode) as h:
        assert await h.adapter.connected()
        other = create(config_for(h.ding, mode=mode))
        assert not await other.connected()
        await other.close()
        if mode == "stream":
            h.ding.faults.add("503", on="gateway/connections/open", times=100)
            h.ding.hang_up()
            await until(lambda: not h.adapter._gateway.connected())  # type: ignore[union-attr]  # it runs
            assert not await h.adapter.connected()


@pytest.mark.parametrize("fault", ["drop", "disconnect"])
async def test_a_lost_link_is_made_anew_and_nothing_is_lost(fault: str) -> None:
    """At once: the SDK alone would wait ten seconds after a reset."""
    async with connected() as h:
        assert await asks(h, 1, "before") == "before"
        h.ding.faults.add(fault, on="message")
        begun = time.monotonic()
        assert await asks(h, 2, "during") == "during"
        await h.ding.connected(2)
        assert time.monotonic() - begun < 3
        assert await asks(h, 3, "after") == "after"
        assert len(h.host.events) == 3


async def test_a_link_that_ends_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """It is made anew; and each stop ends one. The SDK calls either an error."""
    async with connected() as h:
        h.ding.hang_up()
        await h.ding.connected(2)
        assert await asks(h, 1) == "who?"
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_link_that_was_told_to_go_stays_until_the_next_stands() -> None:
    """D4: whoever closes first and connects then misses what comes between."""
    async with connected() as h:
        h.ding.drop_after = 30.0
        (old,) = h.ding.links
        await h.ding.disconnect(old)
        await h.ding.connected(2)
        assert old in h.ding.links
        assert await asks(h, 1) == "who?"
        await until(lambda: old not in h.ding.links)


async def test_a_link_that_lives_on_and_brings_nothing_is_replaced() -> None:
    """D4: a zombie answers WebSocket pings; only the missing frames tell."""
    async with connected(quiet_seconds=0.3, ping_seconds=0.05) as h:
        await h.ding.zombie()
        assert await asks(h, 1, "into the void") == "into the void"
        assert h.ding.connections >= 2


async def test_a_link_that_answers_no_ping_is_replaced() -> None:
    """What a machine finds that slept, or whose network went: TCP says nothing for a long while."""
    async with connected(ping_seconds=0.05) as h:

        async def never(*given: object) -> None: ...

        h.ding.links[0].socket.pong = never  # type: ignore[method-assign]  # as if the frames were lost
        await h.ding.connected(2)
        assert await asks(h, 1) == "who?"


async def test_a_link_on_which_something_happens_is_left_alone() -> None:
    async with connected(quiet_seconds=0.25) as h:
        h.ding.ping_every = 0.02
        h.ding.hang_up()
        await h.ding.connected(2)
        await asyncio.sleep(0.6)  # the property is that nothing happens
        assert h.ding.connections == 2
        assert await h.adapter.connected()


async def test_a_link_that_is_old_is_replaced_without_a_gap() -> None:
    async with connected(recycle_seconds=0.2) as h:
        await h.ding.connected(3)
        assert await h.adapter.connected()
        assert await asks(h, 1) == "who?"


async def test_credentials_that_go_bad_later_are_visible_and_heal() -> None:
    """A secret that was reset by mistake and set back: nobody has to restart anything."""
    async with connected() as h:
        good, h.ding.client_secret = h.ding.client_secret, "another"
        h.ding.hang_up()
        await until(lambda: len(h.ding.called("gateway/connections/open")) > 1)
        assert not await h.adapter.connected()
        h.ding.client_secret = good
        assert await asks(h, 1) == "who?"
        await reached(h.adapter)


async def test_in_http_mode_bad_credentials_are_visible_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DingTalk brings a message once; whether we can answer it just now is another matter."""
    monkeypatch.setattr("adapters.dingtalk.adapter.ASK_AGAIN", 0.02)
    async with connected("http") as h:
        good, h.ding.client_secret = h.ding.client_secret, "another"
        await until(lambda: not h.adapter._good)
        assert not await h.adapter.connected()
        h.ding.client_secret = good
        await reached(h.adapter)
        h.ding.faults.add("502", on="oauth2/accessToken")
        await until(lambda: ("502", "oauth2/accessToken") in h.ding.faults.happened)
        assert await asks(h, 1) == "who?"
        assert await h.adapter.connected()


async def test_all_that_we_hear_is_subscribed() -> None:
    """A topic that was not is never pushed."""
    async with connected() as h:
        assert {one["topic"] for one in h.ding.subscriptions} == {
            "*",
            "/v1.0/im/bot/messages/get",
            "/v1.0/card/instances/callback",
        }


async def test_events_in_any_order_and_number_are_each_kept_once() -> None:
    async with connected() as h:
        for kind in ("reorder", "redeliver", "twin", "reorder"):
            h.ding.faults.add(kind, on="message")
        for n in range(8):
            h.ding.dm(ANA, f"question {n}")
        await h.ding.settled()
        texts = [event.text for event in h.host.events if isinstance(event, Message)]
        assert sorted(texts) == [f"question {n}" for n in range(8)]
        assert h.host.deliveries >= 10


async def test_a_slow_event_holds_up_no_other() -> None:
    """D1: the SDK acks when a handler has returned; a second message must not wait for the first."""
    async with connected() as h:
        receive, gate = h.host.receive, asyncio.Event()

        async def slowly(event: object) -> None:
            if isinstance(event, Message) and event.text == "slow":
                await gate.wait()
            await receive(event)  # type: ignore[arg-type]  # whatever came

        h.host.receive = slowly  # type: ignore[method-assign]  # the host of this test
        h.ding.ack_within = 5.0
        h.ding.dm(ANA, "slow")
        h.ding.dm(ANA, "quick")
        first = await h.host.event(1)
        assert isinstance(first, Message)
        assert first.text == "quick"
        gate.set()
        await h.ding.settled()
        assert all(delivery.acked for delivery in h.ding.log)


@pytest.mark.parametrize("mode", ["stream", "http"])
async def test_it_stops_when_told_at_once_and_leaves_nothing_running(mode: str) -> None:
    """The SDK swallows a first cancel and would be back in ten seconds."""
    before = asyncio.all_tasks()
    begun = time.monotonic()
    async with connected(mode) as h:
        await asks(h, 1)
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    for _ in range(20):
        await asyncio.sleep(0.005)
    left = {task for task in asyncio.all_tasks() - before if not task.done()}
    assert left == set()


async def test_an_event_that_is_being_kept_at_the_end_is_still_acked() -> None:
    async with connected() as h:
        receive = h.host.receive

        async def slowly(event: object) -> None:
            ending.set()
            await asyncio.sleep(0.1)
            await receive(event)  # type: ignore[arg-type]  # whatever came

        ending = asyncio.Event()
        h.host.receive = slowly  # type: ignore[method-assign]  # the host of this test
        h.ding.ack_within = 3.0
        h.ding.dm(ANA, "last")
        await ending.wait()
        h.ding.redeliver_after = ()
    assert h.host.deliveries == 1
    assert [delivery.acked for delivery in h.ding.log] == [True]


async def test_what_cannot_be_read_is_acknowledged_and_named(caplog: pytest.LogCaptureFixture) -> None:
    """Bringing it again would not make it readable; the log says what it was and none of the content."""
    async with connected() as h:
        data = {"msgId": "m1", "conversationId": "c", "senderId": "x", "createAt": "private words"}
        done = await h.ding.deliver("CALLBACK", "/v1.0/im/bot/messages/get", data, name="message")
        assert done.acked
        done = await h.ding.deliver("CALLBACK", "/v1.0/card/instances/callback", {"content": "{"}, name="card")
        assert done.acked
    assert "cannot be read" in caplog.text
    assert "private words" not in caplog.text


async def test_what_was_not_kept_is_not_quoted_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """The SDK logs the text of whatever is raised."""
    async with connected() as h:

        async def refuse(event: object) -> None:
            raise ValueError("words that somebody said")

        h.host.receive = refuse  # type: ignore[method-assign]  # the host of this test
        h.ding.redeliver_after = ()
        h.ding.dm(ANA, "words")
        await h.ding.settled()
        assert not h.ding.log[-1].acked
    assert "not kept" in caplog.text
    assert "words that somebody said" not in caplog.text


async def test_secrets_tickets_and_reply_addresses_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for name in ("websockets.client", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    async with connected(ping_seconds=0.05) as h:
        h.ding.faults.add("drop", on="message")
        assert await asks(h, 1) == "who?"
        await h.say(h.ana, "who?", chat=h.room)
        await h.host.event(2)
        h.ding.hang_up()
        await h.ding.connected(3)
        assert "***" in repr(h.adapter._config)
        tokens = [*h.ding.tokens, h.ding.client_secret]
    for secret in (*tokens, "fixture-ticket", "fixture-session", "sendBySession"):
        assert secret not in caplog.text


def test_what_the_sdk_logs_is_little_and_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """As a warning it prints whole frames; and one of its lines has an argument that it has no place for."""
    logger = _sdk_logger()
    logger.warning("unknown message topic, message=%s", "private words")
    logger.error("failed, url=%s", "wss://x/connect?ticket=abc&access_token=def {'sessionWebhook': 'https://y'}")
    logger.error("failed, response.text=%s", '{"accessToken": "ghi"}')
    try:
        raise ValueError("words")
    except ValueError as error:
        logger.exception("unknown exception", error)  # as the SDK does it
    assert "private words" not in caplog.text
    assert "unknown exception" in caplog.text
    assert "ticket=***" in caplog.text
    for secret in ("abc", "def", "ghi", "https://y", "words"):
        assert secret not in caplog.text


async def test_whoever_leaves_is_forgotten_at_once() -> None:
    """The event comes by the same link; a profile would be believed for ten minutes else."""
    async with connected() as h:
        assert (await h.adapter.person(ANA)).name == "Ana"
        h.ding.leave_org(ANA)
        await h.ding.settled()
        assert h.adapter._people.known(ANA) is None


async def test_loopback_does_not_go_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with DingTalkServer() as ding:
        furnish(ding)
        adapter = create(config_for(ding))
        assert (await adapter.person(ANA)).name == "Ana"
        await adapter.close()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # for the SDK's own WebSocket
    async with connected() as h:
        assert await asks(h, 1) == "who?"


async def test_the_sdks_own_variable_does_not_change_where_we_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """International organisations are set by UNDERSTUDY_DINGTALK_API_URL."""
    monkeypatch.setenv("DINGTALK_OPENAPI_ENDPOINT", "https://nowhere.invalid")
    async with connected() as h:
        assert await asks(h, 1) == "who?"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("client_id", "", "UNDERSTUDY_DINGTALK_CLIENT_ID"),
        ("client_id", " ding... ", "UNDERSTUDY_DINGTALK_CLIENT_ID"),
        ("client_secret", Secret("  "), "UNDERSTUDY_DINGTALK_CLIENT_SECRET"),
        ("mode", "carrier-pigeon", "UNDERSTUDY_DINGTALK_MODE"),
        ("api_url", "api.dingtalk.io", "UNDERSTUDY_DINGTALK_API_URL"),
        ("oapi_url", "ftp://x", "UNDERSTUDY_DINGTALK_OAPI_URL"),
        ("api_url", "https://[", "UNDERSTUDY_DINGTALK_API_URL"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named_before_anything_starts(
    field: str, value: object, named: str
) -> None:
    given: dict[str, object] = {"client_id": "dingapp", "client_secret": Secret("s3cr3t")}
    given[field] = value
    with pytest.raises(Unauthorised, match=named):
        create(Config(**given))  # type: ignore[arg-type]  # one of them is wrong on purpose


def test_every_setting_of_an_operator_reaches_the_adapter() -> None:
    """bots/app.py hands the section on as it is."""
    assert set(Dingtalk.__struct_fields__) <= set(Config.__struct_fields__)
    assert Config("id", Secret("s")).robot == "id"
    assert {name: getattr(Dingtalk(), name) for name in ("mode", "api_url", "oapi_url")} == {
        name: getattr(Config("id", Secret("s")), name) for name in ("mode", "api_url", "oapi_url")
    }
