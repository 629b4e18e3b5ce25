"""The local Feishu by signed and encrypted requests, which the unmodified SDK verifies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import web

from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_sdk import borrowed, dispatcher, lark
from tests.platforms.feishu_world import BUTTON, MESSAGE, a_feishu, posted_card


@pytest.fixture(scope="module", autouse=True)
def sdk() -> Iterator[None]:
    with borrowed():
        yield


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with a_feishu() as server:
        yield server


@pytest.fixture
async def webhook(feishu: FeishuServer) -> AsyncIterator[list[Any]]:
    """An address of an app that gives every request to the SDK's dispatcher."""
    seen: list[Any] = []
    handler = dispatcher(feishu, {MESSAGE: seen.append, "card.action.trigger": lambda _: {"toast": {}}})

    async def receive(request: web.Request) -> web.Response:
        raw = lark().RawRequest()
        raw.uri, raw.body, raw.headers = request.path, await request.read(), dict(request.headers)
        answer = await asyncio.to_thread(handler.do, raw)
        return web.Response(status=answer.status_code, body=answer.content, content_type="application/json")

    app = web.Application()
    app.router.add_post("/feishu", receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    feishu.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/feishu"
    yield seen
    await runner.cleanup()


async def test_the_sdk_decrypts_and_verifies_what_we_sign(feishu: FeishuServer, webhook: list[Any]) -> None:
    """The console's challenge, an event, and a press."""
    assert await feishu.challenge() == (200, '{"challenge":"ajls384kdj"}')
    feishu.say("ou_ana", "oc_1", "你好")
    await feishu.settled()
    assert json.loads(webhook[0].event["message"]["content"]) == {"text": "@_user_1 你好"}
    posted = await posted_card(feishu, BUTTON)
    assert (await feishu.press("ou_ana", posted, "confirm")).acked


async def test_what_is_forged_is_refused_by_the_sdk(feishu: FeishuServer, webhook: list[Any]) -> None:
    """Another key, a changed body, another token: so the signature is really over all of it."""
    good = feishu.encrypted(feishu.envelope(MESSAGE, {}))
    assert (await feishu.post(good, feishu.sign(good)))[0] == 200
    assert (await feishu.post(good, feishu.sign(good + b" ")))[0] == 500
    assert (await feishu.challenge(token="another"))[0] == 500
    feishu.encrypt_key = "another-key"
    feishu.redeliver_after = (0.0,)
    feishu.say("ou_ana", "oc_1", "hello")
    await feishu.settled()
    assert [d.code for d in feishu.log] == [500, 500]
    assert len(webhook) == 1
