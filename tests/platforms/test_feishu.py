"""The local Feishu on the wire, against the unmodified SDK: frames, links, signed requests, and how they fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest

from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_frames import CONTROL, DATA, Frame, decode, encode
from tests.platforms.feishu_link import MOST_CONNECTIONS
from tests.platforms.feishu_sdk import borrowed, lark, linked
from tests.platforms.feishu_world import MESSAGE, Clock, a_feishu


@pytest.fixture(scope="module", autouse=True)
def sdk() -> Iterator[None]:
    with borrowed():
        yield


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with a_feishu() as server:
        yield server


def test_the_frames_are_those_of_the_sdk() -> None:
    """Both codecs read what the other wrote, any length of payload and any characters."""
    from lark_oapi.ws.pb.pbbp2_pb2 import Frame as Theirs

    for payload in (b"", b"x", "你好".encode() * 3000):
        ours = Frame(DATA, {"type": "event", "message_id": "m", "seq": "0"}, payload, 33554678, 7, 1 << 40)
        theirs = Theirs()
        theirs.ParseFromString(encode(ours))
        assert {h.key: h.value for h in theirs.headers} == ours.headers
        assert (theirs.payload or b"", theirs.service, theirs.LogID) == (payload, 33554678, 1 << 40)
        assert decode(theirs.SerializeToString()) == ours


@pytest.mark.parametrize("wire", [b"\x08", b"\xff" * 20, b"\x2a\x7f", b"", b"\x08\x01", b"\x0d\x00\x00\x00\x00"])
def test_what_is_no_frame_is_refused(wire: bytes) -> None:
    """Cut off, endless, without the required fields, or of a type that no frame has."""
    with pytest.raises(ValueError, match="."):
        decode(wire)


async def test_a_message_reaches_the_sdk_and_is_acked(feishu: FeishuServer) -> None:
    """The handler gets the event as the platform documents it; its return is the ack."""
    seen: list[Any] = []
    async with linked(feishu, {MESSAGE: seen.append}):
        await feishu.connected()
        id = feishu.say("ou_ana", "oc_1", "谁批准发票? @ou_lin")
        await feishu.settled()
    assert [(d.acked, d.attempt) for d in feishu.log] == [(True, 0)]
    message = seen[0].event["message"]
    assert (message["message_id"], message["chat_id"], message["chat_type"]) == (id, "oc_1", "group")
    assert json.loads(message["content"]) == {"text": "@_user_1 谁批准发票? @_user_2"}
    assert [m["id"]["open_id"] for m in message["mentions"]] == [feishu.space.bot_open_id, "ou_lin"]
    assert seen[0].header.token == ""


async def test_a_handler_that_fails_gets_the_event_again(feishu: FeishuServer) -> None:
    """Feishu goes on until it is acked, with the same message id."""
    seen: list[str] = []

    def full_disk_at_first(event: Any) -> None:
        seen.append(event.event["message"]["message_id"])
        if len(seen) < 3:
            raise OSError("the disk is full")

    feishu.redeliver_after = (0.01, 0.01, 0.01, 0.01)
    async with linked(feishu, {MESSAGE: full_disk_at_first}):
        await feishu.connected()
        id = feishu.say("ou_ana", "oc_1", "hello")
        await feishu.settled()
    assert seen == [id] * 3
    assert [d.code for d in feishu.log] == [500, 500, 200]


async def test_an_event_is_given_up_after_four_redeliveries(feishu: FeishuServer) -> None:
    """An event type nobody registered is answered 500 by the SDK, and comes five times."""
    feishu.redeliver_after = (0.0, 0.0, 0.0, 0.0)
    async with linked(feishu, {}):
        await feishu.connected()
        feishu.menu("ou_ana", "help")
        await feishu.settled()
    assert [d.code for d in feishu.log] == [500] * 5


@pytest.mark.parametrize(("fault", "events"), [("redeliver", 1), ("twin", 2)])
async def test_the_same_message_can_come_twice(feishu: FeishuServer, fault: str, events: int) -> None:
    """Under the same event id or another; the message id is the same."""
    seen: list[Any] = []
    feishu.faults.add(fault)
    async with linked(feishu, {MESSAGE: seen.append}):
        await feishu.connected()
        feishu.say("ou_ana", "oc_1", "hello")
        await feishu.settled()
    assert len(seen) == 2
    assert len({e.event["message"]["message_id"] for e in seen}) == 1
    assert len({e.header.event_id for e in seen}) == events


async def test_events_can_change_places(feishu: FeishuServer) -> None:
    """`reorder`: the first one comes after the second."""
    seen: list[Any] = []
    feishu.faults.add("reorder")
    async with linked(feishu, {MESSAGE: seen.append}):
        await feishu.connected()
        said = [feishu.say("ou_ana", "oc_1", word) for word in ("one", "two")]
        await feishu.settled()
    assert [e.event["message"]["message_id"] for e in seen] == said[::-1]


async def test_a_large_event_in_three_frames_is_one_event(feishu: FeishuServer) -> None:
    """`split`, the last part first."""
    seen: list[Any] = []
    feishu.faults.add("split")
    async with linked(feishu, {MESSAGE: seen.append}):
        await feishu.connected()
        feishu.say("ou_ana", "oc_1", "long " * 2000)
        await feishu.settled()
    assert len(seen) == 1
    assert seen[0].event["message"]["content"].count("long") == 2000


@pytest.mark.parametrize("fault", ["drop", "disconnect"])
async def test_a_link_that_breaks_is_made_anew(feishu: FeishuServer, fault: str) -> None:
    """Without a close frame the event comes again; with one it was acked first."""
    seen: list[Any] = []
    feishu.client_config["ReconnectInterval"] = 0
    feishu.faults.add(fault)
    async with linked(feishu, {MESSAGE: seen.append}):
        await feishu.connected()
        feishu.say("ou_ana", "oc_1", "hello")
        await feishu.settled()
        await feishu.connected(2)
    assert feishu.log[-1].acked
    assert feishu.log[0].acked is (fault == "disconnect")


async def test_a_half_open_link_looks_alive_and_hears_nothing(feishu: FeishuServer) -> None:
    """The SDK's pings go unanswered and it does not mind; the event waits for a new link."""
    feishu.redeliver_after = (0.0,)
    feishu.client_config["PingInterval"] = 0.01
    feishu.faults.add("half_open")
    async with linked(feishu, {MESSAGE: lambda _: None}) as client:
        await feishu.until(lambda: feishu.pings)
        feishu.say("ou_ana", "oc_1", "hello")
        await feishu.until(lambda: feishu.log)
        assert client._conn is not None
    assert not feishu.log[0].acked
    async with linked(feishu, {MESSAGE: lambda _: None}):
        await feishu.settled()
    assert feishu.log[-1].acked


