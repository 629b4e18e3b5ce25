"""The local DingTalk is what the unmodified dingtalk-stream takes for the real one; and its HTTP callbacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import dingtalk_stream
import pytest
from aiohttp import web

from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_rig import ANA, GUEST, LIN, ROOM, Caller, Clock, calling, furnish, group_text, until
from tests.platforms.dingtalk_sdk import QUIET, BareSdk
from tests.platforms.dingtalk_state import Json
from tests.platforms.dingtalk_wire import signature


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def ding(clock: Clock) -> AsyncIterator[DingTalkServer]:
    async with DingTalkServer(clock=clock) as server:
        furnish(server)
        server.redeliver_after = (0.0, 0.05)
        yield server


@pytest.fixture
async def sdk(ding: DingTalkServer) -> AsyncIterator[BareSdk]:
    async with BareSdk(ding) as sdk:
        await ding.connected()
        yield sdk


@pytest.fixture
async def call(ding: DingTalkServer) -> AsyncIterator[Caller]:
    async with calling(ding) as caller:
        yield caller


# ------------------------------------------------------------------ the stream, by the real SDK


async def test_a_message_reaches_the_handler_and_is_acked(ding: DingTalkServer, sdk: BareSdk) -> None:
    id = ding.say(ANA, ROOM, "@understudy who approves @Lin 's invoices?", at=[LIN])
    await ding.settled()
    assert [(d.acked, d.attempt) for d in ding.log] == [(True, 0)]
    data = sdk.heard[0][1]
    message = dingtalk_stream.ChatbotMessage.from_dict(data)
    assert message.message_id == id
    assert message.text.content == " who approves @Lin 's invoices?"
    assert (message.conversation_id, message.conversation_type, message.is_in_at_list) == (ROOM, "2", True)
    assert message.sender_staff_id == ANA
    assert [user.staff_id for user in message.at_users] == [None, LIN]
    assert message.at_users[0].dingtalk_id == message.chatbot_user_id
    assert message.at_users[1].dingtalk_id.startswith("$:LWCP_v1:$")
    assert message.session_webhook_expired_time - message.create_at == 90 * 60 * 1000


async def test_somebody_from_outside_has_no_staff_id(ding: DingTalkServer, sdk: BareSdk) -> None:
    ding.dm(GUEST, "hello")
    await ding.settled()
    data = sdk.heard[0][1]
    assert "senderStaffId" not in data
    assert data["senderCorpId"] != data["chatbotCorpId"]
    assert data["conversationType"] == "1"
    assert "atUsers" not in data


async def test_a_group_tells_only_what_names_the_robot(ding: DingTalkServer, sdk: BareSdk) -> None:
    ding.say(ANA, ROOM, "lunch?", mention=False)
    ding.say(ANA, ROOM, "", kind="picture")
    ding.leave(ROOM)
    ding.say(ANA, ROOM, "are you there?")
    await ding.settled()
    assert ding.log == []


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("richText", lambda data: data["content"]["richText"][0]["text"]),
        ("audio", lambda data: data["content"]["recognition"]),
        ("file", lambda data: data["content"]["fileName"]),
        ("picture", lambda data: data["content"]["downloadCode"]),
    ],
)
async def test_kinds_of_messages(
    ding: DingTalkServer, sdk: BareSdk, kind: str, found: Callable[[Json], str]
) -> None:
    ding.dm(ANA, "words", kind=kind)
    await ding.settled()
    assert sdk.heard[0][1]["msgtype"] == kind
    assert found(sdk.heard[0][1]) in ("words", "fixture-download-code")


async def test_one_client_repeats_the_bots_name_in_rich_text(ding: DingTalkServer, sdk: BareSdk) -> None:
    """D11."""
    ding.say(ANA, ROOM, "@understudy hello", kind="richText", harmony=True)
    await ding.settled()
    assert sdk.heard[0][1]["content"]["richText"][0]["text"] == "@understudy hello"


async def test_a_quotation_has_the_words_of_people_and_the_key_of_our_own_post(
    ding: DingTalkServer, sdk: BareSdk, call: Caller
) -> None:
    said = ding.say(ANA, ROOM, "the job runs hourly", mention=False)
    ding.say(LIN, ROOM, "is that so?", quote=said)
    _, answer = await call("robot/groupMessages/send", group_text("it does"))
    ding.say(LIN, ROOM, "sure?", quote=answer["processQueryKey"])
    await until(lambda: len(sdk.heard) == 2)
    (theirs, ours) = sorted((data for _, data in sdk.heard), key=lambda data: "originalProcessQueryKey" in data)
    assert theirs["text"]["isReplyMsg"] is True
    assert theirs["text"]["repliedMsg"]["content"] == {"text": "the job runs hourly"}
    assert theirs["originalMsgId"] == said
    assert ours["originalProcessQueryKey"] == answer["processQueryKey"]
    assert "content" not in ours["text"]["repliedMsg"]


async def test_without_an_ack_the_same_message_comes_in_another_frame(ding: DingTalkServer, sdk: BareSdk) -> None:
    """D2: the msgId stays, the messageId does not."""
    ding.ack_within = 0.2
    sdk.refuse = 1
    ding.dm(ANA, "hello")
    await ding.settled()
    assert (ding.log[0].acked, ding.log[-1].acked) == (False, True)
    (first, data), (second, again) = sdk.heard[:2]
    assert data == again
    assert first != second


async def test_an_ack_that_says_no_is_none(ding: DingTalkServer, sdk: BareSdk) -> None:
    sdk.codes = [dingtalk_stream.AckMessage.STATUS_SYSTEM_EXCEPTION]
    ding.dm(ANA, "hello")
    await ding.settled()
    assert [d.acked for d in ding.log] == [False, True]


async def test_an_ack_that_never_comes_is_given_up(ding: DingTalkServer, sdk: BareSdk) -> None:
    ding.ack_within = 0.02
    sdk.refuse = 9
    id = ding.dm(ANA, "hello")
    await ding.settled()
    assert len(sdk.heard) == 3
    assert ding.space.offline_notices == [id]


async def test_a_disconnect_frame_makes_it_reconnect(ding: DingTalkServer, sdk: BareSdk) -> None:
    await ding.disconnect()
    ding.dm(ANA, "hello")
    await ding.connected(2)
    await ding.settled()
    assert [data["text"]["content"] for _, data in sdk.heard] == ["hello"]


async def test_a_zombie_link_stands_and_brings_nothing(ding: DingTalkServer, sdk: BareSdk, clock: Clock) -> None:
    """D4: the SDK notices nothing; another connection gets what was waiting, within a minute."""
    await ding.zombie()
    late, lost = ding.dm(ANA, "hello"), ""
    async with BareSdk(ding) as other:
        await ding.connected(2)
        await ding.settled()
        assert [data["msgId"] for _, data in other.heard] == [late]
        assert (sdk.heard, len(ding.links)) == ([], 2)
        await ding.zombie()
        lost = ding.dm(ANA, "hello?")
        await asyncio.sleep(0)
        clock.now += 61
        async with BareSdk(ding) as third:
            await ding.connected(3)
            await ding.settled()
            assert third.heard == []
    assert ding.space.offline_notices == [lost]


async def test_an_outage_of_the_platform_loses_nothing(ding: DingTalkServer, sdk: BareSdk, clock: Clock) -> None:
    """Twenty minutes. After a broken link the SDK sleeps ten seconds, so another one comes in its place."""
    async with ding.outage():
        id = ding.dm(ANA, "hello")
        await asyncio.sleep(0)
        clock.now += 20 * 60
    async with BareSdk(ding) as other:
        await ding.settled()
        assert [data["msgId"] for _, data in other.heard] == [id]


async def test_what_was_not_subscribed_is_never_pushed(ding: DingTalkServer) -> None:
    async with BareSdk(ding, events=False) as sdk:
        await ding.connected()
        ding.leave_org(LIN)
        await ding.settled()
        assert (sdk.events, ding.log) == ([], [])


async def test_events_of_the_organisation(ding: DingTalkServer, sdk: BareSdk) -> None:
    ding.leave_org(LIN)
    await ding.settled()
    assert sdk.events[0][0] == "user_leave_org"
    assert sdk.events[0][1]["userId"] == [LIN]
    assert ding.log[0].acked


async def test_pings_of_the_server_are_answered(ding: DingTalkServer) -> None:
    """The handler of SYSTEM frames sees them, and the link lives on."""
    ding.ping_every = 0.01
    sdk = BareSdk(ding)
    seen: list[str] = []

    class Pings(dingtalk_stream.SystemHandler):
        async def process(self, frame: dingtalk_stream.SystemMessage) -> tuple[int, str]:
            seen.append(frame.headers.topic)
            return 200, "OK"

    sdk.client.system_handler = Pings()
    async with sdk:
        await until(lambda: len(seen) >= 2)
        ding.dm(ANA, "hello")
        await ding.settled()
    assert set(seen) == {"ping"}
    assert (len(sdk.heard), ding.connections) == (1, 1)


async def test_wrong_credentials_are_refused_at_the_gateway(ding: DingTalkServer, call: Caller) -> None:
    async with BareSdk(ding, secret="wrong"):
        await until(lambda: ding.called("gateway/connections/open"))
    assert ding.connections == 0
    given = {"clientId": ding.client_id, "clientSecret": "wrong", "subscriptions": []}
    status, answer = await call("gateway/connections/open", given)
    assert (status, answer["code"]) == (401, "authFailed")


async def test_a_ticket_is_good_once(ding: DingTalkServer, sdk: BareSdk, call: Caller) -> None:
    given = {"clientId": ding.client_id, "clientSecret": ding.client_secret, "subscriptions": []}
    _, opened = await call("gateway/connections/open", given)
    async with call.http.ws_connect(f"{opened['endpoint']}?ticket={opened['ticket']}"):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await call.http.ws_connect(f"{opened['endpoint']}?ticket={opened['ticket']}")


@pytest.mark.parametrize("kind", ["redeliver", "twin", "drop"])
async def test_faults_bring_a_message_twice(ding: DingTalkServer, kind: str) -> None:
    """After `drop` the SDK sleeps ten seconds: a second client takes over."""
    ding.faults.add(kind, on="message")
    async with BareSdk(ding) as one, BareSdk(ding) as two:
        await ding.connected(2)
        ding.dm(ANA, "hello")
        await until(lambda: len(one.heard + two.heard) == 2)
        await ding.settled()
    assert len({data["msgId"] for _, data in one.heard + two.heard}) == 1
    assert len({frame for frame, _ in one.heard + two.heard}) == 2


async def test_the_sdks_own_reply_stands_in_the_chat(ding: DingTalkServer, sdk: BareSdk) -> None:
    ding.say(ANA, ROOM, "hello")
    await ding.settled()
    handler = dingtalk_stream.ChatbotHandler()
    handler.logger = QUIET
    message = dingtalk_stream.ChatbotMessage.from_dict(sdk.heard[0][1])
    answer = await asyncio.to_thread(handler.reply_markdown, "Label", f"@{ANA} **it** is", message)
    assert answer["errcode"] == 0
    posted = await ding.next_post(ROOM)
    assert (posted.how, posted.shown, posted.mentions) == ("webhook", "@Ana it is", (ANA,))


@pytest.mark.parametrize("kind", ["disconnect", "half_open"])
async def test_a_message_that_met_a_dying_link_comes_by_the_next(ding: DingTalkServer, kind: str) -> None:
    ding.faults.add(kind, on="message")
    async with BareSdk(ding) as one:
        await ding.connected()
        ding.dm(ANA, "hello")
        await until(lambda: ding.faults.happened)
        async with BareSdk(ding) as two:
            await ding.settled()
            assert [data["text"]["content"] for _, data in one.heard + two.heard] == ["hello"]


async def test_two_messages_out_of_order(ding: DingTalkServer, sdk: BareSdk) -> None:
    ding.faults.add("reorder", on="message")
    ding.dm(ANA, "first")
    ding.dm(ANA, "second")
    await ding.settled()
    assert [data["text"]["content"] for _, data in sdk.heard] == ["second", "first"]


# ------------------------------------------------------------------ HTTP callbacks


async def test_an_http_callback_is_signed_and_tried_once(ding: DingTalkServer) -> None:
    """T17's vector, and the headers on the wire."""
    vector = "iZUamRUhDrNjadIMypR3HzMCRArfP4PWgn33Azh7zVk="
    assert signature("this is secret", 1546084445901)["sign"] == vector
    seen: list[Json] = []

    async def receive(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        return web.Response(status=200 if len(seen) > 1 else 503)

    app = web.Application()
    app.add_routes([web.post("/hook", receive)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ding.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        for _ in range(2):
            ding.dm(ANA, "hello")
            await ding.settled()
        ding.faults.add("redeliver", on="message")
        ding.dm(ANA, "hello")
        await ding.settled()
        ding.leave_org(LIN)  # an event goes elsewhere
        await ding.settled()
    finally:
        await runner.cleanup()
    assert [d.acked for d in ding.log] == [False, True, True, True]
    stamp = int(seen[0]["timestamp"])
    assert seen[0]["sign"] == signature(ding.client_secret, stamp)["sign"]
    assert stamp == ding.space.millis()
