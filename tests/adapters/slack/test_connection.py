"""The connection: wrong and revoked tokens, lost and half-open links, start and stop, proxies, secrets in logs."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from adapters.errors import Unauthorised
from adapters.model import Message, Uninstalled
from adapters.secret import Secret
from adapters.slack import Config, create
from tests.adapters.contract import Host
from tests.adapters.slack.harness import ROOM, SlackHarness, config_for, connected, furnish
from tests.platforms.slack import SlackServer


async def asks(h: SlackHarness, count: int, text: str = "who?") -> str:
    h.slack.dm("U1", text)
    event = await h.host.event(count, within=10)
    assert isinstance(event, Message)
    return event.text


async def run_once(slack: SlackServer, **wrong: Secret) -> None:
    """Run with one credential replaced, until it gives up."""
    good = config_for(slack)
    given = {"bot_token": good.bot_token, "app_token": good.app_token, "signing_secret": good.signing_secret}
    adapter = create(Config(**{**given, **wrong}, api_url=slack.api_url, ping_seconds=0.1))
    try:
        async with asyncio.timeout(5):
            await adapter.run(Host())
    finally:
        await adapter.close()


@pytest.mark.parametrize("wrong", [{"bot_token": Secret("xoxb-wrong")}, {"app_token": Secret("xapp-wrong")}])
async def test_a_wrong_token_is_one_clear_line_and_not_an_endless_retry(wrong: dict[str, Secret]) -> None:
    """The SDK alone would retry a bad app-level token for ever, with a traceback each time."""
    async with SlackServer() as slack:
        with pytest.raises(Unauthorised, match="invalid_auth") as caught:
            await run_once(slack, **wrong)
        assert "\n" not in str(caught.value)
        assert "wrong" not in str(caught.value).replace("the token is wrong", "")


async def test_a_token_revoked_while_running_ends_the_run() -> None:
    """And not with an acknowledged event that nobody handled."""
    async with SlackServer() as slack:
        furnish(slack)
        adapter, host = create(config_for(slack, ping_seconds=0.1)), Host()
        running = asyncio.create_task(adapter.run(host))
        await slack.connected()
        slack.uninstall()
        assert isinstance(await host.event(), Uninstalled)
        slack.app_token = "xapp-another"
        for socket in list(slack.sockets):
            slack.hang_up(socket)
        with pytest.raises(Unauthorised):
            async with asyncio.timeout(10):
                await running
        await adapter.close()


async def test_a_token_revoked_behind_an_open_link_is_noticed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The link stays up and events are acknowledged; only asking tells."""
    monkeypatch.setattr("adapters.slack.adapter.ASK_AGAIN", 0.2)
    async with SlackServer() as slack:
        adapter = create(config_for(slack, ping_seconds=0.05))
        running = asyncio.create_task(adapter.run(Host()))
        await slack.connected()
        slack.revoked = "token_revoked"
        with pytest.raises(Unauthorised, match="token_revoked"):
            async with asyncio.timeout(5):
                await running
        await adapter.close()


async def test_slack_being_away_at_the_start_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async with SlackServer() as slack:
        furnish(slack)
        slack.faults.add("502", on="auth.test")
        slack.faults.add("429", on="auth.test", seconds=1)
        slack.faults.add("503", on="apps.connections.open")
        adapter = create(config_for(slack))
        running = asyncio.create_task(adapter.run(Host()))
        await slack.connected(within=10)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await adapter.close()


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_it_tells_whether_events_can_reach_it(mode: str) -> None:
    """What /readyz asks: not before the start, and not after the end."""
    async with connected(mode) as h:
        assert await h.adapter.connected()
        other = create(config_for(h.slack, mode=mode))
        assert not await other.connected()
        await other.close()
        if mode == "socket":
            h.slack.faults.add("503", on="link", times=100)
            for socket in list(h.slack.sockets):
                h.slack.hang_up(socket)
            await asyncio.sleep(0.1)
            assert not await h.adapter.connected()


@pytest.mark.parametrize("fault", ["drop", "disconnect"])
async def test_a_lost_link_is_made_anew_and_nothing_is_lost(fault: str) -> None:
    async with connected("socket", ping_seconds=0.2) as h:
        assert await asks(h, 1, "before") == "before"
        h.slack.faults.add(fault, on="message")
        assert await asks(h, 2, "during") == "during"
        await h.slack.connected(2)
        assert await asks(h, 3, "after") == "after"
        assert len(h.host.events) == 3


async def test_a_half_open_link_is_noticed() -> None:
    """It stays open and silent: only the missing pongs tell. Four pings at most."""
    async with connected("socket", ping_seconds=0.2) as h:
        h.slack.faults.add("half_open", on="message")
        begun = time.monotonic()
        assert await asks(h, 1, "into the void") == "into the void"
        assert h.slack.connections == 2
        assert time.monotonic() - begun < 6