async def test_pings_are_answered(feishu: FeishuServer) -> None:
    """The pong carries the client's settings, which the SDK takes over."""
    feishu.client_config["PingInterval"] = 0.01
    async with linked(feishu, {}) as client:
        await feishu.connected()
        feishu.client_config["PingInterval"] = 0.02
        before = feishu.pings
        await feishu.until(lambda: feishu.pings > before + 1)
        assert client._ping_interval == 0.02


async def test_a_wrong_secret_ends_the_sdk(feishu: FeishuServer) -> None:
    """By an error that is the client's and final."""
    async with linked(feishu, {}, secret="another") as client:
        assert await asyncio.to_thread(client.ended.wait, 5)
    assert client.failures[0].code == 1000040345


async def address(feishu: FeishuServer, http: aiohttp.ClientSession) -> str:
    """Where a link of our own making is to connect."""
    body = {"AppID": feishu.app_id, "AppSecret": feishu.app_secret}
    async with http.post(feishu.url + "/callback/ws/endpoint", json=body) as answer:
        return str((await answer.json())["data"]["URL"])


async def test_each_event_goes_to_one_link_and_no_more_than_fifty_are_allowed(feishu: FeishuServer) -> None:
    """To any one; the 51st is refused in the handshake, by the headers the SDK reads."""
    async with aiohttp.ClientSession() as http:
        links = [await http.ws_connect(await address(feishu, http)) for _ in range(MOST_CONNECTIONS)]
        got: list[int] = []

        async def listen(link: aiohttp.ClientWebSocketResponse, number: int) -> None:
            async for message in link:
                frame = decode(message.data)
                got.append(number)
                await link.send_bytes(encode(Frame(DATA, frame.headers, b'{"code":200}')))

        listening = [asyncio.create_task(listen(link, number)) for number, link in enumerate(links)]
        for _ in range(20):
            feishu.menu("ou_ana", "help")
        await feishu.settled()
        for task in listening:
            task.cancel()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(await address(feishu, http))
    assert len(got) == 20
    assert len(set(got)) > 1
    assert all(d.acked for d in feishu.log)
    headers = refused.value.headers
    assert headers is not None
    assert (headers["handshake-status"], headers["handshake-autherrcode"]) == ("514", "1000040350")


