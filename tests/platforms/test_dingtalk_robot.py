"""What the local DingTalk takes and refuses of a robot's messages, and what their readers see of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_rig import ANA, LIN, ROOM, Caller, Clock, calling, furnish, group_text, to_people
from tests.platforms.dingtalk_sdk import BareSdk
from tests.platforms.dingtalk_state import Json
from tests.platforms.dingtalk_text import rendered, said_by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def ding(clock: Clock) -> AsyncIterator[DingTalkServer]:
    async with DingTalkServer(clock=clock) as server:
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


# ------------------------------------------------------------------ messages by webhook and by robot


@pytest.fixture
async def webhook(ding: DingTalkServer, sdk: BareSdk) -> str:
    """That of a message in the room."""
    ding.say(ANA, ROOM, "hello")
    await ding.settled()
    return str(ding.log[-1].payload["sessionWebhook"])


def markdown(text: str, **at: object) -> Json:
    return {"msgtype": "markdown", "markdown": {"title": "Label", "text": text}, "at": at}


async def test_a_webhook_goes_stale_after_ninety_minutes(
    ding: DingTalkServer, webhook: str, call: Caller, clock: Clock
) -> None:
    clock.now += 89 * 60
    assert (await call.webhook(webhook, markdown("words")))["errcode"] == 0
    clock.now += 60
    assert (await call.webhook(webhook, markdown("words")))["errcode"] == 300001
    assert len(ding.standing(ROOM)) == 1


@pytest.mark.parametrize(
    ("text", "at", "mentions", "shown"),
    [
        ("@staff_ana look", {"atUserIds": [ANA]}, (ANA,), "@Ana look"),
        ("look", {"atUserIds": [ANA]}, (), "look"),
        ("@staff_ana look", {}, (), "@staff_ana look"),
        ("@staff_anabel look", {"atUserIds": [ANA]}, (), "@staff_anabel look"),
        ("look", {"isAtAll": True}, ("@all",), "look"),
        ("@13800000000 look", {"atMobiles": ["13800000000"]}, (ANA,), "@13800000000 look"),
    ],
)
async def test_an_at_needs_the_text_and_the_list(
    ding: DingTalkServer, webhook: str, call: Caller, text: str, at: Json, mentions: tuple[str, ...], shown: str
) -> None:
    """D8."""
    await call.webhook(webhook, markdown(text, **at))
    posted = await ding.next_post()
    assert (posted.mentions, posted.shown) == (mentions, shown)


async def test_a_webhook_takes_twenty_a_minute_and_no_untitled_markdown(
    ding: DingTalkServer, webhook: str, call: Caller, clock: Clock
) -> None:
    untitled = {"msgtype": "markdown", "markdown": {"text": "words"}}
    assert (await call.webhook(webhook, untitled))["errcode"] == 40035
    codes = [(await call.webhook(webhook, markdown("words")))["errcode"] for _ in range(20)]
    assert codes == [0] * 19 + [130101]
    clock.now += 60
    assert (await call.webhook(webhook, markdown("words")))["errcode"] == 0


async def test_a_dtmd_link_makes_its_reader_speak_to_the_bot(
    ding: DingTalkServer, sdk: BareSdk, webhook: str, call: Caller
) -> None:
    """D17: by link or by button, in the group with the bot's name; the host in lower case."""
    link = "dtmd://dingtalkclient/sendMessage?content=Why%3F"
    assert said_by(link.replace("dingtalkclient", "dingTalkClient")) is None
    btns = [{"title": "Why?", "actionURL": link}]
    await call.webhook(
        webhook, {"msgtype": "actionCard", "actionCard": {"title": "Label", "text": "words", "btns": btns}}
    )
    posted = await ding.next_post()
    assert posted.shown == "words\nWhy?"
    assert (await ding.press(LIN, posted, "Why?")).acked
    assert sdk.heard[-1][1]["text"]["content"] == " Why?"
    assert sdk.heard[-1][1]["senderStaffId"] == LIN
    coded = "dtmd://dingtalkclient/sendMessage?content=Why%3F%20%E2%9F%A6why%7Cv1%E2%9F%A7"
    await call.webhook(webhook, markdown(f"words [Why?]({coded})"))
    posted = await ding.next_post()
    assert (posted.shown, posted.links) == ("words Why?", (coded,))
    await ding.press(LIN, posted, "why")
    assert sdk.heard[-1][1]["text"]["content"] == " Why? ⟦why|v1⟧"


