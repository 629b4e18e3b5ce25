"""A local language model: OpenAI's chat completions over HTTP, whole and as a stream, and everything that goes
wrong with those.

    async with ModelServer() as model:
        model.says("yes", '{"n": 1}')              # in order; afterwards, and without, what `answer` computes
        model.faults.add("429", seconds=2)          # before the next answer
        AsyncOpenAI(base_url=model.base_url, api_key=model.key)

Faults that are answers: `401` `402` `404` `429` (Retry-After = seconds, none if 0) `500` `503`, `too_long`,
`filtered`, `moved` (a redirect to another host), `reset`, `slow` (seconds), `cut_off` (half a body), `html` (a
proxy's page), `odd` (JSON that is no completion), `huge`, `gzip`. Faults of what is said: `fenced`, `chatty`,
`thinking`, `lone_close`, `endless_thinking`, `malformed`, `wrong_schema`, `surrogate`, `length`, `empty`,
`no_choices`, `refusal`, `content_filter`, `gave_up`, `no_usage`, `injected`, `ungrounded`. Faults of a stream:
`cut_stream` (the connection breaks), `ends_early` (it ends without a finish), `stream_error`, `stall` (seconds),
besides those above.

`refuses` are parameters this server does not take, in the words of the servers that do so: `json_schema`,
`json_object`, `max_tokens`, `temperature`, `seed`, `stream_options`, `thinking`. If `vague`, it does not say which.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from tests.platforms.base import Call, PlatformServer
from tests.platforms.model_faults import (
    BODIES,
    FINISHES,
    SAYINGS,
    STATUSES,
    broken,
    refusal_of,
    refused,
    status_body,
)

Json = dict[str, Any]

KEY = "sk-test-0123456789abcdef"
MODEL = "tiny-chat"
STREAMS = frozenset({"cut_stream", "ends_early", "stream_error", "stall"})


class ModelServer(PlatformServer):
    """`key`: what must be in the Authorization header; "" lets everybody in, as local servers do."""

    def __init__(
        self,
        answer: Callable[[Json], str] = lambda request: "yes",
        *,
        key: str = KEY,
        refuses: Iterable[str] = (),
        vague: bool = False,
    ) -> None:
        super().__init__()
        self.answer = answer
        self.key = key
        self.refuses = set(refuses)
        self.vague = vague
        self.elsewhere = "http://192.0.2.1/v1/chat/completions"
        self.under_way = 0
        self.most_at_once = 0
        self._lines: deque[str] = deque()
        self._asked = asyncio.Event()

    async def asked(self) -> None:
        """Wait until somebody asks, or has."""
        await self._asked.wait()

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def requests(self) -> list[Json]:
        """The bodies of all that was asked, oldest first."""
        return [call.body for call in self.called("chat")]

    def says(self, *lines: str) -> None:
        self._lines.extend(lines)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v1/chat/completions", self._chat), web.get("/v1/models", self._models)]

    # calls -----------------------------------------------------------------------------------------------------

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if not self._let_in(request):
            return web.json_response(status_body("401"), status=401)
        return web.json_response({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "us"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.calls.append(Call("chat", body, dict(request.headers), self.clock()))
        self._asked.set()
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            return await self._answered(request, body)
        finally:
            self.under_way -= 1

    def _let_in(self, request: web.Request) -> bool:
        return not self.key or request.headers.get("Authorization") == f"Bearer {self.key}"

    async def _answered(self, request: web.Request, body: Json) -> web.StreamResponse:
        if fault := self.faults.take("chat", STATUSES):
            return refused(fault)
        if not self._let_in(request):
            return web.json_response(status_body("401"), status=401)
        if body.get("model") != MODEL:
            return web.json_response(status_body("404"), status=404)
        if refusal := refusal_of(body, self.refuses, vague=self.vague):
            return web.json_response(refusal, status=400)
        if fault := self.faults.take("chat", BODIES):
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            else:
                return await broken(
                    request,
                    fault.kind,
                    field="choices",
                    elsewhere=self.elsewhere,
                    whole=lambda: self._completion(body),
                )
        if body.get("stream"):
            return await self._streamed(request, body)
        return web.json_response(self._completion(body))

    # what is said ----------------------------------------------------------------------------------------------

    def _said(self, body: Json) -> tuple[str, str, Json]:
        """Text, finish reason and what else stands in the message."""
        text = self._lines.popleft() if self._lines else self.answer(body)
        finish, more = "stop", {}
        if fault := self.faults.take("chat", frozenset(SAYINGS)):
            text = SAYINGS[fault.kind](text)
        if fault := self.faults.take("chat", frozenset(FINISHES)):
            text, finish, more = FINISHES[fault.kind](text)
        return text, finish, more

    def _completion(self, body: Json) -> Json:
        text, finish, more = self._said(body)
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **more}}
        bare = self.faults.take("chat", frozenset({"no_choices", "no_usage"}))
        answer = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": MODEL,
            "choices": [] if bare and bare.kind == "no_choices" else [choice],
            "usage": self._usage(body, text),
        }
        if bare and bare.kind == "no_usage":
            del answer["usage"]
        return answer

    def _usage(self, body: Json, text: str) -> Json:
        """This model's tokens are words."""
        asked = sum(len(str(turn["content"]).split()) for turn in body["messages"])
        return {
            "prompt_tokens": asked,
            "completion_tokens": len(text.split()),
            "total_tokens": asked + len(text.split()),
        }

    async def _streamed(self, request: web.Request, body: Json) -> web.StreamResponse:
        text, finish, _ = self._said(body)
        fault = self.faults.take("chat", STREAMS)
        kind = fault.kind if fault else ""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        pieces = [text[at : at + 5] for at in range(0, len(text), 5)]
        for number, piece in enumerate(pieces):
            if number == len(pieces) // 2 and fault is not None:
                if kind == "stall":
                    await asyncio.sleep(fault.seconds)
                elif kind == "ends_early":
                    return response
                elif kind == "stream_error":
                    await self._event(response, {"error": {"message": "the engine died", "code": 500}})
                    return response
                else:
                    assert request.transport is not None
                    request.transport.close()
                    return response
            await self._event(response, self._chunk({"content": piece}, None))
        await self._event(response, self._chunk({}, finish))
        if body.get("stream_options", {}).get("include_usage"):
            await self._event(response, {**self._chunk({}, None), "choices": [], "usage": self._usage(body, text)})
        await response.write(b"data: [DONE]\n\n")
        return response

    def _chunk(self, delta: Json, finish: str | None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]}

    @staticmethod
    async def _event(response: web.StreamResponse, data: Json) -> None:
        await response.write(b"data: " + json.dumps(data).encode() + b"\n\n")