async def test_a_ticket_opens_one_link(feishu: FeishuServer) -> None:
    """Once it is used, or made up, the handshake is refused."""
    async with aiohttp.ClientSession() as http:
        url = await address(feishu, http)
        await http.ws_connect(url)
        for bad in (url, url + "0"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(bad)
            assert refused.value.headers is not None
            assert refused.value.headers["handshake-status"] == "403"


async def test_a_half_open_link_answers_no_ping(feishu: FeishuServer) -> None:
    """It was answered before; and a split event came with its last part first."""
    ping = encode(Frame(CONTROL, {"type": "ping"}, service=33554678))
    async with aiohttp.ClientSession() as http:
        link = await http.ws_connect(await address(feishu, http))
        await link.send_bytes(ping)
        pong = decode((await link.receive()).data)
        assert (pong.type, json.loads(pong.payload)) == ("pong", feishu.client_config)
        feishu.redeliver_after, feishu.ack_within = (), 0.1  # nobody acks here
        feishu.faults.add("split")
        feishu.faults.add("half_open")
        feishu.menu("ou_ana", "help")
        parts = [decode((await link.receive()).data).headers for _ in range(3)]
        assert [(part["seq"], part["sum"]) for part in parts] == [("2", "3"), ("1", "3"), ("0", "3")]
        feishu.menu("ou_ana", "help")
        await feishu.settled()
        await link.send_bytes(ping)
        with pytest.raises(TimeoutError):
            await link.receive(timeout=0.05)
    assert feishu.pings == 1


async def test_a_frame_without_sense_is_kept_aside(feishu: FeishuServer) -> None:
    """It breaks neither the link nor the server."""
    async with linked(feishu, {MESSAGE: lambda _: None}) as client:
        await feishu.until(lambda: feishu.pings)  # by then the SDK knows its own connection
        send = asyncio.run_coroutine_threadsafe(client._conn.send(b"\xff\xff"), client._conn.loop)
        await asyncio.wrap_future(send)
        feishu.say("ou_ana", "oc_1", "hello")
        await feishu.settled()
    assert feishu.strays == [b"\xff\xff"]
    assert feishu.log[0].acked


@pytest.mark.parametrize("refused", [False, True])
async def test_twenty_minutes_of_outage_are_played_by_the_clock(refused: bool) -> None:
    """Feishu's own schedule: what is said during it comes an hour later; nothing is lost."""
    clock = Clock()
    seen: list[str] = []
    async with a_feishu(clock=clock) as feishu:
        feishu.redeliver_after = (15, 300, 3600, 21600)
        feishu.client_config |= {"ReconnectInterval": 0.02}
        async with linked(feishu, {MESSAGE: lambda e: seen.append(e.event["message"]["message_id"])}):
            await feishu.connected()
            async with feishu.outage(refused=refused):
                said = [feishu.say("ou_ana", "oc_1", f"question {n}") for n in range(3)]
                await feishu.until(lambda: len(feishu.log) == 3)
                clock.now += 15
                await feishu.until(lambda: len(feishu.log) == 6)
                clock.now += 300
                await feishu.until(lambda: len(feishu.log) == 9)
                clock.now += 885
            await feishu.connected(2)
            assert seen == []
            clock.now += 3600
            await feishu.settled()
    assert sorted(seen) == sorted(said)


EVENTS = {
    "im.message.recalled_v1": lambda f: f.recall(f.say("ou_ana", "oc_1", "x", mention=False)),
    "im.message.reaction.created_v1": lambda f: f.react("ou_ana", f.say("ou_ana", "oc_1"), "THUMBSUP"),
    "im.message.reaction.deleted_v1": lambda f: f.react("ou_ana", f.say("ou_ana", "oc_1"), "OK", gone=True),
    "application.bot.menu_v6": lambda f: f.menu("ou_ana", "help"),
    "im.chat.access_event.bot_p2p_chat_entered_v1": lambda f: f.enter_p2p("ou_ana"),
    "im.chat.member.bot.added_v1": lambda f: f.join("oc_2", by="ou_ana"),
    "im.chat.member.bot.deleted_v1": lambda f: f.leave("oc_1", by="ou_ana"),
    "im.chat.member.user.added_v1": lambda f: f.add_member("oc_t", "ou_lin", by="ou_ana"),
    "im.chat.member.user.deleted_v1": lambda f: f.remove_member("oc_1", "ou_lin", by="ou_ana"),
    "im.chat.updated_v1": lambda f: f.change("oc_1", by="ou_ana", public=True, name="all"),
    "im.chat.disbanded_v1": lambda f: f.disband("oc_1", by="ou_ana"),
}


@pytest.mark.parametrize("type", EVENTS)
async def test_what_people_do_is_told_in_the_form_the_sdk_knows(feishu: FeishuServer, type: str) -> None:
    """Its own class for the event takes every field we send, and finds who did it."""
    feishu.space.add_chat("oc_2", "two", ["ou_ana"])
    builder = lark().EventDispatcherHandler.builder("", "")
    seen: list[Any] = []
    getattr(builder, "register_p2_" + type.replace(".", "_"))(seen.append)
    parse = builder.build()._do_without_validation
    EVENTS[type](feishu)
    feishu.redeliver_after = ()
    await feishu.settled()
    payload = feishu.log[-1].payload
    assert payload["header"]["event_type"] == type
    parse(json.dumps(payload).encode())
    theirs = json.loads(lark().JSON.marshal(seen[0].event))
    assert {key for key, value in payload["event"].items() if value != ""} <= theirs.keys()
    assert type == "im.message.recalled_v1" or "ou_ana" in json.dumps(theirs)


async def test_a_post_has_its_mentions_in_the_content(feishu: FeishuServer) -> None:
    """Also where the client leaves the list out."""
    seen: list[Any] = []
    async with linked(feishu, {MESSAGE: seen.append}):
        await feishu.connected()
        feishu.say("ou_ana", "oc_1", "who\napproves?", kind="post", listed=False)
        feishu.say("ou_ana", "oc_1", kind="file", content={"file_key": "f", "file_name": "plan.pdf"}, mention=False)
        feishu.say("ou_ana", "oc_1", "@all hello", mention=False)
        await feishu.settled()
    messages = sorted((e.event["message"] for e in seen), key=lambda m: m["message_id"])
    post, file, everybody = (json.loads(m["content"]) for m in messages)
    assert "mentions" not in messages[0]
    assert post["content"][0][0] == {"tag": "at", "user_id": "@_user_1", "user_name": "understudy", "style": []}
    assert [line[-1]["text"] for line in post["content"]] == [" who", "approves?"]
    assert (file["file_name"], everybody["text"]) == ("plan.pdf", "@_all hello")
