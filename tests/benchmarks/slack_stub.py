"""Slack's Web API in this process, below the SDK: answers at once, so that a measurement sees the caller's work."""

from __future__ import annotations

import asyncio
import itertools
import json
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from slack_sdk.web.async_client import AsyncWebClient

BOT, TEAM, ROOM = "U0BOT", "T1", "C1"
TOKEN = "xoxb-1-fixture"


class Answer:
    """The parts of an aiohttp response that slack_sdk looks at."""

    status = 200
    content_type = "application/json"
    headers: dict[str, str] = {}

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def json(self) -> Any:
        return json.loads(self._body)

    async def __aenter__(self) -> Answer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class StubSession:
    """Takes the place of aiohttp.ClientSession. `placed` counts posts; `expect(n)` waits until there are n."""

    closed = False

    def __init__(self) -> None:
        self.placed: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self._wanted: tuple[int, asyncio.Future[None]] | None = None

    def request(self, verb: str, url: str, **given: Any) -> Answer:
        parts = urlsplit(url)
        method = parts.path.rpartition("/")[2]
        body = given.get("json") or given.get("params") or given.get("data") or {}
        json.dumps(body)  # as the real session would
        return Answer(json.dumps({"ok": True, **self._answer(method, {**parse_qs(parts.query), **body})}).encode())

    def _answer(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"user_id": BOT, "bot_id": "B0BOT", "team_id": TEAM, "team": "Team", "user": "understudy"}
            case "users.info":
                return {
                    "user": {"id": body["user"], "team_id": TEAM, "real_name": "Somebody", "tz": "Asia/Shanghai"}
                }
            case "conversations.info":
                return {"channel": {"id": ROOM, "name": "general", "is_channel": True}}
            case "conversations.members":
                return {"members": ["U0ASKER", BOT]}
            case "conversations.open":
                return {"channel": {"id": "D1"}}
            case "chat.postMessage":
                self.placed.append(body)
                if self._wanted is not None and len(self.placed) >= self._wanted[0]:
                    self._wanted[1].set_result(None)
                    self._wanted = None
                return {"ts": f"{next(self._numbers)}.000001", "channel": body["channel"]}
        return {}

    async def expect(self, count: int, *, within: float = 15.0) -> None:
        if len(self.placed) < count:
            self._wanted = (count, asyncio.get_running_loop().create_future())
            async with asyncio.timeout(within):
                await self._wanted[1]

    async def close(self) -> None:
        self.closed = True

    def client(self) -> AsyncWebClient:
        return AsyncWebClient(token=TOKEN, session=self, retry_handlers=[])  # type: ignore[arg-type]  # quacks


_stamps = itertools.count(1)


def mention(text: str, *, kind: str = "app_mention", ts: str = "") -> str:
    """The raw body of one event, as Slack sends it."""
    ts = ts or f"1800{next(_stamps):06d}.000100"
    event = {
        "type": kind,
        "user": "U0ASKER",
        "text": f"<@{BOT}> {text}",
        "ts": ts,
        "client_msg_id": f"c{ts}",
        "team": TEAM,
        "channel": ROOM,
        "event_ts": ts,
        **({"channel_type": "channel"} if kind == "message" else {}),
        "blocks": [
            {
                "type": "rich_text",
                "block_id": "b1",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "user", "user_id": BOT}, {"type": "text", "text": f" {text}"}],
                    }
                ],
            }
        ],
    }
    payload = {
        "token": "fixture",
        "team_id": TEAM,
        "api_app_id": "A1",
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{kind}{ts}",
        "event_time": int(float(ts)),
        "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "is_ext_shared_channel": False,
        "event_context": "4-fixture",
    }
    return json.dumps(payload)
