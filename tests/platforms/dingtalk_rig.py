"""What the tests of the local DingTalk share: a clock that is moved by hand, an app that makes calls, a furnished
organisation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp

from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_state import Json

ROOM = "cidRoom=="
ANA, LIN, GUEST = "staff_ana", "staff_lin", "guest"


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Caller:
    """Calls as an app makes them."""

    def __init__(self, ding: DingTalkServer, http: aiohttp.ClientSession) -> None:
        self.ding, self.http, self.token = ding, http, ""

    async def __call__(self, path: str, body: Json, *, put: bool = False) -> tuple[int, Json]:
        """The new API, with a token."""
        if not self.token:
            given = {"appKey": self.ding.client_id, "appSecret": self.ding.client_secret}
            async with self.http.post(f"{self.ding.url}/v1.0/oauth2/accessToken", json=given) as answer:
                self.token = (await answer.json())["accessToken"]
        verb = "PUT" if put else "POST"
        headers = {"x-acs-dingtalk-access-token": self.token}
        async with self.http.request(verb, f"{self.ding.url}/v1.0/{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def old(self, path: str, body: Json) -> Json:
        """The old API, with a token of its own."""
        given = {"appkey": self.ding.client_id, "appsecret": self.ding.client_secret}
        async with self.http.get(f"{self.ding.url}/gettoken", params=given) as answer:
            token = (await answer.json())["access_token"]
        return await self.webhook(f"{self.ding.url}/{path}?access_token={token}", body)

    async def webhook(self, url: str, body: Json) -> Json:
        async with self.http.post(url, json=body) as answer:
            assert answer.status == 200
            return await answer.json()


def furnish(ding: DingTalkServer) -> None:
    """Two colleagues and somebody from outside, in one group with the bot."""
    ding.space.add_user(ANA, "Ana", mobile="13800000000", union_id="u_ana")
    ding.space.add_user(LIN, "Lin")
    ding.space.add_user(GUEST, "Gast", external=True)
    ding.space.add_chat(ROOM, "general", [ANA, LIN, GUEST])


@asynccontextmanager
async def calling(ding: DingTalkServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as http:
        yield Caller(ding, http)


async def until(true: Callable[[], object], *, within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while True:
            if true():
                return
            await asyncio.sleep(0.005)


def group_text(text: str) -> Json:
    return {
        "robotCode": "dingappfixture",
        "openConversationId": ROOM,
        "msgKey": "sampleText",
        "msgParam": json.dumps({"content": text}),
    }


def to_people(*people: str) -> Json:
    param = json.dumps({"title": "Label", "text": "words"})
    return {"robotCode": "dingappfixture", "userIds": [*people], "msgKey": "sampleMarkdown", "msgParam": param}
