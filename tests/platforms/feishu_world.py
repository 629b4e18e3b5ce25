"""What the tests of the local Feishu share: a small team, a few chats, and cards to send."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_sdk import Api
from tests.platforms.feishu_state import Json, Posted

MESSAGE = "im.message.receive_v1"
BUTTON = {
    "tag": "button",
    "text": {"tag": "plain_text", "content": "Confirm"},
    "behaviors": [{"type": "callback", "value": {"action": "confirm"}}],
}


class Clock:
    """A time that only moves when told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@contextlib.asynccontextmanager
async def a_feishu(**more: Any) -> AsyncIterator[FeishuServer]:
    """A server with Ana and Lin in `general` (oc_1), and Ana in a topic group (oc_t); tokens outlive every test."""
    async with FeishuServer(**more) as server:
        server.token_life = 30 * 86400
        bot = server.space.bot_open_id
        server.space.add_user("ou_ana", "Ana", email="ana@team.example")
        server.space.add_user("ou_lin", "Lin")
        server.space.add_chat("oc_1", "general", ["ou_ana", "ou_lin", bot])
        server.space.add_chat("oc_t", "topics", ["ou_ana", bot], kind="topic")
        yield server


def card(*elements: Json, **more: Any) -> Json:
    return {"schema": "2.0", "config": {"update_multi": True}, "body": {"elements": list(elements)}, **more}


def markdown(text: str, **more: Any) -> Json:
    return {"tag": "markdown", "content": text, **more}


async def posted_card(feishu: FeishuServer, *elements: Json) -> Posted:
    """A card of these elements, as it stands in `general`."""
    assert (await Api(feishu).send("oc_1", "interactive", card(*elements)))[0] == 0
    return await feishu.next_post("oc_1")


async def streaming(feishu: FeishuServer, *more: Json) -> tuple[Api, str]:
    """A card entity that streams and was sent: a client, and the entity's path."""
    api = Api(feishu)
    body = card(markdown("", element_id="md"), *more, config={"streaming_mode": True, "update_multi": True})
    _, made = await api.call("POST", "/cardkit/v1/cards", {"type": "card_json", "data": json.dumps(body)})
    id = made["data"]["card_id"]
    assert (await api.send("oc_1", "interactive", {"type": "card", "data": {"card_id": id}}))[0] == 0
    return api, f"/cardkit/v1/cards/{id}"
