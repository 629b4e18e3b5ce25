"""Messages of the local Feishu: sending, replying, rewriting, history, and the documented limits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_sdk import Api, borrowed, linked
from tests.platforms.feishu_state import Json
from tests.platforms.feishu_world import BUTTON, MESSAGE, Clock, a_feishu, card, markdown


@pytest.fixture(scope="module", autouse=True)
def sdk() -> Iterator[None]:
    with borrowed():
        yield


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with a_feishu() as server:
        yield server


# messages --------------------------------------------------------------------------------------------------------


async def test_create_and_reply_place_a_message_once_by_uuid(feishu: FeishuServer) -> None:
    """A repeat is answered with the first message. A reply in thread opens one under its root."""
    api = Api(feishu)
    asked = feishu.say("ou_ana", "oc_1", "who?")
    code, first = await api.reply(asked, 'ask <at user_id="ou_lin">Lin</at>', reply_in_thread=True, uuid="u1")
    _, again = await api.reply(asked, "ask", reply_in_thread=True, uuid="u1")
    assert code == 0
    assert first["data"]["message_id"] == again["data"]["message_id"]
    assert (first["data"]["root_id"], first["data"]["thread_id"][:4]) == (asked, "omt_")
    assert first["data"]["mentions"][0]["id"] == "ou_lin"
    posted = await feishu.next_post("oc_1")
    assert (posted.shown, posted.mentions, posted.root) == ("ask @Lin", ("ou_lin",), asked)
    assert len(feishu.standing("oc_1")) == 1
    assert (await api.reply(asked, "ask", uuid="u" * 51))[0] == 230001


async def test_a_uuid_is_forgotten_after_an_hour() -> None:
    """Then the repeat places a second message."""
    clock = Clock()
    async with a_feishu(clock=clock) as feishu:
        api = Api(feishu)
        for later in (0, 3599, 1):
            clock.now += later
            assert (await api.send("oc_1", "text", {"text": "x"}, uuid="u"))[0] == 0
        assert len(feishu.standing()) == 2


async def test_in_a_topic_group_every_message_opens_a_topic(feishu: FeishuServer) -> None:
    """A reply stays in its topic without being told to."""
    api = Api(feishu)
    asked = feishu.say("ou_ana", "oc_t", "who?")
    _, reply = await api.reply(asked, "me")
    _, fresh = await api.send("oc_t", "text", {"text": "hello"})
    topics = feishu.space.message(asked), reply["data"], fresh["data"]
    assert topics[0] is not None
    assert topics[0].thread == topics[1]["thread_id"] != topics[2]["thread_id"]


async def test_a_late_follow_up_hangs_in_its_thread(feishu: FeishuServer) -> None:
    """What people say in a thread has the root for its parent, and the thread's id."""
    seen: list[Any] = []
    async with linked(feishu, {MESSAGE: seen.append}):
        await feishu.connected()
        asked = feishu.say("ou_ana", "oc_1", "who?")
        await feishu.settled()
        _, reply = await Api(feishu).reply(asked, "Lin", reply_in_thread=True)
        feishu.say("ou_lin", "oc_1", "and when?", thread=reply["data"]["message_id"], mention=False)
        feishu.say("ou_lin", "oc_1", "quoting", quote=asked, mention=False)
        await feishu.settled()
    follow, quote = (e.event["message"] for e in seen[1:])
    assert (follow["root_id"], follow["parent_id"]) == (asked, asked)
    assert follow["thread_id"] == reply["data"]["thread_id"] == quote["thread_id"]


async def test_a_direct_message_needs_no_chat_of_before(feishu: FeishuServer) -> None:
    """By each kind of id; whom the app may not reach, and whom it does not know, is refused."""
    api = Api(feishu)
    feishu.space.add_user("ou_out", "Out", reachable=False)
    feishu.space.add_user("ou_gone", "Gone", left=True)
    feishu.space.foreign.add("ou_cross")

    async def direct(id: str, kind: str) -> int:
        body = {"receive_id": id, "msg_type": "text", "content": '{"text":"x"}'}
        return (await api.call("POST", "/im/v1/messages", body, receive_id_type=kind))[0]

    known = [("ou_ana", "open_id"), ("on_ana", "union_id"), ("u_ana", "user_id"), ("ana@team.example", "email")]
    assert [await direct(*who) for who in known] == [0, 0, 0, 0]
    assert len(feishu.standing(feishu.space.direct("ou_ana").id)) == 4
    assert await direct(feishu.space.direct("ou_gone").id, "chat_id") == 230013
    refused = [("ou_out", "open_id"), ("ou_gone", "open_id"), ("ou_404", "open_id"), ("ou_cross", "open_id")]
    assert [await direct(*who) for who in refused] == [230013, 230013, 230001, 99992361]


