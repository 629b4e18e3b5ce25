"""Cards of the local Feishu: presses, forms, streaming, and how they are read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_reading import value_of
from tests.platforms.feishu_sdk import Api, borrowed, linked
from tests.platforms.feishu_state import Json
from tests.platforms.feishu_world import BUTTON, Clock, a_feishu, card, markdown, posted_card, streaming


@pytest.fixture(scope="module", autouse=True)
def sdk() -> Iterator[None]:
    with borrowed():
        yield


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with a_feishu() as server:
        yield server


# presses ---------------------------------------------------------------------------------------------------------


async def test_a_press_is_answered_with_a_toast_and_another_card(feishu: FeishuServer) -> None:
    """Through the SDK's own response class; the new card stands in the place of the old."""
    pressed: list[Any] = []

    def answer(event: Any) -> Any:
        pressed.append(event.event)
        data = {"type": "raw", "data": card(markdown("done"))}
        return Answer({"toast": {"type": "success", "content": "thanks"}, "card": data})

    from lark_oapi.event.callback.model.p2_card_action_trigger import P2CardActionTriggerResponse as Answer

    posted = await posted_card(feishu, markdown("sure?"), BUTTON)
    async with linked(feishu, {"card.action.trigger": answer}):
        await feishu.connected()
        result = await feishu.press("ou_ana", posted, "confirm")
    assert (result.code, result.toast["content"]) == (0, "thanks")
    assert len(feishu.log[0].payload["header"]["create_time"]) == 16  # microseconds
    assert pressed[0].action.value == {"action": "confirm"}
    assert (pressed[0].operator.open_id, pressed[0].context.open_message_id) == ("ou_ana", posted.message_id)
    assert [p.shown for p in feishu.standing()] == ["done"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({}, 0),
        ({"toast": {"type": "loud", "content": "x"}}, 200672),
        ({"card": {"type": "raw", "data": {"schema": "2.0"}}}, 200673),
        ({"card": {"type": "json", "data": {}}}, 200673),
    ],
)
async def test_a_wrong_answer_to_a_press_shows_an_error(feishu: FeishuServer, answer: Json, code: int) -> None:
    """As the client does, by the code of what is wrong; the card stays as it was."""
    posted = await posted_card(feishu, markdown("sure?"), BUTTON)
    async with linked(feishu, {"card.action.trigger": lambda _: answer}):
        await feishu.connected()
        assert (await feishu.press("ou_ana", posted, "Confirm")).code == code
    assert [p.shown for p in feishu.standing()] == ["sure?\nConfirm"]


async def test_a_press_nobody_answers_shows_an_error(feishu: FeishuServer) -> None:
    """Without a link, without a handler, and by a frame of type card, which the SDK passes over in silence."""
    posted = await posted_card(feishu, BUTTON)
    assert (await feishu.press("ou_ana", posted, "confirm")).code == 200340
    async with linked(feishu, {}):
        await feishu.connected()
        assert (await feishu.press("ou_ana", posted, "confirm")).code == 200671
        feishu.faults.add("card_frame")
        feishu.ack_within = 0.1
        assert (await feishu.press("ou_ana", posted, "confirm")).code == 200340


async def test_a_form_comes_back_filled(feishu: FeishuServer) -> None:
    """What the person left alone has its default; the submit button's value and name come along."""
    submit = {**BUTTON, "name": "go", "form_action_type": "submit"}
    form = {
        "tag": "form",
        "name": "f",
        "elements": [
            {"tag": "input", "name": "answer", "label": {"tag": "plain_text", "content": "Answer"}},
            {"tag": "input", "name": "note", "default_value": "none"},
            submit,
        ],
    }
    posted = await posted_card(feishu, form)
    got: list[Any] = []
    async with linked(feishu, {"card.action.trigger": lambda e: got.append(e.event.action)}):
        await feishu.connected()
        assert (await feishu.submit("ou_ana", posted, {"answer": "42"})).acked
    assert (got[0].form_value, got[0].name) == ({"answer": "42", "note": "none"}, "go")
    assert posted.shown == "Answer\nnone\nConfirm"