async def test_events_in_any_order_and_number_are_each_kept_once() -> None:
    async with connected("socket") as h:
        for kind in ("reorder", "redeliver", "twin", "reorder"):
            h.slack.faults.add(kind, on="message")
        for n in range(8):
            h.slack.dm("U1", f"question {n}")
        await h.slack.settled()
        texts = [event.text for event in h.host.events if isinstance(event, Message)]
        assert sorted(texts) == [f"question {n}" for n in range(8)]
        assert h.host.deliveries == 10


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_it_stops_when_told_at_once_and_leaves_nothing_running(mode: str) -> None:
    before = asyncio.all_tasks()
    begun = time.monotonic()
    async with connected(mode) as h:
        await asks(h, 1)
        begun = time.monotonic()
    await asyncio.sleep(0.05)
    assert time.monotonic() - begun < 2
    left = {task for task in asyncio.all_tasks() - before if not task.done()}
    assert left == set()


async def test_what_cannot_be_read_is_acknowledged_and_named(caplog: pytest.LogCaptureFixture) -> None:
    """Bringing it again would not make it readable; the log says the type and none of the content."""
    async with connected("socket") as h:
        done = await h.slack.event(
            {"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "ts": "x y"}
        )
        assert done.acked
    assert "cannot be read" in caplog.text
    assert "x y" not in caplog.text


async def test_an_http_request_before_the_start_is_not_acknowledged() -> None:
    """Else what arrives in the first second after a restart would be lost."""
    async with connected("http") as h:
        known, h.adapter._known = h.adapter._known, None
        h.slack.retry_after = (0.1,)
        h.slack.dm("U1", "who?")
        await asyncio.sleep(0.05)
        h.adapter._known = known
        await h.slack.settled()
        assert [(d.attempt, d.acked) for d in h.slack.log] == [(0, False), (1, True)]
        assert len(h.host.events) == 1


async def test_loopback_does_not_go_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK takes HTTP_PROXY for everything and ignores NO_PROXY."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with connected("socket") as h:
        assert await asks(h, 1) == "who?"


async def test_slacks_own_variables_do_not_change_what_we_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """slack-bolt reads tokens and OAuth settings from the environment when it finds them there."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, "something-else")
    async with connected("socket") as h:
        assert await asks(h, 1) == "who?"


async def test_tokens_and_tickets_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with connected("socket", ping_seconds=0.1) as h:
        h.slack.faults.add("drop", on="message")
        h.slack.faults.add("503", on="link")
        assert await asks(h, 1) == "who?"
        await h.slack.connected(2)
        assert "***" in repr(h.adapter._config)
        secrets = (h.slack.bot_token, h.slack.app_token, h.slack.signing_secret)
    assert "Failed to connect" in caplog.text  # the line that would have had the ticket
    for secret in (*secrets, "ticket=fixture"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("bot_token", "", "UNDERSTUDY_SLACK_BOT_TOKEN"),
        ("bot_token", "xapp-1-swapped", "UNDERSTUDY_SLACK_BOT_TOKEN"),
        ("app_token", "  ", "UNDERSTUDY_SLACK_APP_TOKEN"),
        ("app_token", "xoxb-1-swapped", "UNDERSTUDY_SLACK_APP_TOKEN"),
        ("mode", "carrier-pigeon", "UNDERSTUDY_SLACK_MODE"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named_before_anything_starts(field: str, value: str, named: str) -> None:
    given: dict[str, object] = {
        "bot_token": Secret("xoxb-1"),
        "app_token": Secret("xapp-1"),
        "signing_secret": Secret("s3cr3t"),
    }
    given[field] = value if field == "mode" else Secret(value)
    with pytest.raises(Unauthorised, match=named) as caught:
        create(Config(**given))  # type: ignore[arg-type]  # one of them is wrong on purpose
    assert "swapped" not in str(caught.value) or "tokens may be swapped" in str(caught.value)
    assert "1-swapped" not in str(caught.value)


async def test_joining_a_room_is_told_once_and_with_who_invited() -> None:
    async with connected("socket") as h:
        h.slack.space.add_channel("C2", "random", ["U1"])
        h.slack.faults.add("redeliver", on="member_joined_channel")
        h.slack.join("C2", by="U1")
        await h.slack.settled()
        (joined,) = h.host.events
        assert joined.key.endswith(joined.id)  # type: ignore[union-attr]  # a Joined
        assert joined.by is not None
        assert joined.by.id == "U1"


async def test_an_edit_is_not_a_new_question_and_a_deletion_is_told() -> None:
    async with connected("socket") as h:
        asked = await h.say(h.ana, "who?", chat=h.room)
        await h.host.event(1)
        h.slack.edit(ROOM, asked, f"{h.slack.mention} who signs?")
        h.slack.delete(ROOM, asked)
        await h.slack.settled()
        assert [type(event).__name__ for event in h.host.events] == ["Message", "Gone"]
        assert h.host.events[1].message_id == asked  # type: ignore[union-attr]  # a Gone