async def test_a_chat_that_is_not_ours_is_refused(feishu: FeishuServer) -> None:
    """Unknown, left, dissolved, muted."""
    api = Api(feishu)
    feishu.space.add_chat("oc_out", "out", ["ou_ana"])
    feishu.space.add_chat("oc_gone", "gone", ["ou_ana", feishu.space.bot_open_id], dissolved=True)
    feishu.space.add_chat("oc_mute", "mute", ["ou_ana", feishu.space.bot_open_id], muted=True)
    chats = ("oc_404", "oc_out", "oc_gone", "oc_mute")
    codes = [(await api.send(chat, "text", {"text": "x"}))[0] for chat in chats]
    assert codes == [230001, 230002, 232009, 230018]
    feishu.space.chats["oc_1"].threadless = True
    asked = feishu.say("ou_ana", "oc_1", "who?")
    assert [(await api.reply(asked, "x", reply_in_thread=yes))[0] for yes in (True, False)] == [230071, 0]


async def test_cards_are_patched_and_texts_are_put() -> None:
    """Cards for fourteen days, texts twenty times; what was recalled not at all."""
    clock = Clock()
    async with a_feishu(clock=clock) as feishu:
        api = Api(feishu)
        _, sent = await api.send("oc_1", "interactive", card(markdown("one")))
        path = f"/im/v1/messages/{sent['data']['message_id']}"
        new = {"content": json.dumps(card(markdown("two")))}
        assert (await api.call("PATCH", path, new))[0] == 0
        assert feishu.standing()[0].shown == "two"
        assert (await api.call("PUT", path, {"msg_type": "text", "content": '{"text":"x"}'}))[0] == 230054
        alone = {"content": json.dumps({"config": {"update_multi": False}, "elements": [markdown("x")]})}
        assert (await api.call("PATCH", path, alone))[0] == 230099
        clock.now += 14 * 86400 + 1
        assert (await api.call("PATCH", path, new))[0] == 230031

        _, sent = await api.send("oc_1", "text", {"text": "x"})
        path = f"/im/v1/messages/{sent['data']['message_id']}"
        put = {"msg_type": "text", "content": '{"text":"y"}'}
        assert [(await api.call("PUT", path, put))[0] for _ in range(21)] == [0] * 20 + [230072]
        assert (await api.call("PATCH", path, new))[0] == 230001
        assert (await api.call("DELETE", path))[0] == 0
        assert (await api.call("PUT", path, put))[0] == 230011
        assert (await api.reply(sent["data"]["message_id"], "z"))[0] == 230011
        assert len(feishu.standing()) == 1


async def test_history_shows_cards_as_old_clients_see_them(feishu: FeishuServer) -> None:
    """The original only where it is asked for; of a group only with the scope for all its messages; by pages."""
    api = Api(feishu)
    asked = feishu.say("ou_ana", "oc_1", "who?")
    _, reply = await api.reply(asked, "Lin", reply_in_thread=True)
    await api.send("oc_1", "interactive", card(markdown("two")))
    where: Json = {"container_id_type": "chat", "container_id": "oc_1", "page_size": 1}
    _, first = await api.call("GET", "/im/v1/messages", **where)
    _, second = await api.call("GET", "/im/v1/messages", page_token=first["data"]["page_token"], **where)
    assert [i["message_id"] for i in first["data"]["items"]] == [asked]
    assert first["data"]["items"][0]["mentions"][0]["id"] == feishu.space.bot_open_id
    shown = json.loads(second["data"]["items"][0]["body"]["content"])
    assert "two" not in json.dumps(shown)
    assert not second["data"]["has_more"]
    _, whole = await api.call(
        "GET", "/im/v1/messages", **{**where, "page_size": 9}, card_msg_content_type="user_card_content"
    )
    assert "two" in whole["data"]["items"][1]["body"]["content"]
    thread: Json = {"container_id_type": "thread", "container_id": reply["data"]["thread_id"]}
    _, inside = await api.call("GET", "/im/v1/messages", **thread)
    assert [i["message_id"] for i in inside["data"]["items"]] == [asked, reply["data"]["message_id"]]
    feishu.granted.remove("im:message.group_msg")
    assert (await api.call("GET", "/im/v1/messages", **where))[0] == 230027