async def test_a_press_token_updates_the_card_twice(feishu: FeishuServer) -> None:
    """interactive/v1/card/update, with the token of a press."""
    posted = await posted_card(feishu, BUTTON)
    tokens: list[str] = []
    async with linked(feishu, {"card.action.trigger": lambda e: tokens.append(e.event.token)}):
        await feishu.connected()
        await feishu.press("ou_ana", posted, "confirm")
    body = {"token": tokens[0], "card": card(markdown("later"))}
    codes = [(await Api(feishu).call("POST", "/interactive/v1/card/update", body))[0] for _ in range(3)]
    assert codes == [0, 0, 300040]
    assert feishu.standing()[0].shown == "later"


async def test_a_card_rewritten_during_a_press_goes_back_where_it_is_asked_for(feishu: FeishuServer) -> None:
    """`presses_win`, as the page of the delayed update warns; otherwise what was written stands."""
    api = Api(feishu)
    posted = await posted_card(feishu, markdown("sure?"), BUTTON)
    new = {"content": json.dumps(card(markdown("new")))}

    def rewrite(_: Any) -> None:
        assert api.call_here("PATCH", f"/im/v1/messages/{posted.message_id}", new)[0] == 0

    async with linked(feishu, {"card.action.trigger": rewrite}):
        await feishu.connected()
        feishu.presses_win = True
        assert (await feishu.press("ou_ana", posted, "confirm")).acked
        assert feishu.standing()[0].shown == posted.shown
        feishu.presses_win = False
        assert (await feishu.press("ou_ana", posted, "confirm")).acked
        assert feishu.standing()[0].shown == "new"


async def test_a_card_entity_cannot_be_written_while_a_press_waits(feishu: FeishuServer) -> None:
    """200810 until the press is answered."""
    api, path = await streaming(feishu, BUTTON)
    posted = await feishu.next_post()
    content = f"{path}/elements/md/content"
    codes: list[int] = []

    def write(_: Any) -> None:
        codes.append(api.call_here("PUT", content, {"content": "x", "sequence": 1})[0])

    async with linked(feishu, {"card.action.trigger": write}):
        await feishu.connected()
        assert (await feishu.press("ou_ana", posted, "confirm")).acked
    assert codes == [200810]
    assert (await api.call("PUT", content, {"content": "x", "sequence": 1}))[0] == 0


# CardKit ---------------------------------------------------------------------------------------------------------


async def test_a_card_streams_under_a_growing_sequence(feishu: FeishuServer) -> None:
    """And not after it was closed by a setting that stands under `config`."""
    api, path = await streaming(feishu)

    async def write(text: str, sequence: int, **more: str) -> int:
        body = {"content": text, "sequence": sequence, **more}
        return (await api.call("PUT", f"{path}/elements/md/content", body))[0]

    async def settings(value: Json, sequence: int) -> int:
        return (await api.call("PATCH", f"{path}/settings", {"settings": json.dumps(value), "sequence": sequence}))[
            0
        ]

    posted = await feishu.next_post()
    assert [await write("Ask", 1), await write("Ask Lin", 2, uuid="u"), await write("Ask L", 2)] == [0, 0, 300317]
    assert await write("Ask Lin", 2, uuid="u") == 0
    assert feishu.standing()[0].shown == "Ask Lin"
    assert posted.shown == ""  # as it stood when it was placed
    assert await settings({"streaming_mode": False}, 3) == 0
    assert await write("Ask Lin.", 4) == 0
    assert await settings({"config": {"streaming_mode": False}}, 5) == 0
    assert await write("Ask Lin!", 6) == 300309
    assert feishu.standing()[0].shown == "Ask Lin."


