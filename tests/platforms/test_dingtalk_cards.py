"""Interactive cards on the local DingTalk: made, delivered, rewritten, streamed, pressed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import dingtalk_stream
import pytest

from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_rig import ANA, GUEST, LIN, ROOM, Caller, calling, furnish
from tests.platforms.dingtalk_sdk import BareSdk
from tests.platforms.dingtalk_state import Json

PARAMS = {"action": "why", "value": "v1", "form": ""}
WHY: Json = {
    "text": "Why?",
    "color": "gray",
    "status": "normal",
    "event": {"type": "sendCardRequest", "params": {"actionId": "press", "params": PARAMS}},
}
BUTTONS = json.dumps([WHY])
BY_KEY = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}


@pytest.fixture
async def ding() -> AsyncIterator[DingTalkServer]:
    async with DingTalkServer() as server:
        furnish(server)
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


def card(ding: DingTalkServer, *, id: str = "track1", group: bool = True, **params: str) -> Json:
    where: Json = {
        "openSpaceId": f"dtv1.card//IM_GROUP.{ROOM}",
        "imGroupOpenDeliverModel": {"robotCode": ding.robot_code, "atUserIds": {ANA: "Ana"}},
    }
    if not group:
        where = {
            "openSpaceId": f"dtv1.card//IM_ROBOT.{ANA}",
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
        }
    return {
        "imGroupOpenSpaceModel": {"supportForward": False},
        "imRobotOpenSpaceModel": {"supportForward": False},
        "cardTemplateId": ding.card_template,
        "outTrackId": id,
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": {"content": "**words**", "buttons": BUTTONS, **params}},
        **where,
    }


async def test_a_card_stands_with_its_words_and_buttons(ding: DingTalkServer, call: Caller) -> None:
    status, answer = await call("card/instances/createAndDeliver", card(ding))
    assert (status, answer["result"]["deliverResults"][0]["success"]) == (200, True)
    posted = await ding.next_post(ROOM)
    assert (posted.how, posted.id, posted.mentions) == ("card", "track1", (ANA,))
    assert posted.shown == "words\nWhy?"
    await call("card/instances/createAndDeliver", card(ding, id="track2", group=False))
    assert (await ding.next_post(ding.space.direct(ANA).id)).out_track_id == "track2"


async def test_the_same_card_again_changes_nothing_and_stands_twice(ding: DingTalkServer, call: Caller) -> None:
    """The worst reading of an idempotent id; whoever is not sure asks first, by an empty update."""
    empty = {"outTrackId": "track1", "cardData": {"cardParamMap": {}}, "cardUpdateOptions": BY_KEY}
    assert (await call("card/instances", empty, put=True))[0] == 400
    await call("card/instances/createAndDeliver", card(ding))
    assert (await call("card/instances", empty, put=True))[0] == 200
    await call("card/instances/createAndDeliver", card(ding, content="other words"))
    assert [posted.shown for posted in ding.standing(ROOM)] == ["words\nWhy?"] * 2
    assert len(ding.space.posts) == 2


async def test_an_update_replaces_all_or_key_by_key(ding: DingTalkServer, call: Caller) -> None:
    await call("card/instances/createAndDeliver", card(ding))
    change: Json = {"outTrackId": "track1", "cardData": {"cardParamMap": {"content": "new"}}}
    await call("card/instances", {**change, "cardUpdateOptions": BY_KEY}, put=True)
    assert ding.standing(ROOM)[0].shown == "new\nWhy?"
    await call("card/instances", {**change, "cardData": {"cardParamMap": {"content": "newer"}}}, put=True)
    assert ding.standing(ROOM)[0].shown == "newer"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cardTemplateId": "fixture-draft.schema"}, "param.templateUnpublished"),
        ({"cardTemplateId": "unknown"}, "param.templateNotExist"),
        ({"cardData": {"cardParamMap": {"content": 5}}}, "InvalidParameter"),
        ({"outTrackId": ""}, "param.outTrackIdEmpty"),
        ({"imGroupOpenSpaceModel": None}, "param.openSpaceModelInvalid"),
    ],
)
async def test_what_cards_are_refused(ding: DingTalkServer, call: Caller, change: Json, code: str) -> None:
    status, answer = await call("card/instances/createAndDeliver", {**card(ding), **change})
    assert (status, answer["code"]) == (400, code)


async def test_a_card_may_not_be_delivered_although_the_answer_is_200(ding: DingTalkServer, call: Caller) -> None:
    ding.leave(ROOM)
    status, answer = await call("card/instances/createAndDeliver", card(ding))
    assert (status, answer["success"]) == (200, True)
    assert answer["result"]["deliverResults"][0]["success"] is False
    assert ding.standing() == []


async def test_a_streamed_card_spins_until_it_is_finalised(ding: DingTalkServer, call: Caller) -> None:
    """D13."""
    await call("card/instances/createAndDeliver", card(ding, content="", flowStatus="1"))
    write: Json = {"outTrackId": "track1", "key": "content", "isFull": True, "isFinalize": False, "isError": False}
    await call("card/streaming", {**write, "guid": "g1", "content": "The job"}, put=True)
    await call("card/streaming", {**write, "guid": "g1", "content": "a repeat"}, put=True)
    assert (ding.spins("track1"), ding.standing(ROOM)) == (True, [])
    assert ding.space.cards["track1"].params["content"] == "The job"
    assert (await call("card/streaming", {**write, "guid": "g2", "key": "body", "content": ""}, put=True))[0] == 500
    done = {**write, "guid": "g3", "content": "The job runs hourly.", "isFinalize": True}
    await call("card/streaming", done, put=True)
    assert ding.spins("track1") is False
    assert (await ding.next_post(ROOM)).shown == "The job runs hourly.\nWhy?"
    assert (await call("card/streaming", {**done, "guid": "g4"}, put=True))[0] == 400


async def test_a_press_comes_by_stream_and_its_answer_changes_the_card(
    ding: DingTalkServer, sdk: BareSdk, call: Caller
) -> None:
    """For all, and for who pressed: a form that only they see, and send off."""
    await call("card/instances/createAndDeliver", card(ding))
    posted = await ding.next_post(ROOM)
    mine = {"form": "Your answer", "about": "q7", "input1": ""}
    sdk.answer = {
        "cardUpdateOptions": BY_KEY,
        "cardData": {"cardParamMap": {"content": "asked"}},
        "userPrivateData": {"cardParamMap": mine},
    }
    assert (await ding.press(LIN, posted, "why")).acked
    seen = dingtalk_stream.CardCallbackMessage.from_dict(sdk.pressed[0])
    assert (seen.user_id, seen.card_instance_id, seen.corp_id) == (LIN, "track1", ding.corp_id)
    assert seen.content == {"cardPrivateData": {"actionIds": ["press"], "params": PARAMS}}
    assert ding.standing(ROOM)[0].shown == "asked\nWhy?"
    shown = await ding.next_form(LIN)
    assert shown.private == {LIN: mine}
    sdk.answer = {}
    assert (await ding.submit(LIN, posted, {"answer": "the finance team"})).acked
    params = json.loads(sdk.pressed[1]["content"])["cardPrivateData"]["params"]
    assert params == {"about": "q7", "input1": "the finance team"}


async def test_who_presses_from_outside_has_no_staff_id_and_another_organisation(
    ding: DingTalkServer, sdk: BareSdk, call: Caller
) -> None:
    await call("card/instances/createAndDeliver", card(ding))
    assert (await ding.press(GUEST, await ding.next_post(ROOM), "why")).acked
    assert sdk.pressed[0]["corpId"] != ding.corp_id
    assert sdk.pressed[0]["userId"] not in ding.space.users


async def test_a_press_that_nobody_subscribed_to_goes_nowhere(ding: DingTalkServer, call: Caller) -> None:
    async with BareSdk(ding, presses=False):
        await ding.connected()
        await call("card/instances/createAndDeliver", card(ding))
        assert not (await ding.press(LIN, await ding.next_post(ROOM), "why")).acked


async def test_a_form_is_closed_and_a_disabled_button_is_not_pressed(
    ding: DingTalkServer, sdk: BareSdk, call: Caller
) -> None:
    off = json.dumps([{**WHY, "status": "disabled"}])
    private = {LIN: {"cardParamMap": {"form": "Your answer", "about": "q7"}}}
    await call("card/instances/createAndDeliver", {**card(ding, buttons=off), "privateData": private})
    posted = await ding.next_post(ROOM)
    with pytest.raises(AssertionError, match="disabled"):
        await ding.press(LIN, posted, "why")
    with pytest.raises(AssertionError, match="no form"):
        await ding.submit(ANA, posted, {})
    assert (await ding.cancel(LIN, posted)).acked
    assert json.loads(sdk.pressed[0]["content"])["cardPrivateData"]["actionIds"] == ["cancel"]
