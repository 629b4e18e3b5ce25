"""What the local Feishu lets an app do, and the faults of its API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.platforms.feishu import ALL_SCOPES, FeishuServer
from tests.platforms.feishu_sdk import Api, borrowed
from tests.platforms.feishu_world import BUTTON, MESSAGE, a_feishu, posted_card


@pytest.fixture(scope="module", autouse=True)
def sdk() -> Iterator[None]:
    with borrowed():
        yield


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with a_feishu() as server:
        yield server


# rights ----------------------------------------------------------------------------------------------------------


async def test_a_missing_scope_names_itself_and_where_to_grant_it(feishu: FeishuServer) -> None:
    """99991672 with the page of the console; the app can list what it has."""
    api = Api(feishu)
    feishu.granted.remove("cardkit:card:write")
    code, body = await api.call("POST", "/cardkit/v1/cards", {"type": "card_json", "data": "{}"})
    assert code == 99991672
    assert f"/app/{feishu.app_id}/auth?q=cardkit:card:write" in body["msg"]
    assert body["error"]["permission_violations"][0]["subject"] == "cardkit:card:write"
    _, scopes = await api.call("GET", "/application/v6/scopes")
    granted = {s["scope_name"]: s["grant_status"] for s in scopes["data"]["scopes"]}
    assert (granted["cardkit:card:write"], granted["im:message"]) == (2, 1)


HEARD = {
    "all": (ALL_SCOPES, ["at", "plain", "direct"]),
    "mentions only": (ALL_SCOPES - {"im:message.group_msg"}, ["at", "direct"]),
    "no direct messages": (ALL_SCOPES - {"im:message.p2p_msg:readonly"}, ["at", "plain"]),
    "bots too": (ALL_SCOPES | {"im:message.group_at_msg.include_bot:readonly"}, ["at", "plain", "direct", "bot"]),
}


@pytest.mark.parametrize("what", HEARD)
async def test_the_scopes_decide_what_is_heard(what: str) -> None:
    """Mentions, everything, direct messages, other bots."""
    granted, expected = HEARD[what]
    async with a_feishu(granted=set(granted)) as feishu:
        feishu.space.add_user("ou_robot", "Robot", is_bot=True)
        feishu.redeliver_after = ()
        feishu.say("ou_ana", "oc_1", "at")
        feishu.say("ou_ana", "oc_1", "plain", mention=False)
        feishu.dm("ou_ana", "direct")
        feishu.say("ou_robot", "oc_1", "bot")
        await feishu.settled()
        assert all(
            not d.payload["event"]["sender"]["sender_id"]["user_id"] for d in feishu.log
        )  # a scope of its own
        said = [json.loads(d.payload["event"]["message"]["content"])["text"].split()[-1] for d in feishu.log]
        assert sorted(said) == sorted(expected)


async def test_what_is_not_subscribed_does_not_come(feishu: FeishuServer) -> None:
    """Nor what there is no scope for, nor by the way the console has not set; and the app can read what it has."""
    feishu.redeliver_after = ()
    feishu.subscribed = {MESSAGE}
    feishu.menu("ou_ana", "help")
    feishu.subscribed.add("im.chat.member.user.added_v1")
    feishu.granted -= {"im:chat:readonly", "im:chat.members:read"}
    feishu.add_member("oc_t", "ou_lin")
    await feishu.settled()
    assert feishu.log == []
    feishu.long_connection = False
    feishu.say("ou_ana", "oc_1", "hello")
    await feishu.settled()
    assert feishu.log == []
    feishu.subscribed, feishu.long_connection = {MESSAGE}, True
    posted = await posted_card(feishu, BUTTON)
    assert (await feishu.press("ou_ana", posted, "confirm")).code == 200340
    _, app = await Api(feishu).call("GET", f"/application/v6/applications/{feishu.app_id}", lang="en_us")
    assert app["data"]["app"]["event"]["subscribed_events"] == [MESSAGE]
    assert app["data"]["app"]["callback"]["subscribed_callbacks"] == []


async def test_a_revoked_token_is_refused_until_there_is_a_new_one(feishu: FeishuServer) -> None:
    """The SDK does not notice by itself; a stopped app gets another code."""
    api = Api(feishu)
    assert (await api.call("GET", "/bot/v3/info"))[1]["bot"]["open_id"] == feishu.space.bot_open_id
    feishu.revoke_tokens()
    assert (await api.call("GET", "/bot/v3/info"))[0] == 99991663
    feishu.uninstall()
    assert (await api.call("GET", "/bot/v3/info"))[0] == 99991662


async def test_members_come_by_pages_and_without_bots(feishu: FeishuServer) -> None:
    """A page may hold fewer than asked for; those outside learn little of a chat."""
    api = Api(feishu)
    feishu.space.add_user("ou_ext", "Ext", external=True)
    feishu.space.add_chat("oc_2", "two", [feishu.space.bot_open_id, "ou_ana", "ou_ext"], public=True)
    _, first = await api.call("GET", "/im/v1/chats/oc_2/members", page_size=2)
    _, second = await api.call(
        "GET", "/im/v1/chats/oc_2/members", page_size=2, page_token=first["data"]["page_token"]
    )
    assert [i["member_id"] for i in first["data"]["items"]] == ["ou_ana"]
    assert [i["tenant_key"] for i in second["data"]["items"]] == ["tenant_2"]
    assert (await api.call("GET", "/im/v1/chats/oc_2"))[1]["data"]["chat_type"] == "public"
    feishu.leave("oc_2", by="ou_ana")
    assert "chat_type" not in (await api.call("GET", "/im/v1/chats/oc_2"))[1]["data"]
    assert (await api.call("GET", "/im/v1/chats/oc_2/members"))[0] == 232011
    assert (await api.call("GET", "/im/v1/chats/oc_404"))[0] == 232006


async def test_people_are_known_within_the_contact_range(feishu: FeishuServer) -> None:
    """By name only with the scope for it; strangers and outsiders by their own codes."""
    api = Api(feishu)
    feishu.space.add_user("ou_ext", "Ext", external=True)
    assert (await api.call("GET", "/contact/v3/users/ou_ana"))[1]["data"]["user"]["name"] == "Ana"
    assert (await api.call("GET", "/contact/v3/users/on_ana", user_id_type="union_id"))[0] == 0
    assert (await api.call("GET", "/contact/v3/users/ou_ext"))[0] == 41050
    assert (await api.call("GET", "/contact/v3/users/ou_404"))[0] == 99992351
    body = {"emails": ["ana@team.example", "who@team.example"]}
    _, found = await api.call("POST", "/contact/v3/users/batch_get_id", body, user_id_type="open_id")
    assert [u.get("user_id") for u in found["data"]["user_list"]] == ["ou_ana", None]
    feishu.granted.remove("contact:user.base:readonly")
    assert "name" not in (await api.call("GET", "/contact/v3/users/ou_ana"))[1]["data"]["user"]


# faults ----------------------------------------------------------------------------------------------------------


async def test_too_many_requests_say_when_to_come_back(feishu: FeishuServer) -> None:
    """HTTP 429, 99991400 and the header with the seconds."""
    feishu.faults.add("429", on="im.message.*", seconds=7)
    api = Api(feishu)
    assert (await api.send("oc_1", "text", {"text": "x"}))[0] == 99991400
    assert api.headers["x-ogw-ratelimit-reset"] == "7"
    assert (await api.send("oc_1", "text", {"text": "x"}))[0] == 0


@pytest.mark.parametrize(("kind", "placed"), [("502", 0), ("reset", 0), ("lost", 1)])
async def test_a_broken_answer_raises_out_of_the_sdk(feishu: FeishuServer, kind: str, placed: int) -> None:
    """A page of HTML, nothing at all, and an answer lost after the message was placed."""
    api = Api(feishu)
    await api.call("GET", "/bot/v3/info")
    feishu.faults.add(kind, on="im.message.create")
    with pytest.raises((ValueError, OSError)):
        await api.send("oc_1", "text", {"text": "x"})
    assert len(feishu.standing()) == placed


async def test_any_error_can_be_had_on_any_call(feishu: FeishuServer) -> None:
    """By the call's name; a pattern will do."""
    api = Api(feishu)
    feishu.faults.add("error", on="im.message.reply", code="230019")
    feishu.faults.add("500", on="bot.*")
    asked = feishu.say("ou_ana", "oc_1", "who?")
    assert (await api.send("oc_1", "text", {"text": "x"}))[0] == 0
    assert (await api.reply(asked, "x"))[0] == 230019
    assert (await api.call("GET", "/bot/v3/info"))[0] == 1500
    assert [call.method for call in feishu.called("im.*")] == ["im.message.create", "im.message.reply"]