async def test_streaming_ends_by_itself_after_ten_minutes() -> None:
    """The first write gets 200850, the next 300309; an entity itself lives for fourteen days."""
    clock = Clock()
    async with a_feishu(clock=clock) as feishu:
        api, path = await streaming(feishu)
        write = {"content": "x", "sequence": 1}
        clock.now += 601
        codes = [(await api.call("PUT", f"{path}/elements/md/content", write))[0] for _ in range(2)]
        assert codes == [200850, 300309]
        again = {"settings": json.dumps({"config": {"streaming_mode": True}}), "sequence": 2}
        assert (await api.call("PATCH", f"{path}/settings", again))[0] == 0
        assert (await api.call("PUT", f"{path}/elements/md/content", {**write, "sequence": 3}))[0] == 0
        feishu.revoke_tokens()
        clock.now += 14 * 86400
        api = Api(feishu)
        assert (await api.call("PUT", f"{path}/elements/md/content", {**write, "sequence": 4}))[0] in (
            200750,
            99991663,
        )


async def test_an_entity_is_sent_once_and_rewritten_whole(feishu: FeishuServer) -> None:
    """Its errors are CardKit's own."""
    api, path = await streaming(feishu)
    id = path.rpartition("/")[2]
    assert (await api.send("oc_1", "interactive", {"type": "card", "data": {"card_id": id}}))[0] == 230099
    whole = {"card": {"type": "card_json", "data": json.dumps(card(markdown("whole")))}, "sequence": 1}
    assert (await api.call("PUT", path, whole))[0] == 0
    assert feishu.standing()[0].shown == "whole"
    for bad, code in (
        ({"elements": []}, 300303),
        ({}, 300307),
        (card(*[markdown("x", element_id="a")] * 2), 300301),
    ):
        made = await api.call("POST", "/cardkit/v1/cards", {"type": "card_json", "data": json.dumps(bad)})
        assert made[0] == code


# reading ---------------------------------------------------------------------------------------------------------


SHOWN = {
    "entities": ("1 &lt; 2 &#42;&#42;x&#42;&#42;", "1 < 2 **x**"),
    "bold": ("**a** ~~b~~ *c* `d*e` 2 * 3 * 4", "a b c d*e 2 * 3 * 4"),
    "escaped": (r"\*\*a\*\* \<at id=all\>", "**a** <at id=all>"),
    "mention": ("<at id=ou_ana></at>, ask", "@Ana, ask"),
    "unclosed mention": ("<at id=all> ask", "@all ask"),
    "link": ("[**docs** &#35;1](https://team.example/x)", "docs #1"),
    "colour": ("<font color='red'>late</font>", "late"),
    "code": ("```python\nx = 1 ** 2\n```", "x = 1 ** 2"),
}


@pytest.mark.parametrize("what", SHOWN)
async def test_markdown_is_read_as_it_is_displayed(feishu: FeishuServer, what: str) -> None:
    """Every word, and none of the marks."""
    written, shown = SHOWN[what]
    assert (await posted_card(feishu, markdown(written))).shown == shown


async def test_only_real_mentions_and_links_count(feishu: FeishuServer) -> None:
    """What is escaped or stands in code notifies nobody and leads nowhere; nor is anybody from outside notified."""
    feishu.space.add_user("ou_far", "Far")
    posted = await posted_card(
        feishu,
        markdown("<at id=ou_ana></at> <at id=ou_far></at> &lt;at id=all&gt;&lt;/at&gt; `<at id=ou_lin></at>`"),
        markdown("[a](https://a.example) \\[b\\](x) https://c.example/d `https://e.example`"),
    )
    assert posted.mentions == ("ou_ana",)
    assert posted.links == ["https://a.example", "https://c.example/d"]


async def test_a_card_of_the_old_format_is_read_too(feishu: FeishuServer) -> None:
    """Header, fields, note and buttons, in the order of the page."""
    plain = {"tag": "plain_text", "content": "note"}
    old = {
        "header": {"title": {"tag": "plain_text", "content": "Title"}},
        "elements": [
            {"tag": "div", "text": {"tag": "lark_md", "content": "**a**"}, "fields": [{"text": plain}]},
            {"tag": "action", "actions": [{"tag": "button", "text": plain, "value": {"action": "go"}}]},
            {"tag": "note", "elements": [plain]},
        ],
    }
    assert (await Api(feishu).send("oc_1", "interactive", old))[0] == 0
    posted = await feishu.next_post()
    assert posted.shown.split() == ["Title", "a", "note", "note", "note"]
    assert [value_of(b) for b in posted.buttons] == [{"action": "go"}]