async def test_people_who_cannot_be_reached_are_listed(ding: DingTalkServer, sdk: BareSdk, call: Caller) -> None:
    """HTTP 200 is no delivery."""
    ding.leave_org(LIN)
    ding.flow_controlled.add(ANA)
    status, answer = await call("robot/oToMessages/batchSend", to_people(ANA, LIN))
    assert status == 200
    assert (answer["invalidStaffIdList"], answer["flowControlledStaffIdList"]) == ([LIN], [ANA])
    assert ding.standing() == []
    ding.flow_controlled.clear()
    await call("robot/oToMessages/batchSend", to_people(ANA))
    posted = await ding.next_post(ding.space.direct(ANA).id)
    assert (posted.how, posted.title, posted.mentions) == ("oto", "Label", ())


@pytest.mark.parametrize(
    ("path", "change", "code"),
    [
        ("robot/groupMessages/send", {"openConversationId": "cid404"}, "invalid.openConversationId"),
        ("robot/groupMessages/send", {"robotCode": "other"}, "invalidParameter.robotCode.auth"),
        (
            "robot/groupMessages/send",
            {"msgParam": {"content": "not a string"}},
            "invalidParameter.msgParam.invalid",
        ),
        ("robot/groupMessages/send", {"msgKey": "sampleMarkdown"}, "invalidParameter.msgParam.invalid"),
        ("robot/groupMessages/send", {"msgKey": "sampleSong"}, "invalidParameter.msgKey.invalid"),
        (
            "robot/groupMessages/send",
            {"msgParam": json.dumps({"content": "x" * 15000})},
            "invalidParameter.msgParam.invalid",
        ),
        ("robot/oToMessages/batchSend", {"userIds": ["cidRoom=="]}, "staffId.notExisted"),
        ("robot/oToMessages/batchSend", {"userIds": []}, "invalidParameter.userIds.empty"),
        ("robot/oToMessages/batchSend", {"userIds": [ANA] * 21}, "invalidParameter.userIds.overMax"),
    ],
)
async def test_what_the_robot_api_refuses(
    ding: DingTalkServer, call: Caller, path: str, change: Json, code: str
) -> None:
    good = group_text("words") if "group" in path else to_people(ANA)
    status, answer = await call(path, {**good, **change})
    assert (status, answer["code"]) == (400, code)
    assert ding.standing() == []


async def test_a_post_can_be_taken_back(ding: DingTalkServer, call: Caller) -> None:
    _, sent = await call("robot/groupMessages/send", group_text("words"))
    keys = [sent["processQueryKey"], "unknown"]
    back = {"robotCode": ding.robot_code, "openConversationId": ROOM, "processQueryKeys": keys}
    _, answer = await call("robot/groupMessages/recall", back)
    assert (answer["successResult"], list(answer["failedResult"])) == (keys[:1], keys[1:])
    assert ding.standing(ROOM) == []


async def test_a_reaction_stands_until_it_is_taken_back(ding: DingTalkServer, sdk: BareSdk, call: Caller) -> None:
    id = ding.say(ANA, ROOM, "hello")
    words = {"emotionId": "2659900", "emotionName": "hm", "text": "hm", "backgroundId": "im_bg_1"}
    body = {
        "robotCode": ding.robot_code,
        "openMsgId": id,
        "openConversationId": ROOM,
        "emotionType": 2,
        "emotionName": "hm",
        "textEmotion": words,
    }
    await call("robot/emotion/reply", body)
    assert ding.space.emotions == [(id, "hm")]
    await call("robot/emotion/recall", body)
    assert ding.space.emotions == []


# ------------------------------------------------------------------ what a reader sees


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("one\ntwo", "one two"),
        ("one  \ntwo", "one\ntwo"),
        ("one\n\ntwo", "one\ntwo"),
        ("## Head\ntext", "Head\ntext"),
        ("text\n- a\n- b", "text - a - b"),
        ("text\n\n- a\n- b", "text\n- a\n- b"),
        ("> said\n\nthen", "said\nthen"),
        ("**bold** and [words](https://a.example/x)", "bold and words"),
        ("![alt](https://a.example/x.png)", "[picture]"),
        ("| a | b |\n|---|---|", "| a | b | |---|---|"),
        (r"\*kept\*", "*kept*"),
        ("2 * 3 and *so*", "2 * 3 and so"),
        ("not\u2060[a](b)\u00a0link", "nota link"),
        ("1 &lt; 2 <b>so</b>", "1 < 2 so"),
    ],
)
def test_the_dialect(markdown: str, shown: str) -> None:
    """D15."""
    assert rendered(markdown) == shown