async def test_reactions_come_and_go(feishu: FeishuServer) -> None:
    """Only on what stands, and only one's own can be taken away; the app is told of its own as well."""
    feishu.redeliver_after = ()
    api = Api(feishu)
    asked = feishu.say("ou_ana", "oc_1", "who?")
    path = f"/im/v1/messages/{asked}/reactions"
    _, made = await api.call("POST", path, {"reaction_type": {"emoji_type": "Typing"}})
    message = feishu.space.message(asked)
    assert message is not None
    assert [r["emoji"] for r in message.reactions.values()] == ["Typing"]
    assert (await api.call("DELETE", f"{path}/{made['data']['reaction_id']}"))[0] == 0
    assert message.reactions == {}
    feishu.recall(asked)
    await feishu.settled()
    told = [d.payload["event"] for d in feishu.log if "reaction" in d.type]
    assert {(e["operator_type"], e["app_id"]) for e in told} == {("app", feishu.app_id)}
    assert (await api.call("POST", path, {"reaction_type": {"emoji_type": "Typing"}}))[0] == 231003


# limits ----------------------------------------------------------------------------------------------------------


TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n\n"
REFUSED: dict[str, tuple[str, Json, int, str]] = {
    "nothing said": ("text", {"text": " "}, 230001, ""),
    "text of 150 KB": ("text", {"text": "x" * 150 * 1024}, 230025, ""),
    "post of 30 KB": ("post", {"zh_cn": {"content": [[{"tag": "text", "text": "x" * 30 * 1024}]]}}, 230025, ""),
    "card of 30 KB": ("interactive", card(markdown("x" * 30 * 1024)), 230025, ""),
    "post in a post": ("post", {"post": {"zh_cn": {"content": []}}}, 230001, ""),
    "post with an unknown tag": ("post", {"zh_cn": {"content": [[{"tag": "b"}]]}}, 230001, ""),
    "no elements": ("interactive", {"schema": "2.0"}, 230099, "200621"),
    "old tag in a new card": ("interactive", card({"tag": "note", "elements": []}), 230099, "200861"),
    "unknown tag": ("interactive", card({"tag": "blink"}), 230099, "200621"),
    "unknown tag inside": (
        "interactive",
        card({"tag": "column_set", "columns": [{"tag": "column", "elements": [{"tag": "blink"}]}]}),
        230099,
        "200621",
    ),
    "more than 200 elements": ("interactive", card(*[markdown("x")] * 201), 230099, "11310"),
    "a header without a title": ("interactive", card(markdown("x"), header={}), 230099, "200621"),
    "a button without words": ("interactive", card({"tag": "button"}), 230099, "200621"),
    "a button of no type": ("interactive", card({**BUTTON, "type": "loud"}), 230099, "200621"),
    "an input of 1001 characters": ("interactive", card({"tag": "input", "max_length": 1001}), 230099, "200621"),
    "six tables": ("interactive", card(markdown(TABLE * 3), markdown(TABLE * 3)), 230099, "11310"),
    "the same id twice": ("interactive", card(*[markdown("x", element_id="a")] * 2), 230099, "11310"),
    "a form without submit": ("interactive", card({"tag": "form", "name": "f", "elements": []}), 230099, "11310"),
    "nobody we know": ("interactive", card(markdown("<at id=ou_404></at>")), 230099, "100290"),
    "a picture not uploaded": ("interactive", card(markdown("![x](img_1)")), 230099, "200570"),
    "an entity nobody made": ("interactive", {"type": "card", "data": {"card_id": "7"}}, 230099, "200621"),
    "a card id alone": ("interactive", {"card_id": "7"}, 230099, "200621"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_content_is_held_to_the_documented_limits(feishu: FeishuServer, what: str) -> None:
    """By the code, and within 230099 by the sub-code, of the reference pages; nothing is placed."""
    kind, content, code, sub = REFUSED[what]
    assert (await Api(feishu).send("oc_t", "text", {"text": "x" * 100 * 1024}))[0] == 0
    answered, body = await Api(feishu).send("oc_1", kind, content)
    assert answered == code
    assert sub in body["msg"]
    assert feishu.standing("oc_1") == []


async def test_more_than_five_posts_a_second_are_too_many_where_it_is_asked_for() -> None:
    """230020, per chat, for a second; off unless `per_chat` is set."""
    clock = Clock()
    async with a_feishu(clock=clock) as feishu:
        api = Api(feishu)
        assert [(await api.send("oc_1", "text", {"text": "x"}))[0] for _ in range(6)] == [0] * 6
        feishu.per_chat = 5
        clock.now += 1
        assert [(await api.send("oc_1", "text", {"text": "x"}))[0] for _ in range(6)] == [0] * 5 + [230020]
        assert (await api.send("oc_t", "text", {"text": "x"}))[0] == 0
