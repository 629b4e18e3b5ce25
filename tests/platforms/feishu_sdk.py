"""The unmodified lark-oapi beside a local server: its long connection in a thread of its own, and its API client.

The SDK keeps its event loop in a module's global, blocks for ever in `start()` and has no stop; what is done about
that here is the least that lets a test begin and end one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from typing import Any

from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_state import Json


@cache
def lark() -> Any:
    """The SDK, which takes seconds to import."""
    import lark_oapi
    import lark_oapi.ws.client

    return lark_oapi


@contextlib.contextmanager
def borrowed() -> Iterator[Any]:
    """The SDK, and afterwards its globals as they were: the loop of its links and the level of its log, which every
    client sets for the whole process."""
    sdk, log = lark(), logging.getLogger("Lark")
    loop, level = sdk.ws.client.loop, log.level
    try:
        yield sdk
    finally:
        sdk.ws.client.loop = loop
        log.setLevel(level)


def dispatcher(server: FeishuServer, handlers: dict[str, Callable[[Any], Any]]) -> Any:
    """The SDK's dispatcher with these handlers by event type."""
    builder = lark().EventDispatcherHandler.builder(server.encrypt_key, server.verification_token)
    for type, handler in handlers.items():
        if type == "card.action.trigger":
            builder.register_p2_card_action_trigger(handler)
        else:
            builder.register_p2_customized_event(type, handler)
    return builder.build()


@contextlib.asynccontextmanager
async def linked(
    server: FeishuServer, handlers: dict[str, Callable[[Any], Any]], *, secret: str = ""
) -> AsyncIterator[Any]:
    """The SDK's long connection, running. The yielded client says when it `ended`, and by what (`failures`)."""
    ready, ended = threading.Event(), threading.Event()
    holder: dict[str, Any] = {}

    def run() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        lark().ws.client.loop = loop
        holder["loop"] = loop
        holder["client"] = client = lark().ws.Client(
            server.app_id,
            secret or server.app_secret,
            log_level=lark().LogLevel.CRITICAL,
            event_handler=dispatcher(server, handlers),
            domain=server.url,
        )
        client.failures, client.ended = [], ended
        ready.set()
        try:
            client.start()
        except (Exception, asyncio.CancelledError) as failure:
            client.failures.append(failure)
        ended.set()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    await asyncio.to_thread(ready.wait)
    try:
        yield holder["client"]
    finally:
        ending = _end(holder["client"])
        if not ended.is_set():  # else its loop runs no more, and nothing that is handed to it ever would
            asyncio.run_coroutine_threadsafe(ending, holder["loop"])
        await asyncio.to_thread(thread.join, 5)
        with contextlib.suppress(RuntimeError):  # it ran, as it should
            ending.close()
        assert not thread.is_alive(), "the SDK's thread did not end"


async def _end(client: Any) -> None:
    """Everything that runs on the SDK's loop ends; `start()` then raises CancelledError."""
    client._auto_reconnect = False
    await client._disconnect()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


class Api:
    """The SDK's API client; every answer as (code, decoded body)."""

    def __init__(self, server: FeishuServer) -> None:
        builder = lark().Client.builder().app_id(server.app_id).app_secret(server.app_secret).domain(server.url)
        self.client = builder.log_level(lark().LogLevel.CRITICAL).timeout(5).build()
        self.headers: dict[str, str] = {}

    async def call(self, verb: str, path: str, body: Json | None = None, **query: Any) -> tuple[int, Json]:
        return await asyncio.to_thread(self.call_here, verb, path, body, **query)

    def call_here(self, verb: str, path: str, body: Json | None = None, **query: Any) -> tuple[int, Json]:
        """In this thread, which must not be the server's."""
        request = lark().BaseRequest()
        request.http_method = lark().HttpMethod[verb]
        request.uri = "/open-apis" + path
        request.token_types = {lark().AccessTokenType.TENANT}
        request.queries = [(key, str(value)) for key, value in query.items()]
        request.body = body
        answer = self.client.request(request)
        self.headers = dict(answer.raw.headers)
        return answer.code, json.loads(answer.raw.content)

    async def send(self, chat: str, kind: str, content: Json, **more: Any) -> tuple[int, Json]:
        """im.v1.message.create into a chat."""
        body = {"receive_id": chat, "msg_type": kind, "content": json.dumps(content), **more}
        return await self.call("POST", "/im/v1/messages", body, receive_id_type="chat_id")

    async def reply(self, message: str, text: str, **more: Any) -> tuple[int, Json]:
        """im.v1.message.reply with a text."""
        body = {"msg_type": "text", "content": json.dumps({"text": text}), **more}
        return await self.call("POST", f"/im/v1/messages/{message}/reply", body)
