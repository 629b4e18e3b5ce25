"""How the local DingTalk answers calls in general, and for people and groups."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_rig import ANA, GUEST, LIN, ROOM, Caller, Clock, calling, furnish, group_text


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def ding(clock: Clock) -> AsyncIterator[DingTalkServer]:
    async with DingTalkServer(clock=clock) as server:
        furnish(server)
        yield server


@pytest.fixture
async def call(ding: DingTalkServer) -> AsyncIterator[Caller]:
    async with calling(ding) as caller:
        yield caller


# ------------------------------------------------------------------ tokens, permissions, limits


async def test_each_api_has_a_token_of_its_own_for_two_hours(
    ding: DingTalkServer, call: Caller, clock: Clock
) -> None:
    """D14."""
    await call.old("topapi/v2/user/get", {"userid": ANA})
    old = next(token for token, issued in ding.tokens.items() if issued.old)
    call.token = old
    assert (await call("robot/groupMessages/send", group_text("x")))[1]["code"] == "InvalidAuthentication"
    call.token = ""
    assert (await call("robot/groupMessages/send", group_text("x")))[0] == 200
    wrong = await call.webhook(f"{ding.url}/topapi/v2/user/get?access_token={call.token}", {"userid": ANA})
    assert wrong["errcode"] == 40014
    clock.now += 7200
    status, answer = await call("robot/groupMessages/send", group_text("x"))
    assert (status, answer["code"]) == (400, "InvalidAuthentication")
    late = await call.webhook(f"{ding.url}/topapi/v2/user/get?access_token={old}", {"userid": ANA})
    assert late["errcode"] == 42001


async def test_a_revoked_token_is_refused_and_a_new_one_is_good(ding: DingTalkServer, call: Caller) -> None:
    ding.faults.add("revoked", on="robot/*")
    assert (await call("robot/groupMessages/send", group_text("x")))[1]["code"] == "InvalidAuthentication"
    assert (await call("robot/groupMessages/send", group_text("x")))[1]["code"] == "InvalidAuthentication"
    call.token = ""
    assert (await call("robot/groupMessages/send", group_text("x")))[0] == 200


@pytest.mark.parametrize(
    ("scope", "path", "put"),
    [
        ("qyapi_robot_sendmsg", "robot/groupMessages/send", False),
        ("Card.Instance.Write", "card/instances/createAndDeliver", False),
        ("Card.Streaming.Write", "card/streaming", True),
        ("qyapi_chat_read", "im/sceneGroups/members/batchQuery", False),
    ],
)
async def test_a_missing_permission_is_named(
    ding: DingTalkServer, call: Caller, scope: str, path: str, put: bool
) -> None:
    ding.granted.discard(scope)
    status, answer = await call(path, {}, put=put)
    assert (status, answer["code"]) == (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
    assert answer["accessdenieddetail"] == {"requiredScopes": [scope]}
    ding.granted.discard("qyapi_get_member")
    assert (await call.old("topapi/v2/user/get", {"userid": ANA}))["sub_code"] == "60011"


async def test_too_many_calls_are_held_off(ding: DingTalkServer, call: Caller) -> None:
    ding.qps = 2
    answers = [await call("robot/groupMessages/send", group_text(str(n))) for n in range(3)]
    assert [status for status, _ in answers] == [200, 200, 403]
    assert answers[2][1]["code"] == "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
    assert len(ding.standing(ROOM)) == 2


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [("429", "", 403), ("500", "", 500), ("502", "", 502), ("503", "", 503), ("error", "group.disbanded", 400)],
)
async def test_a_fault_is_answered_instead_of_the_deed(
    ding: DingTalkServer, call: Caller, kind: str, code: str, status: int
) -> None:
    await call("robot/groupMessages/recall", {})
    ding.faults.add(kind, on="robot/groupMessages/send", code=code, seconds=7)
    headers = {"x-acs-dingtalk-access-token": call.token}
    url = f"{ding.url}/v1.0/robot/groupMessages/send"
    async with call.http.post(url, json=group_text("words"), headers=headers) as answer:
        assert answer.status == status
        assert answer.headers.get("Retry-After") == ("7" if kind == "429" else None)
        assert code in await answer.text()
    assert ding.standing(ROOM) == []


@pytest.mark.parametrize("kind", ["reset", "lost"])
async def test_a_broken_answer_is_before_or_after_the_deed(ding: DingTalkServer, call: Caller, kind: str) -> None:
    await call("robot/groupMessages/recall", {})
    ding.faults.add(kind, on="robot/groupMessages/send")
    with contextlib.suppress(aiohttp.ClientError):
        await call("robot/groupMessages/send", group_text("words"))
        raise AssertionError("it was answered")
    assert len(ding.standing(ROOM)) == (1 if kind == "lost" else 0)


# ------------------------------------------------------------------ people and groups


async def test_people_are_found_by_three_keys(ding: DingTalkServer, call: Caller) -> None:
    profile = (await call.old("topapi/v2/user/get", {"userid": ANA}))["result"]
    assert (profile["name"], profile["unionid"]) == ("Ana", "u_ana")
    assert (await call.old("topapi/user/getbyunionid", {"unionid": "u_ana"}))["result"]["userid"] == ANA
    assert (await call.old("topapi/v2/user/getbymobile", {"mobile": "13800000000"}))["result"]["userid"] == ANA
    for unknown in ("nobody", GUEST):
        assert (await call.old("topapi/v2/user/get", {"userid": unknown}))["errcode"] == 60121


async def test_only_the_older_list_of_members_tells_of_people_from_outside(
    ding: DingTalkServer, call: Caller
) -> None:
    page = {"openConversationId": ROOM, "maxResults": 1}
    _, first = await call("im/sceneGroups/members/batchQuery", page)
    _, second = await call("im/sceneGroups/members/batchQuery", {**page, "nextToken": first["nextToken"]})
    assert (first["memberUserIds"] + second["memberUserIds"], second["hasMore"]) == ([ANA, LIN], False)
    whole = {"open_conversation_id": ROOM, "size": 100, "cursor": ""}
    result = (await call.old("topapi/im/chat/scenegroup/member/get", whole))["result"]
    assert (result["member_user_ids"], len(result["union_ids"])) == ([ANA, LIN], 1)


async def test_of_other_groups_nothing_is_told(ding: DingTalkServer, call: Caller) -> None:
    ding.space.chats[ROOM].scene = False
    _, answer = await call("im/sceneGroups/members/batchQuery", {"openConversationId": ROOM, "maxResults": 1})
    assert answer["code"] == "sceneGroupNotFound"
    assert (await call.old("topapi/im/chat/scenegroup/get", {"open_conversation_id": ROOM}))["errcode"] == 400020
