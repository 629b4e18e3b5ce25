"""What answers in the place of the bot, in a process of its own: each platform's bare SDK with an echo, as its
documentation's first page shows it, and our adapter with a host that echoes.

tests/benchmarks/platforms.py starts `main` with a case and the platform's settings as JSON.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from typing import Any

from adapters import ADAPTERS, adapter_module
from adapters.model import Card, Form, Inbound, Message, Post, Press
from adapters.secret import Secret

Json = dict[str, Any]


class Echo:
    """A host that keeps nothing and answers each message at once, beside the ack."""

    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter
        self._tasks: set[asyncio.Task[None]] = set()

    async def receive(self, event: Inbound) -> None:
        if isinstance(event, Message):
            task = asyncio.ensure_future(self._answer(event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def form(self, press: Press) -> Form | None:
        return None

    async def _answer(self, event: Message) -> None:
        if event.text.startswith("sign:"):
            await self._adapter.working(event.thread, "looking")
        await self._adapter.post(event.thread, Post(event.id, Card(event.text, label="AI answer")))


async def adapter(platform: str, given: Json) -> None:
    ADAPTERS.setdefault(platform, f"adapters.{platform}")
    room = adapter_module(platform)
    kinds = room.Config.__annotations__
    made = room.create(room.Config(**{k: Secret(v) if kinds[k] == "Secret" else v for k, v in given.items()}))
    await made.run(Echo(made))


async def slack(given: Json) -> None:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_bolt.async_app import AsyncApp, AsyncSay
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(token=given["bot_token"], base_url=given["api_url"])
    app = AsyncApp(client=client, signing_secret=given["signing_secret"])

    @app.event("app_mention")
    async def echo(event: Json, say: AsyncSay) -> None:
        await say(event["text"])

    await AsyncSocketModeHandler(app, given["app_token"]).start_async()


def feishu(given: Json) -> None:
    """Blocks for ever, as the SDK does."""
    import lark_oapi as lark
    from lark_oapi.api.im.v1 import ReplyMessageRequest, ReplyMessageRequestBody

    client = (
        lark.Client.builder()
        .app_id(given["app_id"])
        .app_secret(given["app_secret"])
        .domain(given["domain"])
        .log_level(lark.LogLevel.ERROR)
        .build()
    )

    def echo(event: Any) -> None:
        message = event.event.message
        text = json.loads(message.content)["text"]
        body = (
            ReplyMessageRequestBody.builder().msg_type("text").content(json.dumps({"text": text})).build()
        )  # the same words
        client.im.v1.message.reply(
            ReplyMessageRequest.builder().message_id(message.message_id).request_body(body).build()
        )

    handler = lark.EventDispatcherHandler.builder("", "").register_p2_im_message_receive_v1(echo).build()
    lark.ws.Client(
        given["app_id"],
        given["app_secret"],
        event_handler=handler,
        domain=given["domain"],
        log_level=lark.LogLevel.ERROR,
    ).start()


async def dingtalk(given: Json) -> None:
    os.environ["DINGTALK_OPENAPI_ENDPOINT"] = given["api_url"]  # read when the SDK is imported
    import dingtalk_stream
    from dingtalk_stream import AckMessage, CallbackMessage, CardReplier, ChatbotMessage

    class Handler(dingtalk_stream.ChatbotHandler):  # type: ignore[misc]  # the SDK has no types
        async def process(self, callback: CallbackMessage) -> tuple[int, str]:
            message = ChatbotMessage.from_dict(callback.data)
            words = message.text.content.strip()
            if given["card_template"]:
                card = {"content": words, "buttons": "[]"}
                replier = CardReplier(self.dingtalk_client, message)
                await replier.async_create_and_deliver_card(given["card_template"], card)
            else:
                self.reply_text(words, message)
            return AckMessage.STATUS_OK, "OK"

    quiet = logging.getLogger("quiet")
    quiet.setLevel(logging.CRITICAL)
    credential = dingtalk_stream.Credential(given["client_id"], given["client_secret"])
    client = dingtalk_stream.DingTalkStreamClient(credential, logger=quiet)
    client.register_callback_handler(ChatbotMessage.TOPIC, Handler())
    await client.start()


def main() -> None:
    case, platform, given = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    if case == "adapter":
        asyncio.run(adapter(platform, given))
    elif platform == "feishu":
        feishu(given)
    else:
        asyncio.run({"slack": slack, "dingtalk": dingtalk}[platform](given))
