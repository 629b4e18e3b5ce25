"""The connection: wrong and replaced secrets, lost, half-open and silent links, start and stop, secrets in logs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time

import pytest

from adapters.errors import Unauthorised
from adapters.feishu import Config, create
from adapters.model import Message
from adapters.secret import Secret
from tests.adapters.contract import Host
from tests.adapters.feishu.harness import ANA, FeishuHarness, config_for, connected, eventually, furnish
from tests.platforms.feishu import FeishuServer


@pytest.fixture(params=["ws", "thin"])
def link(request: pytest.FixtureRequest) -> str:
    """Both long connections keep the same promises."""
    return str(request.param)


def by(mode: str) -> dict[str, str]:
    return {"mode": "ws", "link": "thin"} if mode == "thin" else {"mode": mode}


async def asks(h: FeishuHarness, count: int, text: str = "who?") -> str:
    h.feishu.dm(ANA, text)
    event = await h.host.event(count, within=10)
    assert isinstance(event, Message)
    return event.text


async def gone(h: FeishuHarness) -> None:
    """Wait until the adapter knows that it is not connected."""

    async def lost() -> bool:
        return not await h.adapter.connected()

    await eventually(lost)


async def back(h: FeishuHarness) -> None:
    await eventually(h.adapter.connected)


@pytest.mark.parametrize("wrong", [{"app_secret": Secret("wrong-secret")}, {"app_id": "cli_wrong"}])
@pytest.mark.parametrize("mode", ["ws", "thin", "http"])
async def test_a_wrong_secret_is_one_clear_line_and_not_an_endless_retry(
    mode: str, wrong: dict[str, object]
) -> None:
    async with FeishuServer() as feishu:
        adapter = create(config_for(feishu, **by(mode), **wrong))
        with pytest.raises(Unauthorised, match="developer console") as caught:
            async with asyncio.timeout(5):
                await adapter.run(Host())
        assert "\n" not in str(caught.value)
        assert "wrong-secret" not in str(caught.value)
        await adapter.close()


@pytest.mark.parametrize("code", ["1000040344", "424242"])
async def test_a_link_that_is_refused_at_the_start_is_one_clear_line(link: str, code: str) -> None:
    """The calls are good and the long connection is not: SDK and thread end, and nothing is retried."""
    async with FeishuServer() as feishu:
        adapter = create(config_for(feishu, **by(link)))
        feishu.faults.add("error", on="ws.endpoint", code=code)
        with pytest.raises(Unauthorised):
            async with asyncio.timeout(5):
                await adapter.run(Host())
        await adapter.close()
        assert [t.name for t in threading.enumerate() if t.name.startswith("feishu")] == []


async def test_feishu_being_away_at_the_start_is_waited_out(link: str) -> None:
    async with FeishuServer() as feishu:
        furnish(feishu)
        feishu.faults.add("502", on="bot.info")
        feishu.faults.add("429", on="bot.info", seconds=1)
        feishu.faults.add("500", on="auth.token")
        feishu.faults.add("503", on="ws.endpoint")
        feishu.faults.add("503", on="link")
        async with connected(link, feishu=_started(feishu)) as h:
            assert await asks(h, 1) == "who?"


def _started(feishu: FeishuServer) -> FeishuServer:
    """The same server as an `async with` that neither starts nor stops it."""

    class Running:
        async def __aenter__(self) -> FeishuServer:
            return feishu

        async def __aexit__(self, *error: object) -> None: ...

    return Running()  # type: ignore[return-value]  # only entered and left


async def test_a_hung_endpoint_hangs_nobody() -> None:
    """The SDK asks for the link's address without a time limit; ours has one, and a stop does not wait for it."""
    async with FeishuServer() as feishu:
        feishu.faults.add("slow", on="ws.endpoint", seconds=1.0)
        adapter = create(config_for(feishu, timeout_seconds=0.3))
        running = asyncio.create_task(adapter.run(Host()))
        await feishu.connected(1)
        assert len(feishu.called("ws.endpoint")) == 2
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await adapter.close()


async def test_a_secret_replaced_while_running_is_visible_and_comes_right(link: str) -> None:
    """The SDK would end for good, silently, with its thread alive."""
    async with connected(link, ping_seconds=0.2) as h:
        secret, h.feishu.app_secret = h.feishu.app_secret, "another-secret"
        for socket in list(h.feishu.sockets):
            h.feishu.hang_up(socket)
        await gone(h)
        h.feishu.app_secret = secret
        await back(h)
        assert await asks(h, 1) == "who?"


@pytest.mark.parametrize("mode", ["ws", "thin", "http"])
async def test_a_secret_replaced_behind_a_good_link_is_noticed(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only asking tells; it does not end the run, and is taken back when the secret is good again."""
    monkeypatch.setattr("adapters.feishu.adapter.ASK_AGAIN", 0.05)
    async with connected(mode) as h:
        secret, h.feishu.app_secret = h.feishu.app_secret, "another-secret"
        h.feishu.revoke_tokens()
        await gone(h)
        h.feishu.app_secret = secret
        await back(h)


async def test_an_app_stopped_by_the_admin_is_visible(link: str, caplog: pytest.LogCaptureFixture) -> None:
    """Feishu tells an app of one's own nothing; its links end and nothing of it is good any more."""
    async with connected(link, ping_seconds=0.1) as h:
        h.feishu.uninstall()
        await gone(h)

        async def said() -> bool:
            return "developer console" in caplog.text

        await eventually(said)


@pytest.mark.parametrize("mode", ["ws", "thin", "http"])
async def test_it_tells_whether_events_can_reach_it(mode: str) -> None:
    """What /readyz asks: not before the start, and not while the link is down."""
    async with connected(mode) as h:
        assert await h.adapter.connected()
        other = create(config_for(h.feishu, **by(mode)))
        assert not await other.connected()
        await other.close()
        if mode != "http":
            h.feishu.faults.add("503", on="link", times=100)
            for socket in list(h.feishu.sockets):
                h.feishu.hang_up(socket)
            await gone(h)


@pytest.mark.parametrize("fault", ["drop", "disconnect", "split", "card_frame"])
async def test_whatever_happens_to_the_frames_nothing_is_lost(link: str, fault: str) -> None:
    async with connected(link, ping_seconds=0.2) as h:
        assert await asks(h, 1, "before") == "before"
        h.feishu.faults.add(fault, on="im.message.receive_v1")
        assert await asks(h, 2, "during") == "during"
        await back(h)
        assert await asks(h, 3, "after") == "after"
        assert len(h.host.events) == 3
        assert h.feishu.strays == []


@pytest.mark.parametrize("how", ["half_open", "mute"])
async def test_a_silent_link_is_built_anew(link: str, how: str) -> None:
    """It stays open and nothing comes, be the socket dead or the platform deaf: three pings without an answer."""
    async with connected(link, ping_seconds=0.1) as h:
        if how == "mute":
            h.feishu.answers_pings = False
            await h.feishu.connected(2)
            h.feishu.answers_pings = True
        else:
            h.feishu.faults.add("half_open", on="im.message.receive_v1")
        begun = time.monotonic()
        assert await asks(h, 1, "into the void") == "into the void"
        assert h.feishu.connections >= 2
        assert time.monotonic() - begun < 3


async def test_a_link_that_is_thrown_away_is_really_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that never says goodbye is not waited for, and its socket is not kept: the SDK's library would for the
    better part of a minute, and a network that is sick for an hour would be a hundred of them."""
    monkeypatch.setattr("adapters.feishu.client.LAST_WORDS", 0.05)
    async with connected("ws", ping_seconds=0.1) as h:
        client = h.adapter._link._keeper._up  # type: ignore[attr-defined]  # the SDK's own
        old = client._conn
        (socket,) = h.feishu.sockets
        socket._req.transport.pause_reading()  # type: ignore[union-attr]  # neither answers nor hangs up
        await h.feishu.connected(2)
        assert old.transport.is_closing()
        assert client._cache._cron.cancelling() or client._cache._cron.done()  # it would go round for ever


async def test_events_in_any_order_and_number_are_each_kept_once(link: str) -> None:
    async with connected(link) as h:
        for kind in ("reorder", "redeliver", "twin", "reorder"):
            h.feishu.faults.add(kind, on="im.message.receive_v1")
        for n in range(8):
            h.feishu.dm(ANA, f"question {n}")
        await h.feishu.settled()
        texts = [event.text for event in h.host.events if isinstance(event, Message)]
        assert sorted(texts) == [f"question {n}" for n in range(8)]
        assert h.host.deliveries == 10


async def test_one_slow_event_holds_up_neither_the_next_nor_the_heartbeat(link: str) -> None:
    """The SDK runs its handlers inline: a slow one would stall every other event, ack and ping."""
    async with connected(link, ping_seconds=0.05) as h:
        slow = asyncio.Event()
        receive = h.host.receive

        async def slowly(event: object) -> None:
            if getattr(event, "text", "") == "slow":
                await slow.wait()
            await receive(event)  # type: ignore[arg-type]  # whatever came

        h.host.receive = slowly  # type: ignore[method-assign,assignment]  # a disk that hangs now and then
        pings = h.feishu.pings
        h.feishu.dm(ANA, "slow")
        assert await asks(h, 1, "quick") == "quick"
        await h.feishu.until(lambda: h.feishu.pings > pings + 2)
        slow.set()
        await h.feishu.settled()
        assert [d.attempt for d in h.feishu.log] == [0, 0]


@pytest.mark.parametrize("mode", ["ws", "thin", "http"])
async def test_it_stops_when_told_at_once_and_leaves_nothing_running(
    mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    before, threads = asyncio.all_tasks(), set(threading.enumerate())
    async with connected(mode) as h:
        await asks(h, 1)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1.5
    await asyncio.sleep(0)
    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()
    left = {t for t in set(threading.enumerate()) - threads if t.name.startswith("feishu")}
    assert left == set()
    assert [r.getMessage() for r in caplog.records if r.levelname in ("WARNING", "ERROR")] == []


async def test_it_can_be_stopped_while_feishu_is_away(link: str) -> None:
    """In the middle of reconnecting, too."""
    async with connected(link, reconnect_seconds=30.0) as h, h.feishu.outage():
        await gone(h)
        begun = time.monotonic()
        await h.adapter._link.close()
        assert time.monotonic() - begun < 1.5


async def test_what_is_being_kept_at_the_stop_is_also_acknowledged(link: str) -> None:
    """Else Feishu brings it again to whoever comes next."""
    async with connected(link) as h:
        receive = h.host.receive
        begun = asyncio.Event()

        async def slowly(event: object) -> None:
            begun.set()
            await asyncio.sleep(0.1)
            await receive(event)  # type: ignore[arg-type]  # whatever came

        h.host.receive = slowly  # type: ignore[method-assign,assignment]  # a slow disk
        h.feishu.redeliver_after = ()
        h.feishu.dm(ANA, "who?")
        await begun.wait()
        await h.adapter._door.close()
        await h.adapter._link.close()
        await h.feishu.settled()
        assert [d.acked for d in h.feishu.log] == [True]


async def test_what_cannot_be_read_is_acknowledged_and_named(link: str, caplog: pytest.LogCaptureFixture) -> None:
    """Bringing it again would not make it readable; the log says the type and none of the content."""
    async with connected(link) as h:
        event = {"sender": {"sender_type": "user", "sender_id": {"open_id": ANA}}, "message": {"content": "x y"}}
        done = await h.feishu.event("im.message.receive_v1", event)
        assert done is not None
        assert done.acked
    assert "cannot be read" in caplog.text
    assert "x y" not in caplog.text


async def test_every_type_of_event_is_acknowledged(link: str) -> None:
    """Also one that nobody registered, which the SDK would answer with 500."""
    async with connected(link) as h:
        for kind in ("im.message.message_read_v1", "contact.user.updated_v3", "something.new_v9"):
            done = await h.feishu.deliver(kind, h.feishu.envelope(kind, {"anything": [1, None]}))
            assert (done.code, done.attempt) == (200, 0)


async def test_secrets_and_tickets_are_in_no_log(
    link: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """The SDK prints the link's address with its ticket, and logs to stdout by a handler of its own."""
    caplog.set_level("DEBUG")
    async with connected(link, ping_seconds=0.1) as h:
        h.feishu.faults.add("drop", on="im.message.receive_v1")
        h.feishu.faults.add("503", on="link")
        assert await asks(h, 1, "my salary is 4711") == "my salary is 4711"
        await h.feishu.connected(2)
        assert "***" in repr(h.adapter._config)
        secrets = (h.feishu.app_secret, h.feishu.encrypt_key, h.feishu.verification_token, *h.feishu.tokens)
    said = caplog.text + "".join(capsys.readouterr())
    assert "long connection" in said  # something was logged at all
    for secret in (*secrets, "access_key=fixture", "ticket_0", "4711"):
        assert secret not in said


async def test_whatever_the_sdk_says_is_told_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """Only what is wrong, and of that neither tickets nor tokens nor the exception, which may quote somebody."""
    async with connected("ws"):
        sdk = logging.getLogger("Lark")
        assert sdk.level == logging.WARNING
        error = ValueError("my salary is 4711")
        sdk.error("no wss://x/ws?access_key=k1&ticket=t1 %s", "Authorization: Bearer b1", exc_info=error)
        sdk.warning('{"app_secret": "s1", "tenant_access_token": "a1"}')
    assert "access_key=***&ticket=***" in caplog.text
    for secret in ("k1", "t1", "b1", "s1", "a1", "4711"):
        assert secret not in caplog.text


async def test_a_loop_somebody_else_left_with_the_sdk_does_not_matter() -> None:
    import lark_oapi.ws.client as sdk

    sdk.loop = asyncio.new_event_loop()
    sdk.loop.close()
    async with connected("ws") as h:
        assert await asks(h, 1) == "who?"


async def test_two_apps_run_side_by_side_in_one_process(link: str) -> None:
    """The SDK has one loop and one token cache for all."""
    async with connected(link, ping_seconds=0.1) as one, connected(link, ping_seconds=0.1) as two:
        for h in (one, two):
            for socket in list(h.feishu.sockets):
                h.feishu.hang_up(socket)
        for h in (one, two):
            await h.feishu.connected(2)
            await back(h)
            assert await asks(h, 1) == "who?"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("app_id", "", "UNDERSTUDY_FEISHU_APP_ID"),
        ("app_id", "a-secret-swapped", "UNDERSTUDY_FEISHU_APP_ID"),
        ("app_secret", "  ", "UNDERSTUDY_FEISHU_APP_SECRET"),
        ("app_secret", "changeme", "UNDERSTUDY_FEISHU_APP_SECRET"),
        ("encrypt_key", "", "UNDERSTUDY_FEISHU_ENCRYPT_KEY"),
        ("encrypt_key", " ", "UNDERSTUDY_FEISHU_ENCRYPT_KEY"),
        ("verification_token", "xxx", "UNDERSTUDY_FEISHU_VERIFICATION_TOKEN"),
        ("mode", "carrier-pigeon", "UNDERSTUDY_FEISHU_MODE"),
        ("link", "thim", "UNDERSTUDY_FEISHU_LINK"),
        ("domain", "http://open.feishu.cn", "UNDERSTUDY_FEISHU_DOMAIN"),
        ("domain", "https://open.feishu.cn/open-apis", "UNDERSTUDY_FEISHU_DOMAIN"),
        ("domain", "https://u:p@open.feishu.cn", "UNDERSTUDY_FEISHU_DOMAIN"),
        ("domain", "open.feishu.cn", "UNDERSTUDY_FEISHU_DOMAIN"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named_before_anything_starts(field: str, value: str, named: str) -> None:
    """WHK-04. And never printed."""
    given: dict[str, object] = {
        "app_id": "cli_1",
        "app_secret": Secret("s3cr3t-a"),
        "encrypt_key": Secret("s3cr3t-b"),
        "verification_token": Secret("s3cr3t-c"),
        "mode": "http",
    }
    given[field] = Secret(value) if isinstance(given.get(field), Secret) else value
    with pytest.raises(Unauthorised, match=named) as caught:
        create(Config(**given))  # type: ignore[arg-type]  # one of them is wrong on purpose
    assert "s3cr3t" not in str(caught.value)
    assert "a-secret-swapped" not in str(caught.value)
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    "domain", ["https://open.feishu.cn", "https://open.larksuite.com/", "http://127.0.0.1:8080"]
)
async def test_feishu_lark_and_a_local_server_are_domains(domain: str) -> None:
    secret = Secret("s3cr3t")
    adapter = create(Config("cli_1", secret, Secret(""), Secret(""), domain=domain))
    await adapter.close()
